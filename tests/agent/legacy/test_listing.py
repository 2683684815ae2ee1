"""Tree and list as JSON: against a plain model, and with only what changed written anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.inputs.files.select import Selector
from gwf.agent.journal.schema import open_for_writing
from gwf.agent.journal.switches import HELD, AutoSwitches
from gwf.agent.legacy.formats import LocalTimes, size_text
from gwf.agent.legacy.listing import Listing, Root, Scene
from gwf.agent.legacy.rows import FileRows
from gwf.agent.model import FileStatus
from gwf.core.settings.model import WatchSettings

NS = 10**9
ON = AutoSwitches({})


class Shelf:
    """A journal with rows as wished, and its listing."""

    def __init__(self, directory: Path) -> None:
        self.connection: sqlite3.Connection = open_for_writing(directory / "journal.db")
        self.rows = FileRows(directory / "journal.db")
        self.listing = Listing(self.rows)

    def add(
        self,
        path: str | bytes,
        *,
        size: int = 1,
        at_s: int = 60,
        state: FileStatus = FileStatus.DONE,
        reason: str | None = None,
        gone: bool = False,
    ) -> None:
        """Write one row."""
        directory, _, name = (path if isinstance(path, bytes) else path.encode()).rpartition(b"/")
        self.connection.execute("INSERT OR IGNORE INTO dirs (path) VALUES (?)", (directory,))
        self.connection.execute(
            "INSERT INTO files (dir_id, name, ino, size_bytes, mtime_ns, state, reason, gone_at_ms, store, priority,"
            " key, next_at_ms, queued_at_ms, updated_at_ms)"
            " VALUES ((SELECT id FROM dirs WHERE path=?), ?, 1, ?, ?, ?, ?, ?, '', 5, '', 0, 0, 0)",
            (directory, name, size, at_s * NS, int(state), reason, 1 if gone else None),
        )  # fmt: skip

    def show(self, *roots: str, table: AutoSwitches = ON, **options: Any) -> tuple[Any, Any]:
        """Return directoryTree and files as a client reads them."""
        extra = options.pop("extra", {})
        made = [root_of(root, **options) for root in roots or ("/w",)]
        scene = Scene(
            roots=made,
            allows=table.allows,
            switched=frozenset(path.rpartition(b"/")[0] for path in table.table),
            extra=extra,
        )
        trees, files = self.listing.write(scene)
        return json.loads(b"[" + b"".join(trees) + b"]"), json.loads(b"[" + b"".join(files) + b"]")


def root_of(path: str, *, shown: str | None = None, suffixes: tuple[str, ...] = (), **watch: Any) -> Root:
    settings = WatchSettings.model_validate({"path": path, "suffixes": suffixes, **watch})
    selector = Selector(path.encode(), settings)
    endings = tuple(suffix.encode() for suffix in suffixes)
    return Root(path=path.encode(), shown=shown or path, selector=selector, suffixes=endings)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.rows.close()
    made.connection.close()


def names(node: dict[str, Any]) -> Any:
    """Return a node as nested lists of names."""
    children = node.get("children")
    return node["name"] if children is None else [node["name"], *map(names, children)]


def test_a_tree_lists_directories_and_files_together_by_path(shelf: Shelf) -> None:
    for path in ("/w/b.log", "/w/a/z.log", "/w/a-b/y.log", "/w/a/deep/er/x.log", "/w/c", "/elsewhere/no.log"):
        shelf.add(path)
    (tree,), _ = shelf.show()
    assert names(tree) == ["/w", ["a", ["deep", ["er", "x.log"]], "z.log"], ["a-b", "y.log"], "b.log", "c"]


def test_nodes_and_lines_have_the_members_of_the_go_version_in_its_order(shelf: Shelf) -> None:
    shelf.add("/w/a.log", size=2048, at_s=0)
    (tree,), (line,) = shelf.show()
    at = LocalTimes().text(0)
    assert list(tree.items())[:4] == [("name", "/w"), ("path", "/w"), ("type", "dir"), ("autoUpload", True)]
    assert list(tree["children"][0].items()) == [
        ("name", "a.log"), ("path", "/w/a.log"), ("type", "file"), ("autoUpload", True), ("size", "2.0 KB"),
        ("updated", at),
    ]  # fmt: skip
    assert list(line.items()) == [
        ("name", "a.log"), ("path", "/w/a.log"), ("size", "2.0 KB"), ("status", "uploaded"), ("time", at),
        ("autoUpload", True),
    ]  # fmt: skip


def test_files_are_listed_newest_first(shelf: Shelf) -> None:
    for path, at_s in (("/w/old", 1), ("/w/a/new", 3), ("/w/mid", 2), ("/w/b", 3)):
        shelf.add(path, at_s=at_s)
    assert [line["path"] for line in shelf.show()[1]] == ["/w/b", "/w/a/new", "/w/mid", "/w/old"]


@pytest.mark.parametrize(
    ("state", "reason", "status"),
    [
        (FileStatus.DONE, None, "uploaded"), (FileStatus.DEAD, None, "failed"), (FileStatus.READY, None, "queued"),
        (FileStatus.SENDING, None, "queued"), (FileStatus.WAITING, None, "queued"),
        (FileStatus.DIRTY, None, "queued"), (FileStatus.SKIPPED, HELD, "queued"),
        (FileStatus.SKIPPED, "existed_before_first_start", "existing"),
        (FileStatus.SUPERSEDED, "changed_while_sending", "queued"),
    ],
)  # fmt: skip
def test_states_have_the_words_of_the_go_version(
    shelf: Shelf, state: FileStatus, reason: str | None, status: str
) -> None:
    shelf.add("/w/a", state=state, reason=reason)
    assert shelf.show()[1][0]["status"] == status


def test_what_is_no_longer_there_is_not_listed(shelf: Shelf) -> None:
    shelf.add("/w/d/gone", gone=True)
    shelf.add("/w/d/missed", state=FileStatus.VANISHED)
    assert shelf.show() == ([{"name": "/w", "path": "/w", "type": "dir", "autoUpload": True}], [])


def test_filters_of_today_decide_about_rows_of_yesterday(shelf: Shelf) -> None:
    for path in ("/w/a.LOG", "/w/b.txt", "/w/cache/c.log", "/w/cache/deep/d.log"):
        shelf.add(path)
    (tree,), files = shelf.show(suffixes=(".log",), exclude=("cache",))
    assert names(tree) == ["/w", "a.LOG"]
    assert [line["name"] for line in files] == ["a.LOG"]
    assert len(shelf.show()[1]) == 4


def test_a_tree_inside_another_lists_its_files_once(shelf: Shelf) -> None:
    shelf.add("/w/a")
    shelf.add("/w/in/b")
    trees, files = shelf.show("/w", "/w/in")
    assert [names(tree) for tree in trees] == [["/w", "a"], ["/w/in", "b"]]
    assert len(files) == 2


def test_paths_are_shown_as_the_configuration_names_the_root(shelf: Shelf) -> None:
    shelf.add("/real/a/b")
    (tree,), (line,) = shelf.show("/real", shown="/link")
    assert (tree["path"], tree["children"][0]["path"], line["path"]) == ("/link", "/link/a", "/link/a/b")


@pytest.mark.parametrize("name", ['q"uo\\te', "<&>", "中文 日志.log", "tab\there", "\u2028", "a\nb"])
def test_odd_names_are_escaped(shelf: Shelf, name: str) -> None:
    shelf.add("/w/d/" + name)
    shelf.add("/w/d/plain")
    (tree,), files = shelf.show()
    assert {line["name"] for line in files} == {name, "plain"}
    assert {node["name"] for node in tree["children"][0]["children"]} == {name, "plain"}


def test_bytes_that_are_no_text_become_the_replacement_character(shelf: Shelf) -> None:
    shelf.add(b"/w/d\xff/a\xfe")
    (tree,), (line,) = shelf.show()
    assert (tree["children"][0]["name"], line["path"]) == ("d\ufffd", "/w/d\ufffd/a\ufffd")


def test_switches_show_at_files_and_directories(shelf: Shelf) -> None:
    for path in ("/w/off/a", "/w/off/on.log", "/w/b"):
        shelf.add(path)
    shelf.show()
    table = AutoSwitches({b"/w/off": False, b"/w/off/on.log": True})
    (tree,), files = shelf.show(table=table)
    assert {line["path"]: line["autoUpload"] for line in files} == {
        "/w/off/a": False, "/w/off/on.log": True, "/w/b": True,
    }  # fmt: skip
    assert [node["autoUpload"] for node in tree["children"]] == [True, False]
    assert all(line["autoUpload"] for line in shelf.show()[1])


def test_files_that_still_settle_are_listed_unless_the_journal_knows_them(shelf: Shelf) -> None:
    shelf.add("/w/known", size=5)
    extra = {
        b"/w": [(b"known", 9, 0, "e"), (b"new", 7, 0, "e")],
        b"/w/fresh": [(b"x", 1, 0, "e")],
        b"/no": [(b"x", 1, 0, "e")],
    }
    (tree,), files = shelf.show(extra=extra)
    assert names(tree) == ["/w", ["fresh", "x"], "known", "new"]
    assert {line["name"]: line["size"] for line in files} == {"known": "5 B", "new": "7 B", "x": "1 B"}
    assert len(shelf.show()[1]) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda shelf: shelf.add("/w/a/new"),
        lambda shelf: shelf.connection.execute("UPDATE files SET state=5 WHERE name=CAST('f1' AS BLOB)"),
        lambda shelf: shelf.connection.execute("UPDATE files SET size_bytes=77 WHERE id=1"),
        lambda shelf: shelf.connection.execute("UPDATE files SET gone_at_ms=1"),
        lambda shelf: None,
    ],
)
def test_a_second_listing_equals_one_written_from_nothing(shelf: Shelf, change: Callable[[Shelf], None]) -> None:
    for number in range(5):
        shelf.add(f"/w/{'ab'[number % 2]}/f{number}", at_s=number)
    shelf.show()
    change(shelf)
    again = shelf.show()
    shelf.listing.forget()
    assert again == shelf.show()


def test_a_very_deep_tree_is_written(shelf: Shelf) -> None:
    shelf.add("/w" + "/d" * 1500 + "/f")
    trees, files = shelf.listing.write(Scene(roots=[root_of("/w")], allows=ON.allows, switched=frozenset(), extra={}))
    assert b"".join(trees).count(b'"type":"dir"') == 1501
    assert len(files) == 1


def test_pieces_stay_small(shelf: Shelf) -> None:
    for number in range(6000):
        shelf.add(f"/w/{number % 3}/{number}")
    trees, files = shelf.listing.write(Scene(roots=[root_of("/w")], allows=ON.allows, switched=frozenset(), extra={}))
    assert len(files) > 1
    assert max(map(len, [*trees, *files])) < 1024 * 1024
    assert len(json.loads(b"[" + b"".join(files) + b"]")) == 6000


@pytest.mark.parametrize(
    ("size", "text"),
    [(-1, "--"), (0, "--"), (1, "1 B"), (1023, "1023 B"), (1024, "1.0 KB"), (1024**2 - 1, "1024.0 KB"),
     (1024**2, "1.0 MB"), (1536 * 1024**2, "1.5 GB"), (3 * 1024**4, "3072.0 GB")],
)  # fmt: skip
def test_sizes_read_as_in_the_go_version(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize("at_s", [2**62, -(2**62)])
def test_a_time_that_no_calendar_has_is_written_all_the_same(at_s: int) -> None:
    assert LocalTimes().text(at_s).startswith("1970-01-01")
