from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gwf.agent.journal.effects import Effects
from gwf.agent.journal.upload_record import UploadRecords
from gwf.agent.journal.writer import Journal
from gwf.agent.model import Outcome, Result, Work
from gwf.agent.transfer.retry import RetryPolicy
from gwf.core.clock import SystemClock
from gwf.core.settings.model import RetrySettings
from gwf.storage.model import MultipartState, Part
from tests.agent.journal.rig import Hands, Rig
from tests.agent.trees import make_tree
from tests.agent.waiting import until

DAY_S = 86_400.0


def test_a_crash_in_whoever_listens_does_not_end_the_writer(tmp_path: Path) -> None:
    crashed: list[Effects] = []

    def listen(effects: Effects) -> None:
        if not crashed:
            crashed.append(effects)
            raise RuntimeError("listener")

    with running_journal(tmp_path, listen) as (journal, hands, rig_candidate):
        journal.enqueue([rig_candidate("a")])
        until(lambda: crashed)
        journal.enqueue([rig_candidate("b")])
        until(lambda: len(hands.ever) == 2)


def test_work_that_cannot_be_delivered_is_delivered_later(tmp_path: Path) -> None:
    class Clumsy(Hands):
        stumbled = False

        def deliver(self, store: str, works: list[Work]) -> None:
            if not self.stumbled:
                self.stumbled = True
                raise RuntimeError("can't start new thread")
            super().deliver(store, works)

    with running_journal(tmp_path, lambda _: None, Clumsy()) as (journal, hands, rig_candidate):
        journal.enqueue([rig_candidate("a")])
        until(lambda: len(hands.ever) == 1, within_s=5)


class running_journal:  # noqa: N801 — reads as a context manager
    """A journal with its own thread and the real clock."""

    def __init__(self, directory: Path, listen: Callable[[Effects], None], hands: Hands | None = None) -> None:
        self.hands = hands or Hands()
        retry = RetryPolicy(RetrySettings(base=0.05, cap=0.05))
        self.journal = Journal(directory / "journal.db", clock=SystemClock(), retry=retry, on_committed=listen)
        self.journal.attach(self.hands, ("default",))
        self._maker = Rig.__new__(Rig)
        self._maker.tree = make_tree(directory)

    def __enter__(self) -> tuple[Journal, Hands, Callable[..., Any]]:
        self.journal.start()
        return self.journal, self.hands, self._maker.candidate

    def __exit__(self, *_: object) -> None:
        self.journal.stop()


def test_many_threads_may_speak_at_once_and_all_is_written(tmp_path: Path) -> None:
    with running_journal(tmp_path, lambda _: None) as (journal, hands, candidate):
        hands.capacity["default"] = 10_000

        def speak(number: int) -> None:
            for step in range(50):
                journal.enqueue([candidate(f"{number}-{step}")])
                journal.vanished(b"/gone/%d-%d" % (number, step))

        threads = [threading.Thread(target=speak, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: len(hands.ever) == 400)
    assert len({work.path for work in hands.ever}) == 400


def test_what_was_said_before_stop_is_written(tmp_path: Path) -> None:
    with running_journal(tmp_path, lambda _: None) as (journal, hands, candidate):
        journal.enqueue([candidate("a")])
        until(lambda: hands.held)
        journal.finish(Outcome(hands.held[0], Result.RELEASED))
        hands.capacity["default"] = 0
    assert len(hands.ever) == 1


def test_an_upload_is_durable_when_the_call_returns_and_its_parts_soon_after(tmp_path: Path) -> None:
    with running_journal(tmp_path, lambda _: None) as (journal, hands, candidate):
        journal.enqueue([candidate("a")])
        work = until(lambda: hands.held)[0]
        uploads = UploadRecords(journal, journal.path)
        uploads.of(work).begun(MultipartState(key="a", upload_id="u", size_bytes=9, part_size_bytes=5))
        rig = Rig.__new__(Rig)
        rig.path = journal.path
        assert rig.rows("upload_state") == [(work.upload_state,)]
        parts = (Part(number=1, size_bytes=5, etag="e1"), Part(number=2, size_bytes=4, etag="e2"))
        for part in reversed(parts):
            uploads.of(work).stored(part)
        assert until(lambda: len(found := uploads.parts(work)) == 2 and found) == parts
