from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.agent.journal.choice import Choice
from gwf.agent.journal.deadletters import BATCH, DeadLetters, Order, Target
from gwf.agent.model import SHA256_PLACEHOLDER, FileStatus, Result
from gwf.core.errors import ConflictError, ErrorClass, InputError
from tests.agent.journal.rig import Rig
from tests.agent.trees import make_tree

ANN = Order(author="ann", reason="the key was wrong")
STORES = ("default", "other")


@pytest.fixture
def letters(rig: Rig) -> Iterator[DeadLetters]:
    opened = DeadLetters(rig.path, rig.clock)
    yield opened
    opened.close()


def die(rig: Rig, *names: str, error_class: ErrorClass = ErrorClass.AUTH, message: str = "denied (key='x')") -> None:
    """Let files be given up."""
    rig.put(*names)
    for name in names:
        rig.report(rig.work(name), Result.FAILED, retryable=False, error_class=error_class, message=message)
    rig.step()


def ids(rig: Rig) -> dict[str, int]:
    return {name.decode(): file_id for name, file_id in rig.rows("name, id")}


def rest(rig: Rig) -> None:
    """Hand nothing out any more."""
    rig.hands.capacity["default"] = 0


def test_dead_letters_are_grouped_by_class_and_cause(rig: Rig, letters: DeadLetters) -> None:
    for number in range(5):
        die(rig, f"a{number}", message=f"denied (key='k{number}' status=403)")
    die(rig, "b", message="denied (key='b' status=401)")
    die(rig, "c", error_class=ErrorClass.LOCAL_IO, message="denied (key='b' status=401)")
    groups = letters.groups(Choice())
    assert (groups[0].error_class, groups[0].cause, groups[0].files) == ("auth", "denied status=403", 5)
    assert len(groups) == len({group.cause_id for group in groups}) == 3
    assert sum(group.files for group in groups) == 7
    assert groups[0].stores == {"default": 5}


def test_pages_hold_every_file_once_and_groups_come_first(rig: Rig, letters: DeadLetters) -> None:
    die(rig, *(f"f{number}" for number in range(25)))
    first = letters.page(Choice(), limit=10)
    assert (len(first.groups), first.total) == (1, 25)
    seen, page = [item.id for item in first.items], first
    while page.next_cursor:
        page = letters.page(Choice(), cursor=page.next_cursor, limit=10)
        assert (page.groups, page.total) == ([], 25)
        seen += [item.id for item in page.items]
    assert sorted(seen) == sorted(ids(rig).values())


def test_filters_choose_by_cause_store_path_and_age(rig: Rig, letters: DeadLetters) -> None:
    die(rig, "old")
    rig.clock.advance(100)
    die(rig, "new", message="gone (status=404)")
    causes = {group.cause: group.cause_id for group in letters.groups(Choice())}
    for choice, name in (
        (Choice(cause=causes["denied"]), "old"),
        (Choice(older_than_s=50), "old"),
        (Choice(newer_than_s=50), "new"),
        (Choice(text="/ne"), "new"),
        (Choice(error_class="auth", store="default", older_than_s=99), "old"),
    ):
        assert [item.path.rpartition("/")[2] for item in letters.page(choice).items] == [name]
    assert letters.page(Choice(store="other")).total == 0


def test_a_cause_that_is_none_is_refused(letters: DeadLetters) -> None:
    with pytest.raises(InputError, match="12 digits"):
        letters.page(Choice(cause="denied' OR 1"))


def test_a_replay_to_another_store_and_key_is_sent_there_and_told_in_the_history(
    rig: Rig, letters: DeadLetters
) -> None:
    rig.stores = STORES
    rig.journal.attach(rig.hands, STORES)
    rig.hands.capacity["other"] = 10
    die(rig, "a")
    letters.replay(Choice(), Target(store="other", key="elsewhere/a"), ANN, stores=STORES)
    rig.step(advance_s=0.3)
    work = rig.work("a")
    assert (work.store, work.key, work.attempts) == ("other", "elsewhere/a", 0)
    rig.end("a")
    kinds = [kind for kind, _ in rig.events()]
    assert kinds == ["file.dead", "file.replayed", "file.done"]


def test_a_walk_does_not_bring_a_moved_file_back(rig: Rig, letters: DeadLetters) -> None:
    rig.stores = STORES
    rig.journal.attach(rig.hands, STORES)
    die(rig, "a")
    letters.replay(Choice(), Target(store="other"), ANN, stores=STORES)
    rig.put("a")
    assert rig.rows("store, state, gen") == [("other", FileStatus.READY, 1)]
    rig.put("a", version=2)
    assert rig.rows("store, gen") == [("default", 2)]


