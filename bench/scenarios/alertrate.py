"""How many events a second become alerts, from the request to the row: posted one by one, and in batches."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import urlsplit

from bench.plan import Plan
from bench.report import Column, Goal, Report
from bench.usage import usage_of
from gwf.core.errors import UnavailableError
from gwf.testing.centre_server import TOKEN, CentreServer
from gwf.testing.postgres_server import postgres_server

SINGLES = 10_000
BATCHED = 50_000
BATCH = 250
SENDERS = 16  #: connections, each waiting for its answer
LOOK_S = 0.05
WITHIN_S = 300.0
ONE, MANY = "application/cloudevents+json", "application/cloudevents-batch+json"
RULE = {
    "name": "host is down", "when": {"type": "com.example.down"}, "by": ["subject"], "title": "${subject} is down",
    "severity": "error",
}  # fmt: skip

COLUMNS = (
    Column("alerts", "alerts"),
    Column("per_s", "alerts/s", spread=True),
    Column("posted_per_s", "posted/s"),
    Column("behind_s", "open after the last answer, s", 2),
    Column("cpu_us", "server CPU µs/alert"),
    Column("peak_rss_mb", "peak RSS MB"),
)
KINDS = ("SQLite", "PostgreSQL")
GOALS = tuple(
    Goal(f"{kind}: {how}", "per_s", "at least", least)
    for kind in KINDS
    for how, least in (("single posts", 1_000), (f"batches of {BATCH}", 5_000))
)


def run(plan: Plan) -> Report:
    """Post events of which each is an alert of its own, and wait until all alerts are open."""
    singles, batched = plan.count(SINGLES), plan.count(BATCHED)
    told = f"{singles:,} single posts and {batched:,} events in batches, each an alert of its own"
    report = Report("alertrate", told, COLUMNS, goals=GOALS)
    for number in range(plan.rounds):
        home = plan.workplace("alertrate")
        _measure(report, "SQLite", CentreServer(home / f"sqlite{number}"), (singles, batched))
        with postgres_server(settings=()) as url:
            _measure(report, "PostgreSQL", CentreServer(home / f"postgresql{number}", url), (singles, batched))
    return report


def _measure(report: Report, kind: str, centre: CentreServer, counts: tuple[int, int]) -> None:
    centre.start()
    try:
        wish = json.dumps({"document": RULE, "publish": True}).encode()
        made = centre.call("POST", "/api/v1/alert-rules", wish, Content_Type="application/json")
        if made.status != 201:
            raise UnavailableError("the rule was refused", answer=made.body.decode())
        time.sleep(2.0)  # until the rule is in force here
        _post(report, f"{kind}: single posts", centre, _singles(counts[0]))
        _post(report, f"{kind}: batches of {BATCH}", centre, _batches(counts[1]))
    finally:
        centre.stop()


def _post(report: Report, case: str, centre: CentreServer, posts: Sequence[tuple[str, bytes, int]]) -> None:
    before, there = usage_of(centre.pid), _open_alerts(centre)
    began = time.perf_counter()
    senders = [_Sender(centre, posts[number::SENDERS]) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    posted_s = time.perf_counter() - began
    problems = [sender.problem for sender in senders if sender.problem]
    if problems:
        raise UnavailableError("an event was refused", why=problems[0])
    wanted = sum(count for _, _, count in posts)
    while _open_alerts(centre) < there + wanted:
        if time.perf_counter() - began > WITHIN_S:
            raise UnavailableError("alerts are missing", wanted=wanted, found=_open_alerts(centre) - there)
        time.sleep(LOOK_S)
    wall_s = time.perf_counter() - began
    after = usage_of(centre.pid)
    report.row(case).add(
        alerts=wanted, per_s=wanted / wall_s, posted_per_s=wanted / posted_s, behind_s=wall_s - posted_s,
        cpu_us=(after.cpu_s - before.cpu_s) / wanted * 1e6, peak_rss_mb=after.peak_rss_mb,
    )  # fmt: skip


def _open_alerts(centre: CentreServer) -> int:
    return int(centre.call("GET", "/api/v1/alerts?status=firing&limit=1").json["total"])


def _event(name: str) -> dict[str, str]:
    return {"specversion": "1.0", "id": name, "source": "/bench", "type": "com.example.down", "subject": f"host-{name}"}


def _singles(count: int) -> list[tuple[str, bytes, int]]:
    return [(ONE, json.dumps(_event(f"s{number}")).encode(), 1) for number in range(count)]


def _batches(count: int) -> list[tuple[str, bytes, int]]:
    events = [_event(f"b{number}") for number in range(count)]
    parts = [events[at : at + BATCH] for at in range(0, count, BATCH)]
    return [(MANY, json.dumps(part).encode(), len(part)) for part in parts]


class _Sender(threading.Thread):
    """Sends its posts one after the other over one connection, and waits as it is told to."""

    def __init__(self, centre: CentreServer, posts: Sequence[tuple[str, bytes, int]]) -> None:
        super().__init__(daemon=True)
        self._address = urlsplit(centre.url)
        self._posts = posts
        self.problem = ""

    def run(self) -> None:
        with closing(http.client.HTTPConnection(self._address.hostname or "", self._address.port)) as connection:
            for kind, body, _ in self._posts:
                if not self._send(connection, kind, body):
                    return

    def _send(self, connection: http.client.HTTPConnection, kind: str, body: bytes) -> bool:
        while True:
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}
            connection.request("POST", "/api/v1/events", body, headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status in {200, 201, 202}:
                return True
            if answer.status not in {429, 503}:
                self.problem = f"{answer.status} {told[:200]!r}"
                return False
            time.sleep(float(answer.getheader("Retry-After") or 1))
