"""Facts about the host and its processes, and ending one of them."""