def test_a_move_gives_up_the_upload_begun_before(rig: Rig, letters: DeadLetters) -> None:
    die(rig, "a")
    rig.journal._connection.execute("UPDATE files SET upload_state='{}'")
    letters.replay(Choice(), Target(store="other"), ANN, stores=STORES)
    assert rig.rows("upload_state") == [(None,)]
    assert rig.journal._connection.execute("SELECT store FROM orphans").fetchall() == [("default",)]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(store="nowhere"), "no store of this name"),
        (Target(key="../x"), "not allowed"),
        (Target(key="a//b"), "not allowed"),
        (Target(key=""), "not allowed"),
        (Target(key="x" * 2000), "not allowed"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_target_that_cannot_be_used_is_refused(rig: Rig, letters: DeadLetters, target: Target, words: str) -> None:
    die(rig, "a")
    with pytest.raises(InputError, match=words):
        letters.replay(Choice(), target, ANN, stores=STORES)
    assert rig.states() == {"a": FileStatus.DEAD}


def test_a_replay_for_a_store_that_is_gone_is_queued_anew_by_the_next_walk(
    rig: Rig, letters: DeadLetters, tmp_path: Path
) -> None:
    die(rig, "a")
    rig.journal.serve(("other",))
    rig.step()
    letters.replay(Choice(), Target(), ANN, stores=())
    rig.step(advance_s=1)
    assert rig.states() == {"a": FileStatus.SUPERSEDED}
    rig.hands.capacity = {"other": 10}
    rig.put("a", tree=make_tree(tmp_path, store="other"))
    assert rig.work("a").store == "other"


def test_one_key_for_many_files_is_refused(rig: Rig, letters: DeadLetters) -> None:
    die(rig, "a", "b")
    with pytest.raises(InputError, match="exactly one file"):
        letters.replay(Choice(), Target(key="k"), ANN, stores=STORES)


def test_the_key_of_another_file_is_taken_only_by_force(rig: Rig, letters: DeadLetters) -> None:
    rig.put("owner")
    rig.end("owner")
    die(rig, "a")
    rest(rig)
    wanted = Choice(ids=(ids(rig)["a"],))
    with pytest.raises(ConflictError, match="another file"):
        letters.replay(wanted, Target(key="owner"), ANN, stores=STORES)
    letters.replay(wanted, Target(key="owner", force=True), ANN, stores=STORES)
    assert rig.states()["a"] is FileStatus.READY


def test_two_files_of_one_key_do_not_meet_in_another_store(rig: Rig, letters: DeadLetters, tmp_path: Path) -> None:
    die(rig, "a")
    rig.put("b", tree=make_tree(tmp_path, store="other"), key="a")
    with pytest.raises(ConflictError):
        letters.replay(Choice(), Target(store="other"), ANN, stores=STORES)


def test_a_key_may_name_the_content(rig: Rig, letters: DeadLetters) -> None:
    die(rig, "a")
    rest(rig)
    letters.replay(Choice(), Target(key="by/{sha256}"), ANN, stores=STORES)
    assert rig.rows("key") == [(f"by/{SHA256_PLACEHOLDER}",)]


def test_a_bulk_replay_is_written_in_bounded_transactions_beside_a_writer_at_work(
    rig: Rig, letters: DeadLetters
) -> None:
    count = 2 * BATCH + 10
    rig.hands.capacity["default"] = count
    die(rig, *(f"f{number}" for number in range(count)))
    rest(rig)
    thread = threading.Thread(target=letters.replay, args=(Choice(), Target(), ANN), kwargs={"stores": STORES})
    thread.start()
    number = 0
    while thread.is_alive() or number < 5:
        rig.put(f"new{number}")
        number += 1
    thread.join()
    assert rig.journal.facts.commit_failures_total == 0
    assert set(rig.states().values()) == {FileStatus.READY}
    seqs = [row[0] for row in rig.journal._connection.execute("SELECT seq FROM outbox ORDER BY seq")]
    assert len(seqs) == len(set(seqs)) == 2 * count


def test_files_are_dropped_by_filter_with_who_and_why(rig: Rig, letters: DeadLetters) -> None:
    die(rig, "a", "b")
    assert letters.drop(Choice(text="/a"), Order(author="ann", reason="no use")).count == 1
    assert rig.states() == {"a": FileStatus.SKIPPED, "b": FileStatus.DEAD}
    body = rig.journal._connection.execute("SELECT body FROM outbox WHERE kind='file.dropped'").fetchone()[0]
    assert '"by": "ann"' in body
    assert '"reason": "no use"' in body
