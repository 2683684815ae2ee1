"""Stores that keep objects in buckets behind an HTTP API: what S3 and OSS share, and where they differ."""
