"""An edge as it is shown where a centre is in the same process: the state is that of both."""

from __future__ import annotations

from gwf.api.centre import CentreState, both_states
from gwf.api.ports import EdgeSource
from gwf.wire.edge import FilePage, FileState, FileView, HealthState, Overview, Reason


class EdgeBesideCentre:
    """Speaks the port `EdgeSource`."""

    def __init__(self, edge: EdgeSource, centre: CentreState) -> None:
        """Ask both."""
        self._edge = edge
        self._centre = centre

    def state(self) -> tuple[HealthState, list[Reason]]:
        """Return the worse state of the two, with the reasons of both."""
        return both_states(self._edge, self._centre)

    def overview(self) -> Overview:
        """Return the numbers of the first page."""
        now = self._edge.overview()
        state, reasons = self.state()
        return now.model_copy(update={"state": state, "reasons": reasons})

    def files(
        self, *, states: tuple[FileState, ...], text: str, store: str | None, cursor: str | None, limit: int
    ) -> FilePage:
        """Return files, newest change first."""
        return self._edge.files(states=states, text=text, store=store, cursor=cursor, limit=limit)

    def file(self, file_id: int) -> FileView:
        """Return one file."""
        return self._edge.file(file_id)

    def version(self) -> int:
        """Return a number that grows whenever the overview or the files of the edge change."""
        return self._edge.version()

    def legacy_health(self) -> dict[str, object]:
        """Return the counters of the legacy /api/health body."""
        return self._edge.legacy_health()
