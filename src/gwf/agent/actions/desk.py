"""What a person does with actions: look, say what would happen, run, undo; also while the agent runs."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gwf.agent.actions.book import ActionBook
from gwf.agent.actions.model import Run, RunState
from gwf.agent.actions.perform import Performer
from gwf.agent.actions.plan import Steps, row_of
from gwf.agent.actions.proof import JournalProof
from gwf.agent.journal.offline import write_beside
from gwf.agent.journal.schema import FILE_NAME, open_for_reading
from gwf.core.clock import Clock
from gwf.core.errors import ConfigError, InputError, NotFoundError, UnavailableError
from gwf.core.settings.model import Settings
from gwf.storage.ports import ObjectStore
from gwf.tasks.actions.subject import Subject

RUNNABLE = (RunState.READY, RunState.FAILED, RunState.REFUSED, RunState.UNDONE)

OpenStore = Callable[[str], ObjectStore]


class ActionDesk:
    """One person's session with the actions of a data directory."""

    def __init__(self, settings: Settings, clock: Clock, open_store: OpenStore) -> None:
        """`open_store` opens a configured store by name.

        Raises:
            NotFoundError: The data directory holds no journal.
        """
        journal = settings.data_dir / FILE_NAME
        if not journal.is_file():
            raise NotFoundError(
                "no journal in this data directory: name the right one with --data or --config",
                data_dir=str(settings.data_dir),
            )
        self._settings = settings
        self._stores: dict[str, ObjectStore] = {}
        self._open_store = open_store
        self._steps = Steps(settings.agent)
        self._journal = open_for_reading(journal)
        self._book = ActionBook(settings.data_dir, clock)
        self._proof = JournalProof(
            journal, write=lambda statement: write_beside(journal, clock, statement), store_of=self._store_of
        )
        self._performer = Performer(
            book=self._book,
            proof=self._proof,
            clock=clock,
            cancel=threading.Event(),
            max_attempts=settings.agent.actions.max_attempts,
        )

    def close(self) -> None:
        """Release journal, book and stores."""
        self._proof.close()
        self._book.close()
        self._journal.close()
        for store in self._stores.values():
            store.close()

    def recent(self, states: Sequence[RunState], limit: int) -> list[Run]:
        """Return runs, newest first."""
        return self._book.recent(states, limit)

    def counts(self) -> dict[RunState, int]:
        """Return how many runs are in each state."""
        return self._book.counts()

    def get(self, run_id: int) -> Run:
        """Return a run.

        Raises:
            NotFoundError: There is none of this id.
        """
        return self._book.get(run_id)

    def describe(self, run: Run) -> str:
        """Return what the step of a run would do now."""
        return self._words(run.planned.subject, run)

    def planned(self, path: Path) -> list[Run]:
        """Return the steps that are due for a file now, as runs that are not written down; those that are, as they are.

        Raises:
            NotFoundError: The journal does not know the file.
            InputError: Its upload is not verified, or no step is configured for it.
        """
        row = self._row(path)
        due = self._steps.due(row)
        if not due:
            raise InputError("no step is due for this file: not verified, archived already, or none is configured")
        known = {run.planned.key: run for run in self._book.of_file(int(row[0]))}
        return [
            known.get(item.key)
            or Run(id=0, planned=item, state=RunState.READY, attempts=0, next_at_ms=0, updated_at_ms=0)
            for item in due
        ]

    def enter(self, path: Path) -> list[int]:
        """Write the steps that are due for a file down and return the ids of those that may be run.

        Raises:
            NotFoundError: As `planned`.
            InputError: As `planned`.
        """
        runs = self.planned(path)
        self._book.enter([run.planned for run in runs])
        keys = {run.planned.key for run in runs}
        written = self._book.of_file(runs[0].planned.subject.file_id)
        return [run.id for run in written if run.planned.key in keys and run.state in RUNNABLE]

    def run(self, run_id: int) -> Run:
        """Run one step now, in this process, and return how it ended.

        Raises:
            NotFoundError: There is none of this id.
            ConflictError: It runs, or is done.
        """
        return self._performer.execute(self._book.claim_one(run_id, RUNNABLE), self._steps)

    def compensate(self, run_id: int) -> Run:
        """Undo one step that is done and return how that ended.

        Raises:
            NotFoundError: There is none of this id.
            ConflictError: It is not done.
        """
        return self._performer.compensate(self._book.claim_one(run_id, (RunState.DONE,), undoing=True), self._steps)

    def _words(self, subject: Subject, run: Run) -> str:
        try:
            return self._steps.ready(subject.root, run.planned.spec).describe(subject)
        except ConfigError as exc:
            return "nothing: " + ("; ".join(exc.problems) or exc.message)

    def _row(self, path: Path) -> tuple[Any, ...]:
        place = os.fsencode(os.path.realpath(path.parent)) + b"/" + os.fsencode(path.name)
        try:
            row = row_of(self._journal, place)
        except sqlite3.Error as exc:
            raise UnavailableError("the journal cannot be read now", reason=str(exc)) from exc
        if row is None:
            raise NotFoundError("the journal does not know this file", path=str(path))
        return row

    def _store_of(self, name: str) -> ObjectStore | None:
        if name not in self._settings.stores:
            return None
        with suppress(KeyError):
            return self._stores[name]
        store = self._stores[name] = self._open_store(name)
        return store


def problems_of(settings: Settings) -> list[str]:
    """Return why configured steps and allowed programs cannot work on this host; empty = they can."""
    steps = Steps(settings.agent)
    found: list[str] = []
    for root, at, spec in steps.all():
        where = f"{os.fsdecode(root)} step {at + 1}"
        try:
            found += [f"{where}: {problem}" for problem in steps.ready(root, spec).validate()]
        except ConfigError as exc:
            found += [f"{where}: {problem}" for problem in exc.problems or (exc.message,)]
    return list(dict.fromkeys(found))
