"""The edge put together: settings become adapters, adapters become services."""

from __future__ import annotations

import logging
import signal
import ssl
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI

from gwf import __version__
from gwf.agent.address import publish, shared_address, withdraw
from gwf.agent.alarms import AlarmWatch
from gwf.agent.centre.attempts import AttemptFile
from gwf.agent.centre.beginning import begin_managed
from gwf.agent.centre.desk import LinkDesk
from gwf.agent.centre.link import CentreLink, LinkParts
from gwf.agent.config.service import ConfigService
from gwf.agent.config.versions import CONFIG_DIRECTORY, VersionStore
from gwf.agent.engine import Edge, ensure_private
from gwf.agent.exposition import EdgeCollector
from gwf.agent.filelog.service import FileLog
from gwf.agent.files.answers import FileAnswers, Rights
from gwf.agent.files.incoming import Incoming
from gwf.agent.files.service import FileDesk
from gwf.agent.follow import follow
from gwf.agent.host.collector import HostCollector, HostSampler
from gwf.agent.host.service import Host
from gwf.agent.janitor import UploadJanitor
from gwf.agent.journal.deadletters import DeadLetters
from gwf.agent.journal.reads import JournalReads
from gwf.agent.journal.reporting import keep_for_nobody
from gwf.agent.legacy.alerts import GoAlerts
from gwf.agent.legacy.config import GoConfig
from gwf.agent.legacy.dashboard import Dashboard
from gwf.agent.legacy.desk import PathDesk
from gwf.agent.legacy.goview import go_view
from gwf.agent.letters import EdgeLetters
from gwf.agent.metrics import EdgeMetrics
from gwf.agent.orders import LetterOrders
from gwf.agent.snapshot import SnapshotSource
from gwf.agent.stores import Stores
from gwf.agent.tasks.host import EdgeHost
from gwf.agent.view import EdgeView
from gwf.api.app import ApiParts, create_api
from gwf.api.beside import EdgeBesideCentre
from gwf.api.centre import CentreParts
from gwf.api.late import LateApp
from gwf.api.legacy.alerts import alert_routes
from gwf.api.legacy.config import config_route
from gwf.api.legacy.dashboard import dashboard_cache, dashboard_route
from gwf.api.legacy.filelog import filelog_route
from gwf.api.legacy.frame import LegacyRoute
from gwf.api.legacy.system import system_routes
from gwf.api.legacy.uploads import upload_routes
from gwf.api.options import ApiOptions, options_from
from gwf.api.server import ApiServer
from gwf.api.v1.config import config_routes
from gwf.api.v1.dead_letters import dead_letter_orders, dead_letter_routes
from gwf.api.v1.host import host_routes
from gwf.api.v1.link import link_routes
from gwf.api.v1.logs import log_routes
from gwf.api.v1.stores import store_routes
from gwf.app.files import OwnFiles, own_routers
from gwf.app.signals import STOPPING, Signals, on_terminal
from gwf.console.built import DIST
from gwf.console.site import ConsoleSite
from gwf.core.clock import SystemClock
from gwf.core.errors import GwfError
from gwf.core.faults import arm
from gwf.core.heap import collect_seldom, share_heaps
from gwf.core.log import LiveLog, Redactor
from gwf.core.metrics import new_registry, render
from gwf.core.settings.centre import CentreSettings
from gwf.core.settings.effective import secret_values
from gwf.core.settings.load import LoadedSettings
from gwf.core.settings.model import AgentSettings, Settings, StoreSettings
from gwf.identity.local import LocalAccess, publish_token, withdraw_token
from gwf.storage.factory import open_store
from gwf.storage.ports import ObjectStore

START_S = 30.0
OPENING_S = 3600.0  #: migrations of a large database take their time

OpenedCentre = Callable[[], AbstractAsyncContextManager[CentreParts]]
"""Opens a centre in the event loop that it is called in."""

log = logging.getLogger("gwf.app")


