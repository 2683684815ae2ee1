"""The centre put together: the areas' services over their stores, and the process of `gwf server`."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from gwf import __version__
from gwf.agent.address import publish, withdraw
from gwf.agent.engine import ensure_private
from gwf.agent.lockfile import lock_directory
from gwf.api.access import Recognised
from gwf.api.accounts import Accounts, Presented
from gwf.api.app import create_centre_api
from gwf.api.centre import CentreParts
from gwf.api.options import options_from
from gwf.api.server import ApiServer
from gwf.app.signals import STOPPING, Signals
from gwf.core.clock import SystemClock
from gwf.core.errors import GwfError
from gwf.core.faults import arm
from gwf.core.heap import share_heaps
from gwf.core.metrics import new_registry
from gwf.core.settings.load import LoadedSettings
from gwf.core.settings.model import Settings
from gwf.wire.edge import HealthState, Reason

log = logging.getLogger("gwf.app")


class Centre:
    """The services of a centre. Nothing is opened before `running` is entered, in the event loop of the port."""

    def __init__(self, settings: Settings) -> None:
        """Put the services together."""
        self.settings = settings
        self.clock = SystemClock()
        self.registry = new_registry()
        self.accounts: Accounts = _Nobody()

    def parts(self) -> CentreParts:
        """Return what the centre puts on a port."""
        return CentreParts(
            state=self,
            accounts=self.accounts,
            registry=self.registry,
            v1=[],  # one line per router
            hot=[],
            legacy=[],
            running=self.running,
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Open the stores and let the services work until the block ends."""
        yield

    def state(self) -> tuple[HealthState, list[Reason]]:
        """Return the overall state and every reason for not being `ok`."""
        return "ok", []


class _Nobody:
    async def recognise(self, presented: Presented) -> Recognised | None:  # noqa: ARG002
        return None


class CentreProcess:
    """One process with a centre and its HTTP port."""

    def __init__(self, loaded: LoadedSettings) -> None:
        """Take the data directory and the address; nothing runs before `start`.

        Raises:
            ConfigError: The port would not be safe.
            ConflictError: Another process works in the data directory.
            LocalIoError: The data directory cannot be used.
            UnavailableError: The address cannot be bound.
        """
        settings = loaded.settings
        ensure_private(settings.data_dir)
        arm(settings.faults.kill_at)
        options = options_from(settings, accounts=True, open_to_host=False)
        self._data_dir = settings.data_dir
        self._lock = lock_directory(settings.data_dir)
        try:
            self.centre = Centre(settings)
            self.server = ApiServer(
                create_centre_api(centre=self.centre.parts(), options=options),
                listen=options.listen,
                stopping=threading.Event(),
                tls_cert=settings.api.tls_cert,
                tls_key=settings.api.tls_key,
            )
        except BaseException:
            os.close(self._lock)
            raise

    def start(self) -> None:
        """Open the stores and serve."""
        self.server.start()
        publish(self._data_dir, self.server.url)

    def stop(self) -> None:
        """Stop serving, then close the stores."""
        withdraw(self._data_dir)
        self.server.stop()
        os.close(self._lock)


def run_server(loaded: LoadedSettings, *, on_started: Callable[[CentreProcess], None] | None = None) -> int:
    """Run a centre until SIGINT or SIGTERM; return the exit code.

    Raises:
        GwfError: It could not start.
    """
    share_heaps()
    signals = Signals(*STOPPING)
    process = CentreProcess(loaded)
    try:
        process.start()
    except GwfError:
        process.stop()
        raise
    if on_started is not None:
        on_started(process)
    log.info("gwf_started", extra={"version": __version__, "url": process.server.url})
    asked = signals.wait()
    log.info("stop_requested", extra={"signal": asked.name})
    process.stop()
    return 0
