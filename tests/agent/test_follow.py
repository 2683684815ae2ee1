from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.engine import Edge
from gwf.agent.follow import follow
from gwf.agent.model import FileStatus
from gwf.core.errors import ConfigError, UnavailableError
from gwf.core.settings.model import AgentSettings, Settings, StoreSettings
from gwf.storage.ports import ObjectStore
from tests.agent.edges import LARGE_BYTES, Place, open_stores, running_edge
from tests.agent.transfer.far_end import FarEnd
from tests.agent.waiting import stays, until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


class Stores:
    """Opens stores in memory and keeps them by name, newest last."""

    def __init__(self) -> None:
        self.opened: dict[str, list[FarEnd]] = {}
        self.refuse: set[str] = set()

    def open(self, name: str, _settings: StoreSettings, _agent: AgentSettings) -> ObjectStore:
        if name in self.refuse:
            raise ConfigError("store settings are not usable", problems=(f"stores.{name}.url: no",))
        self.opened.setdefault(name, []).append(FarEnd())
        return self.opened[name][-1]

    def all(self, settings: Settings) -> dict[str, ObjectStore]:
        return {name: self.open(name, store, settings.agent) for name, store in settings.stores.items()}

    def keys(self, name: str) -> list[str]:
        return sorted(key for store in self.opened[name] for key in list(FarEnd.keys(store)))


def memory(place: Place, *watches: Mapping[str, Any], stores: tuple[str, ...] = ("s",), **agent: Any) -> Settings:
    """Return settings with stores in memory; a watch is a name below the tree and what differs from quick defaults."""
    quick = {"key": "{relpath}", "settle": 0.02, "silence": 0.3, "store": "s"}
    for watch in watches:
        (place.tree / watch["path"]).mkdir(exist_ok=True)
    trees = [{**quick, **watch, "path": str(place.tree / watch["path"])} for watch in watches]
    return Settings.model_validate(
        {
            "data_dir": str(place.data),
            "stores": {name: {"url": "memory://", "workers": 2} for name in stores},
            "agent": {"hostname": "host", "watch": trees, "breaker": {"open_for": 0.05, "open_cap": 0.2}, **agent},
        }
    )


def go(edge: Edge, settings: Settings, open_: Callable[[str, StoreSettings, AgentSettings], ObjectStore]) -> None:
    follow(edge, settings.agent, settings.stores, open_store=open_)


def state_of(place: Place, name: str) -> tuple[FileStatus, str]:
    connection = sqlite3.connect(place.data / "journal.db")
    row = connection.execute("SELECT state, store FROM files WHERE name=?", (name.encode(),)).fetchone()
    connection.close()
    return FileStatus(row[0]), row[1]


def test_a_tree_that_is_added_is_walked_and_watched(place: Place) -> None:
    stores = Stores()
    place.write("one/1", "two/before")
    settings = memory(place, {"path": "one"})
    with running_edge(settings, stores.all(settings)) as edge:
        go(edge, memory(place, {"path": "one"}, {"path": "two"}), stores.open)
        until(lambda: stores.keys("s") == ["1", "before"])
        place.write("two/after", "one/2")
        until(lambda: stores.keys("s") == ["1", "2", "after", "before"])
        assert len(stores.opened["s"]) == 1


def test_a_file_that_settles_in_a_removed_tree_is_still_carried(place: Place) -> None:
    stores = Stores()
    settings = memory(place, {"path": "one"}, {"path": "two", "settle": 0.7})
    place.write("one/x", "two/x")
    with running_edge(settings, stores.all(settings)) as edge:
        until(lambda: stores.keys("s"))
        place.write("two/settling")
        until(lambda: any(entry.path.endswith(b"settling") for entry in edge.input.settling()))
        go(edge, memory(place, {"path": "one"}), stores.open)
        place.write("two/later")
        until(lambda: "settling" in stores.keys("s"))
        stays(lambda: "later" not in stores.keys("s"), for_s=0.3)