class EdgeProcess:
    """One process with an edge and its HTTP port."""

    #: what it shows is made up
    is_demo = False

    def __init__(self, loaded: LoadedSettings, *, centre: OpenedCentre | None = None) -> None:
        """Open everything; nothing runs before `start`. Logging is taken to be configured as `loaded` says.

        `centre` is opened at the start, and served on the same port.

        Raises:
            ConfigError: Settings of a store or of the port are wrong, or the address is taken.
            LocalIoError: The data directory cannot be used.
            InputError: The journal cannot be opened.
        """
        ensure_private(loaded.settings.data_dir)  # before a version of the configuration in it
        versions = VersionStore(loaded.settings.data_dir / CONFIG_DIRECTORY)
        beginning = begin_managed(loaded, versions, AttemptFile(loaded.settings.data_dir).load())
        settings = beginning.settings
        self._live_log = LiveLog(loaded.settings.log, secret_values(loaded.settings))
        self._live_log.follow(settings.log, secret_values(settings))
        arm(settings.faults.kill_at)
        self._clock = SystemClock()
        self._stopping = threading.Event()
        self.local = LocalAccess(self._clock)
        self._centre = centre
        #: to the centre that this edge reports to; None without one
        self.link: CentreLink | None = None
        self._options = self._options_of(settings)
        self.edge = Edge(
            settings.agent,
            data_dir=settings.data_dir,
            stores={name: _open_store(name, store, settings.agent) for name, store in settings.stores.items()},
            store_settings=settings.stores,
            clock=self._clock,
            metrics=EdgeMetrics(),
        )
        self.edge.logs.keep_out(settings.log.file)
        self._incoming = Incoming(self.edge)
        self._janitor = UploadJanitor(self.edge, also=(self._incoming.sweep,))
        try:
            self.config = ConfigService(
                beginning, versions=versions, follow=self._follow, tell=self.edge.tell, clock=self._clock
            )
            self._reads = JournalReads(self.edge.journal.path, self._clock)
            self._letters = DeadLetters(self.edge.journal.path, self._clock)
            self.server = self._open_port(settings)
        except BaseException:
            self.edge.stop()  # gives the data directory back
            raise

    def _follow(self, settings: Settings) -> None:
        """Work by other settings from now on; the service calls it again with the old ones if it fails."""
        options = self._options_of(settings)
        self._live_log.follow(settings.log, secret_values(settings))
        self.edge.logs.keep_out(settings.log.file)
        follow(self.edge, settings.agent, settings.stores, open_store=_open_store)
        self._options = options

    def _options_of(self, settings: Settings) -> ApiOptions:
        return options_from(settings, accounts=self._centre is not None)

    def _open_port(self, settings: Settings) -> ApiServer:
        options = self._options
        self._snapshots = snapshots = SnapshotSource(self.edge, self._reads, self._clock, config=self.config.facts)
        desk = LinkDesk(lambda: self.link)
        view = EdgeView(
            self.edge,
            self._reads,
            snapshots=snapshots,
            clock=self._clock,
            build=build_id(DIST),
            centre=desk.find,
        )
        self._alarm_watch = AlarmWatch(snapshots.get)
        letters = EdgeLetters(self.edge, self._reads, self._letters)
        collector = EdgeCollector(self.edge.metrics, snapshots)
        self._host = self._open_host()
        self._files = FileLog(self.edge.grounds, stopping=self._stopping.is_set)
        self._file_desk = FileDesk(self.edge, self._clock)
        self.own_files = OwnFiles(self._answers(lambda: "act"), own_id=self.own_agent_id)
        parts = ApiParts(
            v1=[
                config_routes(self.config),
                store_routes(Stores(self.edge)),
                dead_letter_routes(letters),
                dead_letter_orders(letters),
                log_routes(self._files),
                host_routes(self._host),
                link_routes(desk),
                *(own_routers(self.own_files) if self._centre is None else ()),
            ],
            legacy=self._legacy_routes(snapshots),
            options=lambda: self._options,
            local=self.local,
            build=build_id(DIST),
            demo=self.is_demo,
        )

        def made(centre: CentreParts | None) -> FastAPI:
            return self._made(view, replace(parts, centre=centre), collector)

        self._late = None if self._centre is None else _late(self._centre, made)
        return ApiServer(
            self._late or made(None),
            listen=options.listen,
            stopping=self._stopping,
            tls_cert=settings.api.tls_cert,
            tls_key=settings.api.tls_key,
            listens_at_once=self._late is None,
        )

    def _made(self, view: EdgeView, parts: ApiParts, collector: EdgeCollector) -> FastAPI:
        registry = new_registry() if parts.centre is None else parts.centre.registry
        registry.register(collector)
        edge = view if parts.centre is None else EdgeBesideCentre(view, parts.centre.state)
        return create_api(
            edge=edge,
            options=self._options,
            render_metrics=lambda: render(registry),
            parts=replace(parts, site=ConsoleSite(edge, url_prefix=self._options.url_prefix)),
        )

    def centre_settings(self, settings: Settings) -> CentreSettings | None:
        """Return where this edge reports to; asked once, when the port is served."""
        return settings.agent.centre

    def own_agent_id(self) -> str:
        """Return the id under which the centre of this very process knows its edge; "" without one."""
        return ""

    def centre_tls(self, settings: CentreSettings) -> ssl.SSLContext | None:  # noqa: ARG002
        """Return what stands in for `ca_file` towards the centre; None = as the settings say."""
        return None

    def _open_link(self, settings: CentreSettings | None) -> CentreLink | None:
        if settings is None:
            return None
        self.config.centre = settings
        parts = LinkParts(
            edge=self.edge,
            config=self.config,
            reads=self._reads,
            snapshots=self._snapshots,
            answers=self._answers(lambda: settings.remote_files),
            tasks=EdgeHost(self.edge, may_act=lambda: settings.remote_files == "act"),
            address=lambda: shared_address(self.server.url),
            tls=self.centre_tls(settings),
        )
        return CentreLink(settings, parts)

    def _answers(self, rights: Callable[[], Rights]) -> FileAnswers:
        return FileAnswers(self._file_desk, LetterOrders(self.edge, self._letters), self._incoming, rights=rights)

    def _open_host(self) -> Host:
        def clean(text: str) -> str:
            return Redactor(secret_values(self.config.settings())).clean(text)

        self._collector = HostCollector(lambda: HostSampler(self._clock, clean).sample)
        return Host(
            self._collector,
            rights=lambda: self.config.settings().legacy_api,
            note=self.edge.tell,
            clean=clean,
        )

    def _legacy_routes(self, snapshots: SnapshotSource) -> list[LegacyRoute]:
        self._dashboard = Dashboard(
            self.edge, self._reads, snapshots=snapshots, clock=self._clock, view=lambda: go_view(self.config.settings())
        )
        cache = dashboard_cache(self._dashboard)

        def changed() -> None:
            self.edge.activity.mark()
            cache.drop()

        return [
            filelog_route(self._files),
            *system_routes(self._host),
            dashboard_route(self._dashboard, cache),
            *upload_routes(PathDesk(self.edge), cache.drop),
            config_route(GoConfig(self.config, changed)),
            *alert_routes(GoAlerts(self.config, self.edge.logs)),
        ]

    def start(self) -> None:
        """Start the edge, then the port.

        Raises:
            GwfError: The port cannot be served, or the database of the centre not be used; the CA file or what is kept
                of the centre is not usable.
        """
        self.edge.start()
        self._janitor.start()
        self._alarm_watch.start()
        try:
            self.server.start(timeout_s=START_S if self._late is None else OPENING_S)
        except GwfError as exc:
            raise (self._late and self._late.error) or exc from exc
        publish_token(self.edge.data_dir, self.local)
        publish(self.edge.data_dir, self.server.url)
        self.link = self._open_link(self.centre_settings(self.config.settings()))
        if self.link is not None:
            self.link.start()
        else:
            keep_for_nobody(self.edge.journal)

    def stop(self) -> int:
        """Stop the edge, then the port; return how many transfers did not end in time."""
        if self.link is not None:
            self.link.stop()
        self.config.close()
        withdraw(self.edge.data_dir)
        withdraw_token(self.edge.data_dir, self.local)
        self._janitor.stop()
        self._alarm_watch.stop()
        left = self.edge.stop()
        self.server.stop()
        self._collector.stop()
        self._dashboard.close()
        self._file_desk.close()
        self._letters.close()
        self._reads.close()
        return left


