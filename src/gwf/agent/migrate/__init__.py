"""Taking over the work of a Go version: its queue and its files on disk."""
