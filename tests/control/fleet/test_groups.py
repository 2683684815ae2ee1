from __future__ import annotations

from gwf.control.fleet.groups import AgentGroup, GroupId, membership
from gwf.control.fleet.state import Thresholds
from gwf.control.selectors import parse

SLOW = Thresholds(heartbeat_s=120.0)


def group(name: str, selector: str | None = None, *, priority: int = 0, slow: bool = False) -> AgentGroup:
    return AgentGroup(
        group_id=GroupId(name),
        tenant="default",
        name=name,
        selector=None if selector is None else parse(selector),
        priority=priority,
        thresholds=SLOW if slow else None,
    )


def names(labels: dict[str, str], *groups: AgentGroup, pinned: str | None = None) -> list[str]:
    found = membership(labels, groups, pinned=GroupId(pinned) if pinned else None, usual=Thresholds())
    return [one.name for one in found.groups]


def test_labels_decide_who_belongs() -> None:
    groups = group("prod", "env=prod"), group("dev", "env=dev"), group("by-hand")
    assert names({"env": "prod"}, *groups) == ["prod"]
    assert names({"env": "dev"}, *groups) == ["dev"]
    assert names({}, *groups) == []


def test_the_group_by_name_comes_first_then_priority_then_the_name() -> None:
    groups = group("b", ""), group("a", ""), group("high", "", priority=9), group("mine")
    assert names({}, *groups, pinned="mine") == ["mine", "high", "a", "b"]


def test_a_pinned_group_that_also_selects_counts_once() -> None:
    assert names({"env": "prod"}, group("prod", "env=prod"), pinned="prod") == ["prod"]


def test_the_first_group_with_thresholds_decides() -> None:
    groups = group("high", "", priority=2), group("slow", "", priority=1, slow=True)
    assert membership({}, groups, pinned=None, usual=Thresholds()).thresholds == SLOW
