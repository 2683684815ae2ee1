"""The Go version's interface under load: the console's data, light and whole, and the health body."""

from __future__ import annotations

import select
import shutil
import socket
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from bench.agent import Agent, configuration
from bench.places import StoreFor
from bench.plan import Plan
from bench.report import Column, Goal, Report
from bench.scenarios.index import kept_tree

FILES = 100_000
LIGHT = 300
FULL = 15
AT_ONCE = 8
HEALTH_S = 5.0
CONNECTIONS = 16

COLUMNS = (
    Column("p50_ms", "p50 ms", 1),
    Column("p95_ms", "p95 ms", 1),
    Column("per_s", "answers/s"),
    Column("cpu_ms", "server CPU ms each", 2),
    Column("per_core_s", "answers per core second"),
    Column("body_mb", "body MB", 1),
    Column("peak_rss_mb", "peak RSS MB"),
)
LIGHT_CASE = "light"
COLD_CASE = "whole, first after the start"
SAME_CASE = "whole, refresh, nothing changed"
CHANGED_CASE = "whole, refresh, a file came before each"
CROWD_CASE = f"whole, {AT_ONCE} refreshes at once"
HEALTH_CASE = "/api/health"
GOALS = (
    Goal(LIGHT_CASE, "p95_ms", "at most", 5),
    Goal(SAME_CASE, "p50_ms", "at most", 250),
    Goal(CHANGED_CASE, "p50_ms", "at most", 250),
    Goal(CROWD_CASE, "peak_rss_mb", "at most", 300),
    Goal(HEALTH_CASE, "per_core_s", "at least", 3000),
)


def run(plan: Plan) -> Report:
    """Ask a server that knows a large tree."""
    count = plan.count(FILES)
    report = Report("legacy", f"{count:,} files in the journal", COLUMNS, goals=GOALS)
    tree, home = kept_tree(plan, count), plan.workplace("legacy")
    extra = home / "extra"
    extra.mkdir()
    store: StoreFor = {"url": "memory://"}
    settings = configuration(home, {"bench": tree, "extra": extra}, {"bench": store, "extra": store}, existing="skip")
    for number in range(plan.rounds):
        with Agent(home, settings) as agent:
            _wait_for_walk(agent, count)
            _ask_dashboard(report, agent, extra, number)
            _crowd(report, agent)
            _health(report, agent)
    shutil.rmtree(home)
    return report


def _wait_for_walk(agent: Agent, count: int) -> None:
    agent.wait_until(lambda: agent.journal.known() >= count)
    agent.wait_until(lambda: agent.find("tree_reconciled") is not None)


def _ask_dashboard(report: Report, agent: Agent, extra: Path, number: int) -> None:
    names = (extra / f"new-{number}-{at}" for at in range(FULL))
    _measure(report, agent, COLD_CASE, "/api/dashboard?refresh=true", times=1)
    _measure(report, agent, LIGHT_CASE, "/api/dashboard?mode=light", times=LIGHT)
    _measure(report, agent, SAME_CASE, "/api/dashboard?refresh=true", times=FULL)
    _measure(
        report, agent, CHANGED_CASE, "/api/dashboard?refresh=true", times=FULL,
        before=lambda: next(names).write_bytes(b"x"),
    )  # fmt: skip


class _Caller:
    """One connection kept open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, target: str) -> bytes:
        """Return the bytes of a request."""
        return f"GET {target} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode()

    def ask(self, target: str) -> int:
        """Send a request, read the whole answer, return the length of its body."""
        self.socket.sendall(self.request(target))
        head = bytearray()
        while b"\r\n\r\n" not in head:
            head += self._more()
        start, _, rest = bytes(head).partition(b"\r\n\r\n")
        if not start.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{target}: {start[:100]!r}")
        length = next(int(line[15:]) for line in start.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        left = length - len(rest)
        while left > 0:
            left -= len(self._more())
        return length

    def _more(self) -> bytes:
        data = self.socket.recv(1024 * 1024)
        if not data:
            raise RuntimeError("the server closed the connection")
        return data


def _measure(
    report: Report,
    agent: Agent,
    case: str,
    target: str,
    *,
    times: int,
    before: Callable[[], object] | None = None,
) -> None:
    caller = _Caller(agent.url)
    took_ms: list[float] = []
    length = 0
    used_s = agent.usage().cpu_s
    for _ in range(times):
        if before is not None:
            before()
            time.sleep(0.05)  # until it was noticed
        began = time.perf_counter()
        length = caller.ask(target)
        took_ms.append((time.perf_counter() - began) * 1000)
    used_s = agent.usage().cpu_s - used_s
    caller.socket.close()
    took_ms.sort()
    report.row(case).add(
        p50_ms=statistics.median(took_ms),
        p95_ms=took_ms[min(len(took_ms) - 1, int(len(took_ms) * 0.95))],
        cpu_ms=1000 * used_s / times,
        body_mb=length / 1e6,
        peak_rss_mb=agent.usage().peak_rss_mb,
    )


def _crowd(report: Report, agent: Agent) -> None:
    def one(_: int) -> float:
        caller = _Caller(agent.url)
        began = time.perf_counter()
        caller.ask("/api/dashboard?refresh=true")
        took_ms = (time.perf_counter() - began) * 1000
        caller.socket.close()
        return took_ms

    with ThreadPoolExecutor(AT_ONCE) as pool:
        took_ms = sorted(pool.map(one, range(3 * AT_ONCE)))
    report.row(CROWD_CASE).add(
        p50_ms=statistics.median(took_ms), p95_ms=took_ms[-2], peak_rss_mb=agent.usage().peak_rss_mb
    )


def _health(report: Report, agent: Agent) -> None:
    callers = [_Caller(agent.url) for _ in range(CONNECTIONS)]
    request = callers[0].request("/api/health")
    for caller in callers:
        caller.ask("/api/health")
    poll = select.epoll()
    by_number = {caller.socket.fileno(): caller for caller in callers}
    for number, caller in by_number.items():
        poll.register(number, select.EPOLLIN)
        caller.socket.sendall(request)
    answers, used_s, began = 0, agent.usage().cpu_s, time.perf_counter()
    while (took_s := time.perf_counter() - began) < HEALTH_S:
        for number, _ in poll.poll(1.0):
            caller = by_number[number]
            if not caller.socket.recv(65536).endswith(b"}\n"):
                continue  # the rest of this answer is still on its way
            answers += 1
            caller.socket.sendall(request)
    used_s = agent.usage().cpu_s - used_s
    poll.close()
    for caller in callers:
        caller.socket.close()
    report.row(HEALTH_CASE).add(
        per_s=answers / took_s, cpu_ms=1000 * used_s / answers, per_core_s=answers / used_s,
        peak_rss_mb=agent.usage().peak_rss_mb,
    )  # fmt: skip
