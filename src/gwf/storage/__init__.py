"""Object storage: the port, key rules and the adapters behind it."""
