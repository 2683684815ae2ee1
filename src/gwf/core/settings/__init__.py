"""The typed configuration of every process and where it is read from."""
