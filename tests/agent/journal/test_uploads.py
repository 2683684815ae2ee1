"""What the journal knows of unfinished uploads, so that none is forgotten and none is sent again without need."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gwf.agent.journal.upload_state import state_to_json
from gwf.agent.model import CHANGED_BEFORE, SHA256_PLACEHOLDER, FileStatus, Result
from gwf.storage.model import MultipartState
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
