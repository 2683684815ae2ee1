"""Runs the HTTP port: binds early, serves in any thread, stops promptly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from email.utils import formatdate
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from gwf.api.late import let_leave
from gwf.api.listen import ListenAddress
from gwf.core.errors import UnavailableError

log = logging.getLogger(__name__)

#: how long answers in flight may take after a stop was asked for
DRAIN_S = 5
BACKLOG = 2048  #: connections that wait to be taken


class ApiServer:
    """One listening socket and the server on it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        listen: ListenAddress,
        stopping: threading.Event,
        tls_cert: Path | None = None,
        tls_key: Path | None = None,
        listens_at_once: bool = True,
    ) -> None:
        """Bind the address at once, so that a taken port is told before anything else starts.

        Args:
            app: The application to serve.
            listen: Where.
            stopping: The event that was given to `create_api`; `stop` sets it.
            tls_cert: PEM certificate chain; None = plain HTTP.
            tls_key: PEM key of the certificate.
            listens_at_once: Whoever asks before the application is ready waits; otherwise he is refused, and a proxy
                goes to another server, an agent tries again a moment later.

        Raises:
            UnavailableError: The address cannot be bound.
        """
        self._stopping = stopping
        self._socket = _bind(listen, backlog=BACKLOG if listens_at_once else 0)
        self._port: int = self._socket.getsockname()[1]
        self._listen = listen
        self._tls = tls_cert is not None
        self._thread: threading.Thread | None = None
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",  # its words about starting and stopping are ours already
            access_log=False,
            server_header=False,
            interface="asgi3",
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=DRAIN_S,
            backlog=BACKLOG,
            ssl_certfile=tls_cert,
            ssl_keyfile=tls_key,
        )
        self._server = _Server(config, stopping)

    @property
    def port(self) -> int:
        """The bound TCP port, also when 0 was asked for."""
        return self._port

    @property
    def url(self) -> str:
        """The address to open on this host, without a slash at the end."""
        host = self._listen.host if self._listen.host not in {"0.0.0.0", "::"} else "localhost"
        return f"{'https' if self._tls else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self, *, timeout_s: float = 30.0) -> None:
        """Serve in a thread of its own; return when requests are answered.

        Raises:
            UnavailableError: The server ended before it served, or took longer than `timeout_s`.
        """
        self._thread = threading.Thread(target=self.run, name="gwf-http", daemon=True)
        self._thread.start()
        if not self._server.settled.wait(timeout_s) or not self._server.started:
            raise UnavailableError("the HTTP server did not start", url=self.url)
        log.info("http_started", extra={"url": self.url})

    def run(self) -> None:
        """Serve in the calling thread until `stop`, or until a signal if that is the main thread."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._stopping.set()
            self._server.settled.set()
            self._socket.close()

    def stop(self) -> None:
        """End streams and idle connections, let answers in flight finish for a few seconds."""
        self._stopping.set()
        self._server.end()
        if self._thread is not None:
            self._thread.join(DRAIN_S + 5)
            log.info("http_stopped", extra={"url": self.url})


class _State(ServerState):
    """Dates each answer when it is given, so that nobody has to wake up for the date."""

    def __init__(self) -> None:
        self._second = -1
        self._dated: list[tuple[bytes, bytes]] = []
        super().__init__()

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        second = int(time.time())
        if second != self._second:
            self._dated = [(b"date", formatdate(second, usegmt=True).encode())]
            self._second = second
        return self._dated

    @default_headers.setter
    def default_headers(  # pyright: ignore[reportIncompatibleVariableOverride]  # reckoned when it is read
        self, _: list[tuple[bytes, bytes]]
    ) -> None:
        return


class _Server(uvicorn.Server):
    """Tells other threads when serving began, and open streams when a signal ends it. Sleeps while nobody asks."""

    def __init__(self, config: uvicorn.Config, stopping: threading.Event) -> None:
        super().__init__(config)
        self.server_state = _State()
        self.settled = threading.Event()
        self._stopping = stopping
        self._ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Stop soon. Thread-safe, also in a signal handler."""
        self.should_exit = True
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: it has ended
                loop.call_soon_threadsafe(self._ended.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.set()
        super().handle_exit(sig, frame)
        self.end()

    async def main_loop(self) -> None:
        """Wait for the end; the loop that this one replaces looks for it ten times a second."""
        self._loop = asyncio.get_running_loop()
        while not self.should_exit:
            await self._ended.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        let_leave(self.config.app)
        await super().shutdown(sockets)


def check_free(listen: ListenAddress) -> None:
    """Find out early whether the address can be bound.

    Raises:
        UnavailableError: It cannot.
    """
    _bind(listen, backlog=0).close()


def _bind(listen: ListenAddress, *, backlog: int) -> socket.socket:
    """Return a socket on the address; with a `backlog` it listens: who asks early waits instead of being refused."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, proto)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            if backlog:
                bound.listen(backlog)
        except OSError:
            bound.close()
            raise
    except OSError as exc:
        raise UnavailableError(
            "the listen address cannot be used: name another by `listen` or --listen (port 0 = any), or end its owner",
            host=listen.host,
            port=listen.port,
            reason=str(exc.strerror or exc),
        ) from exc
    return bound
