"""Configurations of the Go version, taken as they are."""
