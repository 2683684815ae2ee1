"""Writes the first revisions anew from the tables; until the first release they change together.

    .venv/bin/python -m tests.db.write_revisions

After a release its revisions stay as they are, and each change gets one of its own (docs/howto/add-a-stored-field.md).
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import render_python_code
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from gwf.db.history import CORE_HISTORY, EVENTS_HISTORY, History
from gwf.db.tables import agents, audit, configuration, desk, events, identity, labels, rollups, secrets, work
from gwf.db.tables.columns import Json

_HEAD = '''"""First tables of {title}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {before}
branch_labels = None
depends_on = None

{number}

def upgrade() -> None:
    """Make the tables."""
{up}


def downgrade() -> None:
    """Drop the tables with all that is in them."""
{down}
'''
_NUMBER = 'NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")\n'
_ON_POSTGRESQL = """
    if op.get_context().dialect.name == "postgresql":
        op.execute("{statement}")"""


@dataclass(frozen=True)
class First:
    """The first revision of an area."""

    history: History
    name: str
    title: str
    area: Any
    #: what only PostgreSQL needs beside the tables: name of a sequence
    sequence: str = ""

    def tables(self) -> list[sa.Table]:
        """Return the tables of the area in the order of its module."""
        return [value for value in vars(self.area).values() if isinstance(value, sa.Table)]


FIRST = (
    First(CORE_HISTORY, "identity", "who may do what", identity),
    First(CORE_HISTORY, "agents", "the agents", agents),
    First(CORE_HISTORY, "configuration", "the agents' configuration", configuration),
    First(CORE_HISTORY, "work", "the work that is given out", work),
    First(CORE_HISTORY, "audit", "the audit", audit),
    First(CORE_HISTORY, "secrets", "secrets", secrets),
    First(CORE_HISTORY, "desk", "what people keep for themselves", desk),
    First(EVENTS_HISTORY, "labels", "label sets", labels),
    First(EVENTS_HISTORY, "events", "what happened", events, sequence="row_counters"),
    First(EVENTS_HISTORY, "rollups", "sums over what happened", rollups),
)


def texts() -> dict[str, str]:
    """Return what each file has to hold before formatting, by its path."""
    written: dict[str, str] = {}
    before: dict[History, str | None] = {}
    numbers: dict[History, int] = {}
    for first in FIRST:
        numbers[first.history] = numbers.get(first.history, 0) + 1
        revision = f"{first.history.name}_{numbers[first.history]:04}"
        path = first.history.folder / f"r{numbers[first.history]:04}_{first.name}.py"
        written[str(path)] = _text(first, revision, before.get(first.history))
        before[first.history] = revision
    return written


def _text(first: First, revision: str, before: str | None) -> str:
    tables = first.tables()
    shown = "None" if before is None else f'"{before}"'
    up = "\n".join(f"    _{table.name}()" for table in tables)
    down = "\n".join(f'    op.drop_table("{table.name}")' for table in reversed(tables))
    if first.sequence:
        up += _ON_POSTGRESQL.format(statement=f"CREATE SEQUENCE {first.sequence}")
        down += _ON_POSTGRESQL.format(statement=f"DROP SEQUENCE {first.sequence}")
    body = "".join(map(_function, tables))
    number = _NUMBER if "NUMBER" in body else ""
    head = _HEAD.format(number=number, title=first.title, revision=revision, before=shown, up=up, down=down)
    return head + body


def _function(table: sa.Table) -> str:
    made = ops.CreateTableOp.from_table(table)
    made.columns = [column for column in made.columns if "since" not in column.info]
    steps: list[ops.MigrateOperation] = [made]
    indexes = sorted((index for index in table.indexes if "since" not in index.info), key=lambda index: str(index.name))
    steps += [_index(index) for index in indexes]
    context = MigrationContext.configure(dialect_name="sqlite")
    body = render_python_code(ops.UpgradeOps(ops=steps), render_item=_item, migration_context=context)
    lines = [line.removeprefix("    ") for line in str(body).splitlines() if not line.strip().startswith("#")]
    code = "\n".join(f"    {line}" for line in lines if line.strip())
    if table.dialect_options["postgresql"]["partition_by"]:
        code += _ON_POSTGRESQL.format(statement=f"CREATE TABLE {table.name}_p_rest PARTITION OF {table.name} DEFAULT")
    return f"\n\ndef _{table.name}() -> None:\n{code}\n"


def _index(index: sa.Index) -> ops.CreateIndexOp:
    made = ops.CreateIndexOp.from_index(index)
    if "includes_since" in index.info:
        del made.kw["postgresql_include"]
    return made


def _item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(item, sa.BigInteger):
        return "NUMBER"
    return "sa.Text()" if kind == "type" and isinstance(item, Json) else False


def formatted(text: str) -> str:
    """Return `text` as ruff formats it."""
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "revision.py", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Write the files; what came later (`gwf.db.tables.columns.later`) has revisions of its own, written by hand."""
    for path, text in texts().items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(formatted(text))


if __name__ == "__main__":
    main()
