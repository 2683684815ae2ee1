"""One transaction of the journal: what happened since the last one, applied in order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gwf.agent.journal import statements as sql
from gwf.agent.model import Candidate, FileStatus, Outcome, Result, Work, show_path
from gwf.agent.transfer.retry import Decision
from gwf.core.settings.model import Identity

_SENDING, _READY, _DIRTY = int(FileStatus.SENDING), int(FileStatus.READY), int(FileStatus.DIRTY)


class Dispatcher(Protocol):
    """Where work goes once its row says SENDING."""

    def room(self, store: str) -> int:
        """Return how many more pieces of work `store` takes now; 0 while it rests or is unknown."""
        ...

    def deliver(self, store: str, works: list[Work]) -> None:
        """Take work over; called after the commit that marked it SENDING."""
        ...


@dataclass(slots=True)
class Memory:
    """What the writer keeps in memory between transactions; changed only after a commit."""

    #: ask the store first whether it holds a file already: the journal was rebuilt, or lost its end
    verify_first: bool = False
    #: stores that may have READY rows nobody was handed
    backlog: set[str] = field(default_factory=set[str])
    #: files being sent for which a newer version waits
    dirty: set[int] = field(default_factory=set[int])
    directories: dict[bytes, int] = field(default_factory=dict[bytes, int])


@dataclass(slots=True)
class Effects:
    """What becomes true when the transaction is committed."""

    works: dict[str, list[Work]] = field(default_factory=dict[str, list[Work]])
    ready: set[str] = field(default_factory=set[str])
    drained: set[str] = field(default_factory=set[str])
    dirty: set[int] = field(default_factory=set[int])
    freed: set[int] = field(default_factory=set[int])
    #: (result, outcome, decision) of finished work, for metrics and logs
    finished: list[tuple[Result, Outcome, Decision | None]] = field(
        default_factory=list[tuple[Result, Outcome, Decision | None]]
    )
    queued: int = 0
    callbacks: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])


class Turn:
    """Applies one round of operations inside an open transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        memory: Memory,
        dispatcher: Dispatcher,
        *,
        decide: Callable[[Outcome, int], Decision],
        now_ms: int,
    ) -> None:
        """`decide` is the retry policy."""
        self._sql = connection.cursor()
        self._memory = memory
        self._dispatcher = dispatcher
        self._decide = decide
        self._now_ms = now_ms
        # asked anew each time, because `gwf queue` may have written events too
        self._seq = int(self._sql.execute("SELECT coalesce(max(seq), 0) + 1 FROM outbox").fetchone()[0])
        self._events: list[tuple[int, int, str, int | None, int | None, str]] = []
        self._tallies: dict[str, tuple[int, str | None]] = {}
        self._room: dict[str, int] = {}
        self.effects = Effects()

    def enqueue(self, batch: Sequence[Candidate]) -> None:
        """Write finished versions; hand them out at once where a worker is free and nothing waits before them."""
        execute, now_ms = self._sql.execute, self._now_ms
        for item in batch:
            store, settings = item.route.store, item.route.settings
            state = int(item.status)
            if state == _READY and self._take_room(store):
                state = _SENDING
            by_content = settings.identity is Identity.CONTENT
            row = execute(
                sql.ENQUEUE,
                (
                    self._directory(item.directory), item.name, item.ino, item.size_bytes, item.mtime_ns, state, store,
                    settings.priority, by_content, item.key, now_ms, now_ms, now_ms, item.reason,
                    self._memory.verify_first,
                ),
            ).fetchone()  # fmt: skip
            if row is None:
                if state == _SENDING:
                    self._room[store] += 1
                continue
            self._entered(item, row, handed_out=state == _SENDING)

    def finish(self, outcomes: Iterable[Outcome]) -> None:
        """Write how work ended."""
        for outcome in outcomes:
            result = outcome.result
            if outcome.work.file_id in self._memory.dirty or outcome.work.file_id in self.effects.dirty:
                self._finish_dirty(outcome)
            elif result in {Result.DONE, Result.UNCHANGED}:
                self._finish_done(outcome)
            elif result is Result.FAILED:
                self._finish_failed(outcome)
            elif result is Result.RELEASED:
                self._sql.execute(sql.RELEASED, (outcome.work.file_id, outcome.work.gen))
                self.effects.ready.add(outcome.work.store)
            else:
                self._finish_closed(outcome)

    def vanished(self, directory: bytes, name: bytes) -> None:
        """Write that a file was gone before it was finished."""
        now_ms = self._now_ms
        row = self._sql.execute(sql.VANISHED, (self._directory(directory), name, now_ms, now_ms, now_ms)).fetchone()
        if row is not None:
            self.event("file.vanished", row[0], row[1], {"path": show_path(directory + b"/" + name)})
        self.tally("vanished")

    def gone(self, file_ids: Iterable[int]) -> None:
        """Write that known files are no longer on disk; those that still waited count as vanished."""
        for file_id in file_ids:
            row = self._sql.execute(sql.GONE, (self._now_ms, self._now_ms, file_id)).fetchone()
            if row is not None and row[0] == FileStatus.VANISHED and row[1] == self._now_ms:
                self.event("file.vanished", file_id, row[2], {})
                self.tally("vanished")

    def claim(self, stores: Iterable[str]) -> None:
        """Mark waiting rows SENDING for every store with room."""
        for store in stores:
            room = self._room_of(store)
            if room <= 0:
                continue
            rows = self._sql.execute(sql.CLAIM, (store, room)).fetchall()
            if len(rows) < room:
                self.effects.drained.add(store)
            works = sorted((_work(row) for row in rows), key=lambda work: (work.priority, work.queued_at_ms))
            self.effects.works.setdefault(store, []).extend(works)
            self._room[store] = room - len(works)

    def event(self, kind: str, file_id: int | None, gen: int | None, body: Mapping[str, object]) -> None:
        """Add an outbox row to this transaction."""
        self._events.append((self._seq, self._now_ms, kind, file_id, gen, json.dumps(body, ensure_ascii=False)))
        self._seq += 1

    def tally(self, name: str, value: int = 1, note: str | None = None) -> None:
        """Add to a lasting counter."""
        before = self._tallies.get(name, (0, None))
        self._tallies[name] = (before[0] + value, note if note is not None else before[1])

    def close(self) -> None:
        """Write events and counters."""
        if self._events:
            self._sql.executemany(sql.EVENT, self._events)
        for name, (value, note) in self._tallies.items():
            self._sql.execute(sql.TALLY, (name, value, self._now_ms, note))

    def _entered(self, item: Candidate, row: tuple[int, int, int, bytes | None], *, handed_out: bool) -> None:
        file_id, gen, state, sha256 = row
        store = item.route.store
        self.effects.queued += 1
        if state == _SENDING:
            self.effects.works.setdefault(store, []).append(
                Work(
                    file_id, gen, item.directory + b"/" + item.name, item.ino, item.size_bytes, item.mtime_ns, store,
                    item.key, item.route.settings.identity is Identity.CONTENT, 0, self._now_ms,
                    recovered=self._memory.verify_first, known_sha256=sha256, priority=item.route.settings.priority,
                )
            )  # fmt: skip
            return
        if handed_out:
            self._room[store] += 1
        if state == _DIRTY:
            self.effects.dirty.add(file_id)
        elif state == _READY:
            self.effects.ready.add(store)
        else:
            self.tally("skipped")
            path = show_path(item.directory + b"/" + item.name)
            self.event("file.skipped", file_id, gen, {"path": path, "reason": item.reason})

    def _finish_done(self, outcome: Outcome) -> None:
        work, receipt = outcome.work, outcome.receipt
        duration_ms = max(0, self._now_ms - work.queued_at_ms)
        outcome.latency_s = duration_ms / 1000
        reason = "content_unchanged" if outcome.result is Result.UNCHANGED else None
        etag = receipt.etag if receipt else None
        sha256 = receipt.checksums.sha256 if receipt else None
        digest = bytes.fromhex(sha256) if sha256 else work.known_sha256
        self._sql.execute(sql.DONE, (self._now_ms, duration_ms, work.key, etag, digest, reason, work.file_id, work.gen))
        body = {
            "path": show_path(work.path), "store": work.store, "key": work.key, "size_bytes": work.size_bytes,
            "etag": etag, "sha256": sha256, "attempt": work.attempts + 1, "duration_ms": duration_ms, "reason": reason,
        }  # fmt: skip
        self.event("file.done", work.file_id, work.gen, body)
        self.tally("done")
        self.tally("done_bytes", work.size_bytes)
        self.effects.finished.append((outcome.result, outcome, None))

    def _finish_failed(self, outcome: Outcome) -> None:
        work = outcome.work
        decision = self._decide(outcome, self._now_ms)
        error_class = str(outcome.error_class)
        self._sql.execute(
            sql.FAILED,
            (
                int(decision.status), self._now_ms, decision.charge, decision.next_at_ms, error_class,
                outcome.message, work.file_id, work.gen,
            ),
        )  # fmt: skip
        dead = decision.status is FileStatus.DEAD
        body = {
            "path": show_path(work.path), "store": work.store, "key": work.key, "error_class": error_class,
            "error_code": outcome.error_code, "message": outcome.message, "attempt": work.attempts + decision.charge,
            "next_at_ms": decision.next_at_ms or None,
        }  # fmt: skip
        self.event("file.dead" if dead else "file.failed", work.file_id, work.gen, body)
        self.tally("failed:" + error_class, note=outcome.message)
        if dead:
            self.tally("dead")
        self.effects.finished.append((outcome.result, outcome, decision))

    def _finish_closed(self, outcome: Outcome) -> None:
        work = outcome.work
        changed = outcome.result is Result.CHANGED
        status = FileStatus.SUPERSEDED if changed else FileStatus.VANISHED
        gone_at_ms = None if changed else self._now_ms
        self._sql.execute(sql.CLOSED, (int(status), self._now_ms, outcome.message, gone_at_ms, work.file_id, work.gen))
        word = "superseded" if changed else "vanished"
        body = {"path": show_path(work.path), "key": work.key, "reason": outcome.message}
        self.event("file." + word, work.file_id, work.gen, body)
        self.tally(word)
        self.effects.finished.append((outcome.result, outcome, None))

    def _finish_dirty(self, outcome: Outcome) -> None:
        """The row already holds a newer version: let it go on, whatever became of this one."""
        work = outcome.work
        self._sql.execute(sql.FREE_DIRTY, (work.file_id,))
        self.effects.freed.add(work.file_id)
        self.effects.ready.add(work.store)
        self.event("file.superseded", work.file_id, work.gen, {"path": show_path(work.path), "key": work.key})
        self.tally("superseded")
        self.effects.finished.append((Result.CHANGED, outcome, None))

    def _directory(self, path: bytes) -> int:
        known = self._memory.directories.get(path)
        if known is None:
            known = int(self._sql.execute(sql.DIRECTORY, (path,)).fetchone()[0])
            self._memory.directories[path] = known
        return known

    def _take_room(self, store: str) -> bool:
        if store in self._memory.backlog or store in self.effects.ready:
            return False
        room = self._room_of(store)
        if room <= 0:
            return False
        self._room[store] = room - 1
        return True

    def _room_of(self, store: str) -> int:
        room = self._room.get(store)
        if room is None:
            room = self._room[store] = self._dispatcher.room(store)
        return room


def _work(row: tuple[Any, ...]) -> Work:
    (
        file_id, gen, directory, name, ino, size_bytes, mtime_ns, store, key, by_content, attempts, queued_at_ms,
        recovered, upload_state, sha256, priority,
    ) = row  # fmt: skip
    return Work(
        file_id, gen, directory + b"/" + name, ino, size_bytes, mtime_ns, store, key, bool(by_content), attempts,
        queued_at_ms, bool(recovered), upload_state, sha256, priority,
    )  # fmt: skip
