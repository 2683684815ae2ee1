"""Reads the control plane's database of the Go version, and saves what can be read of a damaged one."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gwf.core.errors import LocalIoError

FILE = "control.db"
_BESIDE = ("", "-wal")  #: the write-ahead log holds what a Go version that was killed wrote last

Row = Mapping[str, object]
_NO_ROW: Row = {}

#: tables and their columns (reference of the Go version, section 8.3)
_TABLES: Mapping[str, tuple[str, ...]] = {
    "control_agents": (
        "id", "agent_key", "hostname", "version", "ip", "group_name", "status", "last_seen_at", "created_at",
        "updated_at", "heartbeat_count",
    ),
    "control_tasks": (
        "id", "type", "target", "payload_json", "priority", "status", "failure_reason", "assigned_agent_id",
        "retry_count", "max_retries", "created_by", "created_at", "updated_at", "finished_at",
    ),
    "control_task_events": ("id", "task_id", "agent_id", "event_type", "message", "event_time"),
    "control_audit_logs": ("id", "operator", "action", "resource_type", "resource_id", "detail_json", "created_at"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OldControl:
    """What was read; rows as they are, oldest first."""

    agents: Sequence[Row] = ()
    tasks: Sequence[Row] = ()
    events: Sequence[Row] = ()
    audit: Sequence[Row] = ()
    #: one line each: what could not be read
    problems: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Return a word that names this database, the same each time it is read, however much it has grown."""
        first: Row = next((rows[0] for rows in (self.agents, self.tasks, self.audit) if rows), _NO_ROW)
        fields = (str(first.get(name)) for name in ("id", "agent_key", "type", "action", "created_at"))
        return hashlib.sha256("\0".join(fields).encode()).hexdigest()[:8]

    def count(self) -> int:
        """Return how many rows there are in all."""
        return sum(map(len, (self.agents, self.tasks, self.events, self.audit)))


def read_control(path: Path) -> OldControl:
    """Return what stands in a database; it is copied first and never changed.

    Raises:
        LocalIoError: It cannot be copied.
    """
    with tempfile.TemporaryDirectory(prefix="gwf-migrate-") as directory:
        copy = Path(directory) / FILE
        try:
            for ending in _BESIDE:
                with contextlib.suppress(FileNotFoundError):
                    shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
        except OSError as exc:
            raise LocalIoError("the database cannot be read", path=str(path), reason=exc.strerror) from exc
        return _read(copy)


def _read(path: Path) -> OldControl:
    found = _Reading()
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            connection.text_factory = _text
            tables = [found.table(connection, name) for name in _TABLES]
    except sqlite3.Error as exc:
        return OldControl(problems=(f"is no usable database: {exc}",))
    agents, tasks, events, audit = tables
    return OldControl(agents=agents, tasks=tasks, events=events, audit=audit, problems=tuple(found.problems))


@dataclass(slots=True)
class _Reading:
    problems: list[str] = field(default_factory=list[str])

    def table(self, connection: sqlite3.Connection, name: str) -> Sequence[Row]:
        """Return the rows of a table; where it is damaged, those before and those after the damage."""
        columns = ", ".join(_TABLES[name])
        rows: dict[int, Row] = {}
        try:
            for row in connection.execute(f"SELECT rowid AS place, {columns} FROM {name} ORDER BY rowid"):  # noqa: S608
                rows[row["place"]] = dict(row)
        except sqlite3.OperationalError as exc:
            if "no such" in str(exc):
                self.problems.append(f"{name}: {exc}")
                return ()
            self._from_the_end(connection, name, rows, fault=exc)
        except sqlite3.DatabaseError as exc:
            self._from_the_end(connection, name, rows, fault=exc)
        return [rows[place] for place in sorted(rows)]

    def _from_the_end(
        self, connection: sqlite3.Connection, name: str, rows: dict[int, Row], *, fault: sqlite3.Error
    ) -> None:
        before = len(rows)
        columns = ", ".join(_TABLES[name])
        with contextlib.suppress(sqlite3.Error):  # the damage was told: this is what lies behind it
            for row in connection.execute(f"SELECT rowid AS place, {columns} FROM {name} ORDER BY rowid DESC"):  # noqa: S608
                if row["place"] in rows:
                    break
                rows[row["place"]] = dict(row)
        self.problems.append(f"{name}: {fault}: {before} rows before the damage and {len(rows) - before} after it read")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
