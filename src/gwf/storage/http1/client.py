"""Requests to one server over kept-alive connections, shared by many threads."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from gwf.core.errors import UnavailableError
from gwf.storage.http1.answer import Answer
from gwf.storage.http1.connection import Body, Connection
from gwf.storage.http1.dial import Route, dial
from gwf.storage.http1.failures import BadAnswerError, NoAnswerError, translate

_TRUSTED_IDLE_S = 1.0  #: a connection idle for longer is looked at before it is used again
_MAX_IDLE_S = 55.0  #: servers commonly close after 60 s


class Exchange(msgspec.Struct, gc=False):
    """A request that was sent and whose answer is still to be read. Used by one thread."""

    connection: Connection
    head: bytes
    body: Body
    to_head: bool
    repeatable: bool
    #: monotonic second from which the server has been silent for too long
    overdue_s: float


class Client:
    """Sends requests along one route. Safe for any number of threads; each request has its own connection."""

    def __init__(self, route: Route, *, max_idle: int, most_body_bytes: int | None = None) -> None:
        """Keep at most `max_idle` connections open between requests.

        Of a longer body than `most_body_bytes` only its beginning is read; None = a body that is too long is an error.
        """
        self.server = route.server.authority
        self._route = route
        self._max_idle = max_idle
        self._most_body_bytes = most_body_bytes
        self._idle: list[Connection] = []  # last in, first out; list's append and pop are atomic
        self._open: set[Connection] = set()
        self._closed = False

    @property
    def target_prefix(self) -> str:
        """What stands before the path in the request line: the server, when a proxy forwards plain HTTP."""
        return f"http://{self.server}" if self._forwards else ""

    @property
    def proxy_header(self) -> str:
        """The header line that opens a forwarding proxy, or ""."""
        token = self._route.proxy.authorization if self._route.proxy and self._forwards else None
        return f"proxy-authorization: {token}\r\n" if token else ""

    def request(self, head: bytes, body: Body = b"", *, to_head: bool = False, repeatable: bool = True) -> Answer:
        """Send one request and return the answer with its whole body.

        A stale kept-alive connection is replaced once, when no byte of an answer came and the request is
        `repeatable` (has the same effect when it arrives twice).

        Raises:
            UnavailableError: Network, time limit, TLS, or an answer that is none.
            SourceChangedError, LocalIoError: The file sent ended early or could not be read.
        """
        return self.finish(self.begin(head, body, to_head=to_head, repeatable=repeatable))

    def begin(self, head: bytes, body: Body = b"", *, to_head: bool = False, repeatable: bool = True) -> Exchange:
        """Send one request; its answer is read by `finish`, to which it must be given in the end.

        Raises:
            UnavailableError: No connection could be made.
            SourceChangedError, LocalIoError: The file sent ended early or could not be read.
        """
        connection = self._take(sure=not repeatable)
        try:
            connection.begin(head, body)
        except BaseException:
            self._drop(connection)
            raise
        overdue_s = time.monotonic() + self._route.read_timeout_s
        return Exchange(connection, head, body, to_head, repeatable, overdue_s)

    def finish(self, exchange: Exchange, *, overdue: bool = False) -> Answer:
        """Return the answer of a request that was begun, with its whole body; `overdue` = wait for it no longer.

        Raises:
            UnavailableError: As `request`.
        """
        connection, to_head = exchange.connection, exchange.to_head
        try:
            try:
                if overdue:
                    raise TimeoutError
                answer = connection.answer(to_head=to_head)
            except NoAnswerError:
                if not (connection.reused and exchange.repeatable):
                    raise
                self._drop(connection)
                self._drop_idle()
                connection = self._dial()
                answer = connection.exchange(exchange.head, exchange.body, to_head=to_head)
            connection.read_body(answer, most=self._most_body_bytes)
        except (OSError, BadAnswerError) as exc:
            self._drop(connection)
            raise translate(exc, self.server) from exc
        except BaseException:
            self._drop(connection)
            raise
        self._give_back(connection, answer)
        return answer

    @contextmanager
    def stream(self, head: bytes) -> Generator[tuple[Answer, Connection]]:
        """Send a request without body and lend the connection, to read the answer's body piece by piece.

        Raises:
            UnavailableError: As `request`, also while the body is read inside the block.
        """
        connection = self._take(sure=True)
        try:
            answer = connection.exchange(head, b"")
            yield answer, connection
        except (OSError, BadAnswerError) as exc:
            raise translate(exc, self.server) from exc
        finally:
            self._drop(connection)  # objects are read rarely: a fresh connection each time is simple and sure

    def close(self) -> None:
        """Close idle connections and make calls in flight fail."""
        self._closed = True
        self._drop_idle()
        for connection in tuple(self._open):
            connection.abort()

    @property
    def _forwards(self) -> bool:
        return self._route.proxy is not None and self._route.tls is None

    def _take(self, *, sure: bool) -> Connection:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._new()
            idle_s = time.monotonic() - connection.idle_since_s
            if idle_s < _MAX_IDLE_S and ((idle_s < _TRUSTED_IDLE_S and not sure) or connection.is_quiet()):
                connection.reused = True
                return connection
            self._drop(connection)

    def _new(self) -> Connection:
        try:
            return self._dial()
        except (OSError, BadAnswerError) as exc:
            raise translate(exc, self.server) from exc

    def _dial(self) -> Connection:
        self._refuse_when_closed()
        connection = dial(self._route)
        self._open.add(connection)
        try:
            self._refuse_when_closed()  # again: nobody would make calls on it fail any more
        except UnavailableError:
            self._drop(connection)
            raise
        return connection

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise UnavailableError("this client is closed", server=self.server)

    def _give_back(self, connection: Connection, answer: Answer) -> None:
        full = len(self._idle) >= self._max_idle
        if full or self._closed or not answer.reusable or connection.has_rest:
            self._drop(connection)
            return
        connection.idle_since_s = time.monotonic()
        self._idle.append(connection)

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.close()

    def _drop_idle(self) -> None:
        while True:
            try:
                self._drop(self._idle.pop())
            except IndexError:
                return
