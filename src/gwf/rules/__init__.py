"""Rules: what is to be done about an event, decided by pure code that can be tried, replayed and explained."""
