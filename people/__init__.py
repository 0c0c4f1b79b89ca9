"""THE DOOR: people, guests, signing in."""
