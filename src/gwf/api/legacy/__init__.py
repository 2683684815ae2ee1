"""The HTTP interface of the Go version, byte for byte where it was right."""
