"""Dead letters: grouped by cause, replayed (elsewhere, if wanted) or dropped; beside a running agent too."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gwf.agent.journal.choice import PATH, Choice
from gwf.agent.journal.entry import MOVED
from gwf.agent.journal.reads import FILE_COLUMNS, cursor_values, file_view
from gwf.agent.journal.schema import open_for_reading, open_for_writing
from gwf.agent.model import SHA256_PLACEHOLDER, FileStatus, show_path
from gwf.core.causes import cause_id, cause_of
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import ConflictError, InputError, NotFoundError, UnavailableError
from gwf.storage.keys import check_key
from gwf.wire.deadletters import ChangedFiles, DeadGroup, DeadPage
from gwf.wire.edge import FileView

BATCH = 500  #: files changed in one transaction: the running agent waits for it some milliseconds
SHOWN = 200  #: changed files that are listed
REPLAYABLE = (FileStatus.DEAD, FileStatus.WAITING)
DROPPABLE = (FileStatus.DEAD, FileStatus.WAITING, FileStatus.READY)

_READY, _SKIPPED = int(FileStatus.READY), int(FileStatus.SKIPPED)
_OPEN = f"""
SELECT f.id, f.gen, f.state, f.store, f.key, f.upload_state, CAST({PATH} AS BLOB), f.reason
FROM files f WHERE f.id IN ({{ids}})
"""
_REPLAY = f"""
UPDATE files SET state={_READY}, attempts=0, next_at_ms=?, queued_at_ms=?, updated_at_ms=?, error_class=NULL,
  error=NULL, store=?, key=?, upload_state=?, reason=? WHERE id=? AND gen=?
"""
_DROP = f"""
UPDATE files SET state={_SKIPPED}, upload_state=NULL, reason='dropped_by_operator', updated_at_ms=? WHERE id=? AND gen=?
"""
_ORPHAN = "INSERT INTO orphans (store, upload_state) VALUES (?, ?)"
_EVENT = """
INSERT INTO outbox (seq, at_ms, kind, file_id, gen, body) SELECT coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ? FROM outbox
"""
_TAKEN = "SELECT id, store, key FROM files WHERE store=? AND key IN ({keys})"

Write = Callable[[sqlite3.Connection, tuple[Any, ...]], dict[str, object]]
"""Changes one row inside a transaction; returns what its event says besides."""

log = logging.getLogger("gwf.agent.journal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who wants a change, and why."""

    author: str
    reason: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where replayed files go instead; None = as before."""

    store: str | None = None
    key: str | None = None
    #: take a key that another file has
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a file stands."""

    version: int
    status: FileStatus
    path: str


