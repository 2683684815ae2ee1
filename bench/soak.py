"""A soak: bounded load for a long time, with faults, configuration changes and kills, ended by an account.

`python -m bench soak --minutes 30` writes the verdict as JSON and ends with 0 when nothing was lost, wrong or
doubled and the memory is flat.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import statistics
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.soak_load import PART_BYTES, Account, Load, compare, growth_mb, wait_until
from bench.usage import usage_of
from gwf.core.errors import GwfError
from gwf.drills.instance import Instance
from gwf.drills.watcher import sample_of
from gwf.testing.faults import NONE, Faults
from gwf.testing.s3_sink import S3Sink, s3_sink
from gwf.wire.edge import Overview

TREES = ("a", "b", "c")  #: the last one comes and goes with the changes of the configuration
LOOK_EVERY_S = 1.0
TELL_EVERY_S = 10.0
FAULT_EVERY_S = 5.0  #: how long one kind of fault lasts
CHANGE_EVERY_S = 7.0  #: pause between two changes of the configuration
DRAIN_S = 180.0
WARM_SHARE = 0.5  #: of a life, in which caches fill
FLAT_MB, FLAT_SHARE = 8.0, 0.10  #: growth that is no growth: the larger of both
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for."""

    minutes: float
    files_per_s: float
    faults: float
    changes: bool
    #: seconds between two kills; 0 = none
    kill_every_s: float
    out: Path


