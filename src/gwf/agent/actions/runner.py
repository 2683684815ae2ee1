"""Reads from the journal which files were verified, and runs their steps in threads of its own."""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
from collections import Counter
from pathlib import Path

from gwf.agent.actions.book import FILE_NAME, ActionBook
from gwf.agent.actions.feed import READ, READ_BY_NOBODY, EventFeed
from gwf.agent.actions.model import ActionFacts, Run, RunState
from gwf.agent.actions.perform import Performer
from gwf.agent.actions.plan import Steps
from gwf.agent.actions.proof import JournalProof, StoreOf
from gwf.agent.journal.notes import durable
from gwf.agent.journal.writer import Journal
from gwf.core.clock import Clock
from gwf.core.errors import CorruptDataError, GwfError
from gwf.core.settings.model import AgentSettings

IDLE_S = 1.0  #: longest sleep; runs of other processes and due waits are seen after it
CLEAR_EVERY_S = 600.0

log = logging.getLogger("gwf.agent.actions")


class ActionRunner:
    """The actions of one edge. Uploads never wait for it: it follows the journal at its own pace."""

    def __init__(
        self, agent: AgentSettings, *, journal: Journal, data_dir: Path, clock: Clock, store_of: StoreOf
    ) -> None:
        """Open the book if there is one, or if a step is configured.

        Raises:
            LocalIoError: The book cannot be opened.
        """
        self._agent = agent
        self._steps = Steps(agent)
        self._journal = journal
        self._data_dir = data_dir
        self._clock = clock
        self._store_of = store_of
        self._wake = threading.Event()
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        self._running: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._clear_at_s = 0.0
        self._parts: tuple[ActionBook, EventFeed, JournalProof] | None = None
        self._ended: Counter[RunState] = Counter()
        if self._steps or (data_dir / FILE_NAME).exists():
            self._open()
        else:  # a book that was taken away must not hold events back for ever
            journal.remember(READ, READ_BY_NOBODY)

    def start(self) -> None:
        """Begin to run what is due."""
        if self._parts is not None and self._thread is None and not self._halt.is_set():
            self._thread = threading.Thread(target=self._follow, name="gwf-actions", daemon=True)
            self._thread.start()

    def stop(self, deadline_s: float) -> int:
        """Tell running actions to stop, wait until `deadline_s` (monotonic); return how many remain."""
        self._halt.set()
        self._wake.set()
        threads = [*([self._thread] if self._thread else []), *self._running]
        for thread in threads:
            thread.join(max(0.1, deadline_s - time.monotonic()))
        left = sum(thread.is_alive() for thread in threads)
        if self._parts is not None and not left:
            book, feed, proof = self._parts
            for part in (feed, proof, book):
                part.close()
        return left

    def configure(self, agent: AgentSettings) -> None:
        """Go by other settings from now on; runs under way end as they began."""
        before, self._agent = self._agent, agent
        if agent.watch == before.watch and agent.actions == before.actions and agent.hostname == before.hostname:
            return
        self._steps = Steps(agent)
        if self._steps and self._parts is None:
            self._open()
            self.start()
        self._wake.set()

    def nudge(self) -> None:
        """Look at the journal soon: files were verified. Cheap; called after commits."""
        if self._parts is not None:
            self._wake.set()

    def counts(self) -> dict[RunState, int]:
        """Return how many runs are in each state; all 0 where nothing was ever configured."""
        return dict.fromkeys(RunState, 0) if self._parts is None else self._parts[0].counts()

    def runs_of(self, file_id: int) -> list[Run]:
        """Return what was, is or will be done with a file, oldest first."""
        return [] if self._parts is None else self._parts[0].of_file(file_id)

    def facts(self) -> ActionFacts:
        """Return present counts, for health and metrics; cheap, and never an error."""
        try:
            waiting = self._parts[0].open_counts() if self._parts is not None else {}
        except GwfError:
            waiting = {}  # the book is busy or its disk full: the journal's own fault tells of that
        with self._lock:
            return ActionFacts(waiting=waiting, ended=dict(self._ended))

    def _open(self) -> None:
        book = _open_book(self._data_dir, self._clock)
        recovered = book.give_back()
        if recovered:
            log.info("actions_recovered", extra={"runs": recovered})
        feed = EventFeed(self._journal.path, book, remember=self._journal.remember)
        proof = JournalProof(
            self._journal.path, write=lambda statement: durable(self._journal, statement), store_of=self._store_of
        )
        self._parts = (book, feed, proof)

    def _follow(self) -> None:
        while not self._halt.is_set():
            self._wake.clear()
            try:
                self._turn()
            except GwfError as exc:
                log.warning("actions_waiting", extra={"error": str(exc)})
                self._halt.wait(IDLE_S)
            except Exception:  # the edge of the thread: a bug must not end it
                log.exception("actions_crashed")
                self._halt.wait(IDLE_S)
            self._wake.wait(IDLE_S)

    def _turn(self) -> None:
        if self._parts is None:
            return
        book, feed, _ = self._parts
        while feed.read(self._steps) and not self._halt.is_set():
            pass
        while len(self._running) < self._agent.actions.at_once and not self._halt.is_set():
            run = book.claim()
            if run is None:
                break
            self._begin(run)
        if time.monotonic() >= self._clear_at_s:
            self._clear_at_s = time.monotonic() + CLEAR_EVERY_S
            book.clear()

    def _begin(self, run: Run) -> None:
        thread = threading.Thread(
            target=self._perform, args=(run, self._steps), name=f"gwf-action-{run.id}", daemon=True
        )
        with self._lock:
            self._running.add(thread)
        thread.start()

    def _perform(self, run: Run, steps: Steps) -> None:
        try:
            if self._parts is not None:
                book, _, proof = self._parts
                performer = Performer(
                    book=book, proof=proof, clock=self._clock, cancel=self._halt,
                    max_attempts=self._agent.actions.max_attempts,
                )  # fmt: skip
                ended = performer.execute(run, steps)
                with self._lock:
                    self._ended[ended.state] += 1
        except GwfError as exc:  # the book cannot be written: the run is given back at the next start
            log.error("action_not_written", extra={"run_id": run.id, "error": str(exc)})
        finally:
            with self._lock:
                self._running.discard(threading.current_thread())
            self._wake.set()


def _open_book(data_dir: Path, clock: Clock) -> ActionBook:
    """Open the book; a damaged one is set aside: files whose actions it held stay where they are."""
    try:
        return ActionBook(data_dir, clock)
    except CorruptDataError as exc:
        path = data_dir / FILE_NAME
        names = (path.with_name(f"{FILE_NAME}.damaged-{number}") for number in itertools.count(1))
        aside = next(name for name in names if not name.exists())
        for ending in ("-wal", "-shm", ""):
            part = Path(f"{path}{ending}")
            if part.exists():
                os.replace(part, f"{aside}{ending}")
        log.error("actions_damaged", extra={"error": str(exc), "kept_as": str(aside)})
        return ActionBook(data_dir, clock)
