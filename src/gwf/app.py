"""The composition root: settings become adapters, adapters become services."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from gwf import __version__
from gwf.agent.engine import Edge, ensure_private
from gwf.agent.exposition import EdgeCollector
from gwf.agent.filelog.service import FileLog
from gwf.agent.janitor import UploadJanitor
from gwf.agent.journal.reads import JournalReads
from gwf.agent.metrics import EdgeMetrics
from gwf.agent.snapshot import SnapshotSource
from gwf.agent.view import EdgeView
from gwf.api.app import ApiParts, create_api
from gwf.api.legacy.filelog import filelog_route
from gwf.api.legacy.frame import LegacyRoute
from gwf.api.options import ApiOptions, options_from
from gwf.api.server import ApiServer
from gwf.console.site import DIST, ConsoleSite
from gwf.core.clock import Clock, SystemClock
from gwf.core.errors import GwfError, LocalIoError
from gwf.core.faults import arm
from gwf.core.metrics import new_registry, render
from gwf.core.settings.model import Settings
from gwf.storage.factory import open_store

log = logging.getLogger("gwf.app")


class EdgeProcess:
    """One process with an edge and its HTTP port."""

    def __init__(self, settings: Settings) -> None:
        """Open everything; nothing runs before `start`.

        Raises:
            ConfigError: Settings of a store or of the port are wrong, or the address is taken.
            LocalIoError: The data directory cannot be used.
            InputError: The journal cannot be opened.
        """
        arm(settings.faults.kill_at)
        clock = SystemClock()
        self._stopping = threading.Event()
        options = options_from(settings)
        try:
            ensure_private(settings.data_dir)
        except OSError as exc:
            raise LocalIoError(
                "the data directory cannot be used", data_dir=str(settings.data_dir), reason=exc.strerror
            ) from exc
        stores = {
            name: open_store(name, store, workers=store.workers or settings.agent.transfer.workers)
            for name, store in settings.stores.items()
        }
        self.edge = Edge(
            settings.agent,
            data_dir=settings.data_dir,
            stores=stores,
            store_settings=settings.stores,
            clock=clock,
            metrics=EdgeMetrics(),
        )
        self._janitor = UploadJanitor(self.edge)
        try:
            self._reads = JournalReads(self.edge.journal.path, clock)
            self.server = self._open_port(settings, options, clock)
        except BaseException:
            self.edge.stop()  # gives the data directory back
            raise

    def _open_port(self, settings: Settings, options: ApiOptions, clock: Clock) -> ApiServer:
        snapshots = SnapshotSource(self.edge, self._reads, clock)
        view = EdgeView(
            self.edge,
            self._reads,
            snapshots=snapshots,
            clock=clock,
            build=build_id(DIST),
        )
        registry = new_registry()
        registry.register(EdgeCollector(self.edge.metrics, snapshots))
        api = create_api(
            edge=view,
            options=options,
            render_metrics=lambda: render(registry),
            stopping=self._stopping,
            parts=ApiParts(site=ConsoleSite(view, url_prefix=options.url_prefix), legacy=self._legacy_routes()),
        )
        return ApiServer(
            api,
            listen=options.listen,
            stopping=self._stopping,
            tls_cert=settings.api.tls_cert,
            tls_key=settings.api.tls_key,
        )

    def _legacy_routes(self) -> list[LegacyRoute]:
        return [filelog_route(FileLog(self.edge.grounds, stopping=self._stopping.is_set))]

    def start(self) -> None:
        """Start the edge, then the port."""
        self.edge.start()
        self._janitor.start()
        self.server.start()

    def stop(self) -> int:
        """Stop the edge, then the port; return how many transfers did not end in time."""
        self._janitor.stop()
        left = self.edge.stop()
        self.server.stop()
        self._reads.close()
        return left


def run_edge(settings: Settings, *, on_started: Callable[[], None] | None = None) -> int:
    """Run an edge until SIGINT or SIGTERM; return the exit code (0; 1 when transfers were cut off).

    `on_started` is called once data directory and port are ours and everything runs.

    Raises:
        GwfError: It could not start.
    """
    process = EdgeProcess(settings)
    done = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        log.info("stop_requested", extra={"signal": signal.Signals(number).name})
        done.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    try:
        process.start()
    except GwfError:
        process.stop()
        raise
    if on_started is not None:
        on_started()
    log.info("gwf_started", extra={"version": __version__, "url": process.server.url})
    done.wait()
    return 1 if process.stop() else 0


def build_id(dist: Path) -> str:
    """Return a text that changes with the release and with the built console."""
    mark = dist / ".build-hash"
    return f"{__version__}+{mark.read_text()[:12]}" if mark.is_file() else __version__
