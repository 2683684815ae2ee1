from __future__ import annotations

from gwf.agent.journal.notes import decided_anew
from gwf.agent.model import IGNORED, FileStatus, Result
from tests.agent.journal.rig import Rig


def test_only_versions_that_need_nothing_more_are_known(rig: Rig) -> None:
    rig.put("done", "waits", "gone", "changed", "dead", "running")
    for name, result in (("done", Result.DONE), ("gone", Result.VANISHED), ("changed", Result.CHANGED)):
        rig.end(name, result)
    rig.end("waits", Result.FAILED)
    rig.end("dead", Result.FAILED, retryable=False)
    index = rig.index()
    directory_id, _ = index.fingerprint(rig.tree.root)
    names = [b"done", b"waits", b"gone", b"changed", b"dead", b"running", b"unknown"]
    assert set(index.versions(directory_id, names)) == {b"done", b"waits", b"dead", b"running"}
    index.close()


def test_rows_tell_which_versions_are_settled_and_which_files_are_there(rig: Rig) -> None:
    rig.put("done", "changed", "gone")
    for name, result in (("done", Result.DONE), ("changed", Result.CHANGED), ("gone", Result.VANISHED)):
        rig.end(name, result)
    index = rig.index()
    directory_id, _ = index.fingerprint(rig.tree.root)
    told = {row[0]: row[4:] for page in index.rows(directory_id) for row in page}
    assert told == {b"done": (1, 1), b"changed": (0, 1), b"gone": (0, 0)}
    index.close()


def test_a_fingerprint_is_kept_for_known_directories_only(rig: Rig) -> None:
    rig.put("a")
    rig.journal.directory_complete(rig.tree.root, b"print")
    rig.journal.directory_complete(b"/unknown", b"print")
    rig.step()
    index = rig.index()
    assert index.fingerprint(rig.tree.root)[1] == b"print"
    assert index.fingerprint(b"/unknown") == (0, None)
    index.close()


def test_a_walk_that_saw_files_before_rules_let_go_of_them_does_not_call_them_known(rig: Rig) -> None:
    asked: list[str] = []
    rig.journal.submit(decided_anew("mark", lambda: asked.append("early")))
    rig.put("a", status=FileStatus.SKIPPED, reason=IGNORED)
    rig.journal.directory_complete(rig.tree.root, b"print")
    rig.step()
    index = rig.index()
    directory_id, known = index.fingerprint(rig.tree.root)
    assert known == b"print"
    rig.journal.submit(decided_anew("", lambda: asked.append("walk")))
    rig.journal.directory_complete(rig.tree.root, b"print")  # of the walk before
    rig.step()
    assert (index.fingerprint(rig.tree.root)[1], index.versions(directory_id, [b"a"]), asked) == (None, {}, ["walk"])
    rig.put("a")
    rig.journal.directory_complete(rig.tree.root, b"print")
    rig.step()
    assert index.fingerprint(rig.tree.root)[1] == b"print"
    index.close()


def test_a_walk_that_saw_files_before_their_store_was_removed_does_not_call_them_known(rig: Rig) -> None:
    asked: list[str] = []
    rig.hands.capacity["default"] = 0
    rig.put("a")
    rig.journal.serve(("other",))
    rig.journal.forget_strays(lambda: asked.append("walk"))
    rig.journal.directory_complete(rig.tree.root, b"print")  # of the walk before
    rig.step()
    index = rig.index()
    directory_id, known = index.fingerprint(rig.tree.root)
    assert (known, index.versions(directory_id, [b"a"]), asked) == (None, {}, ["walk"])
    rig.put("a")
    rig.journal.directory_complete(rig.tree.root, b"print")
    rig.step()
    assert index.fingerprint(rig.tree.root)[1] == b"print"
    index.close()


def test_files_that_went_away_are_neither_counted_nor_named(rig: Rig) -> None:
    names = [f"f{number:04d}" for number in range(1203)]
    rig.hands.capacity["default"] = 0
    rig.put(*names)
    rig.journal.gone([1, 2])
    rig.step()
    index = rig.index()
    directory_id, _ = index.fingerprint(rig.tree.root)
    found = [name.decode() for page in index.names(directory_id) for _, name in page]
    assert index.count(directory_id) == 1201
    assert found == names[2:]
    index.close()


def test_directories_below_a_root_are_told_from_those_that_only_sound_alike(rig: Rig) -> None:
    for path in (b"/w", b"/w/a", b"/w/a/b", b"/w0", b"/w-x", b"/", b"/wa/c"):
        rig.journal.vanished(path + b"/f")
    rig.step()
    index = rig.index()
    assert {path for _, path in index.directories(b"/w")} == {b"/w", b"/w/a", b"/w/a/b"}
    index.close()


def test_directories_come_page_by_page_without_gaps(rig: Rig) -> None:
    paths = {b"/w/%04d" % number for number in range(1100)}
    for path in paths:
        rig.journal.vanished(path + b"/f")
    rig.step()
    index = rig.index()
    assert {path for _, path in index.directories(b"/w")} == paths
    index.close()


def test_facts_are_kept_and_replaced(rig: Rig) -> None:
    rig.journal.remember("x", "1")
    rig.journal.remember("x", "2")
    rig.step()
    index = rig.index()
    assert index.recall("x") == "2"
    assert index.recall("y") is None
    index.close()


def test_a_file_gone_before_it_was_ready_is_on_record_and_can_still_be_sent(rig: Rig) -> None:
    rig.journal.vanished(rig.tree.root + b"/a")
    rig.step()
    assert rig.states() == {"a": FileStatus.VANISHED}
    rig.put("a")
    assert rig.states() == {"a": FileStatus.SENDING}
