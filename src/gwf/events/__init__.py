"""The unified event model, its store port, and the bus that joins areas inside one process."""
