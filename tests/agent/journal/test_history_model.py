from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gwf.agent.journal import writer
from gwf.agent.model import FIRST_CLOSED, FileStatus, Result, Work
from tests.agent.journal.rig import Rig

NAMES = ("a", "b", "dir/c")
names = st.sampled_from(NAMES)


class AnyHistory(RuleBasedStateMachine):
    """A journal lives through writes, results, crashes and failed commits; a dictionary says what must be true."""

    def __init__(self) -> None:
        super().__init__()
        writer.RETRY_S = 0.0
        self.directory = tempfile.TemporaryDirectory()
        self.rig = Rig(Path(self.directory.name))
        self.rig.hands.capacity["default"] = 2
        #: newest version on disk of files that exist
        self.disk: dict[str, int] = {}
        #: every version is another, also after a deletion
        self.versions = 0
        #: versions whose confirmation was committed
        self.confirmed: set[tuple[str, int]] = set()
        self.reported: list[tuple[str, int]] = []
        self.seen_work = 0
        self.recheck: list[str] = []

    @rule(name=names)
    def write_a_new_version(self, name: str) -> None:
        self.versions += 1
        self.disk[name] = self.versions
        self._enqueue(name)

    @rule(name=names)
    def tell_of_a_file_again(self, name: str) -> None:
        if name in self.disk:
            self._enqueue(name)

    @rule(which=st.integers(0, 10), result=st.sampled_from([Result.DONE, Result.DONE, Result.UNCHANGED]))
    def confirm(self, which: int, result: Result) -> None:
        if work := self._pick(which):
            self.rig.report(work, result)
            self.reported.append(version_of(work))

    @rule(which=st.integers(0, 10), retryable=st.booleans())
    def fail(self, which: int, retryable: bool) -> None:
        if work := self._pick(which):
            self.rig.report(work, Result.FAILED, retryable=retryable)

    @rule(which=st.integers(0, 10), result=st.sampled_from([Result.RELEASED, Result.CHANGED, Result.DEFERRED]))
    def give_back(self, which: int, result: Result) -> None:
        if work := self._pick(which):
            self.rig.report(work, result)
            if result is Result.CHANGED:
                self.recheck.append(version_of(work)[0])

    @rule(seconds=st.sampled_from([0.0, 0.3, 5.0, 700.0]))
    def write_down(self, seconds: float) -> None:
        self.rig.step(advance_s=seconds)
        self._committed()

    @rule()
    def a_commit_fails(self) -> None:
        self.rig.fail_next_commit()
        self.rig.step()

    @rule(room=st.integers(0, 3))
    def room_changes(self, room: int) -> None:
        self.rig.hands.capacity["default"] = max(room, len(self.rig.hands.held))

    @rule()
    def the_process_is_killed_and_started_again(self) -> None:
        self.reported.clear()
        self.recheck.clear()
        self.rig.crash()
        self._walk()

    @rule(which=st.integers(0, 10))
    def a_file_is_deleted_before_it_is_sent(self, which: int) -> None:
        if work := self._pick(which):
            self.rig.report(work, Result.VANISHED)
            self.disk.pop(version_of(work)[0], None)

    @invariant()
    def no_confirmed_version_is_handed_out_again(self) -> None:
        for work in self.rig.hands.ever[self.seen_work :]:
            assert version_of(work) not in self.confirmed, "a confirmed version was handed out again"
        self.seen_work = len(self.rig.hands.ever)

    @invariant()
    def no_file_is_in_two_hands(self) -> None:
        ids = [work.file_id for work in self.rig.hands.held]
        assert len(ids) == len(set(ids))

    def teardown(self) -> None:
        try:
            self._finish_everything()
            self._nothing_is_left_or_forgotten()
        finally:
            self.rig.close()
            self.directory.cleanup()

    def _finish_everything(self) -> None:
        self.rig.hands.capacity["default"] = 10
        for _ in range(12):
            self.rig.step(advance_s=700.0)
            self.no_confirmed_version_is_handed_out_again()
            self._committed()
            for work in list(self.rig.hands.held):
                self.rig.report(work)
                self.reported.append(version_of(work))

    def _nothing_is_left_or_forgotten(self) -> None:
        rows = {name.decode(): (state, version) for name, state, version in self.rig.rows("name, state, ino")}
        for name, version in self.disk.items():
            state, known = rows[name.rpartition("/")[2]]
            assert known == version
            assert state in {FileStatus.DONE, FileStatus.DEAD}, f"{name} is left {FileStatus(state).name}"
        assert not [row for row in rows.values() if row[0] < FIRST_CLOSED and row[0] != FileStatus.DEAD]

    def _committed(self) -> None:
        """Note what is durable now, and look again at files that had changed, as the engine does."""
        if self.rig.journal._has_input():
            return  # a commit failed: what was reported may still have to be written
        self.confirmed.update(self.reported)
        self.reported.clear()
        for name in self.recheck:
            if name in self.disk:
                self._enqueue(name)
        self.recheck.clear()

    def _walk(self) -> None:
        for name in self.disk:
            self._enqueue(name)

    def _enqueue(self, name: str) -> None:
        self.rig.journal.enqueue([self.rig.candidate(name, version=self.disk[name])])

    def _pick(self, which: int) -> Work | None:
        held = self.rig.hands.held
        return held[which % len(held)] if held else None


def version_of(work: Work) -> tuple[str, int]:
    """Return name and version of a piece of work."""
    name = work.path.rpartition(b"/")[2].decode()
    return ("dir/c" if name == "c" else name), work.ino


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
