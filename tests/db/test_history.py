from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from gwf.core.errors import InputError
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.database import connect, open_database
from gwf.db.half import Half
from gwf.db.history import (
    BASE,
    CORE_HISTORY,
    EVENTS_HISTORY,
    HISTORIES,
    ForeignTablesError,
    History,
    current,
    differences,
    move,
    newest,
    revisions,
)
from tests.conftest import PostgresServer
from tests.db import write_revisions
from tests.db.rows import fill, held

Result = TypeVar("Result")
each_history = pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)


def in_transaction(address: DatabaseAddress, history: History, work: Callable[[sa.Connection], Result]) -> Result:
    """Run `work` in a transaction of the half that `history` is about."""

    async def run() -> Result:
        core, events = connect(address)
        half: Half = core if history is CORE_HISTORY else events
        try:
            async with half.writer.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await core.close()
            await events.close()

    return asyncio.run(run())


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseAddress]:
    """A database without tables."""
    if request.param == "sqlite":
        yield parse_address("sqlite", data_dir=tmp_path)
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    address = postgres.create(empty=True)
    yield address
    postgres.drop(address)


@each_history
def test_the_revisions_make_the_tables_that_the_program_expects(empty: DatabaseAddress, history: History) -> None:
    def work(connection: sa.Connection) -> tuple[str, ...]:
        move(connection, history)
        return differences(connection, history)

    assert in_transaction(empty, history, work) == ()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE users ADD COLUMN extra TEXT", "extra"),
        ("DROP INDEX sessions_user_id_index", "sessions_user_id_index"),
        ("DROP TABLE leases", "leases"),
    ],
)
def test_what_differs_is_told(empty: DatabaseAddress, statement: str, told: str) -> None:
    def work(connection: sa.Connection) -> tuple[str, ...]:
        move(connection, CORE_HISTORY)
        connection.execute(sa.text(statement))
        return differences(connection, CORE_HISTORY)

    assert [told in line for line in in_transaction(empty, CORE_HISTORY, work)] == [True]


def test_a_default_that_differs_is_told(empty: DatabaseAddress) -> None:
    def work(connection: sa.Connection) -> tuple[str, ...]:
        move(connection, CORE_HISTORY)
        connection.execute(sa.text("ALTER TABLE users DROP COLUMN display_name"))
        connection.execute(sa.text("ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT 'x'"))
        return differences(connection, CORE_HISTORY)

    assert ["display_name" in line for line in in_transaction(empty, CORE_HISTORY, work)] == [True]


@each_history
def test_every_revision_goes_down_and_up_again_with_data(empty: DatabaseAddress, history: History) -> None:
    def work(connection: sa.Connection) -> None:
        move(connection, history)
        for revision in (*reversed(revisions(history)[:-1]), BASE):
            fill(connection, history.metadata)
            move(connection, history, revision)
            move(connection, history)
            assert differences(connection, history) == ()
        assert held(connection, history.metadata) == {}

    in_transaction(empty, history, work)


@each_history
def test_tables_that_a_step_does_not_touch_keep_their_rows(empty: DatabaseAddress, history: History) -> None:
    def work(connection: sa.Connection) -> None:
        move(connection, history)
        fill(connection, history.metadata)
        before = held(connection, history.metadata)
        move(connection, history, revisions(history)[-2])
        move(connection, history)
        after = held(connection, history.metadata)
        newest_revision = revisions(history)[-1]
        for table in history.metadata.tables.values():
            if any(column.info.get("since") == newest_revision for column in table.columns):
                assert len(after.pop(table.name)) == len(before[table.name])
        assert after.items() <= before.items()
        assert len(after) >= 1

    in_transaction(empty, history, work)


def test_moving_tells_the_revisions_on_the_way(empty: DatabaseAddress) -> None:
    def work(connection: sa.Connection) -> None:
        assert current(connection, EVENTS_HISTORY) is None
        assert move(connection, EVENTS_HISTORY, "events_0002") == ("events_0001", "events_0002")
        assert move(connection, EVENTS_HISTORY, "events_0002") == ()
        assert move(connection, EVENTS_HISTORY, BASE) == ("events_0002", "events_0001")

    in_transaction(empty, EVENTS_HISTORY, work)


def test_a_database_of_a_newer_release_is_refused(address: DatabaseAddress) -> None:
    def work(connection: sa.Connection) -> None:
        move(connection, CORE_HISTORY)
        connection.execute(sa.text("UPDATE core_revision SET version_num = 'core_9999'"))

    in_transaction(address, CORE_HISTORY, work)
    with pytest.raises(InputError, match="newer release"):
        asyncio.run(open_database(address))


def test_a_revision_that_is_not_known_is_refused(empty: DatabaseAddress) -> None:
    with pytest.raises(InputError, match="no such revision"):
        in_transaction(empty, CORE_HISTORY, lambda connection: move(connection, CORE_HISTORY, "core_9999"))


@pytest.mark.parametrize(
    ("statements", "to", "told"),
    [
        # a build in which the newest revision was not finished
        (("ALTER TABLE kept_answers DROP COLUMN media_type",), "head", "kept_answers.media_type"),
        (("DROP TABLE leases",), "head", "leases"),
        # one in which an older revision made other tables: its next step finds what it does not expect
        (("CREATE TABLE tasks (x INTEGER)",), "core_0003", "tasks"),
    ],
)
def test_what_an_unfinished_build_made_is_refused_in_words(
    empty: DatabaseAddress, statements: tuple[str, ...], to: str, told: str
) -> None:
    def work(connection: sa.Connection) -> None:
        move(connection, CORE_HISTORY, to)
        for statement in statements:
            connection.execute(sa.text(statement))

    in_transaction(empty, CORE_HISTORY, work)
    with pytest.raises(ForeignTablesError, match="unfinished build") as refused:
        asyncio.run(open_database(empty))
    assert told in str(refused.value)
    assert "another data_dir or server.database.url" in str(refused.value)


def test_a_step_that_fails_leaves_nothing_behind(empty: DatabaseAddress) -> None:
    def work(connection: sa.Connection) -> None:
        connection.execute(sa.text("CREATE TABLE tasks (x INTEGER)"))  # in the way of a later revision
        move(connection, CORE_HISTORY)

    with pytest.raises(ForeignTablesError, match="nothing says of which release") as refused:
        in_transaction(empty, CORE_HISTORY, work)
    assert (refused.value.context["tables"], refused.value.code) == (("tasks",), "foreign_database")
    assert in_transaction(empty, CORE_HISTORY, lambda connection: sa.inspect(connection).get_table_names()) == []


@each_history
def test_the_newest_revision_is_the_last_one(history: History) -> None:
    assert newest(history) == revisions(history)[-1]


@pytest.mark.parametrize(("path", "text"), write_revisions.texts().items(), ids=lambda value: Path(value).stem[:20])
def test_first_revisions_are_written_anew_after_a_change_of_tables(path: str, text: str) -> None:
    assert Path(path).read_text(encoding="utf-8") == write_revisions.formatted(text), (
        "run .venv/bin/python -m tests.db.write_revisions"
    )
