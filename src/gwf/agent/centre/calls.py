"""Requests to the centre: addresses, credentials, bodies, and what its refusals mean."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from gwf import __version__
from gwf.core.errors import (
    ConfigError,
    ConflictError,
    DeniedError,
    ErrorClass,
    InputError,
    OverloadedError,
    UnavailableError,
)
from gwf.core.settings.centre import CentreSettings
from gwf.storage.http1.address import parse_address
from gwf.storage.http1.answer import Answer
from gwf.storage.http1.client import Client
from gwf.storage.http1.connection import Connection
from gwf.storage.http1.dial import Route, tls_context
from gwf.wire.agents import AttemptReport, Heartbeat, HeartbeatAnswer, ManagedConfig, Registered, Registration
from gwf.wire.agenttasks import TaskExchange, TaskExchanged
from gwf.wire.asks import Asks
from gwf.wire.outbox import OutboxAck

STREAM_SILENCE_S = 60.0  #: longest silence of a stream; the centre sends a comment every 15 s
PACK_LEVEL = 1  #: of gzip: events shrink to a tenth even so
_JSON = "application/json"

Reply = TypeVar("Reply")


class Problem(msgspec.Struct, kw_only=True):
    """A refusal of the centre (RFC 9457); fields that we do not know are passed over."""

    detail: str = ""
    title: str = ""
    code: str = ""
    params: dict[str, object] = {}
    expected_seq: int | None = None


class RefusedError(DeniedError):
    """The centre does not know this credential or token, or does not want this agent."""

    def __init__(
        self, message: str, *, code: str = "refused", detail: str = "", retry_after_s: float | None = None
    ) -> None:
        """`code` is the centre's word for it, such as credential_revoked."""
        super().__init__(message, reason=detail, answer=code, retry_after_s=retry_after_s)
        self.reason_code = code
        self.detail = detail


class OutboxGapError(ConflictError):
    """The batch does not follow what the centre has; `expected` is the number it waits for."""

    def __init__(self, expected: int) -> None:
        """Keep the number."""
        super().__init__("the centre waits for another event", expected=expected)
        self.expected = expected


