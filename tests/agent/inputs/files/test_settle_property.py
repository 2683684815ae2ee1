from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gwf.agent.inputs.files.lease import Probe, Verdict
from gwf.agent.inputs.files.settle import MAX_RECHECK_S, SettleTable
from tests.agent.trees import make_tree

SETTLE_S, SILENCE_S = 1.0, 10.0
START_NS = 10**18
paths = st.sampled_from([b"/w/a", b"/w/b", b"/w/c"])


@dataclass
class Live:
    """What must be true of one file that is settling."""

    changed_s: float
    size: int
    #: a close was seen, so that a further write means a writer who comes back
    closed: bool
    rewritten: bool
    #: last notice; None for a file that only a walk knows
    told_s: float | None


class Settle(RuleBasedStateMachine):
    """Any order of notices, walks, looks and time."""

    def __init__(self) -> None:
        super().__init__()
        self.table = SettleTable()
        self.tree = make_tree(Path("/w"), settle=SETTLE_S, silence=SILENCE_S)
        self.now_s = 1000.0
        self.live: dict[bytes, Live] = {}
        self.finished_s: dict[bytes, float] = {}

    @rule(path=paths, closed=st.booleans())
    def write(self, path: bytes, closed: bool) -> None:
        before = self.live.get(path)
        self.table.written(path, self.tree, self.now_s, closed=closed)
        rewritten = (before.rewritten or before.closed) if before else self._returns(path)
        self.live[path] = Live(
            self.now_s,
            before.size + 1 if before else 1,
            closed or (before is not None and before.closed),
            rewritten,
            self.now_s,
        )

    @rule(path=paths, age_s=st.sampled_from([0.0, 3.0, 500.0]))
    def find(self, path: bytes, age_s: float) -> None:
        self.table.found(path, self.tree, self.now_s, age_s=age_s)
        if path not in self.live:
            self.live[path] = Live(self.now_s - age_s, 1, closed=False, rewritten=self._returns(path), told_s=None)

    @rule(path=paths)
    def delete(self, path: bytes) -> None:
        assert (self.table.gone(path) is not None) == (path in self.live)
        self.live.pop(path, None)
        self.finished_s.pop(path, None)

    @rule(seconds=st.sampled_from([0.0, 0.3, 1.0, 4.0, 10.0, 31.0]))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    @rule(limit=st.integers(1, 4), verdict=st.sampled_from([Verdict.FREE, Verdict.BUSY, Verdict.UNKNOWN]))
    def look(self, limit: int, verdict: Verdict) -> None:
        taken = self.table.take_due(self.now_s, limit)
        assert len(taken) <= limit
        assert len({entry.path for entry in taken}) == len(taken)
        for entry in taken:
            state = self.live[entry.path]
            mtime_ns = START_NS + round(state.changed_s * 1e9)
            probe = Probe(verdict, 7, state.size, mtime_ns)
            if self.table.judge(entry, probe, self.now_s, START_NS + round(self.now_s * 1e9)):
                self._check_finished(entry.path, state, verdict)
                self.table.settled(entry, self.now_s)
                del self.live[entry.path]
                self.finished_s[entry.path] = self.now_s

    @invariant()
    def the_table_holds_exactly_the_live_files(self) -> None:
        assert {entry.path for entry in self.table.entries()} == set(self.live)
        assert len(self.table) == len(self.live)

    def teardown(self) -> None:
        for _ in range(12):
            self.now_s += MAX_RECHECK_S + SILENCE_S
            self.look(10, Verdict.FREE)
        assert not self.live, "a live file was lost"

    def _check_finished(self, path: bytes, state: Live, verdict: Verdict) -> None:
        assert verdict is not Verdict.BUSY
        quiet_s = self.now_s - state.changed_s
        assert quiet_s >= (SILENCE_S if verdict is Verdict.UNKNOWN or state.rewritten else 0) - 1e-6
        if state.told_s is not None:
            assert self.now_s - state.told_s >= SETTLE_S - 1e-6

    def _returns(self, path: bytes) -> bool:
        return path in self.finished_s and self.now_s - self.finished_s[path] < 2 * SILENCE_S


TestSettle = Settle.TestCase
TestSettle.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
