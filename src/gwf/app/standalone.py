"""An edge and a centre in one process, on one port: what `gwf up` runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from gwf.api.centre import CentreParts
from gwf.app.centre import open_centre
from gwf.app.edge import EdgeProcess, run_process
from gwf.core.settings.load import LoadedSettings


def standalone_process(loaded: LoadedSettings) -> EdgeProcess:
    """Return an edge with a centre beside it; see `EdgeProcess`. The centre is opened when the port is served."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[CentreParts]:
        async with open_centre(loaded.settings) as centre:
            yield centre.parts()

    return EdgeProcess(loaded, centre=opened)


def run_standalone(loaded: LoadedSettings, *, on_started: Callable[[EdgeProcess], None] | None = None) -> int:
    """Run an edge with a centre until SIGINT or SIGTERM; see `run_edge`.

    Raises:
        GwfError: It could not start.
    """
    return run_process(lambda: standalone_process(loaded), on_started)
