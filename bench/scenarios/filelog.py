"""Shows the end of a very large file, searches a large one, and looks whether others can still ask meanwhile."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.agent import Agent, running_agent
from bench.asker import Asker, percentiles
from bench.plan import Plan
from bench.report import Column, Goal, Report

SPARSE_BYTES = 5 * 10**9
SEARCHED_BYTES = 10**9
TAILS = 200
LINES = 60_000  #: different lines, repeated
LEVELS = ("INFO", "WARN", "ERROR", "DEBUG")
HIT = "Connection refused by peer 4711"

COLUMNS = (
    Column("size_mb", "file MB"),
    Column("requests", "requests"),
    Column("p50_ms", "p50 ms", 1, spread=True),
    Column("p95_ms", "p95 ms", 1, spread=True),
    Column("mb_per_s", "MB/s", spread=True),
    Column("lines", "lines found"),
    Column("peak_rss_mb", "peak RSS MB"),
)
SEARCHES: dict[str, dict[str, object]] = {
    "search, short word, no hit": {"query": "zebra"},
    "search, short word, case counts, no hit": {"query": "zebra", "caseSensitive": True},
    "search, hit in the last line": {"query": HIT.lower()},
    "search, hit in the last line, case counts": {"query": HIT, "caseSensitive": True},
    "search, 中文, no hit": {"query": "连接超时"},
    "search in Cyrillic text, no hit": {"query": "отказ", "path": "cyrillic.log"},
    "search in Cyrillic text, case counts, no hit": {"query": "отказ", "path": "cyrillic.log", "caseSensitive": True},
    "search in GB18030, 中文, hit in the last line": {"query": "连接被拒绝", "path": "gb.log"},
    "search in GB18030, short word, no hit": {"query": "zebra", "path": "gb.log"},
}
GOALS = (
    Goal("tail", "p95_ms", "at most", 20),
    *(Goal(case, "mb_per_s", "at least", 500) for case in SEARCHES),
)


def run(plan: Plan) -> Report:
    """Ask one agent for everything, round by round."""
    report = Report("filelog", "watched text files, over HTTP", COLUMNS, goals=GOALS)
    home = plan.workplace("filelog")
    logs = home / "logs"
    logs.mkdir()
    _make_sparse(logs / "sparse.log", round(SPARSE_BYTES * plan.scale))
    _make_log(logs / "plain.log", round(SEARCHED_BYTES * plan.scale))
    _make_log(logs / "gb.log", round(SEARCHED_BYTES * plan.scale), codec="gb18030", words=" 订单支付成功 用户登录")
    _make_log(logs / "cyrillic.log", round(SEARCHED_BYTES * plan.scale), words=" обработал запрос пользователя")
    os.sync()
    with running_agent(home, {"bench": logs}, {"bench": {"url": "memory://"}}, existing="skip") as agent:
        url = f"{agent.logged('gwf_started')['url']}"
        for _ in range(plan.rounds):
            with Asker(url) as asker:
                _tails(report, asker, logs / "sparse.log", plan.count(TAILS))
                for case, wish in SEARCHES.items():
                    _search(report, case, asker, path=logs / str(wish.get("path", "plain.log")), wish=wish)
            _others(report, agent, url, logs / "plain.log")
            for case, option in (("grep -cF, no hit", "-cF"), ("grep -ciF, no hit", "-ciF")):
                _grep(report, case, option, logs / "plain.log")
    shutil.rmtree(home)
    return report


def _tails(report: Report, asker: Asker, path: Path, count: int) -> None:
    answers = [asker.ask("/api/file-log", {"path": str(path)}) for _ in range(count)]
    report.row("tail").add(
        size_mb=path.stat().st_size / 1e6,
        requests=len(answers),
        lines=len(answers[0].body["lines"]),
        **percentiles([answer.took_ms for answer in answers]),
    )


def _search(report: Report, case: str, asker: Asker, *, path: Path, wish: dict[str, object]) -> None:
    answer = asker.ask("/api/file-log", {**wish, "path": str(path)})
    size_mb = path.stat().st_size / 1e6
    lines = len(answer.body["lines"])
    if answer.body["truncated"] or lines != ("hit in" in case):
        raise AssertionError(f"{case}: found {lines} lines")
    report.row(case).add(size_mb=size_mb, mb_per_s=1000 * size_mb / answer.took_ms, lines=lines)


def _others(report: Report, agent: Agent, url: str, path: Path) -> None:
    """Ask for something quick again and again while two searches run."""
    searches = [_in_thread(lambda: _ask_once(url, path)) for _ in range(2)]
    took_ms: list[float] = []
    with Asker(url) as asker:
        while any(thread.is_alive() for thread in searches) or not took_ms:
            took_ms.append(asker.ask("/live").took_ms)
            time.sleep(0.002)
    report.row("/live beside two searches").add(
        requests=len(took_ms), peak_rss_mb=agent.usage().peak_rss_mb, **percentiles(took_ms)
    )


def _ask_once(url: str, path: Path) -> None:
    with Asker(url) as asker:
        asker.ask("/api/file-log", {"path": str(path), "query": "zebra"})


def _in_thread(call: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def _grep(report: Report, case: str, option: str, path: Path) -> None:
    started_s = time.perf_counter()
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    subprocess.run(["grep", option, "zebra", str(path)], check=False, env=environ, stdout=subprocess.DEVNULL)
    size_mb = path.stat().st_size / 1e6
    report.row(case).add(size_mb=size_mb, mb_per_s=size_mb / (time.perf_counter() - started_s))


def _make_sparse(path: Path, size_bytes: int) -> None:
    """Make a file that is nothing but a hole, followed by two megabytes of lines."""
    with path.open("wb") as file:
        file.truncate(size_bytes)
        file.seek(size_bytes)
        file.write(b"\n" + _lines("utf-8", "")[: 2 * 10**6] + b"\n")


def _make_log(path: Path, size_bytes: int, *, codec: str = "utf-8", words: str = "") -> None:
    """Make a log with `words` in every line and one line that holds what is searched for at its end."""
    block = _lines(codec, words)
    with path.open("wb") as file:
        while file.tell() + len(block) < size_bytes:
            file.write(block)
        file.write(block[: max(0, size_bytes - file.tell())].rpartition(b"\n")[0])
        file.write(f"\n2026-01-02 03:04:05 ERROR svc=pay 连接被拒绝 {HIT}\n".encode(codec))


def _lines(codec: str, words: str) -> bytes:
    random.seed(1)
    return "".join(
        f"2026-01-02 03:04:{n % 60:02d}.{n % 1000:03d} {LEVELS[n % 4]} svc=pay-{n % 17}"
        f" trace={random.getrandbits(64):016x}"
        f' msg="request {n} handled in {n % 300} ms, user={n * 7919 % 100003}"{words} path=/api/v1/orders/{n % 9973}\n'
        for n in range(LINES)
    ).encode(codec)
