from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from gwf.audit.export import lines_in, verify_export
from gwf.db.address import parse_address
from gwf.db.database import Database, open_database
from gwf.db.tables.audit import audit_logs
from tests.audit.chains import chain, entry
from tests.cli.conftest import Run

ROWS = 12
HEAD_7 = f"7:{list(chain(7))[-1].hash.hex()}"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a record of twelve entries."""

    async def fill(database: Database) -> None:
        async with database.core.change() as change:
            for number in range(1, ROWS + 1):
                change.record(entry(number))

    in_database(tmp_path / "data", fill)
    return tmp_path / "data"


def in_database(data: Path, work: object) -> None:
    async def run() -> None:
        async with await open_database(parse_address("sqlite", data_dir=data), fallback=False) as database:
            assert callable(work)
            await work(database)

    asyncio.run(run())


def damage(data: Path) -> None:
    async def change_a_row(database: Database) -> None:
        async with database.core.change() as change:
            statement = sa.update(audit_logs).where(audit_logs.c.seq == 5).values(actor_id="somebody else")
            await change.connection.execute(statement)

    in_database(data, change_a_row)


def test_a_whole_record_is_said_to_be_sound(data: Path, run: Run) -> None:
    result = run("audit", "verify", "--data", data)
    assert result.code == 0
    assert result.out.startswith("sound: 12 entries of default, none changed\nhead 12:")


def test_an_export_is_verified_without_the_database(data: Path, run: Run, tmp_path: Path) -> None:
    assert run("audit", "export", "--data", data, "--file", "out.ndjson").code == 0
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    document = run("audit", "verify", "--file", "out.ndjson", "--json").json()
    assert (document["ok"], document["tenant"], document["rows"]) == (True, "default", ROWS)


def test_an_export_goes_to_standard_output_too(data: Path, run: Run) -> None:
    out = run("audit", "export", "--data", data, "--after", 7).out
    verdict = verify_export(lines_in(io.BytesIO(out.encode())))
    assert (verdict.sound, verdict.rows) == (True, ROWS - 7)


def test_a_changed_row_is_named_and_ends_with_1(data: Path, run: Run) -> None:
    damage(data)
    result = run("audit", "verify", "--data", data)
    assert result.code == 1
    assert result.out.startswith("changed: row 5 was changed")
    assert result.out.endswith("4 entries before it hold\n")
    assert run("audit", "verify", "--data", data, "--json").json()["fault"] == {
        "kind": "changed", "seq": 5,
        "message": "row 5 was changed: it does not fit its hash, or row 4 was changed and its hash computed anew",
    }  # fmt: skip


def test_a_damaged_export_ends_with_1(data: Path, run: Run, tmp_path: Path) -> None:
    run("audit", "export", "--data", data, "--file", "out.ndjson")
    path = tmp_path / "out.ndjson"
    path.write_bytes(path.read_bytes()[:-100])
    result = run("audit", "verify", "--file", path)
    assert (result.code, result.out.partition(":")[0]) == (1, "truncated")


def test_a_head_that_was_written_down_is_compared(data: Path, run: Run) -> None:
    assert run("audit", "verify", "--data", data, "--head", HEAD_7).code == 0
    other = f"7:{'0' * 64}"
    result = run("audit", "verify", "--data", data, "--head", other)
    assert (result.code, result.out.partition(":")[0]) == (1, "rewritten")
    assert run("audit", "verify", "--data", data, "--head", f"99:{'0' * 64}").code == 1


@pytest.mark.parametrize("head", ["7", "x:00", "7:00", ":", "-1:" + "0" * 64])
def test_a_head_that_is_none_is_refused(data: Path, run: Run, head: str) -> None:
    result = run("audit", "verify", "--data", data, f"--head={head}")
    assert (result.code, "SEQ:HASH" in result.err) == (2, True)


def test_a_file_is_not_overwritten(data: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.ndjson").write_text("mine")
    assert run("audit", "export", "--data", data, "--file", "out.ndjson").code == 2
    assert (tmp_path / "out.ndjson").read_text() == "mine"


def test_what_is_not_there_ends_with_3(run: Run) -> None:
    assert run("audit", "verify", "--file", "nope").code == 3
    result = run("audit", "verify", "--data", "nope")
    assert (result.code, "no database of a centre" in result.err) == (3, True)
    assert not Path("nope").exists()


def test_an_entry_that_is_not_there_ends_with_3_and_leaves_no_file(data: Path, run: Run) -> None:
    assert run("audit", "export", "--data", data, "--after", 99, "--file", "out.ndjson").code == 3
    assert not Path("out.ndjson").exists()


def test_a_database_in_memory_is_only_known_to_its_centre(run: Run) -> None:
    Path("gwf.yaml").write_text("server: {database: {url: memory}}")
    result = run("audit", "verify", "--config", "gwf.yaml")
    assert (result.code, "audit:export" in result.err) == (2, True)
