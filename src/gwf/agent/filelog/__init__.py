"""Shows the end of a watched text file, and finds text in it."""
