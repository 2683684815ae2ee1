from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.journal.admin import JournalAdmin, check_journal, open_admin, repair_journal, set_aside
from gwf.agent.journal.choice import Choice
from gwf.agent.journal.deadletters import REPLAYABLE, Order, Target
from gwf.agent.journal.schema import open_for_writing
from gwf.agent.model import FileStatus, Result
from gwf.core.errors import CorruptDataError, ErrorClass, InputError, NotFoundError
from gwf.wire.deadletters import ChangedFiles
from tests.agent.journal.rig import Rig


@pytest.fixture
def filled(rig: Rig) -> Rig:
    """One file in each state that a person may meet."""
    rig.put("dead", "dead-too", "waits", "running", "done")
    for name, error_class in (("dead", ErrorClass.AUTH), ("dead-too", ErrorClass.TOO_LARGE)):
        rig.end(name, Result.FAILED, retryable=False, error_class=error_class, message="no")
    rig.end("waits", Result.FAILED, retry_after_s=3000.0)
    rig.end("done")
    rig.hands.capacity["default"] = 0
    rig.put("ready")
    return rig


@pytest.fixture
def admin(filled: Rig) -> Iterator[JournalAdmin]:
    opened = open_admin(filled.path.parent)
    yield opened
    opened.close()


def replay(admin: JournalAdmin, *ids: int, dry_run: bool = False, **filters: Any) -> ChangedFiles:
    choice = Choice(ids=ids or None, states=REPLAYABLE, **filters)
    return admin.replay(choice, Target(), Order(author="ann", dry_run=dry_run), stores=())


def test_a_directory_without_a_journal_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        open_admin(tmp_path)
    assert not (tmp_path / "journal.db").exists()


def test_a_summary_counts_every_file_once(admin: JournalAdmin) -> None:
    summary = admin.summary()
    assert {word: summary[word] for word in ("dead", "waiting", "ready", "sending")} == {
        "dead": 2, "waiting": 1, "ready": 1, "sending": 1,
    }  # fmt: skip
    assert (summary["done_total"], summary["dead_total"]) == (1, 2)


def test_a_replayed_file_is_sent_with_all_attempts_before_it(admin: JournalAdmin, filled: Rig) -> None:
    filled.hands.capacity["default"] = 100
    replay(admin, 1)
    filled.step(advance_s=0.3)
    assert filled.work("dead").attempts == 0
    assert [entry["kind"] for entry in admin.history(1)] == ["file.dead", "file.replayed"]


def test_a_dry_run_names_the_same_files_and_changes_nothing(admin: JournalAdmin, filled: Rig) -> None:
    before = filled.rows("*")
    named = replay(admin, dry_run=True)
    admin.drop(Choice(ids=(1,)), Order(author="ann", reason="no use", dry_run=True))
    assert filled.rows("*") == before
    assert replay(admin).items == named.items


@pytest.mark.parametrize(
    ("text", "error_class", "names"),
    [
        ("", "auth", {"dead"}),
        ("-too", None, {"dead-too"}),
        ("", None, {"dead", "dead-too", "waits"}),
        ("none", None, set()),
    ],
)
def test_files_to_replay_are_chosen_by_text_and_class(
    admin: JournalAdmin, filled: Rig, text: str, error_class: str | None, names: set[str]
) -> None:
    chosen = replay(admin, text=text, error_class=error_class)
    assert {item.path.rpartition("/")[2] for item in chosen.items} == names
    states = filled.states()
    assert all(states[name] is FileStatus.READY for name in names)


def test_more_files_than_one_page_are_replayed(rig: Rig) -> None:
    names = [f"f{number:04d}" for number in range(450)]
    rig.put(*names)
    for work in list(rig.hands.held):
        rig.report(work, Result.FAILED, retryable=False)
    rig.hands.capacity["default"] = 0
    rig.step()
    admin = open_admin(rig.path.parent)
    changed = replay(admin)
    assert (changed.count, len(changed.items)) == (450, 200)
    admin.close()
    assert set(rig.states().values()) == {FileStatus.READY}


@pytest.mark.parametrize("file_id", [4, 5, 6])
def test_files_that_run_are_done_or_are_ready_cannot_be_replayed(admin: JournalAdmin, file_id: int) -> None:
    with pytest.raises(InputError, match="another state"):
        replay(admin, file_id)


def test_an_unknown_id_changes_nothing_at_all(admin: JournalAdmin, filled: Rig) -> None:
    with pytest.raises(NotFoundError):
        replay(admin, 1, 99)
    assert filled.states()["dead"] is FileStatus.DEAD


