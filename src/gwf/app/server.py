"""The process of `gwf server`: a centre alone, and its HTTP port."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from gwf import __version__
from gwf.agent.address import publish, withdraw
from gwf.agent.engine import ensure_private
from gwf.agent.lockfile import lock_directory
from gwf.api.app import create_centre_api
from gwf.api.late import LateApp
from gwf.api.options import options_from
from gwf.api.server import ApiServer
from gwf.app.centre import open_centre
from gwf.app.edge import OPENING_S, build_id
from gwf.app.signals import STOPPING, Signals
from gwf.console.built import DIST
from gwf.console.centre import CentreSite
from gwf.core.clock import SystemClock
from gwf.core.errors import GwfError
from gwf.core.faults import arm
from gwf.core.settings.load import LoadedSettings
from gwf.identity.local import LocalAccess, publish_token, withdraw_token

#: Longest wait of the event loop for the interpreter while another thread, such as one of a database connection, has
#: it: the loop lets go of it in each system call, several times for one heartbeat. Python's own is five times as long.
SWITCH_S = 0.001

log = logging.getLogger("gwf.app")


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
        self._settings = settings
        sys.setswitchinterval(SWITCH_S)
        ensure_private(settings.data_dir)
        arm(settings.faults.kill_at)
        self._options = options_from(settings, accounts=True, open_to_host=False)
        self._lock = lock_directory(settings.data_dir)
        self.local = LocalAccess(SystemClock())
        self._app = LateApp(self._opened)
        try:
            self.server = ApiServer(
                self._app,
                listen=self._options.listen,
                stopping=threading.Event(),
                tls_cert=settings.api.tls_cert,
                tls_key=settings.api.tls_key,
                listens_at_once=False,
            )
        except BaseException:
            os.close(self._lock)
            raise

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator[FastAPI]:
        async with open_centre(self._settings) as centre:
            yield create_centre_api(
                centre=centre.parts(),
                options=self._options,
                site=CentreSite(centre.state, version=__version__, url_prefix=self._options.url_prefix, dist=DIST),
                local=self.local,
                build=build_id(DIST),
            )

    def start(self) -> None:
        """Open the database and serve.

        Raises:
            GwfError: The database cannot be used, or the port cannot be served.
        """
        try:
            self.server.start(timeout_s=OPENING_S)
        except GwfError as exc:
            raise self._app.error or exc from exc
        publish_token(self._settings.data_dir, self.local)
        publish(self._settings.data_dir, self.server.url)

    def stop(self) -> None:
        """Stop serving, then close the database."""
        withdraw(self._settings.data_dir)
        withdraw_token(self._settings.data_dir, self.local)
        self.server.stop()
        os.close(self._lock)


def run_server(loaded: LoadedSettings, *, on_started: Callable[[CentreProcess], None] | None = None) -> int:
    """Run a centre until SIGINT or SIGTERM; return the exit code.

    Raises:
        GwfError: It could not start.
    """
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
