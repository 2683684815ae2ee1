from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from gwf.agent.lockfile import lock_directory
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.database import open_database
from gwf.db.tables.identity import tenants
from tests.cli.conftest import Run


def with_tenant(address: DatabaseAddress) -> None:
    async def run() -> None:
        async with await open_database(address, fallback=False) as database, database.core.change() as change:
            await change.connection.execute(sa.insert(tenants), {"tenant_id": "a", "name": "a", "created_at_ms": 1})

    asyncio.run(run())


@pytest.fixture
def configured(address: DatabaseAddress, tmp_path: Path) -> Path:
    """A configuration that names a database of each kind; on SQLite the files are in tmp_path."""
    where = "sqlite" if address.url is None else address.url.set(drivername="postgresql").render_as_string(False)
    file = tmp_path / "gwf.yaml"
    file.write_text(f"data_dir: {tmp_path}\nserver:\n  database:\n    url: {where}\n")
    return file


def test_a_sound_database_is_told_so(configured: Path, address: DatabaseAddress, run: Run) -> None:
    with_tenant(address)
    told = run("db", "check", "--config", configured)
    assert told.code == 0
    assert f"{address}: sound" in told.out
    report = run("db", "check", "--config", configured, "--json").json()
    assert report["ok"] is True


def test_a_database_that_differs_is_told_so(configured: Path, address: DatabaseAddress, run: Run) -> None:
    with_tenant(address)

    async def break_it() -> None:
        async with await open_database(address) as database, database.core.change() as change:
            await change.connection.execute(sa.text("DROP TABLE leases"))

    asyncio.run(break_it())
    told = run("db", "check", "--config", configured)
    assert told.code == 1
    assert "leases" in told.out


def test_what_was_backed_up_moves_to_the_other_kind_of_database(
    configured: Path, address: DatabaseAddress, run: Run, tmp_path: Path
) -> None:
    with_tenant(address)
    backup = tmp_path / "centre.gwfbackup"
    assert run("db", "backup", backup, "--config", configured, "--json").json()["rows"]["tenants"] == 1  # type: ignore[index] # a dict
    other = tmp_path / "other"
    restored = run("db", "restore", backup, "--data", other)
    assert restored.code == 0
    assert "1 row(s) of 1 table(s)" in restored.out
    assert run("db", "check", "--data", other).code == 0
    assert run("db", "restore", backup, "--data", other).code == 4  # it holds data now


def test_a_backup_is_not_written_over(configured: Path, address: DatabaseAddress, run: Run, tmp_path: Path) -> None:
    with_tenant(address)
    (tmp_path / "there").touch()
    refused = run("db", "backup", tmp_path / "there", "--config", configured)
    assert (refused.code, (tmp_path / "there").read_bytes()) == (4, b"")


def test_tables_go_down_only_when_that_is_said(configured: Path, address: DatabaseAddress, run: Run) -> None:
    with_tenant(address)
    refused = run("db", "upgrade", "--to", "core_0002", "--config", configured)
    assert refused.code == 4
    assert "--down" in refused.err
    gone = run("db", "upgrade", "--to", "core_0002", "--down", "--config", configured, "--json")
    told = gone.json()["revisions"]
    assert isinstance(told, dict)
    revisions = told.pop("core")
    assert told == {}
    assert revisions == sorted(revisions, reverse=True)
    assert revisions[-1] == "core_0003"
    assert run("db", "check", "--config", configured).code == 1
    back = run("db", "upgrade", "--config", configured)
    assert back.out.splitlines() == [f"core: {' → '.join(reversed(revisions))}", "events: nothing to do"]
    assert run("db", "check", "--config", configured).code == 0


@pytest.mark.parametrize("revision", ["core_9999", "0004", "base"])
def test_a_revision_that_is_not_known_is_refused(run: Run, tmp_path: Path, revision: str) -> None:
    assert run("db", "upgrade", "--to", revision, "--data", tmp_path).code == 2


def test_a_directory_without_database_is_told(run: Run, tmp_path: Path) -> None:
    for command in (("check",), ("backup", "b")):
        told = run("db", *command, "--data", tmp_path)
        assert told.code == 3
    assert list(tmp_path.glob("*.db")) == []


def test_a_database_in_use_is_not_changed(run: Run, tmp_path: Path) -> None:
    with_tenant(parse_address("sqlite", data_dir=tmp_path))
    lock = lock_directory(tmp_path)
    assert run("db", "upgrade", "--data", tmp_path).code == 4
    assert run("db", "backup", "b", "--data", tmp_path).code == 0
    os.close(lock)


def test_memory_has_nothing_to_look_after(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GWF_SERVER__DATABASE__URL", "memory")
    assert run("db", "check", "--data", tmp_path).code == 2


def test_a_file_that_is_no_backup_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"junk")
    assert run("db", "restore", tmp_path / "junk", "--data", tmp_path / "d").code == 1
    assert run("db", "restore", tmp_path / "none", "--data", tmp_path / "d").code == 3
