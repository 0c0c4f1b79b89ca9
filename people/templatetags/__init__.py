"""THE DOOR: what its templates ask for."""
