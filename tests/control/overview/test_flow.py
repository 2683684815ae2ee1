"""Sums as charts draw them, markers of changes, samples of what waits."""

from __future__ import annotations

import asyncio
import json

import pytest

from gwf.audit.model import AuditRow
from gwf.control.overview.flow import OTHER, flow_of, grid
from gwf.control.overview.markers import TOGETHER_MS, MarkerKind, changes_agents, in_scope, markers_of
from gwf.control.overview.ports import WorkSum, WorkWish
from gwf.control.overview.scope import Scope
from gwf.control.overview.series import KEPT, STEP_MS, Backlogs
from gwf.events.files import FileEventStatus

MINUTE, HOUR = 60_000, 3_600_000
NOON = 1_700_000_000_000 - 1_700_000_000_000 % HOUR
WISH = WorkWish(tenant="default", since_ms=NOON, until_ms=NOON + HOUR, step_ms=MINUTE, bucket_ms=15 * MINUTE)


def work(status: FileEventStatus, events: int, *, at_ms: int = NOON, error: str = "", size: int = 0) -> WorkSum:
    return WorkSum(at_ms=at_ms, status=status, error_class=error, events=events, size_bytes=size)


def test_the_end_of_a_rollout_is_behind_no_fault_but_its_begin_may_be() -> None:
    def told(action: str, status: str) -> bool:
        changes = [{"path": "/status", "before": "running", "after": status}]
        (found,) = markers_of([row(1, action, "rollout:r", actor="system:system", changes=changes)])
        return changes_agents(found)

    assert told("rollout.create", "running")
    assert told("rollout.abort", "reverting")  # somebody had agents go back
    assert not any(told("rollout.move", status) for status in ("completed", "paused", "reverting", "reverted"))
    assert not changes_agents(markers_of([row(2, "user.create", "user:u")])[0])
    assert not changes_agents(markers_of([row(3, "agent.register", "agent:a")])[0])  # known only since then


def test_each_interval_has_a_point_and_the_whole_adds_up() -> None:
    found = flow_of(
        [
            work(FileEventStatus.DONE, 9, size=900),
            work(FileEventStatus.FAILED, 1, error="network"),
            work(FileEventStatus.DONE, 5, at_ms=NOON + 16 * MINUTE),
            work(FileEventStatus.SUPERSEDED, 2, at_ms=NOON + 16 * MINUTE),
            work(FileEventStatus.REPLAYED, 7),
        ],
        WISH,
    )
    assert [(point.done, point.failed, point.ended) for point in found.points] == [
        (9, 1, 9), (5, 0, 7), (0, 0, 0), (0, 0, 0)
    ]  # fmt: skip
    assert [point.success for point in found.points] == [0.9, 1.0, None, None]
    assert (found.whole.done, found.whole.done_bytes, found.whole.success) == (14, 900, 14 / 15)


def test_rare_classes_of_failures_are_added_up() -> None:
    names = ["network", "timeout", "auth", "server", "config", "conflict", "checksum"]
    sums = [work(FileEventStatus.FAILED, 10 - at, error=name) for at, name in enumerate(names)]
    found = flow_of(sums, WISH)
    assert found.classes == [*names[:5], OTHER]
    assert found.whole.by_class[OTHER] == 5 + 4
    assert found.points[0].by_class.total() == sum(range(4, 11))
    assert flow_of(sums[:6], WISH).classes == names[:6]


@pytest.mark.parametrize(
    ("length", "agents", "expected"),
    [
        (15 * MINUTE, 10, (MINUTE, MINUTE)),
        (6 * HOUR, 10, (MINUTE, 5 * MINUTE)),
        (6 * HOUR, 5_000, (HOUR, HOUR)),
        (24 * HOUR, 10, (MINUTE, 15 * MINUTE)) if 24 * HOUR <= 90 * 15 * MINUTE else (24 * HOUR, 10, (MINUTE, HOUR)),
        (30 * 24 * HOUR, 10, (HOUR, 24 * HOUR)),
    ],
)
def test_a_chart_has_few_points_and_no_finer_sums_are_read_than_needed(
    length: int, agents: int, expected: tuple[int, int]
) -> None:
    assert grid(length, agents=agents) == expected