class DeadLetters:
    """Reads and changes files that wait for a person. Thread-safe; one change at a time."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the journal for reading; changes open it for writing as long as they last.

        Raises:
            InputError: There is no journal at `path`.
        """
        self._path = path
        self._clock = clock
        self._connection = open_for_reading(path)
        self._connection.create_function("cause_id", 2, cause_id, deterministic=True)
        self._lock = threading.Lock()
        self._changing = threading.Lock()

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()

    # -- looking ---------------------------------------------------------------------------------------

    def groups(self, choice: Choice) -> list[DeadGroup]:
        """Return what `choice` leaves by class and cause, most files first."""
        where, values = choice.where(self._clock.now_ms())
        rows = self._rows(
            "SELECT f.error_class, f.error, f.store, count(*), sum(f.size_bytes), min(f.updated_at_ms),"
            f" max(f.updated_at_ms), max(f.id) FROM files f WHERE {where} GROUP BY 1, 2, 3",
            values,
        )
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            found.setdefault(cause_id(row[0], row[1]), []).append(row)
        groups = [_group(name, some) for name, some in found.items()]
        return sorted(groups, key=lambda group: (-group.files, group.cause_id))

    def page(self, choice: Choice, *, cursor: str | None = None, limit: int = 50) -> DeadPage:
        """Return one page of what `choice` leaves, newest change first; all groups with the first page.

        Raises:
            InputError: The cursor is none of ours, or the choice can match nothing.
        """
        choice.check()
        now_ms = self._clock.now_ms()
        where, values = choice.where(now_ms)
        groups = self.groups(choice) if cursor is None else []
        total = sum(group.files for group in groups)
        if cursor is not None:
            total = int(self._rows(f"SELECT count(*) FROM files f WHERE {where}", values)[0][0])
            where, values = f"{where} AND (f.updated_at_ms, f.id) < (?, ?)", (*values, *cursor_values(cursor))
        rows = self._rows(
            f"SELECT {FILE_COLUMNS} FROM files f WHERE {where} ORDER BY f.updated_at_ms DESC, f.id DESC LIMIT ?",
            (*values, limit + 1),
        )
        items = [file_view(row) for row in rows[:limit]]
        next_cursor = f"{rows[limit - 1][11]}.{rows[limit - 1][0]}" if len(rows) > limit else None
        return DeadPage(groups=groups, items=items, next_cursor=next_cursor, total=total, as_of=utc_text(now_ms))

    def standing(self, ids: Sequence[int]) -> dict[int, Standing]:
        """Return how those of some files stand that there are."""
        return {
            row[0]: Standing(version=row[1], status=FileStatus(row[2]), path=show_path(row[6]))
            for some in _batches(ids)
            for row in self._rows(_open(some), tuple(some))
        }

    # -- changing --------------------------------------------------------------------------------------

    def replay(self, choice: Choice, target: Target, order: Order, *, stores: Collection[str]) -> ChangedFiles:
        """Put files back into the queue with all attempts before them; `stores` are those that are configured.

        Raises:
            NotFoundError: An id is unknown.
            InputError: An id is in a state that cannot be replayed, or the target cannot be used.
            ConflictError: Another file has this key in that store.
            UnavailableError: The journal is busy; what was changed before stays so.
        """
        target = _checked(target, stores)
        ids = self._chosen(choice, REPLAYABLE)
        if target.key is not None and len(ids) != 1:
            raise InputError("a key can be given for exactly one file", files=len(ids))
        shown = self._views(ids[:SHOWN])
        if (target.store is not None or target.key is not None) and not target.force:
            for some in _batches(ids):
                self._refuse_taken(some, target)
        if not order.dry_run:
            self._change("file.replayed", ids, lambda cursor, row: self._replay(cursor, row, target), order=order)
        return ChangedFiles(count=len(ids), dry_run=order.dry_run, items=shown)

    def drop(self, choice: Choice, order: Order) -> ChangedFiles:
        """Give files up; they are sent again only if they change.

        Raises:
            NotFoundError: An id is unknown.
            InputError: An id is in a state that cannot be dropped, or the reason is blank.
            UnavailableError: The journal is busy; what was changed before stays so.
        """
        if not order.reason.strip():
            raise InputError("a reason is needed: it is kept in the file's history")
        ids = self._chosen(choice, DROPPABLE)
        shown = self._views(ids[:SHOWN])
        if not order.dry_run:
            self._change("file.dropped", ids, self._drop, order=order)
        return ChangedFiles(count=len(ids), dry_run=order.dry_run, items=shown)

    def _chosen(self, choice: Choice, states: tuple[FileStatus, ...]) -> list[int]:
        choice.check()
        if choice.ids is None:
            where, values = choice.where(self._clock.now_ms())
            return [row[0] for row in self._rows(f"SELECT f.id FROM files f WHERE {where} ORDER BY f.id", values)]
        ids = list(dict.fromkeys(choice.ids))
        known = {row[0]: FileStatus(row[2]) for some in _batches(ids) for row in self._rows(_open(some), tuple(some))}
        for file_id in ids:
            state = known.get(file_id)
            if state is None:
                raise NotFoundError("no file has this id", id=file_id)
            if state not in states:
                allowed = tuple(item.name.lower() for item in states)
                raise InputError("this file is in another state", id=file_id, state=state.name.lower(), allowed=allowed)
        return ids

    def _views(self, ids: Sequence[int]) -> list[FileView]:
        marks = ",".join("?" * len(ids))
        rows = self._rows(f"SELECT {FILE_COLUMNS} FROM files f WHERE f.id IN ({marks}) ORDER BY f.id", tuple(ids))
        return [file_view(row) for row in rows]

    def _refuse_taken(self, ids: Sequence[int], target: Target) -> None:
        """Refuse to write over the object of another file, as far as the journal knows the objects."""
        wanted: dict[tuple[str, str], int] = {}
        for row in self._rows(_open(ids), tuple(ids)):
            place = (target.store or row[3], target.key or row[4])
            other = wanted.setdefault(place, row[0])
            if other != row[0]:
                raise _taken(place, row[0], other)
        for store in {store for store, _ in wanted}:
            keys = tuple(key for name, key in wanted if name == store)
            statement = _TAKEN.format(keys=",".join("?" * len(keys)))
            for other, _, key in self._rows(statement, (store, *keys)):
                if wanted[store, key] != other:
                    raise _taken((store, key), wanted[store, key], other)

    def _change(self, kind: str, ids: Sequence[int], write: Write, *, order: Order) -> None:
        """Write one bounded transaction for each batch; rows that changed their state meanwhile are left alone."""
        states = REPLAYABLE if kind == "file.replayed" else DROPPABLE
        done = 0
        with self._changing:
            connection = open_for_writing(self._path)
            try:
                for some in _batches(ids):
                    connection.execute("BEGIN IMMEDIATE")
                    for row in connection.execute(_open(some), tuple(some)).fetchall():
                        if row[2] in states:
                            body = {"path": show_path(row[6]), "by": order.author, **write(connection, row)}
                            if order.reason.strip():
                                body["reason"] = order.reason.strip()
                            text = json.dumps(body, ensure_ascii=False)
                            connection.execute(_EVENT, (self._clock.now_ms(), kind, row[0], row[1], text))
                            done += 1
                    connection.execute("COMMIT")
            except sqlite3.OperationalError as exc:
                raise UnavailableError("the journal is busy; try again", reason=str(exc), changed=done) from exc
            finally:
                connection.close()
        log.info("dead_letters_changed", extra={"kind": kind, "files": done, "by": order.author, "why": order.reason})

    def _replay(self, connection: sqlite3.Connection, row: tuple[Any, ...], target: Target) -> dict[str, object]:
        file_id, gen, _, store, key, upload_state, _, before = row
        now_ms = self._clock.now_ms()
        to = (target.store or store, target.key or key)
        moved = to != (store, key)
        if moved and upload_state is not None:
            connection.execute(_ORPHAN, (store, upload_state))
        kept = None if moved else upload_state
        reason = MOVED if to[0] != store or before == MOVED else None
        connection.execute(_REPLAY, (now_ms, now_ms, now_ms, *to, kept, reason, file_id, gen))
        return {"from": {"store": store, "key": key}, "to": {"store": to[0], "key": to[1]}} if moved else {}

    def _drop(self, connection: sqlite3.Connection, row: tuple[Any, ...]) -> dict[str, object]:
        if row[5] is not None:  # the agent aborts it when it starts next
            connection.execute(_ORPHAN, (row[3], row[5]))
        connection.execute(_DROP, (self._clock.now_ms(), row[0], row[1]))
        return {}

    def _rows(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc


def _checked(target: Target, stores: Collection[str]) -> Target:
    """Return the target with its key as the journal writes it; refuse what cannot be used."""
    if target.store is not None and target.store not in stores:
        raise InputError("no store of this name is configured", store=target.store, stores=sorted(stores))
    if target.key is None:
        return target
    key = target.key.replace("{sha256}", SHA256_PLACEHOLDER)
    check_key(key)
    return replace(target, key=key)


def _open(ids: Sequence[int]) -> str:
    return _OPEN.format(ids=",".join("?" * len(ids)))


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), BATCH):
        yield ids[at : at + BATCH]


def _taken(place: tuple[str, str], file_id: int, other: int) -> ConflictError:
    return ConflictError(
        "another file has this key in that store; force it if its object may be replaced",
        id=file_id, store=place[0], key=place[1], other_id=other,
    )  # fmt: skip


def _group(name: str, rows: Sequence[tuple[Any, ...]]) -> DeadGroup:
    newest = max(rows, key=lambda row: row[6])
    stores: dict[str, int] = {}
    for row in rows:
        stores[row[2]] = stores.get(row[2], 0) + row[3]
    return DeadGroup(
        error_class=newest[0],
        cause=cause_of(newest[1] or ""),
        cause_id=name,
        files=sum(row[3] for row in rows),
        bytes=sum(row[4] for row in rows),
        stores=stores,
        oldest_at=utc_text(min(row[5] for row in rows)),
        newest_at=utc_text(newest[6]),
        example_id=newest[7],
        example_message=newest[1] or "",
    )
