"""THE FRAME: the message catalogue: what our sources say to people, and its translations; `manage.py messages`."""