def test_a_dropped_file_is_not_sent_and_keeps_the_reason(admin: JournalAdmin, filled: Rig) -> None:
    admin.drop(Choice(ids=(1, 3, 6)), Order(author="ann", reason="  old logs "))
    filled.hands.capacity["default"] = 100
    filled.step(advance_s=4000.0)
    assert [work.path.rpartition(b"/")[2] for work in filled.hands.held] == [b"running"]
    assert {filled.states()[name] for name in ("dead", "waits", "ready")} == {FileStatus.SKIPPED}
    assert (admin.history(1)[-1]["reason"], admin.history(1)[-1]["by"]) == ("old logs", "ann")
    filled.put("dead", version=2)
    assert filled.work("dead").gen == 2


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_is_dropped_without_a_reason(admin: JournalAdmin, reason: str) -> None:
    with pytest.raises(InputError, match="reason"):
        admin.drop(Choice(ids=(1,)), Order(author="ann", reason=reason))


def test_what_is_being_sent_cannot_be_dropped(admin: JournalAdmin) -> None:
    with pytest.raises(InputError):
        admin.drop(Choice(ids=(4,)), Order(author="ann", reason="x"))


def test_events_of_the_writer_and_of_a_person_share_one_sequence(admin: JournalAdmin, filled: Rig) -> None:
    filled.hands.capacity["default"] = 100
    replay(admin, 1)
    filled.step(advance_s=0.3)
    filled.end("dead")
    replay(admin, 2)
    filled.end("running")
    kinds = [kind for kind, _ in filled.events()]
    assert kinds.count("file.replayed") == 2
    assert kinds.count("file.done") == 3


def test_an_unknown_state_is_refused(admin: JournalAdmin) -> None:
    with pytest.raises(InputError, match="unknown state"):
        admin.files(("nonsense",), "", None, None, 10)


def test_a_sound_journal_has_no_problems(admin: JournalAdmin) -> None:
    assert admin.check() == []
    assert admin.doctor(repair=True) == []


def test_rows_that_break_the_rules_are_named(rig: Rig) -> None:
    rig.put("a", "b", "c")
    rig.journal._connection.execute("UPDATE files SET state=99 WHERE id=1")
    rig.journal._connection.execute("UPDATE files SET dir_id=999 WHERE id=2")
    rig.journal._connection.execute("UPDATE files SET key='' WHERE id=3")
    problems = check_journal(rig.path)
    assert len(problems) == 3
    assert all("1 files" in problem for problem in problems)


def damage(path: Path, how: str) -> None:
    size = path.stat().st_size
    if how == "garbage":
        path.write_bytes(os.urandom(size))
    elif how == "truncated":
        os.truncate(path, 3000)
    else:
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(size - 4096))


@pytest.mark.parametrize("how", ["garbage", "truncated", "garbage after the first page"])
def test_a_damaged_journal_is_found_told_of_and_rebuilt_only_when_asked(tmp_path: Path, how: str) -> None:
    rig = Rig(tmp_path)
    rig.put(*(f"f{number}" for number in range(500)))
    rig.close()
    damage(rig.path, how)
    before = rig.path.read_bytes()
    assert check_journal(rig.path)
    told = repair_journal(rig.path, repair=False)
    assert "would" in told[-1]
    assert rig.path.read_bytes() == before
    assert "set aside" in repair_journal(rig.path, repair=True)[-1]
    assert check_journal(rig.path) == []
    (aside,) = tmp_path.glob("journal.db.damaged-*[Z]")
    assert aside.read_bytes() == before


def test_an_empty_file_in_place_of_the_journal_is_found_and_mended(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"")
    assert check_journal(tmp_path / "journal.db")
    repair_journal(tmp_path / "journal.db", repair=True)
    assert check_journal(tmp_path / "journal.db") == []


def test_two_damages_in_one_second_keep_both_files(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    for number in range(3):
        path.write_bytes(b"damaged %d" % number)
        set_aside(path)
    kept = {item.read_bytes() for item in tmp_path.glob("journal.db.damaged-*") if item.suffix not in {"-wal", "-shm"}}
    assert {b"damaged 0", b"damaged 1", b"damaged 2"} <= kept


def test_a_rebuilt_journal_asks_the_store_before_it_sends(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"damaged" * 1000)
    set_aside(tmp_path / "journal.db")
    rig = Rig(tmp_path)
    rig.put("a")
    assert rig.work("a").recovered
    rig.journal.trust_journal()
    rig.put("b")
    assert not rig.work("b").recovered
    rig.close()
    again = Rig(tmp_path)
    again.put("c")
    assert not again.work("c").recovered
    again.close()


def test_a_journal_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    connection = open_for_writing(tmp_path / "journal.db")
    connection.execute("PRAGMA user_version=999")
    connection.close()
    with pytest.raises(InputError, match="newer"):
        Rig(tmp_path)


def test_a_journal_that_is_damaged_cannot_be_opened_for_commands(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(CorruptDataError):
        open_admin(tmp_path)


def test_only_its_owner_may_read_the_journal(rig: Rig) -> None:
    assert rig.path.stat().st_mode & 0o077 == 0
