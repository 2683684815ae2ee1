"""Gathers what a heartbeat tells: the edge's numbers, its last errors, what this process takes from the host."""

from __future__ import annotations

import json
import os
import resource
import time
from dataclasses import dataclass

from gwf.agent.centre.heartbeat import Moment, Usage, heartbeat, recent_error, registration
from gwf.agent.engine import Edge
from gwf.agent.health import judge
from gwf.agent.journal.reads import JournalReads
from gwf.agent.model import host_name
from gwf.agent.snapshot import SnapshotSource
from gwf.core.errors import UnavailableError
from gwf.wire.agents import Heartbeat, OutboxState, RecentError, Registration, RunningConfig

_ERRORS = """
SELECT at_ms, body FROM outbox WHERE seq > (SELECT max(seq) FROM outbox) - 1000 AND kind IN ('file.failed', 'file.dead')
ORDER BY seq DESC LIMIT 10
"""
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Meter:
    """Measures this process between two looks."""

    _cpu_s: float = 0.0
    _at_s: float = 0.0

    def look(self) -> Usage:
        """Return memory now, and the CPU taken since the last look (since the start, at first)."""
        cpu_s, at_s = time.process_time(), time.monotonic()
        took_s = at_s - self._at_s
        share = 100 * (cpu_s - self._cpu_s) / took_s if self._at_s and took_s > 0 else 0.0
        self._cpu_s, self._at_s = cpu_s, at_s
        return Usage(rss_bytes=_rss_bytes(), cpu_pct=round(share, 2))


class Pulse:
    """Makes the bodies of heartbeats. One thread."""

    def __init__(
        self, edge: Edge, reads: JournalReads, snapshots: SnapshotSource, *, own_heartbeat_s: float | None = None
    ) -> None:
        """Count from the start of the process; `own_heartbeat_s` is what this host's settings say, None = nothing."""
        self._edge = edge
        self._reads = reads
        self._snapshots = snapshots
        self._meter = Meter()
        self._own_heartbeat_s = own_heartbeat_s
        self._seq = 0

    def beat(self, *, outbox: OutboxState | None, config: RunningConfig) -> Heartbeat:
        """Return the next heartbeat."""
        self._seq += 1
        snapshot = self._snapshots.get()
        verdict = judge(snapshot)
        moment = Moment(
            seq=self._seq,
            now_ms=self._edge.clock.now_ms(),
            started_at_ms=self._edge.started_at_ms,
            hostname=host_name(self._edge.agent.hostname),
            labels=self._edge.agent.labels,
            state=verdict.state,
            reasons=tuple(verdict.reasons),
            usage=self._meter.look(),
            errors=self._errors(),
            outbox=outbox,
            config=config,
            heartbeat_s=self._own_heartbeat_s,
        )
        return heartbeat(snapshot, moment)

    def registration(self, instance_id: str, *, address: str | None) -> Registration:
        """Return what is said at enrolment."""
        agent = self._edge.agent
        return registration(
            instance_id,
            agent,
            hostname=host_name(agent.hostname),
            started_at_ms=self._edge.started_at_ms,
            address=address,
        )

    def _errors(self) -> tuple[RecentError, ...]:
        try:
            rows = self._reads.rows(_ERRORS, ())
        except UnavailableError:  # health tells of it, and is in the same heartbeat
            return ()
        return tuple(recent_error(at_ms, json.loads(body)) for at_ms, body in rows)


def _rss_bytes() -> int:
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE_BYTES
    except (OSError, ValueError, IndexError):  # no Linux: the most it ever had must do
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
