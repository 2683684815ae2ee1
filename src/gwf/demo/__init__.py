"""A platform full of made-up agents, files, people and troubles, on this host only, to look at."""
