"""Stores and dead letters of an edge that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gwf.agent.journal.deadletters import DeadLetters
from gwf.agent.journal.reads import JournalReads
from gwf.agent.letters import EdgeLetters
from gwf.agent.stores import Stores
from gwf.core.errors import DeniedError, InputError, NotFoundError
from gwf.core.settings.model import Settings
from gwf.wire.deadletters import DeadFilter, DropOrder, ReplayOrder
from gwf.wire.stores import BreakerOrder
from tests.agent.edges import Place
from tests.agent.shown import Shown, shown_edge
from tests.agent.transfer.far_end import FarEnd, refusing
from tests.agent.waiting import stays, until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@contextmanager
def letters_of(shown: Shown) -> Iterator[EdgeLetters]:
    path = shown.edge.journal.path
    reads, letters = JournalReads(path, shown.edge.clock), DeadLetters(path, shown.edge.clock)
    try:
        yield EdgeLetters(shown.edge, reads, letters)
    finally:
        letters.close()
        reads.close()


def order(action: str) -> BreakerOrder:
    return BreakerOrder.model_validate({"action": action, "reason": "drill"})


def test_a_breaker_held_by_hand_holds_files_back_and_says_so_everywhere(place: Place) -> None:
    store = FarEnd()
    with shown_edge(place.settings(), {"default": store}) as shown:
        stores = Stores(shown.edge)
        until(lambda: shown.verdict().state == "ok")
        view = stores.move_breaker("default", order("open"), author="ann")
        assert (view.breaker, view.breaker_manual, view.probe_in_s) == ("open", True, None)
        assert view.breaker_reason == "opened by operator ann: drill"
        place.write("a")
        until(lambda: "breaker_manual" in shown.codes())
        stays(lambda: store.puts == [], for_s=0.3)
        assert shown.value('gwf_edge_breaker_state{store="default"}') == 2
        stores.move_breaker("default", order("close"), author="ann")
        until(lambda: store.keys() == ["a"])
        until(lambda: shown.verdict().state == "ok")


def test_a_reset_probes_an_open_breaker_at_once(place: Place) -> None:
    store = FarEnd()
    store.fault = DeniedError("wrong key")
    with shown_edge(place.settings(breaker={"open_for": 3000, "open_cap": 3000}), {"default": store}) as shown:
        until(lambda: Stores(shown.edge).list()[0].breaker == "open")
        store.fault = None
        Stores(shown.edge).move_breaker("default", order("reset"), author="ann")
        until(lambda: Stores(shown.edge).list()[0].breaker == "closed")


def test_stores_with_one_url_are_told_apart_by_their_endpoint(place: Place) -> None:
    settings = place.settings().model_dump()
    far = {"url": "s3://logs", "access_key": "a", "secret_key": "b", "endpoint": "http://127.0.0.1:9"}
    settings["stores"]["far"] = far
    with shown_edge(Settings.model_validate(settings), {"default": FarEnd(), "far": FarEnd()}) as shown:
        assert [view.endpoint for view in Stores(shown.edge).list()] == ["", "http://127.0.0.1:9"]


def test_an_unknown_store_is_told_so(place: Place) -> None:
    with shown_edge(place.settings()) as shown, pytest.raises(NotFoundError):
        Stores(shown.edge).move_breaker("none", order("open"), author="ann")


def two_stores(place: Place) -> Settings:
    settings = place.settings(retry={"max_attempts": 1})
    stores = {**settings.model_dump()["stores"], "spare": {"url": "memory://"}}
    return Settings.model_validate({**settings.model_dump(), "stores": stores})


def test_dead_letters_are_sent_elsewhere_while_the_edge_runs(place: Place) -> None:
    store, spare = FarEnd(), FarEnd()
    store.before = refusing(InputError("this name is not allowed"))
    with shown_edge(two_stores(place), {"default": store, "spare": spare}) as shown, letters_of(shown) as letters:
        place.write("a", "b", "c")
        until(lambda: letters.page(DeadFilter(), cursor=None, limit=10).total == 3)
        (group,) = letters.page(DeadFilter(), cursor=None, limit=10).groups
        wish = ReplayOrder(filter=DeadFilter(cause_id=group.cause_id), to_store="spare", reason="moved")
        assert letters.replay(wish.model_copy(update={"dry_run": True}), author="ann").count == 3
        assert letters.page(DeadFilter(), cursor=None, limit=10).total == 3
        assert letters.replay(wish, author="ann").count == 3
        until(lambda: spare.keys() == ["a", "b", "c"])
        kinds = ["file.dead", "file.replayed", "file.done"]
        until(lambda: [entry.kind for entry in letters.history(group.example_id)] == kinds)
        history = letters.history(group.example_id)
        assert history[1].facts["by"] == "ann"
        assert history[1].facts["reason"] == "moved"


def test_an_order_names_files_one_way_only(place: Place) -> None:
    with shown_edge(place.settings()) as shown, letters_of(shown) as letters:
        for wish in (ReplayOrder(), ReplayOrder(ids=[1], filter=DeadFilter())):
            with pytest.raises(InputError, match="either ids or a filter"):
                letters.replay(wish, author="ann")
        with pytest.raises(NotFoundError):
            letters.drop(DropOrder(ids=[99], reason="x"), author="ann")
