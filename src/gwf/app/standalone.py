"""An edge and a centre in one process, on one port: what `gwf up` runs."""

from __future__ import annotations

from collections.abc import Callable

from gwf.agent.config.service import ConfigService
from gwf.app.centre import Centre
from gwf.app.edge import EdgeProcess, run_process
from gwf.core.settings.load import LoadedSettings


class StandaloneProcess(EdgeProcess):
    """One process with an edge, a centre and the HTTP port of both."""

    def __init__(self, loaded: LoadedSettings) -> None:
        """Open everything; see `EdgeProcess`. The centre opens its stores when the port is served."""
        self.centre = Centre(loaded.settings)
        super().__init__(loaded, centre=self.centre.parts())


def run_standalone(loaded: LoadedSettings, *, on_started: Callable[[ConfigService], None] | None = None) -> int:
    """Run an edge with a centre until SIGINT or SIGTERM; see `run_edge`.

    Raises:
        GwfError: It could not start.
    """
    return run_process(lambda: StandaloneProcess(loaded), on_started)
