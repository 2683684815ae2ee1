"""Input adapters: how events enter the edge."""
