"""What the journal knows of unfinished uploads, so that none is forgotten and none is sent again without need."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gwf.agent.journal import schema
from gwf.agent.journal.notes import Statement
from gwf.agent.journal.upkeep import HOUSEKEEPING_S
from gwf.agent.journal.upload_record import JournalRecord, UploadRecords
from gwf.agent.journal.upload_state import state_from_json, state_to_json
from gwf.agent.model import CHANGED_BEFORE, SHA256_PLACEHOLDER, FileStatus, Result
from gwf.storage.model import MultipartState, Part
from tests.agent.journal.rig import Rig
from tests.agent.trees import make_tree


def _state(key: str, upload_id: str) -> str:
    return state_to_json(MultipartState(key=key, upload_id=upload_id, size_bytes=10, part_size_bytes=5))


def _begin(rig: Rig, name: str, upload_id: str = "u1") -> str:
    """Let the work in hand note that its upload was begun."""
    work = rig.work(name)
    text = _state(work.key, upload_id)
    rig.journal._connection.execute("UPDATE files SET upload_state=? WHERE id=?", (text, work.file_id))
    work.upload_state = text
    return text


class AtOnce:
    """Writes each statement as soon as it is said."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def submit(self, statement: Statement) -> None:
        self._rig.journal.submit(statement)
        self._rig.step()


def _record(rig: Rig, name: str) -> JournalRecord:
    return JournalRecord(AtOnce(rig), rig.work(name))


def _kept(rig: Rig, name: str) -> list[int]:
    return [part.number for part in UploadRecords(rig.journal, rig.path).parts(rig.work(name))]


def _upload(upload_id: str) -> MultipartState:
    return MultipartState(key="a", upload_id=upload_id, size_bytes=10, part_size_bytes=5)


def _part(number: int) -> Part:
    return Part(number=number, size_bytes=5, etag=f"e{number}")


def _suspects(rig: Rig) -> list[str]:
    return [key for _, _, key in rig.hands.suspected]


def test_a_file_whose_upload_may_be_under_way_is_a_suspect_after_a_crash(rig: Rig) -> None:
    rig.put("a")
    key = rig.work("a").key
    rig.crash()
    assert _suspects(rig) == [key]


def test_an_upload_that_replaces_a_known_one_is_a_suspect_too(rig: Rig) -> None:
    rig.put("a")
    _begin(rig, "a", upload_id="")
    key = rig.work("a").key
    rig.crash()
    assert _suspects(rig) == [key]


def test_an_upload_whose_id_is_known_is_no_suspect(rig: Rig) -> None:
    rig.put("a")
    _begin(rig, "a")
    rig.crash()
    assert _suspects(rig) == []


def test_the_old_key_of_a_file_overtaken_while_it_is_sent_stays_known(rig: Rig) -> None:
    rig.put("a", key="day-1/a")
    rig.put("a", version=2, key="day-2/a")
    rig.crash()
    assert set(_suspects(rig)) == {"day-1/a", "day-2/a"}


def test_a_key_that_waits_for_the_content_hash_is_not_asked_for(rig: Rig) -> None:
    rig.put("a", key=f"x/{SHA256_PLACEHOLDER}")
    rig.crash()
    assert _suspects(rig) == []


def test_a_newer_version_that_is_not_to_be_sent_stays_unsent_after_a_crash(rig: Rig) -> None:
    rig.put("a")
    rig.put("a", version=2, status=FileStatus.SKIPPED, reason="smaller_than_min_size")
    rig.crash()
    rig.step()
    assert rig.states() == {"a": FileStatus.SKIPPED}


def test_a_copy_of_the_tree_goes_on_with_the_upload(rig: Rig) -> None:
    rig.put("a")
    begun = _begin(rig, "a")
    rig.hands.capacity["default"] = 0
    rig.crash()
    rig.put("a", ino=99)
    rig.hands.capacity["default"] = 10
    rig.step(advance_s=1)
    assert (rig.work("a").ino, rig.work("a").upload_state, rig.hands.abandoned) == (99, begun, [])


def test_a_copy_that_was_handed_out_before_it_was_noticed_goes_on_with_the_upload(rig: Rig) -> None:
    rig.put("a")
    begun = _begin(rig, "a")
    rig.crash()
    rig.step(advance_s=1)
    rig.end("a", Result.CHANGED, message=CHANGED_BEFORE)
    rig.put("a", ino=99)
    assert (rig.work("a").upload_state, rig.hands.abandoned) == (begun, [])


def test_a_copy_noticed_while_its_work_is_in_hand_goes_on_with_the_upload(rig: Rig) -> None:
    rig.put("a")
    begun = _begin(rig, "a")
    rig.crash()
    rig.step(advance_s=1)
    rig.put("a", ino=99)
    rig.end("a", Result.CHANGED, message=CHANGED_BEFORE)
    rig.step(advance_s=1)
    assert (rig.work("a").upload_state, rig.hands.abandoned) == (begun, [])


def test_another_version_does_not_go_on_with_the_upload(rig: Rig) -> None:
    rig.put("a")
    begun = _begin(rig, "a")
    rig.end("a", Result.CHANGED, message=CHANGED_BEFORE)
    rig.put("a", version=2)
    assert rig.work("a").upload_state is None
    assert [text for _, _, text in rig.hands.abandoned] == [begun]


