"""Ways to people: robots of chats, signed webhooks, e-mail; each a channel of NOTIFY."""
