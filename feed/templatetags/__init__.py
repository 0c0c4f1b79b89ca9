"""THE GALLERY: what its templates ask for."""
