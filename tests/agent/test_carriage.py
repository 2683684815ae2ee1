"""Rules of the centre that an edge works by, also with no centre to ask: where a file goes, and that this is told."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.follow import follow
from gwf.agent.journal.schema import FILE_NAME
from gwf.core.errors import ConfigError
from gwf.core.settings.draft import Draft
from gwf.core.settings.model import Settings
from gwf.core.settings.part import part_problems
from gwf.core.settings.rules import check
from gwf.storage.factory import open_store
from tests.agent.edges import Place, hashes_below, running_edge
from tests.agent.waiting import until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def settings_of(place: Place, *rules: dict[str, Any], set_no: int = 7) -> Settings:
    """Return settings with a second store and these rules of the centre."""
    texts = [{"id": f"rul_{at}", "version": at + 1, "rule": json.dumps(rule)} for at, rule in enumerate(rules)]
    plain = place.settings(rules={"set_no": set_no, "rules": texts}, labels={"env": "prod"}).model_dump(mode="json")
    plain["stores"]["cold"] = {"url": f"file://{place.base / 'cold'}"}
    return Settings.model_validate(plain)


def carry(when: dict[str, Any], **config: Any) -> dict[str, Any]:
    return {"name": "carry", "when": when, "then": [{"action": "UPLOAD", "config": config, "urgency": "high"}]}


DUMPS = carry({"all": [{"path": "/**/core.*"}, {"labels": "env=prod"}]}, store="cold", key="dumps/{name}")


def routed(place: Place) -> list[dict[str, Any]]:
    """Return what the outbox tells about files that a rule decided about."""
    with sqlite3.connect(place.data / FILE_NAME) as connection:
        rows = connection.execute("SELECT body FROM outbox WHERE kind='file.routed' ORDER BY seq").fetchall()
    return [json.loads(body) for (body,) in rows]


def skipped(place: Place) -> set[tuple[str, int]]:
    """Return which files a rule kept from being sent, with its version."""
    with sqlite3.connect(place.data / FILE_NAME) as connection:
        rows = connection.execute("SELECT body FROM outbox WHERE kind='file.skipped' ORDER BY seq").fetchall()
    told = [json.loads(body) for (body,) in rows]
    assert {one["reason"] for one in told} <= {"ignored_by_rule"}
    assert len(rows) == len({one["path"] for one in told})
    return {(one["path"].rpartition("/")[2], one["version"]) for one in told}


def test_a_rule_sends_files_elsewhere_and_tells_it_once(place: Place) -> None:
    place.write("core.1", "app.log")
    settings = settings_of(place, DUMPS)
    with running_edge(settings):
        until(
            lambda: (
                place.stored().keys() == {"app.log"} and hashes_below(place.base / "cold").keys() == {"dumps/core.1"}
            )
        )
    with running_edge(settings):  # a walk after a restart finds it known
        place.write("core.2")
        until(lambda: hashes_below(place.base / "cold").keys() == {"dumps/core.1", "dumps/core.2"})
    told = routed(place)
    assert [(one["key"], one["store"], one["rule_id"], one["version"], one["set_no"]) for one in told] == [
        ("dumps/core.1", "cold", "rul_0", 1, 7), ("dumps/core.2", "cold", "rul_0", 1, 7),
    ]  # fmt: skip


def test_other_rules_count_from_the_moment_they_are_followed(place: Place) -> None:
    first, then = settings_of(place, DUMPS), settings_of(place, set_no=8)
    with running_edge(first) as edge:
        place.write("core.1")
        until(lambda: hashes_below(place.base / "cold").keys() == {"dumps/core.1"})
        follow(edge, then.agent, then.stores, open_store=lambda name, store, _: open_store(name, store, workers=4))
        place.write("core.2")
        until(lambda: "core.2" in place.stored())


def test_what_a_rule_ignored_is_sent_once_the_rule_is_gone_also_over_a_restart(place: Place) -> None:
    odd = os.fsdecode(b"odd-\xff.scr")  # no text: the rules see it as it is shown
    first = settings_of(place, {**carry({"suffix": ".scr"}, ignore=True)})
    place.write("a.scr", odd, "b.log", content=b"x")
    with running_edge(first):
        until(lambda: place.stored().keys() == {"b.log"} and skipped(place) == {("a.scr", 1), ("odd-\\xff.scr", 1)})
    with running_edge(first):
        place.write("c.log")
        until(lambda: place.stored().keys() == {"b.log", "c.log"})
    assert len(skipped(place)) == 2
    with running_edge(settings_of(place, set_no=8)):
        until(lambda: len(place.stored()) == 4)
    assert routed(place) == []


def test_a_key_with_a_label_that_the_host_lacks_is_a_fault_there(place: Place) -> None:
    settings = settings_of(place, carry({"suffix": ".a"}, key="{label.site}/{name}"))
    draft = Draft(tree={})
    check(settings, draft)
    assert [problem for problem in draft.problems if "label.site" in problem] != []


def test_a_rule_that_cannot_be_used_is_refused_by_the_host(place: Place) -> None:
    wrong = carry({"type": "gwf.file.done"}, store="cold")
    with pytest.raises(ConfigError) as refused, running_edge(settings_of(place, wrong)):
        pass
    assert any("agent.rules/when/type" in problem for problem in refused.value.problems)


def test_a_store_that_the_host_does_not_name_is_a_fault_there_and_nowhere_else(place: Place) -> None:
    settings = settings_of(place, carry({"suffix": ".a"}, store="nowhere"))
    draft = Draft(tree={})
    check(settings, draft)
    assert [problem for problem in draft.problems if "nowhere" in problem] != []
    assert part_problems({"agent": {"rules": settings.agent.rules.model_dump(mode="json")}}) == []
