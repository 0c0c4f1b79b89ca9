"""THE BENCH: what its templates ask for."""
