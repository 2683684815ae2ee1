"""The running edge as tasks of the centre may use it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from gwf.agent.actions.plan import Steps, row_of
from gwf.agent.actions.proof import JournalProof
from gwf.agent.engine import Edge
from gwf.agent.journal.notes import durable
from gwf.agent.journal.schema import open_for_reading
from gwf.agent.legacy.desk import PathDesk
from gwf.agent.tasks.perform import FileFailure
from gwf.core.errors import ErrorClass, UnavailableError

Found = TypeVar("Found")

# The newest first: a task asks right after the attempt.
_FAILURE = """
SELECT f.error_class, f.error, (
  SELECT json_extract(body, '$.error_code') FROM outbox
  WHERE file_id=f.id AND gen=f.gen AND kind IN ('file.failed', 'file.dead') ORDER BY seq DESC LIMIT 1)
FROM files f WHERE f.id=? AND f.gen=? AND f.error_class IS NOT NULL
"""
AUTHOR = "centre"  #: who is said to have ordered an upload


class EdgeHost:
    """See gwf.agent.tasks.perform.Host."""

    def __init__(self, edge: Edge, *, may_act: Callable[[], bool]) -> None:
        """Open nothing before the first task."""
        self._edge = edge
        self._may_act = may_act
        self._lock = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._proof: JournalProof | None = None

    def may_act(self) -> bool:
        """See Host."""
        return self._may_act()

    def steps(self) -> Steps:
        """See Host."""
        return Steps(self._edge.agent)

    def row(self, path: str) -> tuple[Any, ...] | None:
        """See Host."""
        place = os.fsencode(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)))
        return self._read(lambda journal: row_of(journal, place))

    def failure(self, file_id: int, gen: int) -> FileFailure | None:
        """See Host."""
        found = self._read(lambda journal: journal.execute(_FAILURE, (file_id, gen)).fetchone())
        if found is None:
            return None
        return FileFailure(error_class=ErrorClass(found[0]), message=found[1] or "", code=found[2] or "")

    def _read(self, look: Callable[[sqlite3.Connection], Found]) -> Found:
        try:
            with self._lock:
                if self._reader is None:
                    self._reader = open_for_reading(self._edge.journal.path)
                return look(self._reader)
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc

    def send_now(self, path: str) -> None:
        """See Host."""
        PathDesk(self._edge).send_now(path, author=AUTHOR)

    def proof(self) -> JournalProof:
        """See Host."""
        journal = self._edge.journal
        with self._lock:
            if self._proof is None:
                self._proof = JournalProof(
                    journal.path, write=lambda statement: durable(journal, statement), store_of=self._edge.store_of
                )
            return self._proof

    def close(self) -> None:
        """Release the journal; no task runs any more."""
        with self._lock:
            for part in (self._reader, self._proof):
                if part is not None:
                    part.close()
            self._reader = self._proof = None
