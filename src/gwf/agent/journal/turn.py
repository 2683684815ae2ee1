"""One transaction of the journal: what happened since the last one, applied in order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from gwf.agent.journal import statements as sql
from gwf.agent.journal.days import day_tally
from gwf.agent.journal.effects import Dispatcher, Effects, Memory
from gwf.agent.journal.entry import Change, Known, decide, known_from, looks_like
from gwf.agent.journal.handout import Handout
from gwf.agent.journal.switches import HELD, hold
from gwf.agent.model import (
    CHANGED_BEFORE,
    DELIVERED,
    IGNORED,
    Candidate,
    FileStatus,
    Outcome,
    Result,
    Work,
    show_path,
)
from gwf.agent.transfer.retry import Decision
from gwf.core.settings.model import Identity

_SENDING, _READY, _DIRTY = int(FileStatus.SENDING), int(FileStatus.READY), int(FileStatus.DIRTY)
_NOT_TRIED = frozenset({Result.RELEASED, Result.DEFERRED, Result.HELD})
_to_json = msgspec.json.Encoder().encode


@dataclass(slots=True)
class _Entry:
    """How a new version enters its row."""

    file_id: int
    gen: int
    state: int
    #: ask the store first: it may hold these bytes already
    verify: bool
    sha256: bytes | None = None
    #: an upload of the version before that this one goes on with
    upload_state: str | None = None


class Turn:
    """Applies one round of operations inside an open transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        memory: Memory,
        dispatcher: Dispatcher,
        *,
        decide_failed: Callable[[Outcome, int], Decision],
        now_ms: int,
    ) -> None:
        """`decide_failed` is the retry policy."""
        self._sql = connection.cursor()
        self._memory = memory
        self._dispatcher = dispatcher
        self._decide_failed = decide_failed
        #: wall time of this transaction
        self.now_ms = now_ms
        # asked anew each time, because `gwf queue` may have written events too
        self._seq = int(self._sql.execute("SELECT coalesce(max(seq), 0) + 1 FROM outbox").fetchone()[0])
        self._next_id = memory.next_id
        self._events: list[tuple[int, int, str, int | None, int | None, str]] = []
        self._tallies: dict[str, tuple[int, str | None]] = {}
        self.effects = Effects()
        self._handout = Handout(self._sql, memory=memory, dispatcher=dispatcher, effects=self.effects)

    # -- new versions ----------------------------------------------------------------------------------

    def enqueue(self, batch: Sequence[Candidate]) -> None:
        """Write finished versions; hand them out at once where there is room and nothing waits before them."""
        for at in range(0, len(batch), sql.ROWS):
            self._enqueue_some(batch[at : at + sql.ROWS])

    def _enqueue_some(self, batch: Sequence[Candidate]) -> None:
        # of two versions of one path the later counts
        latest = {(self._directory(item.directory), item.name): item for item in batch}
        if self._memory.switches.any_off:
            for item in latest.values():
                hold(self._memory.switches, item)
        known: dict[tuple[int, bytes], Known] = {}
        for places in sql.portions(tuple(latest)):
            flat = [value for place in places for value in place]
            known |= map(known_from, self._sql.execute(sql.known(len(places)), flat).fetchall())
        fresh: dict[tuple[int, bytes], Candidate] = {}
        for place, item in latest.items():
            row = known.get(place)
            if row is None:
                fresh[place] = item
            else:
                self._enter_known(row, item)
        if fresh:
            self._insert(fresh)

    def _insert(self, fresh: Mapping[tuple[int, bytes], Candidate]) -> None:
        rows: list[tuple[object, ...]] = []
        for (directory_id, name), item in fresh.items():
            file_id = self._next_id
            self._next_id += 1
            state = self._state_for(item)
            rows.append((file_id, directory_id, name, *self._columns(item, state, verify=self._memory.verify_first)))
            self._entered(_Entry(file_id, 1, state, self._memory.verify_first), item)
        for some in sql.portions(rows):
            self._sql.execute(sql.insert(len(some)), [value for row in some for value in row])

    def _enter_known(self, known: Known, item: Candidate) -> None:
        change = decide(known, item)
        if change is Change.BACK:
            self._sql.execute(sql.BACK, (known.file_id,))
        if change in {Change.BACK, Change.NOTHING}:
            return
        state = _DIRTY if change is Change.BEHIND else self._state_for(item)
        copy = change is Change.NEW and looks_like(known, item) and not item.ordered
        entry = _Entry(
            known.file_id, known.gen + 1, state, self._memory.verify_first or copy, known.sha256,
            known.upload_state if copy and known.key == item.key and state != FileStatus.SKIPPED else None,
        )  # fmt: skip
        columns = self._columns(item, state, verify=entry.verify)
        self._sql.execute(sql.NEW_VERSION, (*columns, entry.gen, entry.upload_state, known.file_id))
        if change is Change.NEW and entry.upload_state is None:
            self._orphan(known.store, known.upload_state)
        elif known.state is FileStatus.SENDING and (known.store, known.key) != (item.route.store, item.key):
            self._sql.execute(sql.SUSPECT_OLD, (known.store, known.key))
        self._entered(entry, item)

    def _columns(self, item: Candidate, state: int, *, verify: bool) -> tuple[object, ...]:
        settings, now_ms = item.route.settings, self.now_ms
        return (
            item.ino, item.size_bytes, item.mtime_ns, state, settings.store, settings.priority,
            settings.identity is Identity.CONTENT, item.key, now_ms, now_ms, now_ms, item.reason, verify,
            item.seen_at_ms, item.stable_at_ms,
        )  # fmt: skip

    def _state_for(self, item: Candidate) -> int:
        if item.status is FileStatus.READY and self._handout.take_room(item):
            return _SENDING
        return int(item.status)

    def _entered(self, entry: _Entry, item: Candidate) -> None:
        effects, settings = self.effects, item.route.settings
        file_id, gen, state = entry.file_id, entry.gen, entry.state
        if item.ordered:
            self.when_committed(self._memory.orders.give(self._sql, file_id, gen))
            entry.sha256 = None  # sent again even if its content was sent before
        path = item.directory + b"/" + item.name
        if item.route.by is not None and item.status is FileStatus.READY and not item.route.ignored:
            told = {"path": show_path(path), "size_bytes": item.size_bytes, "store": settings.store, "key": item.key}
            self.event("file.routed", file_id, gen, told | item.route.by._asdict())
        if state == _SENDING:
            effects.works.setdefault(settings.store, []).append(
                Work(
                    file_id, gen, path, item.ino, item.size_bytes, item.mtime_ns, settings.store, item.key,
                    settings.identity is Identity.CONTENT, 0, self.now_ms, entry.verify, entry.upload_state,
                    entry.sha256, settings.priority,
                )
            )  # fmt: skip
        elif state == _DIRTY:
            effects.dirty.add(file_id)
        elif state == _READY:
            effects.ready.add(settings.store)
        else:
            self.tally("skipped")
            by = item.route.by._asdict() if item.route.by is not None and item.reason == IGNORED else {}
            self.event("file.skipped", file_id, gen, {"path": show_path(path), "reason": item.reason} | by)
            return
        effects.queued += 1

    # -- ended work ------------------------------------------------------------------------------------

    def finish(self, outcomes: Iterable[Outcome]) -> None:
        """Write how work ended."""
        done: list[Outcome] = []
        for outcome in outcomes:
            result = outcome.result
            if outcome.work.file_id in self._memory.dirty:
                self._finish_dirty(outcome)
            elif result in DELIVERED:
                done.append(outcome)
            elif result is Result.FAILED:
                self._finish_failed(outcome)
            elif result in _NOT_TRIED:
                self._give_back(outcome)
            else:
                self._finish_closed(outcome)
        for some in sql.portions(done):
            self._finish_done(some)

    def _finish_done(self, outcomes: Sequence[Outcome]) -> None:
        now_ms = self.now_ms
        values: list[object] = [now_ms]
        for outcome in outcomes:
            work, receipt = outcome.work, outcome.receipt
            duration_ms = max(0, now_ms - work.queued_at_ms)
            outcome.latency_s = duration_ms / 1000
            reason = "content_unchanged" if outcome.result is Result.UNCHANGED else None
            etag = receipt.etag if receipt else None
            sha256 = receipt.checksums.sha256 if receipt else ""
            digest = bytes.fromhex(sha256) if sha256 else work.known_sha256
            values += (work.file_id, work.gen, duration_ms, work.key, etag, digest, reason)
            body: dict[str, object] = {
                "path": show_path(work.path), "store": work.store, "key": work.key, "size_bytes": work.size_bytes,
                "etag": etag, "sha256": sha256, "attempt": work.attempts + 1, "duration_ms": duration_ms,
                "reason": reason,
            }  # fmt: skip
            self._end_order(work, body)
            self.event("file.done", work.file_id, work.gen, body)
            self.effects.finished.append((outcome.result, outcome, None))
        self._sql.execute(sql.done(len(outcomes)), values)
        self.tally("done", len(outcomes))
        self.tally(day_tally("done", now_ms), len(outcomes))
        self.tally("done_bytes", sum(outcome.work.size_bytes for outcome in outcomes))

    def _finish_failed(self, outcome: Outcome) -> None:
        work = outcome.work
        decision = self._decide_failed(outcome, self.now_ms)
        error_class = str(outcome.error_class)
        self._sql.execute(
            sql.FAILED,
            (
                int(decision.status), self.now_ms, decision.charge, decision.next_at_ms, error_class,
                outcome.message, work.file_id, work.gen,
            ),
        )  # fmt: skip
        dead = decision.status is FileStatus.DEAD
        if not dead:
            self._wait(decision.next_at_ms)
        body: dict[str, object] = {
            "path": show_path(work.path), "store": work.store, "key": work.key, "size_bytes": work.size_bytes,
            "error_class": error_class, "error_code": outcome.error_code, "message": outcome.message,
            "attempt": work.attempts + decision.charge, "duration_ms": max(0, self.now_ms - work.queued_at_ms),
            "next_at_ms": decision.next_at_ms or None,
        }  # fmt: skip
        if self._memory.orders.holds(work):
            body["ordered"] = True  # it stays so: a replay is sent whatever the switches say
        self.event("file.dead" if dead else "file.failed", work.file_id, work.gen, body)
        self.tally("failed:" + error_class, note=outcome.message)
        if dead:
            self.tally("dead")
            self.tally(day_tally("dead", self.now_ms))
        self.effects.finished.append((outcome.result, outcome, decision))

    def _finish_closed(self, outcome: Outcome) -> None:
        work = outcome.work
        changed = outcome.result is Result.CHANGED
        status = FileStatus.SUPERSEDED if changed else FileStatus.VANISHED
        gone_at_ms = None if changed else self.now_ms
        # what was changed before anything was sent may be a copy, whose upload goes on: its next version decides
        kept = work.upload_state if outcome.message == CHANGED_BEFORE else None
        row = self._sql.execute(
            sql.CLOSED, (int(status), self.now_ms, outcome.message, gone_at_ms, kept, work.file_id, work.gen)
        ).fetchone()
        if row is not None:
            self._sql.execute(sql.NO_FINGERPRINT, (row[0],))
        if kept is None or row is None:
            self._orphan(work.store, work.upload_state)
        word = "superseded" if changed else "vanished"
        body: dict[str, object] = {"path": show_path(work.path), "key": work.key, "reason": outcome.message}
        self._end_order(work, body)
        self.event("file." + word, work.file_id, work.gen, body)
        self.tally(word)
        self.effects.finished.append((outcome.result, outcome, None))

    def _give_back(self, outcome: Outcome) -> None:
        """Write that work was not tried."""
        work = outcome.work
        if outcome.result is Result.HELD:
            self._finish_held(work)
        elif outcome.result is Result.DEFERRED:
            next_at_ms = self.now_ms + round(1000 * (outcome.retry_after_s or 0.0))
            self._sql.execute(sql.DEFERRED, (next_at_ms, work.file_id, work.gen))
            self._wait(next_at_ms)
        else:
            self._sql.execute(sql.RELEASED, (work.file_id, work.gen))
            self.effects.ready.add(work.store)

    def _wait(self, until_ms: int) -> None:
        before_ms = self.effects.next_at_ms
        self.effects.next_at_ms = until_ms if before_ms is None else min(before_ms, until_ms)

    def _finish_held(self, work: Work) -> None:
        self._sql.execute(sql.CLOSED, (int(FileStatus.SKIPPED), self.now_ms, HELD, None, None, work.file_id, work.gen))
        self._orphan(work.store, work.upload_state)
        self.event("file.skipped", work.file_id, work.gen, {"path": show_path(work.path), "reason": HELD})
        self.tally("skipped")

    def _end_order(self, work: Work, body: dict[str, object]) -> None:
        if self._memory.orders.holds(work):
            body["ordered"] = True
            self.when_committed(self._memory.orders.end(self._sql, work.file_id))

    def _finish_dirty(self, outcome: Outcome) -> None:
        """The row already holds a newer version: let it go on, whatever became of this one."""
        work = outcome.work
        self._sql.execute(sql.FREE_DIRTY, (work.file_id,))
        self.effects.freed.add(work.file_id)
        self.effects.ready.add(work.store)
        if outcome.result not in DELIVERED and not self._passed_on(work):
            self._orphan(work.store, work.upload_state)
        self.event("file.superseded", work.file_id, work.gen, {"path": show_path(work.path), "key": work.key})
        self.tally("superseded")
        self.effects.finished.append((Result.CHANGED, outcome, None))

    def _passed_on(self, work: Work) -> bool:
        """Tell whether the newer version is a copy that goes on with the upload of `work`."""
        values = (work.upload_state, work.file_id, work.store, work.key, work.size_bytes, work.mtime_ns)
        return work.upload_state is not None and self._sql.execute(sql.PASS_ON, values).rowcount == 1

    # -- what scans and events say ---------------------------------------------------------------------

    def vanished(self, directory: bytes, name: bytes) -> None:
        """Write that a file was gone before it was finished."""
        now_ms = self.now_ms
        row = self._sql.execute(
            sql.VANISHED, (self._next_id, self._directory(directory), name, now_ms, now_ms, now_ms)
        ).fetchone()
        if row is not None:
            self._next_id += 1
            self.event("file.vanished", row[0], row[1], {"path": show_path(directory + b"/" + name)})
        self.tally("vanished")

    def gone(self, file_ids: Iterable[int]) -> None:
        """Write that known files are no longer on disk; those that still waited count as vanished."""
        for file_id in file_ids:
            row = self._sql.execute(sql.GONE, (self.now_ms, self.now_ms, file_id)).fetchone()
            if row is None:
                continue
            self._sql.execute(sql.NO_FINGERPRINT, (row[3],))
            if row[0] == FileStatus.VANISHED and row[1] == self.now_ms:
                self.event("file.vanished", file_id, row[2], {})
                self.tally("vanished")
            if row[5] is not None and row[0] not in {_SENDING, _DIRTY}:
                self._orphan(row[4], row[5])
                self._sql.execute(sql.NO_UPLOAD, (file_id,))

    def claim(self, stores: Iterable[str]) -> None:
        """Mark waiting rows SENDING for every store with room."""
        self._handout.claim(stores)

    # -- events and counters ---------------------------------------------------------------------------

    def event(self, kind: str, file_id: int | None, gen: int | None, body: Mapping[str, object]) -> None:
        """Add an outbox row to this transaction."""
        self._events.append((self._seq, self.now_ms, kind, file_id, gen, _encode(body)))
        self._seq += 1

    def note(self, kind: str, body: Mapping[str, object]) -> None:
        """Add an outbox row that is about no single version."""
        self.event(kind, None, None, body)

    def when_committed(self, callback: Callable[[], None]) -> None:
        """Call `callback` after the commit."""
        self.effects.callbacks.append(callback)

    def tally(self, name: str, value: int = 1, note: str | None = None) -> None:
        """Add to a lasting counter."""
        before = self._tallies.get(name, (0, None))
        self._tallies[name] = (before[0] + value, note if note is not None else before[1])

    def close(self) -> int:
        """Write events and counters; return the id of the next new file."""
        for some in sql.portions(self._events):
            self._sql.execute(sql.events(len(some)), [value for row in some for value in row])
        for name, (value, note) in self._tallies.items():
            self._sql.execute(sql.TALLY, (name, value, self.now_ms, note))
        return self._next_id

    def _orphan(self, store: str, upload_state: str | None) -> None:
        if upload_state is None:
            return
        orphan_id = self._sql.execute(sql.ORPHAN, (store, upload_state)).lastrowid
        self.effects.orphans.append((store, int(orphan_id or 0), upload_state))

    def _directory(self, path: bytes) -> int:
        known = self._memory.directories.get(path)
        if known is None:
            known = int(self._sql.execute(sql.DIRECTORY, (path,)).fetchone()[0])
            self._memory.directories[path] = known
        return known


def _encode(body: Mapping[str, object]) -> str:
    try:
        return _to_json(body).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, in a text of a store: no UTF-8 has it, an escape does
        return json.dumps(body, separators=(",", ":"))
