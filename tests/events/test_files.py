from __future__ import annotations

import pytest

from gwf.events.files import FileEvent, FileEventStatus, Told, file_event, file_ref

TOLD = Told("default", "ag1", "e1", 7, 1_700_000_000_000, 42, 3)


def test_a_confirmed_file_fills_its_columns() -> None:
    body = {"path": "/in/a.log", "store": "main", "key": "k/a.log", "size_bytes": 12, "attempt": 1, "sha256": ""}
    event = file_event(TOLD, FileEventStatus.DONE, body)
    assert (event.path, event.store, event.key, event.size_bytes) == ("/in/a.log", "main", "k/a.log", 12)
    assert (event.sha256, event.extra) == (None, None)


def test_what_has_no_column_is_kept_beside_it() -> None:
    event = file_event(TOLD, FileEventStatus.ARCHIVED, {"path": "/in/a", "where": "/old/a.gz"})
    assert event.extra == '{"where":"/old/a.gz"}'


@pytest.mark.parametrize(
    ("name", "value"), [("path", 1), ("store", ["a"]), ("size_bytes", -1), ("attempt", True), ("message", {})]
)
def test_a_part_of_the_wrong_type_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        file_event(TOLD, FileEventStatus.FAILED, {name: value})


def test_a_path_has_the_same_reference_in_every_event_of_one_agent() -> None:
    assert file_ref("ag1", "/in/a") == file_ref("ag1", "/in/a")
    assert len({file_ref("ag1", "/in/a"), file_ref("ag2", "/in/a"), file_ref("ag1", "/in/b")}) == 3
    assert 0 <= file_ref("ag1", "/in/\udc80") < 2**63


def test_columns_and_parts_of_the_body_have_the_same_names() -> None:
    assert set(FileEvent._fields) >= {"path", "store", "key", "size_bytes", "etag", "error_code", "message"}
