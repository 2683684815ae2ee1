"""What the HTTP endpoints need from the process they speak for."""

from __future__ import annotations

from typing import Protocol

from gwf.wire.edge import FilePage, FileState, FileView, HealthState, Overview, Reason


class EdgeSource(Protocol):
    """An edge as seen by its own HTTP port. Calls may block for some milliseconds (SQLite reads)."""

    def state(self) -> tuple[HealthState, list[Reason]]:
        """Return the overall state and every reason for not being `ok`."""
        ...

    def overview(self) -> Overview:
        """Return the numbers of the first page."""
        ...

    def files(
        self, *, states: tuple[FileState, ...], text: str, store: str | None, cursor: str | None, limit: int
    ) -> FilePage:
        """Return files, newest change first; `text` is a substring of the path.

        Raises:
            InputError: The cursor is not one of ours.
        """
        ...

    def file(self, file_id: int) -> FileView:
        """Return one file.

        Raises:
            NotFoundError: No file has this id.
        """
        ...

    def version(self) -> int:
        """Return a number that grows whenever the overview or the files change."""
        ...

    def legacy_health(self) -> dict[str, object]:
        """Return the counters of the legacy /api/health body, by its field names."""
        ...