@dataclass(slots=True)
class Verdict:
    """How it ended."""

    passed: bool = False
    problems: list[str] = field(default_factory=list[str])
    minutes: float = 0.0
    account: Account = field(default_factory=Account)
    unfinished_uploads: int = 0
    dead: int = 0
    config_changes: int = 0
    config_refusals: list[str] = field(default_factory=list[str])
    kills: int = 0
    drained: bool = False
    states: dict[str, int] = field(default_factory=dict[str, int])
    rss_first_mb: float = 0.0
    rss_last_mb: float = 0.0
    rss_peak_mb: float = 0.0
    #: of the fitted line over the second half of the last life
    rss_growth_mb: float = 0.0
    rss_slope_mb_per_h: float = 0.0
    rss_every_s: float = LOOK_EVERY_S
    rss_mb: list[float] = field(default_factory=list[float])


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
            self.load = Load(self.trees, files_per_s=self.wish.files_per_s)
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def run(self) -> Verdict:
        self.began_s = time.monotonic()
        end_s = self.began_s + self.wish.minutes * 60
        faults = itertools.cycle(kinds_of_fault(self.wish.faults))
        due = {"look": 0.0, "tell": TELL_EVERY_S, "fault": 0.0, "change": CHANGE_EVERY_S}
        due["kill"] = self.wish.kill_every_s or float("inf")
        steps = {
            "look": (LOOK_EVERY_S, self.look),
            "tell": (TELL_EVERY_S, self.tell),
            "fault": (FAULT_EVERY_S, lambda: self.sink.set_faults(next(faults) if self.wish.faults else NONE)),
            "change": (CHANGE_EVERY_S, self.change if self.wish.changes else lambda: None),
            "kill": (self.wish.kill_every_s, self.kill),
        }
        self.load.start()
        try:
            while time.monotonic() < end_s:
                for name, (pause_s, step) in steps.items():
                    if time.monotonic() - self.began_s >= due[name]:
                        step()
                        due[name] = time.monotonic() - self.began_s + pause_s
                time.sleep(0.05)
        finally:
            self.load.stop()
        self._finish()
        return self.found

    def look(self) -> None:
        """Note memory and state."""
        rss_mb = usage_of(self.instance.pid).rss_mb
        self.life.append((time.monotonic() - self.began_s, rss_mb))
        self.found.rss_mb.append(round(rss_mb, 1))
        state = self.overview().state
        self.found.states[state] = self.found.states.get(state, 0) + 1

    def tell(self) -> None:
        """Say how it goes."""
        seen = sample_of(self.overview(), 0.0)
        left_s = max(0.0, self.wish.minutes * 60 - (time.monotonic() - self.began_s))
        say(
            f"soak: {left_s:.0f} s left; {self.load.written} written, {seen.done_total} done, {seen.pending} wait, "
            f"{self.found.config_changes} changes, {self.found.kills} kills, {self.found.rss_mb[-1]:.0f} MB"
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

    def put(self, document: dict[str, Any]) -> None:
        """Put a configuration into force."""
        request = urllib.request.Request(
            f"{self.instance.url}/api/v1/config",
            data=json.dumps(document).encode(),
            headers={"Content-Type": "application/json", "X-Gwf-Author": "soak"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                answer.read()
            self.found.config_changes += 1
        except OSError as exc:
            self.found.config_refusals.append(str(exc))

    def kill(self) -> None:
        """End the process by SIGKILL and start it again."""
        self.instance.kill()
        self.found.kills += 1
        self.instance.start()
        self.life.clear()

    def overview(self) -> Overview:
        return Overview.model_validate(self.instance.get("/api/v1/overview"))

    def _finish(self) -> None:
        """Let everything end well, then compare."""
        found = self.found
        found.minutes = round((time.monotonic() - self.began_s) / 60, 2)
        self.sink.set_faults()
        if self.wish.changes:
            self.put(self.document)
        say("soak: no more files and faults; waiting for the rest")
        found.drained = wait_until(self._is_idle, within_s=DRAIN_S)
        self.look()
        found.dead = self.overview().queue.dead
        found.account = compare(self.trees, self.sink.manifest(), self.load.versions)
        found.unfinished_uploads = self.sink.unfinished_uploads()
        self._weigh()
        self.instance.stop()
        self._judge()

    def _is_idle(self) -> bool:
        """Tell whether nothing settles or waits, and every file on disk is in the store as it is."""
        queue = self.overview().queue
        if queue.settling or queue.ready or queue.sending or queue.waiting:
            return False
        now = compare(self.trees, self.sink.manifest(), self.load.versions)
        return not (now.lost or now.wrong or self.sink.unfinished_uploads())

    def _weigh(self) -> None:
        found, life = self.found, self.life
        late = [point for point in life if point[0] >= life[0][0] + WARM_SHARE * (life[-1][0] - life[0][0])]
        quarter = max(1, len(life) // 4)
        found.rss_first_mb = round(statistics.median(mb for _, mb in life[:quarter]), 1)
        found.rss_last_mb = round(statistics.median(mb for _, mb in life[-quarter:]), 1)
        found.rss_peak_mb = max(found.rss_mb)
        found.rss_growth_mb = round(growth_mb(late), 2)
        lasted_s = late[-1][0] - late[0][0]
        found.rss_slope_mb_per_h = round(found.rss_growth_mb / lasted_s * 3600, 2) if lasted_s else 0.0

    def _judge(self) -> None:
        found, account = self.found, self.found.account
        limit_mb = max(FLAT_MB, FLAT_SHARE * found.rss_last_mb)
        broken = {
            "no file was written": account.files == 0,
            f"{len(account.lost)} lost": bool(account.lost),
            f"{len(account.wrong)} wrong": bool(account.wrong),
            f"{len(account.doubled)} doubled": bool(account.doubled),
            f"{found.unfinished_uploads} unfinished uploads": found.unfinished_uploads > 0,
            f"{found.dead} dead letters": found.dead > 0,
            "the backlog did not go away": not found.drained,
            f"{len(found.config_refusals)} configuration changes failed": bool(found.config_refusals),
            f"memory grew by {found.rss_growth_mb} MB in the second half, limit {limit_mb:.1f}": (
                found.rss_growth_mb > limit_mb
            ),
        }
        found.problems = [text for text, is_so in broken.items() if is_so]
        found.passed = not found.problems

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
    wish = _wish(arguments)
    try:
        with Soak(wish) as soak:
            found = soak.run()
    except (GwfError, OSError) as exc:
        found = Verdict(problems=[f"broken off: {exc}"])
    body = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "wish": {**asdict(wish), "out": str(wish.out)}}
    target = wish.out / f"soak-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    target.write_text(json.dumps({**body, **asdict(found)}, indent=1) + "\n", encoding="utf-8")
    account = found.account
    say(
        f"soak: {'PASSED' if found.passed else 'FAILED: ' + '; '.join(found.problems)}\n"
        f"  {account.files} files, {account.versions} versions: lost {len(account.lost)}, wrong {len(account.wrong)}, "
        f"doubled {len(account.doubled)}, written again {account.again}, unfinished {found.unfinished_uploads}, "
        f"dead {found.dead}\n"
        f"  memory {found.rss_first_mb} MB at first, {found.rss_last_mb} at last, peak {found.rss_peak_mb}, "
        f"second half {found.rss_growth_mb:+} MB ({found.rss_slope_mb_per_h:+} MB/h)\n"
        f"  {found.minutes} min, {found.config_changes} configuration changes, {found.kills} kills, "
        f"states {found.states}\n  {target}"
    )
    return 0 if found.passed else 1


def say(text: str) -> None:
    print(text, flush=True)


def _wish(arguments: Sequence[str]) -> Wish:
    parser = argparse.ArgumentParser(prog="python -m bench soak", description="Bounded load for a long time.")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long files are written (default 30)")
    parser.add_argument("--rate", type=float, default=20.0, help="files written a second (default 20)")
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
        faults=asked.faults,
        changes=not asked.no_changes,
        kill_every_s=asked.kill_every,
        out=asked.out,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
