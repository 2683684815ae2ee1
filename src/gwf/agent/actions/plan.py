"""Decides which steps are due for a file, and makes a configured step ready to be run."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gwf.agent.actions.model import Planned, kind_of
from gwf.agent.model import FileStatus, host_name
from gwf.core.errors import ConfigError
from gwf.core.mounts import real_path
from gwf.core.settings.complete import archive_directories
from gwf.core.settings.model import AfterSettings, AgentSettings, ScriptSettings
from gwf.tasks.actions.archive import ArchiveAction, archive_config
from gwf.tasks.actions.model import ActionResult, Context, idempotency_key
from gwf.tasks.actions.script import ScriptAction, ScriptConfig
from gwf.tasks.actions.subject import Subject

_ARCHIVE, _SCRIPT = ArchiveAction(), ScriptAction()
#: columns of a file that make a subject; kept in step with `subject_of`
SUBJECT_COLUMNS = """f.id, f.gen, (SELECT path FROM dirs WHERE dirs.id=f.dir_id), f.name, f.ino, f.size_bytes,
f.mtime_ns, f.store, f.key, f.etag, f.sha256, f.state, f.reason"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyStep:
    """A step with its configuration bound to it."""

    kind: str
    #: longest output that is kept
    max_output: int
    #: longest time for one execution
    timeout_s: float
    validate: Callable[[], list[str]]
    describe: Callable[[Subject], str]
    execute: Callable[[Context], ActionResult]
    compensate: Callable[[Context, ActionResult], ActionResult]


class Steps:
    """The steps of a configuration. Immutable; a changed configuration is another one."""

    def __init__(self, agent: AgentSettings) -> None:
        """Find each watched directory's real path."""
        self._after = {real_path(watch.path): watch.after for watch in agent.watch}
        self._archives = tuple(real_path(path) + b"/" for path in archive_directories(agent.watch))
        self._actions = agent.actions
        self._allowed = [real_path(path) for path in agent.actions.archive_dirs]
        self._hostname = host_name(agent.hostname)

    def __bool__(self) -> bool:
        """Tell whether any directory has a step."""
        return any(self._after.values())

    @property
    def scripts(self) -> Mapping[str, ScriptSettings]:
        """The programs that are allowed."""
        return self._actions.scripts

    def all(self) -> list[tuple[bytes, int, AfterSettings]]:
        """Return (watched directory, position, step) of every step."""
        return [(root, at, step) for root, steps in self._after.items() for at, step in enumerate(steps)]

    def due(self, row: tuple[Any, ...]) -> list[Planned]:
        """Return the steps for a row of SUBJECT_COLUMNS; none if it is not verified or archived already."""
        if row[11] != FileStatus.DONE or row[12] == "archived":
            return []
        subject = self.subject_of(row)
        if subject.path.startswith(self._archives):
            return []  # such files are never sent; one that was, under older rules, stays where it is
        return [
            Planned(key=idempotency_key(subject, kind=kind_of(spec), step=step), subject=subject, step=step, spec=spec)
            for step, spec in enumerate(self._after.get(subject.root, ()))
        ]

    def subject_of(self, row: tuple[Any, ...]) -> Subject:
        """Return what the journal knows of a file, as a subject."""
        file_id, gen, directory, name, ino, size_bytes, mtime_ns, store, key, etag, sha256 = row[:11]
        path = directory + b"/" + name
        return Subject(
            file_id=file_id, gen=gen, path=path, root=self._root_of(path), ino=ino, size_bytes=size_bytes,
            mtime_ns=mtime_ns, store=store, key=key, etag=etag or "", sha256=sha256.hex() if sha256 else "",
            hostname=self._hostname,
        )  # fmt: skip

    def is_watched(self, path: bytes) -> bool:
        """Tell whether a file lies below a watched directory, and in no archive."""
        return any(path.startswith(root + b"/") for root in self._after) and not path.startswith(self._archives)

    def is_configured(self, planned: Planned) -> bool:
        """Tell whether a step that became due earlier still stands in the configuration."""
        steps = self._after.get(planned.subject.root, ())
        return planned.step < len(steps) and steps[planned.step] == planned.spec

    def ready(self, root: bytes, spec: AfterSettings) -> ReadyStep:
        """Return a step ready to be run.

        Raises:
            ConfigError: Its directory is not allowed, or its program is not.
        """
        if spec.archive is not None:
            archive = archive_config(spec.archive, root, self._allowed)
            return ReadyStep(
                kind=kind_of(spec), max_output=0, timeout_s=self._actions.timeout,
                validate=lambda: _ARCHIVE.validate(archive),
                describe=lambda subject: _ARCHIVE.describe(archive, subject),
                execute=lambda context: _ARCHIVE.execute(archive, context),
                compensate=lambda context, result: _ARCHIVE.compensate(archive, context, result),
            )  # fmt: skip
        settings = self._actions.scripts.get(spec.script or "")
        if settings is None:
            raise ConfigError(f"agent.actions.scripts of this host does not allow {spec.script!r}")
        script = ScriptConfig(name=spec.script or "", settings=settings)
        return ReadyStep(
            kind=kind_of(spec), max_output=settings.max_output, timeout_s=settings.timeout,
            validate=lambda: _SCRIPT.validate(script),
            describe=lambda subject: _SCRIPT.describe(script, subject),
            execute=lambda context: _SCRIPT.execute(script, context),
            compensate=lambda context, result: _SCRIPT.compensate(script, context, result),
        )  # fmt: skip

    def _root_of(self, path: bytes) -> bytes:
        inside = [root for root in self._after if path.startswith(root + b"/")]
        return max(inside, key=len, default=os.path.dirname(path))


def row_of(connection: sqlite3.Connection, path: bytes) -> tuple[Any, ...] | None:
    """Return the row of a file by its path without links, as SUBJECT_COLUMNS; None = the journal does not know it."""
    directory, _, name = path.rpartition(b"/")
    where = "f.dir_id=(SELECT id FROM dirs WHERE path=?) AND f.name=?"
    found = connection.execute(f"SELECT {SUBJECT_COLUMNS} FROM files f WHERE {where}", (directory, name)).fetchone()
    return None if found is None else tuple(found)


def rows_of(connection: sqlite3.Connection, file_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the rows of files by id, as SUBJECT_COLUMNS."""
    marks = ",".join("?" * len(file_ids))
    return connection.execute(f"SELECT {SUBJECT_COLUMNS} FROM files f WHERE f.id IN ({marks})", file_ids).fetchall()
