"""A soak: bounded load for a long time, with faults, configuration changes and kills, ended by an account.

`python -m bench soak --minutes 30` writes the verdict as JSON and ends with 0 when nothing was lost, wrong or
doubled and the memory is flat. One that is broken off gives its account too.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.soak_load import PART_BYTES, Load, compare, wait_until
from bench.soak_patience import Patience
from bench.soak_verdict import LOOK_EVERY_S, Verdict
from bench.usage import usage_of
from gwf.core.errors import GwfError
from gwf.drills.instance import Instance
from gwf.drills.watcher import sample_of
from gwf.identity.local import find_token
from gwf.testing.faults import NONE, Faults
from gwf.testing.s3_sink import S3Sink, s3_sink

TREES = ("a", "b", "c")  #: the last one comes and goes with the changes of the configuration
TELL_EVERY_S = 10.0
FAULT_EVERY_S = 5.0  #: how long one kind of fault lasts
CHANGE_EVERY_S = 7.0  #: pause between two changes of the configuration
DRAIN_S = 180.0
CHANGE_S = 30.0  #: longest wait for a change of the configuration
#: Files written before the clock starts. Until about 28,000 the writer's page cache fills (WRITER_CACHE_KIB): some
#: 0.6 KB a file. What grows after that is a leak, whatever the cause.
WARM_FILES = 30_000
WARM_FILES_PER_S = 150.0
FAULTY = 0.05  #: share of the requests that meet a fault


def kinds_of_fault(share: float) -> tuple[Faults, ...]:
    """Return the faults that take turns."""
    return (
        Faults(status=503, code="SlowDown", ratio=share),
        Faults(reset="before", ratio=share),
        Faults(reset="after", ratio=share),
        Faults(status=500, ratio=share),
        Faults(wrong_checksum=True, methods=("PUT",), ratio=share),
        Faults(slow_s=0.5, ratio=share),
    )


@dataclass(slots=True)
class Step:
    """Something that is done again and again."""

    pause_s: float
    act: Callable[[], None]
    #: seconds after the start
    due_s: float = -1.0

    def __post_init__(self) -> None:
        if self.due_s < 0:
            self.due_s = self.pause_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for."""

    minutes: float
    files_per_s: float
    #: files written faster before that, so that bounded caches are full when the clock starts
    warm_up: int
    faults: float
    changes: bool
    #: seconds between two kills; 0 = none
    kill_every_s: float
    out: Path


