"""Shows people what lies in the watched directories, what became of it, and what is in it; takes their orders."""
