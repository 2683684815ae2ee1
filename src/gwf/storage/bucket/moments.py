"""Times in answers' headers."""

from __future__ import annotations

from email.utils import parsedate_to_datetime


def http_moment_ms(text: str) -> int | None:
    """Return an HTTP date in milliseconds since the epoch, None when there is none."""
    try:
        return round(parsedate_to_datetime(text).timestamp() * 1000)
    except ValueError:
        return None