@pytest.mark.parametrize(
    "change",
    [{"key": "new/{relpath}"}, {"store": "t"}, {"silence": 5.0}, {"settle": 0.1, "finish": "silence", "silence": 0.2}],
    ids=str,
)
def test_a_settling_file_of_a_changed_tree_goes_on_by_the_new_rules(place: Place, change: dict[str, Any]) -> None:
    stores = Stores()
    before = memory(place, {"path": "one", "settle": 30.0}, stores=("s", "t"))
    with running_edge(before, stores.all(before)) as edge:
        until(edge.input.first_pass_handed_on)
        place.write("one/f")
        until(lambda: len(edge.input.settling()) == 1)
        go(edge, memory(place, {"path": "one", **change}, stores=("s", "t")), stores.open)
        wanted = "new/f" if "key" in change else "f"
        until(lambda: stores.keys(change.get("store", "s")) == [wanted])
    assert [len(opened) for opened in stores.opened.values()] == [1, 1]


def test_a_wider_filter_finds_what_lay_there_and_a_narrower_one_drops_what_settles(place: Place) -> None:
    stores = Stores()
    place.write("one/a.log", "one/a.txt", "one/left/out.log")
    narrow = memory(place, {"path": "one", "suffixes": [".log"], "exclude": ["left/"]})
    wide = memory(place, {"path": "one"})
    with running_edge(narrow, stores.all(narrow)) as edge:
        until(lambda: stores.keys("s") == ["a.log"])
        go(edge, wide, stores.open)
        until(lambda: stores.keys("s") == ["a.log", "a.txt", "left/out.log"])
        place.write("one/left/new.log")
        until(lambda: "left/new.log" in stores.keys("s"))
        go(edge, memory(place, {"path": "one", "suffixes": [".log"], "exclude": ["left/"], "settle": 0.3}), stores.open)
        place.write("one/left/never.log", "one/never.txt", "one/b.log")
        until(lambda: "b.log" in stores.keys("s"))
        stays(lambda: not {"left/never.log", "never.txt"} & set(stores.keys("s")), for_s=0.2)


def test_transfers_under_way_end_with_the_old_store_and_the_rest_goes_to_the_new_one(place: Place) -> None:
    stores, gate = Stores(), threading.Event()
    settings = memory(place, {"path": "one"})
    first = stores.all(settings)
    stores.opened["s"][0].before = lambda _: (gate.wait(20), None)[1]
    with running_edge(settings, first) as edge:
        place.write(*(f"one/{number}" for number in range(40)))
        until(lambda: len(edge.destinations["s"].sending) == 2)
        changed = settings.stores["s"].model_copy(update={"read_timeout": 7.0})
        go(edge, settings.model_copy(update={"stores": {"s": changed}}), stores.open)
        until(lambda: len(stores.opened["s"][1].keys()) == 38)
        assert stores.opened["s"][0].keys() == []
        assert len(edge.retiring) == 1
        gate.set()
        until(lambda: len(stores.keys("s")) == 40)
        until(lambda: not edge.retiring)
    assert sorted(stores.keys("s")) == sorted({str(number) for number in range(40)})


def test_files_that_wait_for_a_removed_store_are_queued_anew_for_the_one_that_counts_now(place: Place) -> None:
    stores = Stores()
    settings = memory(place, {"path": "one", "store": "old"}, stores=("old", "new"))
    first = stores.all(settings)
    stores.opened["old"][0].fault = UnavailableError("away")
    with running_edge(settings, first) as edge:
        place.write(*(f"one/{number}" for number in range(30)))
        until(lambda: edge.destinations["old"].breaker.opened_total > 0)
        go(edge, memory(place, {"path": "one", "store": "new"}, stores=("new",)), stores.open)
        until(lambda: len(stores.keys("new")) == 30)
        until(lambda: state_of(place, "7") == (FileStatus.DONE, "new"))
        assert stores.keys("old") == []


