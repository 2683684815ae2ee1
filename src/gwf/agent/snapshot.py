"""The edge's numbers at one moment, gathered once and used by health, page and metrics alike."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gwf.agent.actions.model import ActionFacts
from gwf.agent.alarms import Levels
from gwf.agent.centre.facts import LinkFacts
from gwf.agent.config.facts import ConfigFacts, Refusal
from gwf.agent.engine import Edge
from gwf.agent.inputs.files.facts import InputFacts
from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.inputs.logs.follower import NOTHING_FOLLOWED, FollowerFacts
from gwf.agent.journal.reads import JournalReads, QueueCounts, Tally
from gwf.agent.journal.writer import JournalFacts
from gwf.agent.model import FileStatus
from gwf.agent.transfer.destination import Destination
from gwf.core.breaker import BreakerState
from gwf.core.clock import Clock
from gwf.core.settings.model import HighWaterSettings

MAX_AGE_S = 1.0  #: a snapshot younger than this is used again


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Numbers of one moment."""

    at_ms: int
    trees: Sequence[WatchedTree]
    destinations: Sequence[Destination]
    journal: JournalFacts
    input: InputFacts
    counts: QueueCounts
    tallies: dict[str, Tally]
    high_water: HighWaterSettings
    free_bytes: int
    first_pass_done: bool
    overflowed_lately: bool
    #: codes of alarms that are raised
    alarms: frozenset[str] = frozenset()
    logs: FollowerFacts = NOTHING_FOLLOWED
    config: ConfigFacts = field(default_factory=ConfigFacts)
    #: of the configuration, while health tells of it
    refusal: Refusal | None = None
    actions: ActionFacts = field(default_factory=ActionFacts)
    #: of the link to the centre; None without one
    centre: LinkFacts | None = None
    #: how long the centre has been away, once that is long enough to tell
    centre_away_s: float | None = None
    #: since its last answer, or since the start
    centre_silent_s: float = 0.0

    @property
    def pending_files(self) -> int:
        """Files ready, sending and waiting."""
        return sum(count for state, count in self.counts.files.items() if state is not FileStatus.DEAD)

    @property
    def oldest_wait_s(self) -> float | None:
        """Age of the oldest file not yet sent; None when nothing waits."""
        oldest = self.counts.oldest_queued_at_ms
        return None if oldest is None else max(0.0, (self.at_ms - oldest) / 1000)

    def tally(self, name: str) -> int:
        """Return a lasting counter, 0 if it never counted."""
        tally = self.tallies.get(name)
        return tally.value if tally else 0


class SnapshotSource:
    """Takes snapshots of an edge, at most one a second. Thread-safe."""

    def __init__(self, edge: Edge, reads: JournalReads, clock: Clock, *, config: ConfigFacts | None = None) -> None:
        """Take nothing yet."""
        #: of the link to the centre, once there is one
        self.centre: LinkFacts | None = None
        #: counts of the configuration, as they are now
        self.config = config or ConfigFacts()
        self._edge = edge
        self._reads = reads
        self._clock = clock
        self._lock = threading.Lock()
        self._last: Snapshot | None = None
        self._taken_at_s = 0.0
        self._overflows = 0
        self._overflow_at_s = -1e9

    def get(self, *, max_age_s: float = MAX_AGE_S) -> Snapshot:
        """Return numbers at most `max_age_s` old."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self._last is None or now_s - self._taken_at_s >= max_age_s:
                self._last = self._take(now_s)
                self._taken_at_s = self._clock.monotonic_s()
            return self._last

    def _take(self, now_s: float) -> Snapshot:
        edge = self._edge
        facts = edge.input.facts()
        if facts.overflows_total != self._overflows:
            self._overflows, self._overflow_at_s = facts.overflows_total, now_s
        snapshot = Snapshot(
            at_ms=self._clock.now_ms(),
            trees=edge.trees,
            destinations=list(edge.destinations.values()),
            journal=edge.journal.facts,
            input=facts,
            counts=self._reads.counts(),
            tallies=self._reads.tallies(),
            high_water=edge.agent.high_water,
            free_bytes=edge.free_bytes,
            first_pass_done=edge.input.first_pass_done.is_set(),
            overflowed_lately=now_s - self._overflow_at_s < 300.0,
            logs=edge.logs.facts(),
            config=self.config,
            refusal=self.config.refusal_at(now_s),
            actions=edge.actions.facts(),
            centre=self.centre,
            centre_away_s=None if self.centre is None else self.centre.away_s(now_s),
            centre_silent_s=0.0 if self.centre is None else self.centre.silent_s(now_s),
        )
        return replace(snapshot, alarms=edge.alarms.look(_levels(snapshot)))


def _levels(snapshot: Snapshot) -> Levels:
    return Levels(
        pending_files=snapshot.pending_files,
        oldest_wait_s=snapshot.oldest_wait_s or 0.0,
        free_bytes=snapshot.free_bytes,
        dead_files=snapshot.counts.files.get(FileStatus.DEAD, 0),
        marks=snapshot.high_water,
        unreported=_unreported(snapshot.centre),
        resting={
            item.name: item.breaker.reason
            for item in snapshot.destinations
            if item.breaker.state is not BreakerState.CLOSED
        },
    )


def _unreported(centre: LinkFacts | None) -> float:
    return 0.0 if centre is None or centre.room is None else centre.room.share
