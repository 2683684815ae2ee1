from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from gwf.core.errors import ConfigError, UnavailableError
from gwf.db import database as opening
from gwf.db.address import Backend, DatabaseAddress, parse_address
from gwf.db.database import DatabaseFacts, open_database


def facts_of(address: DatabaseAddress) -> DatabaseFacts:
    async def run() -> DatabaseFacts:
        async with await open_database(address) as database:
            async with database.core.view() as connection:
                assert await connection.scalar(sa.text("SELECT 1")) == 1
            return database.facts

    return asyncio.run(run())


def nowhere() -> DatabaseAddress:
    return parse_address("postgresql://gwf:geheim@127.0.0.1:1/gwf", data_dir=Path("/nonexistent"))


def test_a_database_that_opens_is_durable(address: DatabaseAddress) -> None:
    facts = facts_of(address)
    assert (facts.backend, facts.durable, facts.fallback) == (address.backend, True, None)


def test_without_a_server_the_centre_works_in_memory_and_says_why() -> None:
    facts = facts_of(nowhere())
    assert (facts.backend, facts.durable) == (Backend.MEMORY, False)
    assert facts.address == "postgresql://gwf:***@127.0.0.1:1/gwf"
    assert facts.fallback is not None
    assert "does not answer" in facts.fallback
    assert "geheim" not in str(facts)


def test_without_fallback_the_error_is_raised() -> None:
    with pytest.raises(UnavailableError):
        asyncio.run(open_database(nowhere(), fallback=False))


@pytest.mark.parametrize("content", [b"no database at all" * 500, b"\0" * 4096])
def test_a_damaged_file_is_left_alone_and_memory_is_used(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "core.db").write_bytes(content)
    facts = facts_of(parse_address("sqlite", data_dir=tmp_path))
    assert facts.backend is Backend.MEMORY
    assert (tmp_path / "core.db").read_bytes() == content


def test_a_directory_that_cannot_be_made_leads_to_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert facts_of(parse_address("sqlite:file/db", data_dir=tmp_path)).fallback is not None


def test_memory_by_choice_is_no_fault() -> None:
    facts = facts_of(parse_address("memory", data_dir=Path("/nonexistent")))
    assert (facts.durable, facts.fallback) == (False, None)


def test_sqlite_on_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "is_network", lambda path: path == os.fsencode(tmp_path.resolve()))
    with pytest.raises(ConfigError) as refused:
        asyncio.run(open_database(parse_address("sqlite", data_dir=tmp_path)))
    assert str(tmp_path) in refused.value.problems[0]
    assert list(tmp_path.iterdir()) == []


def test_the_files_are_for_their_owner_only(tmp_path: Path) -> None:
    async def run() -> dict[str, str]:
        async with await open_database(parse_address("sqlite", data_dir=tmp_path)):
            return {item.name: oct(stat.S_IMODE(item.stat().st_mode)) for item in os.scandir(tmp_path)}

    modes = asyncio.run(run())
    assert modes.keys() >= {"core.db", "events.db", "core.db-wal"}
    assert set(modes.values()) == {"0o600"}


def test_commits_of_core_are_synced_and_those_of_events_left_to_the_system(tmp_path: Path) -> None:
    async def run() -> list[tuple[object, object]]:
        async with await open_database(parse_address("sqlite", data_dir=tmp_path)) as database:
            found = []
            for half in (database.core, database.events):
                async with half.change() as change:
                    synchronous = await change.connection.scalar(sa.text("PRAGMA synchronous"))
                    found.append((await change.connection.scalar(sa.text("PRAGMA journal_mode")), synchronous))
            return found

    assert asyncio.run(run()) == [("wal", 2), ("wal", 1)]


def test_two_processes_may_open_one_database_at_the_same_moment(address: DatabaseAddress) -> None:
    async def run() -> set[bool]:
        databases = await asyncio.gather(*(open_database(address, fallback=False) for _ in range(3)))
        for database in databases:
            await database.close()
        return {database.durable for database in databases}

    assert asyncio.run(run()) == {True}
