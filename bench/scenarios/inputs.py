"""How many alerts of Alertmanager and messages of syslog a second a real centre takes and stores."""

from __future__ import annotations

import json
import socket
import statistics
import threading
import time
from urllib.parse import urlsplit

from bench.centre import Centre
from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.core.errors import UnavailableError

ALERTS = 20_000
MESSAGES = 50_000
SENDERS = 16  #: connections at a time
IN_GROUP = 100  #: alerts of one request, as Alertmanager sends a group
LOOK_EVERY_S = 0.1
SYSLOG_PORT = 35_514

COLUMNS = (
    Column("events", "events"),
    Column("wall_s", "s", 2),
    Column("per_s", "events/s", spread=True),
    Column("cpu_us", "server CPU µs/event", 1),
    Column("p50_ms", "request p50 ms", 1),
    Column("p99_ms", "p99 ms", 1),
)
SINGLE, GROUPS, TCP = "alerts, one a request", f"alerts, {IN_GROUP} a request", "syslog over one connection"
GOALS = (Goal(SINGLE, "per_s", "at least", 1_000), Goal(GROUPS, "per_s", "at least", 5_000))


def run(plan: Plan) -> Report:
    """Send alerts as Alertmanager does, then messages as a relay does; every event is counted afterwards."""
    how = f"SQLite, {SENDERS} connections for alerts, one for syslog; each request waits until its events are stored"
    report = Report("inputs", how, COLUMNS, goals=GOALS)
    syslog = {"listen": f"127.0.0.1:{SYSLOG_PORT}", "udp": False, "max_per_s": 100_000}
    for number in range(plan.rounds):
        home = plan.workplace("inputs") / str(number)
        with Centre(home, inputs={"syslog": syslog}) as centre:
            sent = 0
            for case, size in ((SINGLE, 1), (GROUPS, IN_GROUP)):
                count = max(SENDERS, plan.count(ALERTS * (1 if size == 1 else 5)) // size // SENDERS * SENDERS)
                _alerts(report, centre, case, count=count, size=size)
                sent += count * size
                if _stored(centre, "alertmanager") != sent:
                    raise UnavailableError("not what was sent is stored", sent=sent)
            _syslog(report, centre, plan.count(MESSAGES))
    return report


def _alerts(report: Report, centre: Centre, case: str, *, count: int, size: int) -> None:
    requests = [_request(centre, f"{case[8]}{number}", size) for number in range(count)]
    senders = [_Sender(centre, requests[first::SENDERS]) for first in range(SENDERS)]
    before, began = centre.usage(), time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    wall_s = time.perf_counter() - began
    cpu_s = centre.usage().cpu_s - before.cpu_s
    waits = sorted(wait for sender in senders for wait in sender.waits_s)
    if len(waits) != count:
        raise UnavailableError("not every request was taken", taken=len(waits), why=[one.problem for one in senders])
    events = count * size
    report.row(case).add(
        events=events, wall_s=wall_s, per_s=events / wall_s, cpu_us=cpu_s / events * 1e6,
        p50_ms=1000 * statistics.median(waits), p99_ms=1000 * waits[int(len(waits) * 0.99)],
    )  # fmt: skip


def _syslog(report: Report, centre: Centre, count: int) -> None:
    lines = b"".join(
        b"<131>1 2026-01-01T00:00:00.000Z web1 shop %d PAY - paying of order %d failed after 3 attempts\n" % (at, at)
        for at in range(count)
    )
    before, began = centre.usage(), time.perf_counter()
    with socket.create_connection(("127.0.0.1", SYSLOG_PORT)) as connection:
        connection.sendall(lines)
    while _stored(centre, "syslog") < count:
        time.sleep(LOOK_EVERY_S)
    wall_s = time.perf_counter() - began
    cpu_s = centre.usage().cpu_s - before.cpu_s
    report.row(TCP).add(events=count, wall_s=wall_s, per_s=count / wall_s, cpu_us=cpu_s / count * 1e6)


def _request(centre: Centre, name: str, size: int) -> bytes:
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "HighLatency", "instance": f"shop-{at}:9100", "severity": "warning", "job": "node"},
            "annotations": {"summary": "requests take longer than 500 ms", "runbook": "https://wiki.example/latency"},
            "startsAt": "2026-01-01T00:00:00.123456Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example:9090/graph",
            "fingerprint": f"{name}-{at}",
        }
        for at in range(size)
    ]
    group = {"version": "4", "status": "firing", "receiver": "gwf", "groupKey": "{}", "alerts": alerts}
    body = json.dumps(group | {"externalURL": "http://alertmanager.example:9093", "truncatedAlerts": 0}).encode()
    head = (
        f"POST /api/v1/inputs/alertmanager HTTP/1.1\r\nHost: {urlsplit(centre.url).netloc}\r\n"
        f"Authorization: Bearer {centre.token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _stored(centre: Centre, name: str) -> float:
    return centre.metric(f'gwf_inputs_events_total{{input="{name}",fate="accepted"}}')


class _Sender(threading.Thread):
    """Sends its requests one after the other over one connection."""

    def __init__(self, centre: Centre, requests: list[bytes]) -> None:
        super().__init__(daemon=True)
        address = urlsplit(centre.url)
        self._address = (address.hostname or "", address.port or 0)
        self._requests = requests
        self.waits_s: list[float] = []
        self.problem = ""

    def run(self) -> None:
        with socket.create_connection(self._address) as connection, connection.makefile("rb") as answers:
            for request in self._requests:
                began = time.perf_counter()
                connection.sendall(request)
                status, size = answers.readline(), 0
                while (line := answers.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        size = int(line.split(b":")[1])
                told = answers.read(size)
                if b" 200 " not in status or b'"rejected":[]' not in told:
                    self.problem = f"{status!r} {told[:200]!r}"
                    return
                self.waits_s.append(time.perf_counter() - began)
