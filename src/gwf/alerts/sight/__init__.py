"""Rules of alerts: which events mean trouble, which mean that it is over, how many of them it takes. Pure."""
