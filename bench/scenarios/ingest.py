"""How many file events a second a real centre takes over HTTP, on SQLite and on PostgreSQL."""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from bench.outbox import EVENTS, packed_batch
from bench.plan import Plan
from bench.report import Column, Goal, Report
from bench.usage import usage_of
from gwf.core.errors import UnavailableError
from gwf.testing.centre_server import CentreServer
from gwf.testing.postgres_server import postgres_server

SENT = 240_000
AGENTS = 8

COLUMNS = (
    Column("events", "events"),
    Column("wall_s", "s", 2),
    Column("per_s", "events/s", spread=True),
    Column("cpu_us", "server CPU µs/event", 1),
    Column("p50_ms", "batch p50 ms"),
    Column("p99_ms", "p99 ms"),
    Column("peak_rss_mb", "peak RSS MB"),
)
GOALS = tuple(Goal(case, "per_s", "at least", 20_000) for case in ("SQLite", "PostgreSQL"))


def run(plan: Plan) -> Report:
    """Send packed batches from several agents at once; each is stored before it is acknowledged."""
    batches = max(1, plan.count(SENT) // EVENTS // AGENTS)
    report = Report("ingest", f"{AGENTS} agents × {batches} batches of {EVENTS:,} file events", COLUMNS, goals=GOALS)
    work = [[packed_batch(agent, number) for number in range(batches)] for agent in range(AGENTS)]
    for number in range(plan.rounds):
        home = plan.workplace("ingest")
        _measure(report, "SQLite", CentreServer(home / f"sqlite{number}"), work)
        with _postgres() as url:
            _measure(report, "PostgreSQL", CentreServer(home / f"postgresql{number}", url), work)
    return report


@contextmanager
def _postgres() -> Generator[str]:
    """Yield a database of a server that syncs every commit, as one in production does."""
    with postgres_server(settings=()) as url:
        yield url


def _measure(report: Report, case: str, centre: CentreServer, work: list[list[bytes]]) -> None:
    centre.start()
    try:
        senders = [_Sender(centre, f"host-{number}", batches) for number, batches in enumerate(work)]
        before = usage_of(centre.pid)
        began = time.perf_counter()
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        wall_s = time.perf_counter() - began
        after = usage_of(centre.pid)
        _check(centre, senders)
    finally:
        centre.stop()
    waits = sorted(wait for sender in senders for wait in sender.waits_s)
    events = EVENTS * len(waits)
    report.row(case).add(
        events=events, wall_s=wall_s, per_s=events / wall_s, cpu_us=(after.cpu_s - before.cpu_s) / events * 1e6,
        p50_ms=1000 * statistics.median(waits), p99_ms=1000 * waits[int(len(waits) * 0.99)],
        peak_rss_mb=after.peak_rss_mb,
    )  # fmt: skip


def _check(centre: CentreServer, senders: list[_Sender]) -> None:
    """Fail unless every event is there once."""
    sent = sum(EVENTS * len(sender.waits_s) for sender in senders)
    counted = centre.call("GET", "/api/v1/file-events/facets").json["counted"]
    if counted != sent or any(sender.problem for sender in senders):
        raise UnavailableError("not what was sent", counted=counted, sent=sent, why=[s.problem for s in senders])


class _Sender(threading.Thread):
    """One agent: sends its batches in order over one connection, and waits as it is told to."""

    def __init__(self, centre: CentreServer, hostname: str, batches: list[bytes]) -> None:
        super().__init__(daemon=True)
        self._headers = {
            "Authorization": f"Bearer {centre.enrol(hostname, {'env': 'prod', 'host': hostname})}",
            "Content-Encoding": "gzip",
            "Content-Type": "application/json",
        }
        self._address = urlsplit(centre.url)
        self._batches = batches
        self.waits_s: list[float] = []
        self.problem = ""

    def run(self) -> None:
        with closing(http.client.HTTPConnection(self._address.hostname or "", self._address.port)) as connection:
            for body in self._batches:
                if not self._send(connection, body):
                    return

    def _send(self, connection: http.client.HTTPConnection, body: bytes) -> bool:
        began = time.perf_counter()
        while True:
            connection.request("POST", "/api/v1/agents/self/outbox", body, self._headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status == 200 and not json.loads(told)["rejected"]:
                self.waits_s.append(time.perf_counter() - began)
                return True
            if answer.status not in {429, 503}:
                self.problem = f"{answer.status} {told[:200]!r}"
                return False
            time.sleep(float(answer.headers["Retry-After"]))
