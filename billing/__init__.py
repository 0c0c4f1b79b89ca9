"""THE DESK: paying and printing."""