def test_a_copy_under_another_key_does_not_go_on_with_the_upload(rig: Rig, tmp_path: Path) -> None:
    rig.put("a")
    begun = _begin(rig, "a")
    rig.end("a", Result.FAILED)
    rig.put("a", ino=99, key="other/a")
    assert rig.work("a").upload_state is None
    assert [text for _, _, text in rig.hands.abandoned] == [begun]


def test_a_copy_of_a_finished_file_asks_the_store_before_it_is_sent(rig: Rig) -> None:
    rig.put("a")
    rig.end("a")
    rig.put("a", ino=99)
    assert rig.work("a").recovered


def test_a_changed_finished_file_is_sent_without_asking(rig: Rig) -> None:
    rig.put("a")
    rig.end("a")
    rig.put("a", version=2)
    assert not rig.work("a").recovered


def test_the_upload_of_a_file_that_went_away_after_it_changed_is_abandoned(rig: Rig) -> None:
    rig.put("a")
    begun = _begin(rig, "a")
    rig.end("a", Result.CHANGED, message=CHANGED_BEFORE)
    rig.journal.gone([1])
    rig.step()
    assert [text for _, _, text in rig.hands.abandoned] == [begun]
    assert rig.rows("upload_state") == [(None,)]


def test_the_upload_of_a_dead_letter_whose_file_went_away_is_abandoned(rig: Rig) -> None:
    rig.put("a")
    begun = _begin(rig, "a")
    rig.end("a", Result.FAILED, retryable=False)
    assert rig.states() == {"a": FileStatus.DEAD}
    rig.journal.gone([1])
    rig.step()
    assert [text for _, _, text in rig.hands.abandoned] == [begun]


def test_suspects_are_written_once_however_often_the_process_dies(rig: Rig) -> None:
    rig.put("a", tree=make_tree(rig.path.parent))
    for _ in range(3):
        rig.crash()
        rig.step(advance_s=1)
    connection = sqlite3.connect(rig.path)
    assert connection.execute("SELECT count(*) FROM orphans").fetchone() == (1,)
    connection.close()


def test_each_part_is_kept_by_itself_and_survives_a_crash(rig: Rig) -> None:
    rig.put("a")
    record = _record(rig, "a")
    record.begun(_upload("u1"))
    begun = rig.rows("upload_state")
    for number in range(1, 101):
        record.stored(_part(number))
    rig.crash()
    rig.step()
    assert _kept(rig, "a") == list(range(1, 101))
    assert rig.rows("upload_state") == begun
    assert state_from_json(rig.work("a").upload_state or "") == _upload("u1")


def test_a_new_upload_of_a_file_knows_no_part_of_the_one_before(rig: Rig) -> None:
    rig.put("a")
    record = _record(rig, "a")
    record.begun(_upload("u1"))
    record.stored(_part(1))
    record.begun(_upload("u2"))
    record.stored(_part(2))
    assert _kept(rig, "a") == [2]


def test_a_part_of_a_version_that_was_overtaken_is_not_kept(rig: Rig) -> None:
    rig.put("a")
    record = _record(rig, "a")
    record.begun(_upload("u1"))
    rig.put("a", version=2)
    record.stored(_part(1))
    assert _kept(rig, "a") == []


def test_the_parts_of_ended_uploads_are_cleared_and_only_those(rig: Rig) -> None:
    rig.put("a", "b")
    for name in ("a", "b"):
        _record(rig, name).begun(_upload(name))
        for number in (1, 2):
            _record(rig, name).stored(_part(number))
    ended = rig.work("a")
    rig.end("a")
    rig.step(advance_s=HOUSEKEEPING_S + 1)
    assert UploadRecords(rig.journal, rig.path).parts(ended) == ()
    assert _kept(rig, "b") == [1, 2]


def test_the_parts_in_a_state_of_an_older_journal_become_rows(tmp_path: Path) -> None:
    path, begun = tmp_path / "journal.db", _state("a", "u1")
    old_text = begun[:-1] + ', "parts": [[1, 5, "e1"], [2, 5, "e2"]]}'
    old = sqlite3.connect(path)
    old.executescript("".join(schema._STEPS[:3]) + "PRAGMA user_version=3;")
    for number, text in enumerate([old_text, None, "kept", begun[:-1] + ', "parts": []}']):
        old.execute(
            "INSERT INTO files (dir_id, name, ino, size_bytes, mtime_ns, state, store, priority, key, next_at_ms,"
            " queued_at_ms, updated_at_ms, upload_state) VALUES (1, ?, 1, 1, 1, 2, 's', 5, 'k', 0, 0, 0, ?)",
            (b"%d" % number, text),
        )
    old.execute("INSERT INTO orphans (store, upload_state) VALUES ('s', ?)", (old_text,))
    old.commit()
    old.close()
    connection = schema.open_for_writing(path)
    rows = connection.execute("SELECT file_id, number, size_bytes, etag FROM upload_parts").fetchall()
    texts = connection.execute("SELECT upload_state FROM files ORDER BY id").fetchall()
    orphans = connection.execute("SELECT upload_state FROM orphans").fetchall()
    connection.close()
    assert rows == [(1, 1, 5, "e1"), (1, 2, 5, "e2")]
    assert texts == [(begun,), (None,), ("kept",), (begun,)]
    assert orphans == [(begun,)]
