"""One experiment: a program, its trees and stores, and the account of what became of the files."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gwf.agent.journal.admin import check_journal
from gwf.testing.s3_sink import S3Sink
from tests.agent.waiting import until
from tests.chaos import ledger
from tests.chaos.ledger import PART_BYTES, Verdict, Written
from tests.chaos.load import Load
from tests.chaos.program import Program

HOST = "lab"
THRESHOLD_BYTES = 200 * 1024
GRACE_S = 6.0  #: an idle program that still owes files after so long has lost them


@dataclass(slots=True)
class Tally:
    """One row of the table printed after a run."""

    name: str
    files: int = 0
    kills: int = 0
    lost: int = 0
    wrong: int = 0
    extra: int = 0
    unfinished: int = 0
    repeats: int = 0
    notes: list[str] = field(default_factory=list[str])


class Lab:
    """Paths, program, writers and verdicts of one scenario."""

    def __init__(self, home: Path, sink: S3Sink, tally: Tally, *, seed: str) -> None:
        """Prepare a program without watched trees; `seed` makes all chance repeatable."""
        self.home = home
        self.sink = sink
        self.tally = tally
        self.random = random.Random(f"{tally.name}:{seed}")
        self.written = Written()
        self.roots: dict[str, list[bytes]] = {"s3": [], "file": []}
        self.objects = home / "objects"
        (home / "program").mkdir()
        self.program = Program(home / "program", self._settings())
        self._others: list[Program] = []

    def watch(self, name: str, *, store: str, **settings: Any) -> bytes:
        """Watch a new directory; return its path."""
        path = self.home / name
        path.mkdir(parents=True, exist_ok=True)
        return self.watch_path(path, store=store, **settings)

    def watch_path(self, path: Path, *, store: str, **settings: Any) -> bytes:
        """Watch a directory that need not exist."""
        watched = {"path": str(path), "store": store, "settle": "100ms", "silence": "600ms", **settings}
        self.program.settings["agent"]["watch"].append(watched)
        self.roots[store].append(os.fsencode(path))
        return os.fsencode(path)

    def load(self, root: bytes) -> Load:
        """Return a writer for a directory."""
        return Load(root, self.written, self.random)

    def tune(self, section: str, **values: Any) -> None:
        """Change settings of the agent."""
        self.program.settings["agent"].setdefault(section, {}).update(values)

    def wrap(self, command: Sequence[str]) -> None:
        """Run the program by way of another command, for example without privileges."""
        self.program = Program(self.home / "program", self.program.settings, wrap=command)

    def another(self) -> Program:
        """Return a second program with the same settings, and so the same data directory."""
        home = self.home / "another"
        home.mkdir()
        self._others.append(Program(home, self.program.settings))
        return self._others[-1]

    def close(self) -> None:
        """Leave no process behind."""
        for program in (self.program, *self._others):
            program.close()

    def verdict(self) -> Verdict:
        """Compare now."""
        verdict = ledger.compare(self.roots["s3"], ledger.in_sink(self.sink), self.written, HOST)
        verdict += ledger.compare(self.roots["file"], ledger.in_directory(self.objects), self.written, HOST)
        verdict.unfinished = self.sink.unfinished_uploads() + ledger.unfinished_in_directory(self.objects)
        return verdict

    def settle(self, *, within_s: float = 60.0) -> Verdict:
        """Wait until the program is idle and the account is clean, or idle for long; return the account."""
        idle_since: list[float] = []

        def look() -> Verdict | None:
            if not self.program.idle():
                idle_since.clear()
                return None
            now_s = time.monotonic()
            idle_since.append(now_s)
            verdict = self.verdict()
            if verdict.is_clean() or now_s - idle_since[0] > GRACE_S:
                return verdict
            return None

        verdict = until(look, within_s=within_s, every_s=0.1)
        assert verdict is not None
        return verdict

    def check(self, *, within_s: float = 60.0) -> Verdict:
        """Settle and fail unless nothing is lost, wrong, extra or unfinished and the journal is sound."""
        verdict = self.settle(within_s=within_s)
        self.record(verdict)
        assert verdict.is_clean(), f"{verdict}\n{self.program.story()}"
        assert check_journal(self.home / "program" / "data" / "journal.db") == []
        return verdict

    def record(self, verdict: Verdict) -> None:
        """Put an account into the table."""
        tally = self.tally
        tally.files += verdict.files
        tally.kills = self.program.kills
        tally.lost += len(verdict.lost)
        tally.wrong += len(verdict.wrong)
        tally.extra += len(verdict.extra)
        tally.unfinished += verdict.unfinished
        tally.repeats += verdict.repeats

    def feed_until(self, done: Callable[[], bool], feed: Callable[[], None], *, within_s: float = 30.0) -> None:
        """Let a writer work, a little at a time, until something has happened."""

        def step() -> bool:
            if done():
                return True
            feed()
            return False

        until(step, within_s=within_s, every_s=0.03)

    def pause(self, seconds: float) -> None:
        """Let the program work for a time that is part of the experiment."""
        end_s = time.monotonic() + seconds
        until(lambda: time.monotonic() >= end_s, within_s=seconds + 30.0)

    def freeze(self) -> None:
        self.program.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.program.send(signal.SIGCONT)

    def _settings(self) -> dict[str, Any]:
        parts = {"multipart_threshold": THRESHOLD_BYTES, "part_size": PART_BYTES}
        s3 = {"url": "s3://bkt", "endpoint": self.sink.url, "region": "us-east-1", "access_key": "gwf"}
        return {
            "data_dir": str(self.home / "program" / "data"),
            "listen": "127.0.0.1:0",
            "log": {"format": "json", "level": "info"},
            "stores": {
                "s3": {**s3, "secret_key": "gwfsecret12", "connect_timeout": "1s", "read_timeout": "2s", **parts},
                "file": {"url": f"file://{self.objects}", **parts},
            },
            "agent": {
                "hostname": HOST,
                "watch": [],
                "retry": {"base": "100ms", "cap": "500ms"},
                "breaker": {"open_for": "200ms", "open_cap": "1s"},
            },
        }
