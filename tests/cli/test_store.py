from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

MANY = 12


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    root = tmp_path / "objects"
    for number in range(MANY):
        path = root / "host" / f"{number:02}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * number)
    return root


def test_objects_are_listed_in_key_order(objects: Path, run: Run) -> None:
    rows = run("store", "ls", f"file://{objects}").out.splitlines()
    assert rows[0].split("\t") == ["key", "bytes", "modified", "etag"]
    assert [row.split("\t")[0] for row in rows[1:]] == [f"host/{number:02}.log" for number in range(MANY)]


def test_a_long_list_is_cut_and_says_so(objects: Path, run: Run) -> None:
    result = run("store", "ls", f"file://{objects}", "host/0", "--limit", 3)
    assert len(result.out.splitlines()) == 4
    assert "more than 3 objects" in result.err
    document = run("store", "ls", f"file://{objects}", "--limit", 3, "--json").json()
    assert document["more"] is True


def test_one_object_is_shown_and_a_missing_one_ends_with_3(objects: Path, run: Run) -> None:
    assert run("store", "stat", f"file://{objects}", "host/05.log", "--json").json()["size_bytes"] == 5
    assert run("store", "stat", f"file://{objects}", "host/nope").code == 3


def test_a_store_of_the_configuration_is_found_by_name_and_url(objects: Path, run: Run) -> None:
    Path("gwf.yaml").write_text(f"stores: {{local: {{url: 'file://{objects}'}}}}")
    for where in ("local", f"file://{objects}"):
        assert "host/00.log" in run("store", "ls", where, "--config", "gwf.yaml").out
    result = run("store", "ls", "lokal", "--config", "gwf.yaml")
    assert result.code == 3
    assert "there_are='local'" in result.err


def test_an_unusable_url_is_a_configuration_error(run: Run) -> None:
    result = run("store", "ls", "s3://bucket")
    assert result.code == 2
    assert "stores.default.access_key" in result.err


def test_a_store_without_checksums_proves_nothing_but_is_read(objects: Path, run: Run) -> None:
    document = run("store", "verify", f"file://{objects}", "--json").json()
    assert document == {
        "ok": True, "verified": 0, "unproven": MANY, "faulty": 0, "bytes": sum(range(MANY)), "faults": [],
    }  # fmt: skip


def test_an_object_that_cannot_be_read_is_a_fault(objects: Path, run: Run) -> None:
    result = run("store", "verify", f"file://{objects}", "--journal")
    assert result.code == 3
    assert "no journal" in result.err