def run_edge(loaded: LoadedSettings, *, on_started: Callable[[EdgeProcess], None] | None = None) -> int:
    """Run an edge until SIGINT or SIGTERM; return the exit code (0; 1 when transfers were cut off).

    SIGHUP lets it read its configuration again, or stop when it says that the terminal is gone. `on_started` is called
    with the process once data directory and port are ours and everything runs.

    Raises:
        GwfError: It could not start.
    """
    return run_process(lambda: EdgeProcess(loaded), on_started)


def run_process(make: Callable[[], EdgeProcess], on_started: Callable[[EdgeProcess], None] | None = None) -> int:
    """Run the process that `make` returns; see `run_edge`."""
    share_heaps()
    begun_on_terminal = on_terminal()
    signals = Signals(*STOPPING, signal.SIGHUP)
    process = make()
    try:
        process.start()
    except GwfError:
        process.stop()
        raise
    if on_started is not None:
        on_started(process)
    collect_seldom()
    log.info("gwf_started", extra={"version": __version__, "url": process.server.url})
    while (asked := signals.wait()) == signal.SIGHUP and not (begun_on_terminal and not on_terminal()):
        _reload(process)
    log.info("stop_requested", extra={"signal": asked.name})
    return 1 if process.stop() else 0


def _reload(process: EdgeProcess) -> None:
    log.info("reload_requested", extra={"signal": "SIGHUP"})
    try:
        outcome = process.config.reload()
        log.info("reload_finished", extra={"version": outcome.version.number, "changes": len(outcome.changes)})
    except GwfError as exc:  # health, metrics and the outbox tell of it too: the service has seen to that
        log.warning("reload_refused", extra={"error": str(exc)})
    except Exception:  # the edge of the process: a bug in reading must not end the carrying
        log.exception("reload_crashed")


def _late(centre: OpenedCentre, made: Callable[[CentreParts], FastAPI]) -> LateApp:
    @asynccontextmanager
    async def opened() -> AsyncGenerator[FastAPI]:
        async with centre() as parts:
            yield made(parts)

    return LateApp(opened)


def _open_store(name: str, store: StoreSettings, agent: AgentSettings) -> ObjectStore:
    return open_store(name, store, workers=store.workers or agent.transfer.workers)


def build_id(dist: Path) -> str:
    """Return a text that changes with the release and with the built console."""
    mark = dist / ".build-hash"
    return f"{__version__}+{mark.read_text()[:12]}" if mark.is_file() else __version__
