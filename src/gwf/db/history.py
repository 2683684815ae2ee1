"""Brings the tables of a half to a revision and back, and tells where they are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError, ProgrammingError

from gwf.core.errors import InputError
from gwf.db.faults import is_outage
from gwf.db.tables import CORE, EVENTS

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x677766_6462  #: PostgreSQL's number for "somebody migrates": two processes that start at once take turns
BASE = "base"  #: the revision before the first one: no tables
HEAD = "head"


@dataclass(frozen=True, slots=True)
class History:
    """The revisions of one half."""

    name: str
    metadata: sa.MetaData

    @property
    def version_table(self) -> str:
        """The table that holds the revision."""
        return f"{self.name}_revision"

    @property
    def folder(self) -> Path:
        """Where the revisions lie, one file each."""
        return _FOLDER / self.name


CORE_HISTORY = History("core", CORE)
EVENTS_HISTORY = History("events", EVENTS)
HISTORIES = (CORE_HISTORY, EVENTS_HISTORY)


class ForeignTablesError(InputError):
    """The tables are none that this release can work with or bring up; an operator decides what becomes of them."""

    code = "foreign_database"


_NAMED = 5  #: of what is lacking
_TODO = (
    "nothing was changed; start it with the release that made it, or let this one make a new database in another"
    " data_dir or server.database.url"
)


def newest(history: History) -> str:
    """Return the revision that this release works with."""
    return _scripts(history)[1].get_current_head() or BASE


def revisions(history: History) -> tuple[str, ...]:
    """Return all revisions, the oldest first."""
    return tuple(script.revision for script in _scripts(history)[1].walk_revisions())[::-1]


def current(connection: sa.Connection, history: History) -> str | None:
    """Return the revision of the tables, or None when there are none."""
    logging.getLogger("alembic").setLevel(logging.WARNING)  # we tell the steps ourselves
    context = MigrationContext.configure(connection, opts={"version_table": history.version_table})
    return context.get_current_revision()


def move(connection: sa.Connection, history: History, target: str = HEAD) -> tuple[str, ...]:
    """Bring the tables to `target`, up or down, and return the revisions on the way, in their order.

    Runs in the transaction of `connection`: all steps or none. A target of two steps or more is passed step by step.

    Raises:
        InputError: There is no such revision.
        ForeignTablesError: The tables are of a newer release, or of a build that was never released.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    before = current(connection, history)
    known = revisions(history)
    if before is not None and before not in known:
        raise ForeignTablesError(
            "the database was made by a newer release or another build", half=history.name, revision=before, todo=_TODO
        )
    if before is None and (there := _ours(connection, history)):
        raise ForeignTablesError(
            "the database has tables of ours, but nothing says of which release",
            half=history.name,
            tables=there,
            todo=_TODO,
        )
    wanted = newest(history) if target == HEAD else target
    if wanted != BASE and wanted not in known:
        raise InputError("there is no such revision", half=history.name, revision=wanted, known=known)
    place = -1 if before is None else known.index(before)
    goal = -1 if wanted == BASE else known.index(wanted)
    if place != goal:
        _run(connection, history, wanted, down=goal < place)
    if wanted == newest(history) and (lacking := _lacking(connection, history)):
        raise ForeignTablesError(
            "the database lacks what its revision should have: an unfinished build made it",
            half=history.name,
            revision=wanted,
            lacking=lacking[:_NAMED],
            todo=_TODO,
        )
    return known[place + 1 : goal + 1] if goal > place else known[goal + 1 : place + 1][::-1]


def _ours(connection: sa.Connection, history: History) -> tuple[str, ...]:
    """Return the tables of this half that are there."""
    return tuple(sorted(history.metadata.tables.keys() & set(sa.inspect(connection).get_table_names())))


def _lacking(connection: sa.Connection, history: History) -> tuple[str, ...]:
    """Return the tables and columns that are not there."""
    tables = history.metadata.tables
    found = sa.inspect(connection).get_multi_columns(filter_names=list(tables))
    there = {name: {column["name"] for column in columns} for (_, name), columns in found.items()}
    return tuple(
        f"{name}.{column.name}" if name in there else name
        for name, table in sorted(tables.items())
        for column in table.columns
        if column.name not in there.get(name, ())
    )


def differences(connection: sa.Connection, history: History) -> tuple[str, ...]:
    """Return what the tables have other than this release expects, one line each."""
    context = MigrationContext.configure(connection, opts=_options(history))
    return tuple(_in_words(item) for item in compare_metadata(context, history.metadata))


def _run(connection: sa.Connection, history: History, target: str, *, down: bool) -> None:
    config, scripts = _scripts(history)

    def steps(revision: Any, _context: MigrationContext) -> Any:
        if down:
            return scripts._downgrade_revs(target, revision)  # pyright: ignore[reportPrivateUsage] - as Alembic's manual has it
        return scripts._upgrade_revs(target, revision)  # pyright: ignore[reportPrivateUsage] - as Alembic's manual has it

    with EnvironmentContext(config, scripts, fn=steps) as environment:
        environment.configure(connection=connection, **_options(history))
        try:
            environment.run_migrations()
        except CommandError as exc:
            raise ForeignTablesError(
                "the revisions of the database do not fit", half=history.name, problem=str(exc), todo=_TODO
            ) from exc
        except (OperationalError, ProgrammingError) as exc:
            if is_outage(exc):
                raise
            raise ForeignTablesError(
                "the tables are not those of their revision: an unfinished build made them",
                half=history.name,
                to=target,
                problem=str(exc.orig).partition("\n")[0],
                todo=_TODO,
            ) from exc


def _options(history: History) -> dict[str, Any]:
    return {
        "target_metadata": history.metadata,
        "version_table": history.version_table,
        "compare_server_default": _default_differs,
        "include_name": _is_ours(history),
    }


def _default_differs(context: MigrationContext, *given: Any) -> bool | None:
    """Compare defaults as text on SQLite, where Alembic takes '' for a change; None = as Alembic does."""
    if context.dialect.name != "sqlite":
        return None
    *_, found, _default, expected = given
    return (found or "").strip("'()") != (expected or "").strip("'()")


def _is_ours(history: History) -> Callable[..., bool]:
    """Tell the tables of this half from those of the other one and from the partitions of both."""
    others = {name for other in HISTORIES if other is not history for name in other.metadata.tables}

    def include(name: str | None, kind: str, _parents: object) -> bool:
        if kind != "table" or name is None:
            return True
        return name not in others and not name.endswith("_revision") and "_p_" not in name

    return include


@cache
def _scripts(history: History) -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(history.folder).replace("%", "%%"))
    config.set_main_option("version_locations", str(history.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config, ScriptDirectory.from_config(config)


def _in_words(item: Any) -> str:
    parts = cast("list[tuple[object, ...]]", item if isinstance(item, list) else [item])
    return "; ".join(" ".join(str(part) for part in one if part is not None) for one in parts)
