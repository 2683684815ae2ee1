"""What the console's pages without script need from the process they speak for."""

from __future__ import annotations

from typing import Protocol

from gwf.wire.edge import Overview


class OverviewSource(Protocol):
    """Gives the numbers of the first page; the call may block for some milliseconds."""

    def overview(self) -> Overview:
        """Return state, reasons, queue, destinations and failures as they are now."""
        ...
