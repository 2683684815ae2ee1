"""A running file input over a real directory, with a real journal that only notes what it was given."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.inputs.files.intake import FileInput
from gwf.agent.inputs.files.tree import WatchedTree
from gwf.agent.journal.effects import Effects
from gwf.agent.journal.index import JournalIndex
from gwf.agent.journal.writer import Journal
from gwf.agent.model import Outcome, Result
from gwf.agent.transfer.retry import RetryPolicy
from gwf.core.clock import SystemClock
from gwf.core.settings.model import RetrySettings
from tests.agent.journal.rig import Hands, receipt_of
from tests.agent.waiting import until

QUICK: dict[str, Any] = {"settle": 0.05, "silence": 0.4}


class Watching:
    """What a running input found so far."""

    def __init__(self, journal: Journal, hands: Hands, source: FileInput) -> None:
        self.journal = journal
        self.hands = hands
        self.input = source

    def paths(self) -> list[bytes]:
        """Return the paths of all versions handed out, in order."""
        return [work.path for work in self.hands.ever]

    def await_paths(self, expected: set[Path], *, within_s: float = 20.0) -> None:
        """Wait until exactly these files were found, each once."""
        wanted = sorted(map(os.fsencode, expected))
        until(lambda: len(self.hands.ever) >= len(wanted), within_s=within_s)
        assert sorted(self.paths()) == wanted

    def await_quiet(self) -> None:
        """Wait until nothing settles and everything found is written down."""
        until(self.input.first_pass_handed_on)

    def finish_all(self) -> None:
        """Report every piece of work as confirmed, and wait until that is durable."""
        before = self.journal.facts.commits_total
        held, self.hands.held = self.hands.held, []
        for work in held:
            self.journal.finish(Outcome(work, Result.DONE, receipt_of(work)))
        if held:
            until(lambda: self.journal.facts.commits_total > before + 1)


@contextmanager
def watching(
    data: Path,
    *trees: WatchedTree,
    interval_s: float = 600.0,
    admits: Callable[[], bool] = lambda: True,
    use_inotify: bool = True,
) -> Generator[Watching]:
    """Watch `trees` until the block ends; wait first until they were walked once."""
    hands = Hands()
    for tree in trees:
        hands.capacity[tree.settings.store] = 100_000

    def rechecks(effects: Effects) -> None:
        for result, outcome, _ in effects.finished:
            if result is Result.CHANGED:
                source.recheck(outcome.work.path)

    journal = Journal(
        data / "journal.db", clock=SystemClock(), retry=RetryPolicy(RetrySettings()), on_committed=rechecks
    )
    journal.attach(hands, sorted(hands.capacity))
    source = FileInput(
        trees,
        intake=journal,
        open_index=lambda: JournalIndex(journal.path),
        clock=SystemClock(),
        reconcile_interval_s=interval_s,
        admits=admits,
        use_inotify=use_inotify,
    )
    journal.start()
    source.start()
    try:
        until(source.first_pass_done.is_set)
        yield Watching(journal, hands, source)
    finally:
        source.stop()
        journal.stop()


def make_files(directory: Path, count: int) -> list[Path]:
    """Write `count` small files, some of them deeper; return their paths below `directory`."""
    names = [Path(str(number)) if number < 10 else Path(f"s{number % 7}") / f"t{number % 3}" / str(number)
             for number in range(count)]  # fmt: skip
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return names


class small_event_queue:  # noqa: N801 — reads as a context manager
    """The kernel keeps only a few events per watcher opened meanwhile; needs root."""

    LIMIT = Path("/proc/sys/fs/inotify/max_queued_events")

    def __enter__(self) -> None:
        self.before = self.LIMIT.read_text()
        try:
            self.LIMIT.write_text("30")
        except OSError:
            pytest.skip("the size of the kernel's event queue may not be changed here")

    def __exit__(self, *_: object) -> None:
        self.LIMIT.write_text(self.before)
