"""THE FRAME: English dates, the British way, as the site's words are."""
