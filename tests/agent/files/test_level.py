from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.filelog.refusals import OutsideWatchError
from gwf.agent.files.level import BadCursorError, Table
from gwf.agent.files.nodes import Thing
from gwf.agent.files.refusals import FileGoneError, NoDirectoryError
from gwf.core.errors import InputError
from gwf.wire.agentfiles import ActOrder, FileLevel, FileNode, LevelQuery
from tests.agent.files.conftest import Shop
from tests.agent.waiting import until


def done(shop: Shop, *names: str) -> None:
    shop.place.write(*names)
    until(shop.place.is_carried)
    until(lambda: all(shop.desk.life(str(shop.place.tree / name)).node.state == "done" for name in names))


def one(shop: Shop, fits: Callable[[FileNode], bool]) -> FileNode:
    return until(lambda: [node for node in shop.level().items if fits(node)])[0]


def test_the_roots_are_shown_with_what_lies_below_them(shop: Shop) -> None:
    done(shop, "a.log", "sub/b.log")
    level = until(lambda: _counted(shop))
    assert level is not None
    assert [(node.kind, node.path) for node in level.items] == [("root", str(shop.place.tree))]


def _counted(shop: Shop) -> FileLevel | None:
    shop.desk._census.forget()
    level = shop.level("")
    counts = level.items[0].counts
    return level if counts is not None and counts.files == 2 else None


def test_a_level_tells_what_the_disk_and_the_journal_know(shop: Shop) -> None:
    done(shop, "a.log", "sub/b.log")
    (shop.place.tree / "c.tmp").write_text("x")
    os.symlink("/etc/passwd", shop.place.tree / "link")
    level = shop.level()
    assert [(node.name, node.kind, node.state) for node in level.items] == [
        ("sub", "dir", None),
        ("a.log", "file", "done"),
        ("c.tmp", "file", "excluded"),
        ("link", "link", None),
    ]
    sent = level.items[1]
    assert (sent.key, sent.address) == ("a.log", f"file://{shop.place.objects}/a.log")
    assert level.roots == [str(shop.place.tree)]


def test_what_the_disk_has_no_more_is_still_shown(shop: Shop) -> None:
    done(shop, "a.log")
    os.unlink(shop.place.tree / "a.log")
    node = one(shop, lambda node: not node.on_disk)
    assert (node.name, node.state) == ("a.log", "done")
    assert shop.names(gone=False) == []


def test_filters_are_the_servers(shop: Shop) -> None:
    done(shop, "a.log", "b.log", "c.txt", "d/e.log")
    shop.desk.switch(ActOrder(path=str(shop.place.tree / "c.txt"), enabled=False, author="me"))
    assert shop.names(name="*.LOG") == ["a.log", "b.log"]
    assert shop.names(name="txt") == ["c.txt"]
    assert shop.names(kind="dir") == ["d"]
    assert shop.names(auto_upload=False) == ["c.txt"]
    assert shop.names(state=["dead"]) == []
    assert shop.names(modified_from="2099-01-01T00:00:00Z") == []
    with pytest.raises(InputError) as raised:
        shop.names(modified_from="yesterday")
    assert raised.value.context["field"] == "modified_from"


def test_a_path_that_is_none_has_a_code_of_its_own(shop: Shop) -> None:
    done(shop, "a.log")
    tree = shop.place.tree
    for path, kind in (
        (tree / "nothing", FileGoneError),
        (tree / "a.log", NoDirectoryError),
        (shop.place.base, OutsideWatchError),
        (shop.place.data, OutsideWatchError),
        (tree / ".." / "data", OutsideWatchError),
        ("relative", InputError),
    ):
        with pytest.raises(kind):
            shop.level(str(path))
    with pytest.raises(OutsideWatchError) as raised:
        shop.level("/etc")
    assert raised.value.context["roots"] == [str(tree)]


def test_a_name_that_is_no_text_can_be_opened_as_it_is_shown(shop: Shop) -> None:
    raw = os.fsencode(shop.place.tree) + b"/odd\xff.log"
    with open(raw, "wb") as file:
        file.write(b"inside\n")
    shown = next(node.path for node in shop.level().items)
    assert shown.endswith("odd\\xff.log")
    assert shop.content(shown).lines[0].text == "inside"