def test_a_store_and_a_tree_may_come_together(place: Place) -> None:
    stores = Stores()
    settings = memory(place, {"path": "one"})
    with running_edge(settings, stores.all(settings)) as edge:
        place.write("two/a")
        both = memory(place, {"path": "one"}, {"path": "two", "store": "t"}, stores=("s", "t"))
        go(edge, both, stores.open)
        until(lambda: stores.keys("t") == ["a"])
        go(edge, settings, stores.open)
        place.write("one/b")
        until(lambda: stores.keys("s") == ["b"])
        assert set(edge.destinations) == {"s"}


def test_a_tree_inside_another_takes_its_files_over_and_gives_them_back(place: Place) -> None:
    stores = Stores()
    outer = {"path": ".", "key": "outer/{name}"}
    inner = {"path": "in", "key": "inner/{name}"}
    settings = memory(place, outer)
    (place.tree / "in").mkdir()
    with running_edge(settings, stores.all(settings)) as edge:
        until(edge.input.first_pass_handed_on)
        go(edge, memory(place, outer, inner), stores.open)
        until(lambda: edge.trees[1].facts.reconciled_at_ms is not None)
        place.write("in/1")
        until(lambda: stores.keys("s") == ["inner/1"])
        go(edge, settings, stores.open)
        place.write("in/2")
        until(lambda: stores.keys("s") == ["inner/1", "outer/2"])


def test_a_store_that_cannot_be_opened_changes_nothing(place: Place) -> None:
    stores = Stores()
    settings = memory(place, {"path": "one"})
    with running_edge(settings, stores.all(settings)) as edge:
        stores.refuse.add("u")
        with pytest.raises(ConfigError):
            go(edge, memory(place, {"path": "two"}, stores=("t", "u")), stores.open)
        assert set(edge.destinations) == {"s"}
        place.write("one/a", "two/b")
        until(lambda: stores.keys("s") == ["a"])


def test_workers_limits_and_marks_change_in_place(place: Place) -> None:
    stores, gate = Stores(), threading.Event()
    settings = memory(place, {"path": "one"})
    first = stores.all(settings)
    stores.opened["s"][0].before = lambda _: (gate.wait(20), None)[1]
    with running_edge(settings, first) as edge:
        place.write(*(f"one/{number}" for number in range(40)))
        until(lambda: len(edge.destinations["s"].sending) == 2)
        more = settings.stores["s"].model_copy(update={"workers": 6})
        agent: dict[str, Any] = {
            "transfer": {"max_files_per_s": 1000},
            "high_water": {"files": 7},
            "retry": {"max_attempts": 3},
        }
        changed = memory(place, {"path": "one"}, **agent).model_copy(update={"stores": {"s": more}})
        go(edge, changed, stores.open)
        until(lambda: len(edge.destinations["s"].sending) == 6)
        assert edge.limits.of_store("s").active
        assert edge.agent.high_water.files == 7
        gate.set()
        until(lambda: len(stores.keys("s")) == 40)
    assert len(stores.opened["s"]) == 1


def test_existing_files_of_an_added_tree_may_be_skipped(place: Place) -> None:
    stores = Stores()
    settings = memory(place, {"path": "one"})
    place.write("two/old")
    os.utime(place.tree / "two/old", (1, 1))
    with running_edge(settings, stores.all(settings)) as edge:
        go(edge, memory(place, {"path": "one"}, {"path": "two", "existing": "skip"}), stores.open)
        until(lambda: edge.trees[1].facts.reconciled_at_ms is not None)
        place.write("two/new")
        until(lambda: stores.keys("s") == ["new"])
        until(lambda: state_of(place, "old")[0] is FileStatus.SKIPPED)


def test_large_files_survive_a_change_of_their_store(place: Place) -> None:
    settings = place.settings()
    with running_edge(settings) as edge:
        for number in range(12):
            place.write(f"large-{number}", content=os.urandom(LARGE_BYTES))
            changed = settings.stores["default"].model_copy(update={"read_timeout": 10.0 + number})
            stores = {"default": changed}
            follow(edge, edge.agent, stores, open_store=lambda *_: open_stores(settings)["default"])
        until(place.is_carried)
        until(lambda: not edge.retiring)