def row(seq: int, action: str, resource: str, **more: object) -> AuditRow:
    kind, _, id_ = resource.partition(":")
    actor = str(more.get("actor", "user:usr_1"))
    return AuditRow(
        tenant="default", seq=seq, at_ms=int(str(more.get("at_ms", seq * 1000))), actor_kind=actor.partition(":")[0],
        actor_id=actor.partition(":")[2], address="", action=action, resource_kind=kind, resource_id=id_,
        reason="", request_id="", changes=json.dumps(more.get("changes", [])),
        detail=json.dumps(more.get("detail", {})), hash=b"",
    )  # fmt: skip


def test_an_upgrade_of_many_agents_is_one_marker() -> None:
    upgraded = [{"path": "/version", "before": "0.1", "after": "0.2"}]
    rows = [row(seq, "agent.update", f"agent:a{seq}", actor=f"agent:a{seq}", changes=upgraded) for seq in (1, 2, 3)]
    late = row(9, "agent.update", "agent:a9", actor="agent:a9", changes=upgraded, at_ms=3_000 + TOGETHER_MS + 1)
    first, second = markers_of([late, *rows])
    assert (first.kind, first.count, first.agents) == (MarkerKind.UPGRADE, 3, frozenset({"a1", "a2", "a3"}))
    assert first.params == {"before": "0.1", "version": "0.2"}
    assert (second.seq, second.count) == (9, 1)


def test_what_an_agent_tells_of_itself_and_the_waves_of_a_rollout_are_no_markers() -> None:
    renamed = [{"path": "/hostname", "before": "a", "after": "b"}]
    next_wave = [{"path": "/wave", "before": 0, "after": 1}]
    rows = [
        row(1, "agent.update", "agent:a", actor="agent:a", changes=renamed),
        row(2, "rollout.move", "rollout:r", actor="system:system", changes=next_wave),
        row(3, "audit.verify", "audit:default"),
        row(4, "agent.update", "agent:a", changes=[{"path": "/set_labels/env", "after": "prod"}]),
    ]
    assert [(one.seq, one.kind) for one in markers_of(rows)] == [(4, MarkerKind.GROUP)]


def test_a_rollout_that_was_taken_back_says_why() -> None:
    changes = [
        {"path": "/status", "before": "running", "after": "reverting"},
        {"path": "/cause/code", "after": "failure_share"},
    ]
    (found,) = markers_of([row(1, "rollout.move", "rollout:r", actor="system:system", changes=changes)])
    assert found.params == {"status": "reverting", "cause": "failure_share"}


def test_an_entry_that_was_made_unreadable_does_not_hinder() -> None:
    (found,) = markers_of([row(1, "agent.drain", "agent:a")._replace(changes="{", detail="[")])
    assert found.agents == frozenset({"a"})


def test_only_what_touches_a_scope_is_shown() -> None:
    rows = [row(1, "agent.drain", "agent:a"), row(2, "agent.revoke", "agent:b"), row(3, "rollout.create", "rollout:r")]
    rows.append(row(4, "user.create", "user:u"))
    shown = list(in_scope(markers_of(rows), frozenset({"a"}), {3: frozenset({"a", "c"})}))
    assert [(one.seq, one.agents) for one in shown] == [(1, frozenset({"a"})), (3, frozenset({"a"}))]


def test_time_in_which_nobody_looked_is_a_gap() -> None:
    backlogs = Backlogs()
    asyncio.run(backlogs.sample({"default": []}, NOON))
    asyncio.run(backlogs.sample({"default": []}, NOON + 3 * STEP_MS))
    series = backlogs.series("default", Scope(), since_ms=NOON, until_ms=NOON + 4 * STEP_MS)
    assert [one.files for one in series] == [0, None, None, 0, None]
    asyncio.run(backlogs.sample({"default": []}, NOON + (KEPT + 2) * STEP_MS))
    later = backlogs.series("default", Scope(), since_ms=NOON, until_ms=NOON + (KEPT + 2) * STEP_MS)
    assert len(later) == KEPT
    assert [one.files for one in later if one.files is not None] == [0, 0]
    assert [one.files for one in backlogs.series("acme", Scope(), since_ms=NOON, until_ms=NOON)] == []
