"""A process beside the centre that sends messages, and outlives it by the request that is on its way."""
