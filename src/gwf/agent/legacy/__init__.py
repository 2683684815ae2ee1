"""What the Go version's interface shows of an edge, and what it may ask of it."""
