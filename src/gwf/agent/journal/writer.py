"""The journal's one writer: groups everything that happens into few synced transactions."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gwf.agent.journal import statements as sql
from gwf.agent.journal.effects import Dispatcher, Effects, Memory
from gwf.agent.journal.notes import Statement
from gwf.agent.journal.schema import open_for_writing
from gwf.agent.journal.switches import Orders, SwitchDesk, load_switches
from gwf.agent.journal.turn import Turn
from gwf.agent.journal.upkeep import SUSPECT, Upkeep
from gwf.agent.model import Candidate, Outcome, Result, Work
from gwf.agent.transfer.retry import RetryPolicy
from gwf.core.clock import Clock
from gwf.core.errors import CorruptDataError, LocalIoError
from gwf.core.faults import kill_point

GATHER_S = 0.002  #: pause after waking, so that one commit carries many changes
GATHER_BUSY_S = 0.05  #: the same while much goes on: workers have enough in hand meanwhile
MUCH = 20  #: outcomes in one commit
AGAIN_S = 0.25  #: longest sleep while files wait for room at a store
IDLE_S = 0.5  #: the same while none do: what other processes wrote is seen after it
MAX_FILES = 2000  #: about as many new files in one transaction: bounds the time a finished upload waits
RETRY_S = 0.5  #: pause after a failed commit

log = logging.getLogger("gwf.agent.journal")


@dataclass(slots=True)
class JournalFacts:
    """State of the journal for health and metrics."""

    #: None while it can be written; else the system's message
    fault: str | None = None
    commits_total: int = 0
    commit_failures_total: int = 0
    #: files put back into the queue by the last start, because they were being sent when the process died
    recovered: int = 0
    #: files waiting to be sent at the last count, some seconds ago
    pending: int = 0
    #: pieces of work that could not be written because of an error in the program; see the log
    dropped_total: int = 0


@dataclass(slots=True)
class _Round:
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    batches: list[Sequence[Candidate]] = field(default_factory=list[Sequence[Candidate]])
    statements: list[Statement] = field(default_factory=list[Statement])

    def __bool__(self) -> bool:
        return bool(self.outcomes or self.batches or self.statements)

    def pieces(self) -> list[_Round]:
        """Return the same as rounds of one thing each."""
        return [
            *(_Round(outcomes=[outcome]) for outcome in self.outcomes),
            *(_Round(batches=[[item]]) for batch in self.batches for item in batch),
            *(_Round(statements=[statement]) for statement in self.statements),
        ]


class Journal(threading.Thread):
    """Writes the journal. Its methods are thread-safe and, except where said, return before the commit."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        retry: RetryPolicy,
        on_committed: Callable[[Effects], None],
        multipart_bytes: int = 0,
        max_pages: int | None = None,
    ) -> None:
        """Open the journal and put back what was being sent when the last process ended.

        `multipart_bytes` is the smallest size of which a store sends files in parts.
        `on_committed` runs in the writer's thread after each commit and must be quick.

        Raises:
            InputError: The file cannot be opened.
            CorruptDataError: It is damaged; `gwf queue doctor` mends it.
        """
        super().__init__(name="gwf-journal", daemon=True)
        self.path = path
        self._connection = open_for_writing(path, max_pages=max_pages)
        self._clock = clock
        self._retry = retry
        self._on_committed = on_committed
        self._multipart_bytes = multipart_bytes
        self._dispatcher: Dispatcher | None = None
        self._wake = threading.Event()
        self._halt = threading.Event()
        self._outcomes: deque[Outcome] = deque()
        self._batches: deque[Sequence[Candidate]] = deque()
        self._statements: deque[Statement] = deque()
        self._unwritten: _Round | None = None
        self._much = False
        self._stores: tuple[str, ...] = ()
        self.facts = JournalFacts()
        self._recover()
        self._memory = Memory(
            next_id=self._max_id() + 1,
            verify_first=self._was_rebuilt(),
            switches=load_switches(self._connection),
            orders=Orders(self._connection),
        )
        #: switches and orders of people
        self.desk = SwitchDesk(self.submit, self._memory.switches, self._memory.orders)
        self._upkeep = Upkeep(clock, self._memory)

    def attach(self, dispatcher: Dispatcher, stores: Sequence[str]) -> None:
        """Name the destinations and who takes their work; call before `start`."""
        self._dispatcher = dispatcher
        self._stores = tuple(stores)
        self._memory.backlog.update(stores)
        self._connection.execute("BEGIN IMMEDIATE")
        orphans = self._upkeep.attach(self._connection, self._stores)
        self._connection.execute("COMMIT")
        for orphan_id, store, upload_state in orphans:
            if upload_state.startswith(SUSPECT):
                dispatcher.suspect(store, orphan_id, upload_state.removeprefix(SUSPECT))
            else:
                dispatcher.abandon(store, orphan_id, upload_state)

    def serve(self, stores: Sequence[str]) -> None:
        """Hand work to these destinations from now on, in place of those named before. Thread-safe."""
        self._stores = tuple(stores)
        self.submit(self._upkeep.serving(self._stores))

    def set_retry(self, retry: RetryPolicy) -> None:
        """Decide by another policy from now on; waits that run end as they were planned."""
        self._retry = retry

    def forget_strays(self, then: Callable[[], None]) -> None:
        """Forget waiting files of stores that are no longer served; call `then` when that is durable, if any were."""
        self.submit(self._upkeep.forgetting(then))

    # -- what inputs and workers say -------------------------------------------------------------------

    def enqueue(self, batch: Sequence[Candidate]) -> None:
        """Write finished versions; known versions are left as they are."""
        self._batches.append(batch)
        self._wake.set()

    def finish(self, outcome: Outcome) -> None:
        """Write how a piece of work ended."""
        self._outcomes.append(outcome)
        if not self._wake.is_set():
            self._wake.set()

    def vanished(self, path: bytes) -> None:
        """Write that a file was gone before it was finished."""
        directory, _, name = path.rpartition(b"/")
        self.submit(lambda turn, _: turn.vanished(directory, name))

    def gone(self, file_ids: Sequence[int]) -> None:
        """Write that files the journal knows are no longer on disk."""
        self.submit(lambda turn, _: turn.gone(file_ids))

    def directory_complete(self, directory: bytes, fingerprint: bytes) -> None:
        """Write that every file of a directory is in the journal as `fingerprint` describes them."""
        self.submit(lambda _, connection: _execute(connection, sql.FINGERPRINT, (fingerprint, directory)))

    def remember(self, name: str, value: str) -> None:
        """Keep a small fact over restarts."""
        self.submit(lambda _, connection: _execute(connection, sql.FACT, (name, value)))

    def orphan_gone(self, orphan_id: int) -> None:
        """Write that an abandoned upload was aborted."""
        self.submit(lambda _, connection: _execute(connection, sql.ORPHAN_GONE, (orphan_id,)))

    def trust_journal(self) -> None:
        """Stop asking stores first: every file was compared since the journal was rebuilt."""
        if self._memory.verify_first:
            self._memory.verify_first = False
            self.remember("rebuilt", "no")

    def waiting_batches(self) -> int:
        """Return how many enqueue calls are not yet written."""
        return len(self._batches)

    # -- the thread ------------------------------------------------------------------------------------

    def run(self) -> None:
        """Write until stopped; what cannot be written is kept and tried again."""
        while not self._halt.is_set():
            woken = self._wake.wait(self._sleep_s())
            self._wake.clear()
            if woken:
                self._halt.wait(GATHER_BUSY_S if self._much else GATHER_S)
            self._turn()
        while self._has_input() and self._turn():
            pass

    def stop(self) -> None:
        """Write what was said so far, end the thread and close the file."""
        self._halt.set()
        self._wake.set()
        if self.is_alive():
            self.join()
        self._connection.close()

    def submit(self, statement: Statement) -> None:
        """Let a piece of the next transaction be written; see `notes` for those that there are."""
        self._statements.append(statement)
        self._wake.set()

    def _sleep_s(self) -> float:
        most_s = AGAIN_S if self._memory.backlog else IDLE_S
        return max(0.0, min(most_s, self._upkeep.due_s() - self._clock.monotonic_s()))

    def _has_input(self) -> bool:
        return bool(self._unwritten or self._outcomes or self._batches or self._statements)

    def _turn(self) -> bool:
        """Write one transaction; return False if that failed."""
        round_ = self._unwritten or self._gather()
        now_s = self._clock.monotonic_s()
        if not round_ and not self._upkeep.due(self._connection, now_s) and not self._claimable():
            return True
        try:
            effects = self._commit(round_, now_s)
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as exc:
            if isinstance(exc, (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError)):
                return self._isolate(round_, exc, now_s)
            self._failed(round_, exc)
            return False
        except Exception as exc:  # noqa: BLE001 — the edge of the thread: a bug must not end the only writer
            return self._isolate(round_, exc, now_s)
        self._succeeded(effects)
        return True

    def _isolate(self, round_: _Round, exc: Exception, now_s: float) -> bool:
        """Write a round piece by piece, so that one piece that cannot be written does not hold up all others."""
        self._undo()
        pieces = round_.pieces()
        if len(pieces) <= 1:
            log.error("journal_piece_dropped", exc_info=exc, extra={"piece": repr(round_)[:500]})
            self.facts.dropped_total += 1
            self._unwritten = None
            return True
        for number, piece in enumerate(pieces):
            try:
                self._succeeded(self._commit(piece, now_s))
            except sqlite3.OperationalError as failure:
                rest = _Round()
                for later in pieces[number:]:
                    rest.outcomes += later.outcomes
                    rest.batches += later.batches
                    rest.statements += later.statements
                self._failed(rest, failure)
                return False
            except Exception as poison:  # noqa: BLE001 — as above; it is logged where it is dropped
                self._isolate(piece, poison, now_s)
        self._unwritten = None
        return True

    def _succeeded(self, effects: Effects) -> None:
        self._unwritten = None
        if self.facts.fault is not None:
            log.info("journal_recovered", extra={"path": str(self.path)})
            self.facts.fault = None
        self._committed(effects)

    def _gather(self) -> _Round:
        round_ = _Round()
        while self._outcomes:
            round_.outcomes.append(self._outcomes.popleft())
        files = 0
        while self._batches and files < MAX_FILES:
            round_.batches.append(self._batches.popleft())
            files += len(round_.batches[-1])
        while self._statements:
            round_.statements.append(self._statements.popleft())
        if self._batches:
            self._wake.set()
        self._much = len(round_.outcomes) > MUCH
        return round_

    def _commit(self, round_: _Round, now_s: float) -> Effects:
        connection, memory = self._connection, self._memory
        if self._dispatcher is None:
            raise RuntimeError("attach a dispatcher before starting the journal")
        connection.execute("BEGIN IMMEDIATE")
        turn = Turn(connection, memory, self._dispatcher, decide_failed=self._retry.decide, now_ms=self._clock.now_ms())
        self._upkeep.heed_clock(turn, connection, now_s)
        turn.finish(round_.outcomes)
        for batch in round_.batches:
            turn.enqueue(batch)
        for statement in round_.statements:
            statement(turn, connection)
        self.facts.pending = self._upkeep.run(turn, connection, now_s, wrote=bool(round_))
        turn.claim(store for store in self._stores if store in memory.backlog or store in turn.effects.ready)
        next_id = turn.close()
        self._kill_points(round_, turn.effects, before=True)
        connection.execute("COMMIT")
        self._kill_points(round_, turn.effects, before=False)
        memory.next_id = next_id
        return turn.effects

    def _committed(self, effects: Effects) -> None:
        memory = self._memory
        memory.backlog |= effects.ready
        memory.backlog -= effects.drained
        memory.dirty -= effects.freed
        memory.dirty |= effects.dirty
        self.facts.commits_total += 1
        for callback in effects.callbacks:
            callback()
        for store, works in effects.works.items():
            if works:
                self._deliver(store, works)
        if self._dispatcher is not None:
            for orphan in effects.orphans:
                self._dispatcher.abandon(*orphan)
        try:
            self._on_committed(effects)
        except Exception:  # views and logs must not end the only writer
            log.exception("journal_observer_crashed")

    def _deliver(self, store: str, works: list[Work]) -> None:
        """Hand work over; what cannot be taken (no more threads, say) goes back into the queue."""
        try:
            if self._dispatcher is not None:
                self._dispatcher.deliver(store, works)
        except Exception:
            log.exception("work_not_delivered", extra={"store": store, "files": len(works)})
            self._outcomes.extend(Outcome(work, Result.RELEASED) for work in works)

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._memory.directories.clear()

    def _failed(self, round_: _Round, exc: Exception) -> None:
        """Undo, keep what was to be written, and say so; it is tried again until it works."""
        self._undo()
        self._unwritten = round_
        self.facts.commit_failures_total += 1
        if self.facts.fault is None:
            log.error("journal_write_failed", extra={"path": str(self.path), "error": str(exc)})
        self.facts.fault = str(exc)
        self._halt.wait(RETRY_S)

    def _claimable(self) -> bool:
        dispatcher = self._dispatcher
        return dispatcher is not None and any(dispatcher.room(store) > 0 for store in self._memory.backlog)

    def _max_id(self) -> int:
        return int(self._connection.execute("SELECT coalesce(max(id), 0) FROM files").fetchone()[0])

    def _was_rebuilt(self) -> bool:
        row = self._connection.execute("SELECT value FROM facts WHERE name='rebuilt'").fetchone()
        return row is not None and row[0] == "yes"

    def _recover(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(sql.SUSPECTS, (self._multipart_bytes,))
            self.facts.recovered = self._connection.execute(sql.RECOVER).rowcount
            now_ms = self._clock.now_ms()
            self._connection.execute(sql.STRANDED, (now_ms, now_ms + self._retry.longest_ms))
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as exc:
            raise LocalIoError("the journal cannot be written", path=str(self.path), problem=str(exc)) from exc
        except sqlite3.DatabaseError as exc:
            raise CorruptDataError("the journal is damaged", path=str(self.path), problem=str(exc)) from exc

    @staticmethod
    def _kill_points(round_: _Round, effects: Effects, *, before: bool) -> None:
        if effects.queued:
            kill_point("before_enqueue_commit" if before else "after_enqueue_commit")
        if effects.works and not before:
            kill_point("after_claim_commit")
        if round_.outcomes:
            kill_point("before_ack_commit" if before else "after_ack_commit")


def _execute(connection: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    connection.execute(statement, values)