class CentreCalls:
    """The centre as this edge speaks to it. Thread-safe."""

    def __init__(self, settings: CentreSettings, *, tls: ssl.SSLContext | None = None) -> None:
        """Open nothing yet; `tls` stands in for what the settings say of certificates.

        Raises:
            ConfigError: The CA file cannot be used.
        """
        parts = urlsplit(settings.url)
        self._prefix = parts.path.rstrip("/")
        server = parse_address(f"{parts.scheme}://{parts.netloc}")
        try:
            ca_file = str(settings.ca_file) if settings.ca_file else None
            tls = (tls or tls_context(ca_file)) if server.is_tls else None
        except OSError as exc:
            raise ConfigError(
                "the centre's CA file is not usable", problems=(f"agent.centre.ca_file: {settings.ca_file}: {exc}",)
            ) from exc
        self._host = server.authority
        connect_s = settings.connect_timeout
        route = Route(server=server, tls=tls, connect_timeout_s=connect_s, read_timeout_s=settings.read_timeout)
        self._client = Client(route, max_idle=6)
        quiet = Route(server=server, tls=tls, connect_timeout_s=connect_s, read_timeout_s=STREAM_SILENCE_S)
        self._streams = Client(quiet, max_idle=0)

    def close(self) -> None:
        """Make calls in flight fail and close all connections."""
        self._client.close()
        self._streams.close()

    def register(self, token: str, body: Registration) -> Registered:
        """Give an enrolment token for a credential.

        Raises:
            RefusedError: The token is not known, used up or over, or the agent was revoked.
            UnavailableError: The centre does not answer, or cannot now.
            InputError: It does not take what we sent.
        """
        return self._post("/agents/register", token, body, reply=Registered)

    def heartbeat(self, credential: str, body: Heartbeat) -> HeartbeatAnswer:
        """Tell how we are. Raises as `register`."""
        return self._post("/agents/heartbeat", credential, body, reply=HeartbeatAnswer)

    def config(self, credential: str, *, have: str | None) -> ManagedConfig | None:
        """Return the configuration that should run; None when it is `have`. Raises as `register`."""
        known = (f'if-none-match: "{have}"',) if have else ()
        answer = self._ask("GET", "/agents/self/config", credential, headers=known)
        return None if answer.status == 304 else _decoded(answer, ManagedConfig)

    def attempt(self, credential: str, attempt_id: str, body: AttemptReport) -> None:
        """Tell what became of an offer. Raises as `register`."""
        path = f"/agents/self/config-attempts/{quote(attempt_id, safe='')}"
        self._ask("POST", path, credential, body=msgspec.json.encode(body), headers=(f"content-type: {_JSON}",))

    def outbox(self, credential: str, batch: bytes) -> OutboxAck:
        """Send a batch of events, encoded but not packed.

        Raises:
            OutboxGapError: It does not follow what the centre has.
            GwfError: As `register`.
        """
        headers = (f"content-type: {_JSON}", "content-encoding: gzip")
        body = gzip.compress(batch, PACK_LEVEL, mtime=0)
        return _decoded(self._ask("POST", "/agents/self/outbox", credential, body=body, headers=headers), OutboxAck)

    def asks(self, credential: str, *, limit: int) -> Asks:
        """Fetch what the centre asks, at most so much. Raises as `register`."""
        return _decoded(self._ask("GET", f"/agents/self/asks?limit={limit}", credential), Asks)

    def answer(self, credential: str, ask_id: str, body: bytes) -> None:
        """Answer a question; `body` is encoded but not packed. Raises as `register`."""
        headers = (f"content-type: {_JSON}", "content-encoding: gzip")
        packed = gzip.compress(body, PACK_LEVEL, mtime=0)
        self._ask("POST", f"/agents/self/asks/{quote(ask_id, safe='')}", credential, body=packed, headers=headers)

    def exchange_tasks(self, credential: str, told: TaskExchange) -> TaskExchanged:
        """Tell how tasks stand and take further ones. Raises as `register`."""
        return self._post("/agents/self/tasks", credential, told, reply=TaskExchanged)

    @contextmanager
    def stream(self, credential: str) -> Generator[tuple[Answer, Connection]]:
        """Lend the stream of hints while the block runs. Raises as `register`, also inside the block."""
        head = self._head("GET", "/agents/self/stream", credential, headers=("accept: text/event-stream",))
        with self._streams.stream(head) as (answer, connection):
            if answer.status != 200:
                connection.read_body(answer)
                raise refusal_of(answer, self._host)
            yield answer, connection

    def _post(self, path: str, bearer: str, body: msgspec.Struct, *, reply: type[Reply]) -> Reply:
        headers = (f"content-type: {_JSON}",)
        return _decoded(self._ask("POST", path, bearer, body=msgspec.json.encode(body), headers=headers), reply)

    def _ask(self, method: str, path: str, bearer: str, *, body: bytes = b"", headers: Sequence[str] = ()) -> Answer:
        length = (f"content-length: {len(body)}",) if method != "GET" else ()
        head = self._head(method, path, bearer, headers=(f"accept: {_JSON}", *headers, *length))
        answer = self._client.request(head, body)
        if answer.status not in {200, 201, 204, 304}:
            raise refusal_of(answer, self._host)
        return answer

    def _head(self, method: str, path: str, bearer: str, *, headers: Sequence[str]) -> bytes:
        lines = (
            f"{method} {self._prefix}/api/v1{path} HTTP/1.1",
            f"host: {self._host}",
            f"user-agent: gwf-agent/{__version__}",
            f"authorization: Bearer {bearer}",
            *headers,
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def refusal_of(answer: Answer, server: str) -> Exception:
    """Return what an answer without success means: whether to try again is in the error's family."""
    status, problem = answer.status, _problem(answer)
    detail = problem.detail or problem.title or f"status {status}"
    if status in {401, 403}:
        return RefusedError(
            "the centre refuses this agent",
            code=problem.code or f"status_{status}",
            detail=detail,
            retry_after_s=answer.retry_after_s(),
        )
    if status in {429, 503}:
        return OverloadedError(
            "the centre asks to come later", retry_after_s=answer.retry_after_s(), server=server, reason=detail
        )
    if status == 409 and problem.code == "outbox_gap" and (expected := _expected(problem)) is not None:
        return OutboxGapError(expected)
    if 300 <= status < 400:
        return UnavailableError(
            "the centre's address leads elsewhere: write the final one into agent.centre.url",
            error_class=ErrorClass.CONFIG,
            server=server,
            status=status,
            location=answer.header("location")[:200],
        )
    if 400 <= status < 500:
        return InputError("the centre does not take this", server=server, status=status, code=problem.code, why=detail)
    return UnavailableError(
        "the centre cannot now", error_class=ErrorClass.SERVER, server=server, status=status, reason=detail
    )


def _expected(problem: Problem) -> int | None:
    given = problem.expected_seq if problem.expected_seq is not None else problem.params.get("expected_seq")
    if isinstance(given, str) and given.isdigit():
        return int(given)
    return given if isinstance(given, int) and given >= 0 else None


def _problem(answer: Answer) -> Problem:
    try:
        return msgspec.json.decode(answer.body, type=Problem, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # a proxy's page, say: the status says enough
        return Problem()


def _decoded(answer: Answer, kind: type[Reply]) -> Reply:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise UnavailableError(
            "the centre's answer is not understood: is this the address of a GWF centre?",
            error_class=ErrorClass.SERVER,
            status=answer.status,
            reason=str(exc),
        ) from exc
