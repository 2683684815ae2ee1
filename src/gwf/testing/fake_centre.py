"""A centre on loopback that keeps the agents' protocol and remembers what it was told, with switchable faults."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, cast

import msgspec

from gwf.wire.agents import AttemptReport, Heartbeat, Registration
from gwf.wire.outbox import MAX_BATCH_BYTES, OutboxBatch, OutboxEvent

PREFIX = "/ops/api/v1/agents"  #: behind a prefix, as a proxy may serve it
TOKEN = "enrolment-token"  # noqa: S105 — of tests
STREAM_POLL_S = 0.02


@dataclass(slots=True)
class FakeAgent:
    """One agent as the fake centre knows it."""

    agent_id: str
    credential: str
    registrations: list[Registration] = field(default_factory=list[Registration])
    heartbeats: list[Heartbeat] = field(default_factory=list[Heartbeat])
    #: events in the order of their arrival, by epoch
    events: dict[str, list[OutboxEvent]] = field(default_factory=dict[str, list[OutboxEvent]])
    #: (attempt id, report) in the order of their arrival
    reports: list[tuple[str, AttemptReport]] = field(default_factory=list[tuple[str, AttemptReport]])
    #: what the centre wants it to run; None = nothing else
    wanted: dict[str, Any] | None = None
    revoked: bool = False
    #: gaps that were told by `lost_before`: (first, last) missing number
    gaps: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def stored(self, epoch: str) -> int:
        """Return the number up to which events of an epoch are stored."""
        events = self.events.get(epoch, [])
        return events[-1].seq if events else 0

    def all_events(self) -> list[OutboxEvent]:
        """Return every event, epoch after epoch."""
        return [event for events in self.events.values() for event in events]


@dataclass(slots=True)
class CentreFaults:
    """What goes wrong now."""

    #: answer every request by this status; None = as it should be
    status: int | None = None
    code: str = "down"
    retry_after_s: int | None = None
    #: take the request, then end the connection without an answer
    lose_answers: bool = False
    #: only for paths that contain this
    only: str = ""
    #: refuse events of this kind one by one
    reject_kind: str = ""


class FakeCentre:
    """State of the fake; guarded by one lock."""

    def __init__(self) -> None:
        """Know nobody."""
        self.lock = threading.RLock()
        self.url = ""
        self.tokens = {TOKEN}
        self.agents: dict[str, FakeAgent] = {}
        self.faults = CentreFaults()
        self.heartbeat_s = 0.2
        self.backoff_s: float | None = None
        self.has_stream = True
        self.hint = 0
        self.requests: list[tuple[str, str, int]] = []

    @property
    def agent(self) -> FakeAgent:
        """Return the only agent; a blank one before it came."""
        with self.lock:
            return next(iter(self.agents.values()), FakeAgent(agent_id="", credential=""))

    def want(self, hash_: str, document: Mapping[str, Any], *, attempt_id: str = "") -> str:
        """Let the agent be offered a configuration; return the attempt's id."""
        with self.lock:
            attempt_id = attempt_id or f"attempt-{uuid.uuid4().hex[:8]}"
            self.agent.wanted = {
                "hash": hash_, "version_id": f"v-{hash_[7:11]}", "attempt_id": attempt_id, "document": dict(document),
            }  # fmt: skip
            self.hint += 1
            return attempt_id

    def handle(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        """Return status and JSON of a request."""
        with self.lock:
            bearer = headers.get("authorization", "").removeprefix("Bearer ")
            if path == f"{PREFIX}/register":
                return self._register(bearer, msgspec.json.decode(body, type=Registration))
            agent = next((item for item in self.agents.values() if item.credential == bearer), None)
            if agent is None or agent.revoked:
                return _problem(401, "credential_revoked" if agent else "credential_unknown")
            return self._known(agent, method, path.removeprefix(PREFIX), headers=headers, body=body)

    def _known(
        self, agent: FakeAgent, method: str, path: str, *, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Any]:
        if path == "/heartbeat":
            return self._heartbeat(agent, msgspec.json.decode(body, type=Heartbeat))
        if path == "/self/outbox":
            content = gzip.decompress(body)
            if len(content) > MAX_BATCH_BYTES:
                return _problem(413, "too_large")
            return self._outbox(agent, msgspec.json.decode(content, type=OutboxBatch))
        if path == "/self/config" and method == "GET":
            if agent.wanted is None:
                return _problem(404, "not_found")
            same = headers.get("if-none-match") == f'"{agent.wanted["hash"]}"'
            return (304, None) if same else (200, agent.wanted)
        if path.startswith("/self/config-attempts/"):
            report = msgspec.json.decode(body, type=AttemptReport)
            agent.reports.append((path.rpartition("/")[2], report))
            return 200, {}
        return _problem(404, "not_found")

    def _register(self, token: str, body: Registration) -> tuple[int, Any]:
        if token not in self.tokens:
            return _problem(401, "enrolment_token_unknown")
        credential = f"credential-{uuid.uuid4().hex}"
        agent = self.agents.get(body.instance_id)
        if agent is None:
            agent = self.agents[body.instance_id] = FakeAgent(agent_id=f"a-{len(self.agents) + 1}", credential="")
        agent.credential, agent.revoked = credential, False
        agent.registrations.append(body)
        return 201, {
            "agent_id": agent.agent_id, "credential": credential, "tenant": "default",
            "heartbeat_s": self.heartbeat_s, "server_time": _now(),
        }  # fmt: skip

    def _heartbeat(self, agent: FakeAgent, body: Heartbeat) -> tuple[int, Any]:
        agent.heartbeats.append(body)
        wanted = agent.wanted
        offer = None
        ended = {known for known, report in agent.reports if report.phase in {"failed", "reverted"}}
        if (
            wanted is not None
            and wanted["attempt_id"] not in ended
            and (body.config.hash != wanted["hash"] or body.config.local)
        ):
            offer = {"hash": wanted["hash"], "attempt_id": wanted["attempt_id"]}
        return 200, {
            "server_time": _now(), "heartbeat_s": self.heartbeat_s, "backoff_s": self.backoff_s, "state": "online",
            "drain": False, "config": offer, "tasks": 0,
            "outbox_acked_seq": 0 if body.outbox is None else agent.stored(body.outbox.epoch),
        }  # fmt: skip

    def _outbox(self, agent: FakeAgent, batch: OutboxBatch) -> tuple[int, Any]:
        stored = agent.stored(batch.epoch)
        first = batch.events[0].seq
        if first > stored + 1:
            if not batch.lost_before:
                return _problem(409, "outbox_gap", expected_seq=stored + 1)
            agent.gaps.append((stored + 1, first - 1))
        fresh = [event for event in batch.events if event.seq > stored]
        rejected = [event for event in fresh if event.kind == self.faults.reject_kind]
        agent.events.setdefault(batch.epoch, []).extend(fresh)
        return 200, {
            "acked_seq": agent.stored(batch.epoch),
            "rejected": [{"seq": item.seq, "code": "unwanted", "message": "not wanted"} for item in rejected],
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    centre: ClassVar[FakeCentre]
    closing: ClassVar[threading.Event]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the library's name
        """Say nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        centre = self.centre
        if self.closing.is_set():  # a connection that was kept alive: the server is gone
            self.close_connection = True
            return
        faults = centre.faults
        hit = faults.only in self.path
        if hit and faults.status is not None:
            status, answer = _problem(faults.status, faults.code)
        elif self.path == f"{PREFIX}/self/stream" and centre.has_stream:
            self._stream()
            return
        else:
            status, answer = self._handled(headers, body)
        centre.requests.append((self.command, self.path, status))
        if hit and faults.lose_answers:
            self.close_connection = True
            self.connection.close()
            return
        self._answer(status, answer, retry_after_s=faults.retry_after_s if hit else None)

    def _handled(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        try:
            return self.centre.handle(self.command, self.path, headers=headers, body=body)
        except msgspec.MsgspecError as exc:
            return _problem(400, "invalid_input", detail=str(exc))

    def _answer(self, status: int, answer: Any, *, retry_after_s: int | None) -> None:
        content = b"" if status == 304 else msgspec.json.encode(answer)
        self.send_response(status)
        if retry_after_s is not None and status >= 400:
            self.send_header("Retry-After", str(retry_after_s))
        self.send_header("Content-Type", "application/json")
        if status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        seen = self.centre.hint  # of before the agent can know that it is heard: what comes then must reach it
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b": here\n\n")
        while not self.closing.wait(STREAM_POLL_S):
            if self.centre.hint != seen:
                seen = self.centre.hint
                self.wfile.write(b"event: config\ndata: config\n\n")
            if self.centre.faults.status is not None:
                break
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: agents go away in the middle of an answer."""


@contextmanager
def fake_centre(
    centre: FakeCentre | None = None, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> Generator[FakeCentre]:
    """Serve a fake centre on loopback until the block ends; one that served before goes on with what it knew."""
    centre = centre or FakeCentre()
    closing = threading.Event()
    handler = cast("type[_Handler]", type("Handler", (_Handler,), {"centre": centre, "closing": closing}))
    server = _Server(("127.0.0.1", port), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    centre.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}/ops"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake-centre", daemon=True
    )
    thread.start()
    try:
        yield centre
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _problem(status: int, code: str, *, detail: str = "", **params: int) -> tuple[int, Any]:
    texts = {name: str(value) for name, value in params.items()}
    return status, {"title": code, "status": status, "code": code, "detail": detail or code, "params": texts}


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
