"""THE BENCH: what is sold, what was uploaded, and the life of a job."""
