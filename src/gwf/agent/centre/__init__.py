"""The edge's side of the link to a centre: who we are, heartbeats, events, configurations."""
