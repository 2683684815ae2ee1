"""What the file input counts, for health and metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class InputFacts:
    """Counts of the input for health and metrics."""

    settling: int = 0
    events_total: int = 0
    overflows_total: int = 0
    watches: int = 0
    watches_refused: int = 0
    #: turns that ended by an error in the program; see the log
    crashes_total: int = 0
