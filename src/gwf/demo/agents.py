"""The simulated agents of a demo: named hosts with a past day, some of them ill, silent, drained or changed by hand."""

from __future__ import annotations

import enum
import math
import random
import time
from datetime import UTC, datetime, timedelta

from gwf.sim.agent import SimAgent
from gwf.sim.host import STORE
from gwf.sim.model import LABEL, Plan
from gwf.wire.agents import (
    AgentHealth,
    BreakerWord,
    HealthReason,
    MetricsSnapshot,
    RecentError,
    RunningConfig,
)
from gwf.wire.outbox import OutboxEvent, OutboxFile

SITES, LINES = ("sh", "bj", "gz"), ("pay", "trade", "risk", "log")
HISTORY = 360  #: events of the past day at each agent
BATCH = 180
SILENT_AFTER_S = 5.0
DAY_S = 86_400.0
_TROUBLES = (*("file.failed",) * 14, *("file.dead",) * 3, "alert.raised", "alert.cleared")


class Lot(enum.Enum):
    """How it goes with an agent."""

    WELL = "well"
    REFUSED = "refused"
    FULL = "full"
    SILENT = "silent"
    LOCAL = "local"
    OLD = "old"


#: by number; all others are well
LOTS = {5: Lot.REFUSED, 9: Lot.FULL, 13: Lot.SILENT, 17: Lot.REFUSED, 11: Lot.LOCAL, 15: Lot.OLD, 21: Lot.SILENT}
DRAINED, REVOKED = 3, 8  #: numbers of those that people take out of service


def hostname(number: int) -> str:
    """Return the name of agent `number`."""
    site, line = SITES[number % len(SITES)], LINES[number // len(SITES) % len(LINES)]
    return f"demo-{site}-{line}-{number:02d}"


class DemoAgent(SimAgent):
    """One agent; all of it follows from the seed and its number."""

    def __init__(self, plan: Plan, number: int) -> None:
        """Make agent `number`."""
        super().__init__(plan, number)
        self._chance = random.Random(f"demo:{plan.seed}:{number}")  # noqa: S311 - no secret
        self._number = number
        self.lot = LOTS.get(number, Lot.WELL)
        self.hostname = hostname(number)
        #: since when it works by a configuration of the centre; 0 = not yet
        self._managed_s = 0.0
        _, site, line, _ = self.hostname.split("-")
        env = "stage" if number % 6 == 0 else "prod"
        self.labels = {LABEL: "true", "demo": "true", "env": env, "site": site, "line": line}
        if self.lot is Lot.OLD:
            self.version = "0.0.9"
        self._past = self._made_up_past()
        #: given up in the past day: as many as the dead letters' desk is told of
        self._dead = sum(event.kind == "file.dead" for event in self._past)

    @property
    def is_silent(self) -> bool:
        """Whether it is not heard any more."""
        if self.lot is not Lot.SILENT or self.configured is None or self.configured.running_hash is None:
            return super().is_silent
        self._managed_s = self._managed_s or time.monotonic()
        return time.monotonic() - self._managed_s > SILENT_AFTER_S

    def health(self) -> AgentHealth:
        """Return how it judges itself."""
        if self.lot is Lot.REFUSED:
            told = {"store": STORE, "error_class": "throttled", "why": "503 SlowDown"}
            return AgentHealth(state="degraded", reasons=[HealthReason(code="store_unreachable", params=told)])
        if self.lot is Lot.FULL:
            told = {"free_bytes": "41943040", "min_free_bytes": "536870912"}
            return AgentHealth(state="failing", reasons=[HealthReason(code="disk_low", params=told)])
        return super().health()

    def running(self) -> RunningConfig:
        """Return what it works by."""
        running = super().running()
        if self.lot is Lot.LOCAL and running.hash is not None:
            return RunningConfig(hash=running.hash, local=True)
        return running

    def errors(self) -> list[RecentError]:
        """Return its last errors."""
        if self.lot is not Lot.REFUSED:
            return []
        at = datetime.now(UTC) - timedelta(seconds=self._chance.randrange(5, 60))
        message = "the store refuses: 503 SlowDown, again in 8 s"
        return [RecentError(at=at, code="throttled", message=message, path=self._path(self.done))]

    def breakers(self) -> dict[str, BreakerWord]:
        """Return the state of the breaker of each of its stores."""
        return {STORE: "open" if self.lot is Lot.REFUSED else "closed", "partner": "closed"}

    def metrics(self) -> MetricsSnapshot:
        """Return its numbers of this moment."""
        refused, full = self.lot is Lot.REFUSED, self.lot is Lot.FULL
        load = 1 + math.sin(time.monotonic() / 40 + self._number)
        return MetricsSnapshot(
            queued=round(12 * load) + (430 if refused else 0),
            sending=round(3 * load),
            waiting=55 if refused else 0,
            dead=self._dead,
            done_total=18_000 + 37 * self._number + self.done,
            failed_total=160 if refused else self._number % 4,
            done_bytes_total=(18_000 + self.done) * 48_000,
            oldest_waiting_s=1_260.0 if refused else 2.5 * load,
            disk_free_bytes=41_943_040 if full else (40 + self._number) * 2**30,
            rss_bytes=(58 + self._number % 9) * 2**20,
            cpu_pct=round(1.2 + 2.5 * load, 1),
        )

    def batch(self, size: int) -> bytes:
        """Return the body of its next events: the past day first, many at a time."""
        left = len(self._past) - self.acked_seq
        return super().batch(min(BATCH, left) if left > 0 else size)

    def event(self, seq: int, at: datetime) -> OutboxEvent:
        """Return event `seq` of its history."""
        return self._past[seq - 1] if seq <= len(self._past) else self._file(seq, at, kind="file.done")

    def _made_up_past(self) -> list[OutboxEvent]:
        now = datetime.now(UTC)
        moments = sorted(self._chance.random() ** 0.8 * DAY_S for _ in range(HISTORY))
        return [self._past_event(seq, now - timedelta(seconds=DAY_S - at)) for seq, at in enumerate(moments, start=1)]

    def _past_event(self, seq: int, at: datetime) -> OutboxEvent:
        trouble = 0.12 if self.lot is Lot.REFUSED else 0.015
        if self._chance.random() >= trouble:
            return self._file(seq, at, kind="file.done")
        kind = self._chance.choice(_TROUBLES)
        if kind.startswith("alert."):
            body: dict[str, object] = {"code": "breaker_open", "store": STORE}
            return OutboxEvent(seq=seq, at=at, kind=kind, body=body)
        return self._file(seq, at, kind=kind)

    def _file(self, seq: int, at: datetime, *, kind: str) -> OutboxEvent:
        body: dict[str, object] = {"path": self._path(seq), "store": STORE, "attempt": 1}
        if kind == "file.done":
            key = f"{self.hostname}/{self._path(seq)[1:]}"
            body |= {
                "key": key,
                "size_bytes": 2_000 + seq * 977 % 900_000,
                "etag": f"{seq:032x}",
                "duration_ms": 20 + seq % 180,
            }
        else:
            word, message = (
                ("throttled", "the store refuses: 503 SlowDown") if seq % 3 else ("timeout", "no answer within 30 s")
            )
            body |= {"error_class": word, "error_code": word, "message": message, "attempt": 1 + seq % 3}
        return OutboxEvent(seq=seq, at=at, kind=kind, file=OutboxFile(id=seq, gen=1), body=body)

    def _path(self, seq: int) -> str:
        return f"/data/{self.labels['line']}/2026-01-{1 + seq % 28:02d}/{self.labels['line']}-{seq:06d}.log"
