"""THE GALLERY: the public feed and each picture's page."""
