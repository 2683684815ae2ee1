from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.migrate.queuefile import entries_of, read_queue_files

paths = st.lists(st.text(min_size=1, max_size=12).map(lambda text: "/w/" + text), max_size=8)


@given(paths)
def test_a_sound_file_is_read_as_it_is(items: list[str]) -> None:
    assert entries_of(json.dumps({"items": items}).encode()) == (items, ())


def test_an_empty_queue_is_written_as_null() -> None:
    assert entries_of(b'{"items":null}') == ([], ())


@given(paths, st.booleans(), st.data())
def test_a_cut_off_file_gives_its_first_entries_and_no_other(
    items: list[str], plain: bool, data: st.DataObject
) -> None:
    whole = json.dumps({"items": items}, ensure_ascii=plain).encode()
    cut = data.draw(st.integers(1, len(whole) - 1))
    saved, faults = entries_of(whole[:cut])
    assert saved == items[: len(saved)]
    assert len(saved) >= whole[:cut].count(b'", "')
    assert faults


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd(raw: bytes) -> None:
    saved, faults = entries_of(raw)
    assert all(saved)
    assert saved or faults or b"items" in raw


@pytest.mark.parametrize(
    ("raw", "saved"),
    [
        (b'items":["/a","/b"]}', ["/a", "/b"]),
        (b'y/c","/a","/b"]}', ["/a", "/b"]),
        (b'{"items":["/a","/b\0\0\0\0', ["/a"]),
        (b'{"items":["/a"]}{"items":["/b"]}', ["/a", "/b"]),
        (b'{"items":["/a",7,null,"/b"]}', ["/a", "/b"]),
        (b"\0\0\0\0", []),
        (b"", []),
        (b'["/a"]', []),
    ],
)  # fmt: skip
def test_what_is_torn_is_saved_as_far_as_it_can_be_told_apart(raw: bytes, saved: list[str]) -> None:
    found, faults = entries_of(raw)
    assert found == saved
    assert faults


def test_entries_are_told_once_and_from_where_the_go_version_ran(tmp_path: Path) -> None:
    queue, backup = tmp_path / "q.json", tmp_path / "q.json.corrupt-1.bak"
    queue.write_text('{"items":["/w/a","spool/b","/w/a"]}')
    backup.write_text('{"items":["/w/a","/w/c"')
    entries = read_queue_files((queue, backup), work_dir=Path("/home/gwf"))
    assert entries.paths == (b"/w/a", b"/home/gwf/spool/b", b"/w/c")
    assert (entries.from_backups, entries.damage) == (1, ())
