"""A row that changed, as whoever watches a table is told."""

from __future__ import annotations

from typing import NamedTuple


class Moved(NamedTuple):
    """One row."""

    tenant: str
    id: str
    at_ms: int
    #: other after each change
    look: object