def test_a_large_directory_is_paged(shop: Shop) -> None:
    directory = shop.place.tree / "many"
    directory.mkdir()
    for number in range(3_000):
        (directory / f"{number:05}.tmp").touch()
    seen, cursor = list[str](), None
    while True:
        page = shop.level(str(directory), cursor=cursor, limit=500, sort="-name")
        assert page.total == 3_000
        seen += [node.name for node in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"{number:05}.tmp" for number in reversed(range(3_000))]


def test_a_cursor_of_another_list_is_refused(shop: Shop) -> None:
    done(shop, "a.log", "b.log")
    cursor = shop.level(limit=1).next_cursor
    for bad in (cursor, "x", "e30"):
        with pytest.raises(BadCursorError):
            shop.level(cursor=bad, sort="size")


THINGS = st.lists(
    st.builds(
        Thing,
        name=st.binary(min_size=1, max_size=3),
        kind=st.sampled_from(["dir", "file", "link"]),
        on_disk=st.booleans(),
        size_bytes=st.none() | st.integers(0, 3),
        mtime_ns=st.none() | st.integers(0, 3),
        state=st.sampled_from([None, "done", "dead"]),
        attempts=st.integers(0, 2),
    ),
    unique_by=lambda thing: thing.name,
    max_size=12,
)
SORTS = st.sampled_from(["name", "-name", "size", "-size", "modified", "-modified", "state", "-state", "-attempts"])


@given(things=THINGS, sort=SORTS, limit=st.integers(1, 4))
def test_pages_hold_everything_once_in_one_order(things: list[Thing], sort: str, limit: int) -> None:
    table = Table(directory=b"/d", things=things, at_ms=0, until_s=0)
    whole, _, _ = table.page(LevelQuery.model_validate({"sort": sort}), is_auto=lambda _: True)
    paged, cursor = list[Thing](), None
    for _ in range(len(things) + 1):
        query = LevelQuery.model_validate({"sort": sort, "limit": limit, "cursor": cursor})
        some, cursor, total = table.page(query, is_auto=lambda _: True)
        assert total == len(things)
        paged += some
        if cursor is None:
            break
    assert [thing.name for thing in paged] == [thing.name for thing in whole]
    assert len(whole) == len(things)


def test_a_switch_and_an_order_are_seen_at_once(shop: Shop) -> None:
    tree = shop.place.tree
    shop.desk.switch(ActOrder(path=str(tree), enabled=False, author="me"))
    shop.place.write("held.log")
    node = one(shop, lambda node: node.state == "skipped")
    assert node.reason is not None
    assert (node.auto_upload, node.own_switch, node.reason.code) == (False, False, "auto_upload_off")
    shop.desk.upload(ActOrder(path=node.path, author="me"))
    until(shop.place.is_carried)
    for path in ("/etc/passwd", str(shop.place.data)):
        with pytest.raises(OutsideWatchError):
            shop.desk.upload(ActOrder(path=path, author="me"))
        with pytest.raises(OutsideWatchError):
            shop.desk.switch(ActOrder(path=path, enabled=True, author="me"))


def test_the_life_of_a_file_has_times(shop: Shop) -> None:
    done(shop, "a.log")
    life = shop.desk.life(str(shop.place.tree / "a.log"))
    stages = {stage.name: stage for stage in life.stages}
    assert [stages[name].state for name in ("discovered", "stable", "queued", "uploaded")] == ["done"] * 4
    times = [stages[name].at or "" for name in ("discovered", "stable", "queued", "uploaded")]
    assert times == sorted(times)
    assert (stages["tasks"].state, stages["notified"].state) == ("off", "off")
    assert [item.what for item in life.tries] == ["done"]
    with pytest.raises(FileGoneError):
        shop.desk.life(str(shop.place.tree / "b.log"))
    with pytest.raises(OutsideWatchError):
        shop.desk.life("/etc/passwd")


def test_a_directory_is_not_read_again_and_again(shop: Shop) -> None:
    directory = shop.place.tree / "many"
    directory.mkdir()
    for number in range(1500):
        (directory / f"{number}.tmp").touch()
    first = shop.level(str(directory))
    time_before = first.as_of
    (directory / "later.tmp").touch()
    second = shop.level(str(directory), cursor=first.next_cursor)
    assert second.as_of == time_before
