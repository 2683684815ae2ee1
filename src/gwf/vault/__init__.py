"""Secrets of the centre: sealed in its database, opened only for whom they are meant."""
