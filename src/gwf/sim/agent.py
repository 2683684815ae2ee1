"""What one simulated agent says: the messages of a quiet host with a little work."""

from __future__ import annotations

import gzip
import random
import uuid
from datetime import UTC, datetime

import msgspec

from gwf import __version__
from gwf.agent.centre.heartbeat import known_parts
from gwf.sim.host import STORE
from gwf.sim.model import LABEL, Plan
from gwf.sim.taking import Configured
from gwf.wire.agents import (
    AgentHealth,
    BreakerWord,
    HealthReason,
    Heartbeat,
    MetricsSnapshot,
    OutboxState,
    RecentError,
    Registration,
    RunningConfig,
)
from gwf.wire.outbox import OutboxBatch, OutboxEvent, OutboxFile

SITES, LINES, ENVIRONMENTS = ("sh", "bj", "gz", "sz"), ("pay", "trade", "log", "risk"), ("prod", "stage", "dev")
_encode = msgspec.json.Encoder().encode


class SimAgent:
    """One agent; it has no files, only numbers that grow."""

    __slots__ = (
        "_plan", "_started_at", "acked_seq", "agent_id", "configured", "credential", "done", "due_s", "epoch",
        "failures", "hostname", "instance_id", "labels", "seq", "version",
    )  # fmt: skip

    def __init__(self, plan: Plan, number: int) -> None:
        """Make agent `number` of a plan; the same plan gives the same agents."""
        chance = random.Random(f"{plan.seed}:{number}")  # noqa: S311  # no secret is made of it
        self._plan = plan
        self._started_at = datetime.now(UTC)
        self.instance_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        self.hostname = f"{plan.prefix}-{number:05d}"
        self.epoch = f"{plan.prefix}{plan.seed}-{number}-{int(self._started_at.timestamp())}"
        self.labels = {
            LABEL: "true",
            "env": chance.choice(ENVIRONMENTS),
            "site": chance.choice(SITES),
            "line": chance.choice(LINES),
        }
        self.version = __version__
        self.agent_id = ""
        self.credential = ""
        self.seq = 0
        self.done = 0
        self.acked_seq = 0
        #: calls in a row without an answer
        self.failures = 0
        #: when it calls next; a call that was planned for another moment is not made
        self.due_s = 0.0
        #: what it works by; None until it is let in
        self.configured: Configured | None = None

    def registration(self) -> bytes:
        """Return the body of its registration."""
        return _encode(
            Registration(
                protocol=1,
                instance_id=self.instance_id,
                hostname=self.hostname,
                version=self.version,
                labels=self.labels,
                os="simulated",
                started_at=self._started_at,
            )
        )

    @property
    def is_silent(self) -> bool:
        """Whether it is not heard any more."""
        return self.configured is not None and self.configured.host.is_silent

    def heartbeat(self) -> bytes:
        """Return the body of its next heartbeat."""
        self.seq += 1
        return _encode(
            Heartbeat(
                seq=self.seq,
                sent_at=datetime.now(UTC),
                started_at=self._started_at,
                version=self.version,
                hostname=self.hostname,
                labels=self.labels,
                health=self.health(),
                metrics=self.metrics(),
                errors=self.errors(),
                outbox=OutboxState(epoch=self.epoch, last_seq=self.done, acked_seq=self.acked_seq),
                config=self.running(),
                knows=known_parts(),
                breakers=self.breakers(),
            )
        )

    def health(self) -> AgentHealth:
        """Return how it judges itself: well, unless a configuration makes it ill."""
        reasons = () if self.configured is None else self.configured.host.reasons()
        return AgentHealth(
            state="degraded" if reasons else "ok",
            reasons=[HealthReason(code=reason.code, params=reason.params) for reason in reasons],
        )

    def running(self) -> RunningConfig:
        """Return what it works by."""
        configured = self.configured
        return RunningConfig(
            hash=None if configured is None else configured.running_hash,
            local=configured is not None and configured.is_local,
        )

    def errors(self) -> list[RecentError]:
        """Return its last errors: none."""
        return []

    def breakers(self) -> dict[str, BreakerWord]:
        """Return the state of the breaker of each of its stores."""
        return {STORE: "closed"}

    def batch(self, size: int) -> bytes:
        """Return the body of its next `size` events, packed; those that were not acknowledged come again."""
        first = self.acked_seq + 1
        self.done = max(self.done, self.acked_seq + size)
        at = datetime.now(UTC)
        events = [self.event(seq, at) for seq in range(first, first + size)]
        return gzip.compress(_encode(OutboxBatch(epoch=self.epoch, events=events)), compresslevel=1)

    def event(self, seq: int, at: datetime) -> OutboxEvent:
        """Return event `seq` of its history; the same one again when it is asked for again."""
        path = f"/simulated/{self.hostname}/{seq // 1000:04d}/file-{seq:08d}.log"
        body = {
            "path": path,
            "store": STORE,
            "key": path[1:],
            "size_bytes": 4_096 + seq % 1_000,
            "etag": f"{seq:032x}",
            "sha256": "",
            "attempt": 1,
            "duration_ms": 20 + seq % 80,
            "reason": None,
        }
        return OutboxEvent(seq=seq, at=at, kind="file.done", file=OutboxFile(id=seq, gen=1), body=body)

    def metrics(self) -> MetricsSnapshot:
        """Return its numbers of this moment."""
        return MetricsSnapshot(
            queued=self.seq % 7,
            sending=self.seq % 3,
            waiting=0,
            dead=0,
            done_total=self.done,
            failed_total=0,
            done_bytes_total=4_096 * self.done,
            disk_free_bytes=50 * 2**30,
            rss_bytes=60 * 2**20,
            cpu_pct=1.5,
        )