class Soak:
    """One run; leave the `with` block and no process is left."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.home = wish.out.resolve() / "soak"
        shutil.rmtree(self.home, ignore_errors=True)
        self.trees = [self.home / name for name in TREES]
        for tree in self.trees:
            tree.mkdir(parents=True)
        self._open = ExitStack()
        self._random = random.Random(5)
        self.found = Verdict()
        self.life: list[tuple[float, float]] = []
        self.began_s = 0.0
        #: when the warm-up of the present life was over, on the same clock; None = a kill cut it short
        self.warm_at_s: float | None = None
        self._clock_at_s: float | None = None
        self.sink: S3Sink
        self.instance: Instance
        self.load: Load

    def __enter__(self) -> Self:
        try:
            self.sink = self._open.enter_context(s3_sink())
            self.document = self._document()
            self.instance = Instance(self.home, self.document, started=lambda _: None)
            self._open.callback(self.instance.kill)
            self.instance.start()
            self.patience = Patience(self.instance, self.found.stalls)
            self.load = Load(self.trees, files_per_s=WARM_FILES_PER_S)
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def run(self) -> Verdict:
        """Return the account, also of a soak that is broken off."""
        self.began_s = time.monotonic()
        try:
            self._work()
            self._settle()
        except (GwfError, OSError) as exc:
            self.found.broken_off = str(exc)
        except KeyboardInterrupt:
            self.found.broken_off = "a person or a signal ended it"
        self._account()
        return self.found

    def _work(self) -> None:
        """Let the load and everything beside it go on for the time that was asked for."""
        faults = itertools.cycle(kinds_of_fault(self.wish.faults))
        steps = [
            Step(LOOK_EVERY_S, self.look, due_s=0.0),
            Step(TELL_EVERY_S, self.tell),
            Step(FAULT_EVERY_S, lambda: self.sink.set_faults(next(faults) if self.wish.faults else NONE), due_s=0.0),
        ]
        if self.wish.changes:
            steps.append(Step(CHANGE_EVERY_S, self.change))
        self.load.start()
        try:
            self._drive(steps, until=lambda: self.load.written >= self.wish.warm_up)
            self.load.files_per_s = self.wish.files_per_s
            self.warm_at_s = self._clock_at_s = self.elapsed_s
            if self.wish.kill_every_s:
                steps.append(Step(self.wish.kill_every_s, self.kill, due_s=self.elapsed_s + self.wish.kill_every_s))
            self._drive(steps, until=lambda: self.left_s <= 0)
        finally:
            self.load.stop()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.began_s

    @property
    def left_s(self) -> float:
        """Seconds of the asked time that are left; all of them during the warm-up."""
        asked_s = self.wish.minutes * 60
        return asked_s if self._clock_at_s is None else asked_s - (self.elapsed_s - self._clock_at_s)

    def _drive(self, steps: Sequence[Step], *, until: Callable[[], bool]) -> None:
        while not until():
            for step in steps:
                if self.elapsed_s >= step.due_s:
                    step.act()
                    step.due_s = self.elapsed_s + step.pause_s
            time.sleep(0.05)

    def look(self) -> None:
        """Note memory and state."""
        now = self.patience.overview()
        state = "no answer" if now is None else now.state
        self.found.states[state] = self.found.states.get(state, 0) + 1
        rss_mb = usage_of(self.instance.pid).rss_mb
        self.life.append((self.elapsed_s, rss_mb))
        self.found.rss_mb.append(round(rss_mb, 1))

    def tell(self) -> None:
        """Say how it goes."""
        if self.patience.last is None:
            return
        seen = sample_of(self.patience.last, 0.0)
        say(
            f"soak: {self.left_s:.0f} s left; {self.load.written} written, {seen.done_total} done, "
            f"{seen.pending} wait, {self.found.config_changes} changes, {self.found.kills} kills, "
            f"{self.found.stalls.count} stalls, {self.found.rss_mb[-1]:.0f} MB"
        )

    def change(self) -> None:
        """Change the configuration: numbers, settle times, and whether the last tree is watched."""
        chance = self._random
        agent: dict[str, Any] = json.loads(json.dumps(self.document["agent"]))
        agent["transfer"] = {"workers": chance.choice((4, 8, 16)), "max_files_per_s": chance.choice((None, 500))}
        agent["retry"]["base"] = chance.choice((0.1, 0.2, 0.5))
        for watch in agent["watch"]:
            watch["settle"] = chance.choice((0.05, 0.2, 0.5))
            watch["priority"] = chance.randint(2, 8)
        if chance.random() < 0.4:
            agent["watch"].pop()
        self.put({**self.document, "agent": agent})

    def put(self, document: dict[str, Any]) -> bool:
        """Put a configuration into force; return False when no answer came, so that nobody knows whether it is."""
        request = urllib.request.Request(
            f"{self.instance.url}/api/v1/config",
            data=json.dumps(document).encode(),
            headers={
                "Content-Type": "application/json",
                "X-Gwf-Author": "soak",
                "Authorization": f"Bearer {find_token(Path(self.document['data_dir']))}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=CHANGE_S) as answer:
                answer.read()
            self.found.config_changes += 1
        except OSError as exc:
            if isinstance(getattr(exc, "reason", exc), TimeoutError):
                self.found.stalls.add(CHANGE_S)
                return False
            self.found.config_refusals.append(str(exc))
        return True

    def kill(self) -> None:
        """End the process by SIGKILL and start it again."""
        self.instance.kill()
        self.patience.over()
        self.found.kills += 1
        self.instance.start()
        self.life.clear()
        self.warm_at_s = None

    def _settle(self) -> None:
        """Let everything end well."""
        self.found.minutes = self._minutes()
        self.sink.set_faults()
        while self.wish.changes and not self.put(self.document):
            self.patience.wait()
        say("soak: no more files and faults; waiting for the rest")
        self.found.drained = wait_until(self._is_idle, within_s=DRAIN_S)
        self.look()
        self.patience.wait()

    def _account(self) -> None:
        """Compare, weigh and judge, however it ended."""
        found = self.found
        found.warm_up_s = round(self._clock_at_s or 0.0, 1)
        found.minutes = found.minutes or self._minutes()
        if self.patience.last is not None:
            found.dead, found.pending = self.patience.last.queue.dead, sample_of(self.patience.last, 0.0).pending
        found.account = compare(self.trees, self.sink.manifest(), self.load.versions)
        found.unfinished_uploads = self.sink.unfinished_uploads()
        found.warm = self.warm_at_s is not None and self.wish.warm_up >= WARM_FILES
        found.weigh(self.life, self.warm_at_s)
        self.patience.over()
        self.instance.stop()
        found.judge()

    def _minutes(self) -> float:
        return round((self.elapsed_s - (self._clock_at_s or 0.0)) / 60, 2)

    def _is_idle(self) -> bool:
        """Tell whether nothing settles or waits, and every file on disk is in the store as it is."""
        now_seen = self.patience.overview()
        if now_seen is None:
            return False
        queue = now_seen.queue
        if queue.settling or queue.ready or queue.sending or queue.waiting:
            return False
        now = compare(self.trees, self.sink.manifest(), self.load.versions)
        return not (now.lost or now.wrong or self.sink.unfinished_uploads())

    def _document(self) -> dict[str, Any]:
        watch = [{"path": str(tree), "store": "s3", "key": f"{tree.name}/{{relpath}}"} for tree in self.trees]
        return {
            "data_dir": str(self.home / "data"),
            "listen": "127.0.0.1:0",
            "log": {"format": "json"},
            "stores": {
                "s3": {
                    "url": "s3://bkt", "endpoint": self.sink.url, "region": "us-east-1",
                    "access_key": "soak-access-key", "secret_key": "soak-secret-key", "read_timeout": 5,
                    "multipart_threshold": 200 * 1024, "part_size": PART_BYTES,
                }
            },
            "agent": {
                "hostname": "soak",
                "watch": [{**item, "settle": 0.2, "silence": 1.0, "temp_suffixes": [".tmp"]} for item in watch],
                "retry": {"base": 0.2, "cap": 5, "max_attempts": 100},
                "breaker": {"open_for": 0.5, "open_cap": 5},
                "reconcile_interval": 60,
            },
        }  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Run a soak; return 0 when it passed, 1 when not."""
    wish = wish_of(arguments)
    try:
        with _told_to_end(), Soak(wish) as soak:
            found = soak.run()
    except (GwfError, OSError) as exc:
        found = Verdict(broken_off=f"it did not begin: {exc}")
        found.judge()
    body = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "wish": {**asdict(wish), "out": str(wish.out)}}
    target = wish.out / f"soak-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    target.write_text(json.dumps({**body, **asdict(found)}, indent=1) + "\n", encoding="utf-8")
    say(f"{found.told()}\n  {target}")
    return 0 if found.passed else 1


@contextmanager
def _told_to_end() -> Generator[None]:
    """Take SIGTERM as Ctrl-C is taken: the account follows."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def say(text: str) -> None:
    print(text, flush=True)


def wish_of(arguments: Sequence[str]) -> Wish:
    """Return what a command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench soak", description="Bounded load for a long time.")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long files are written (default 30)")
    parser.add_argument("--rate", type=float, default=20.0, help="files written a second (default 20)")
    parser.add_argument(
        "--warm-up", type=int, default=WARM_FILES, metavar="N", help=f"files written before (default {WARM_FILES})"
    )
    parser.add_argument("--faults", type=float, default=FAULTY, help="share of requests that meet a fault")
    parser.add_argument("--no-changes", action="store_true", help="leave the configuration alone")
    parser.add_argument(
        "--kill-every", type=float, default=0.0, metavar="S", help="kill -9 every S seconds (0 = never)"
    )
    parser.add_argument("--out", type=Path, default=Path("bench/out"), help="working directory (default bench/out)")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    return Wish(
        minutes=asked.minutes,
        files_per_s=asked.rate,
        warm_up=asked.warm_up,
        faults=asked.faults,
        changes=not asked.no_changes,
        kill_every_s=asked.kill_every,
        out=asked.out,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
