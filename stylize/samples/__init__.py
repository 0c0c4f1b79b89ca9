"""THE BENCH: pictures that come with the house: style images drawn by our own code, and free sample photographs."""
