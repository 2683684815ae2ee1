"""JSON shapes shared by the API, the agent and the console; no behaviour."""
