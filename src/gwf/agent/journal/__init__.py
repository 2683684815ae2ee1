"""The durable record of every file the edge knows."""
