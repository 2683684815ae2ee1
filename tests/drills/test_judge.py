from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gwf.core.settings.model import AgentSettings, StoreSettings
from gwf.drills import judge
from gwf.drills.catalog import DRILLS
from gwf.drills.model import Account, DrillPlan, Measures, Sample

PLAN = DrillPlan(
    files=10, size_bytes=100, seconds=4.0, agent=AgentSettings(), store=StoreSettings(url="memory://", workers=2)
)


def _sample(at_s: float, state: str = "ok", **more: Any) -> Sample:
    return Sample(at_s=at_s, state=state, breaker=more.pop("breaker", "closed"), **more)


def _measures(samples: Sequence[Sample] = (), **more: Any) -> Measures:
    more.setdefault("account", Account(files=10))
    return Measures(samples=list(samples), injected_s=10.0, ended_s=14.0, **more)


GOOD = _measures(
    [_sample(9), _sample(10.5, "degraded", reasons=("breaker_open",), breaker="open", pending=5), _sample(20)],
    hurts=3, first_success_s=15.0, drained_s=16.0, live_ms=[3.0],
)  # fmt: skip


def test_a_good_run_keeps_every_promise_of_the_503_drill() -> None:
    broken = [promise for check in DRILLS["store-503"].judges if not (promise := check(PLAN, GOOD)).kept]
    assert broken == []


@pytest.mark.parametrize(
    ("check", "found"),
    [
        (judge.was_hurt, _measures(hurt_what="connections cut")),
        (judge.nothing_lost, _measures(account=Account(files=10, lost=("a",)))),
        (judge.nothing_lost, _measures(account=Account(files=0))),
        (judge.nothing_wrong, _measures(account=Account(files=10, wrong=("a",)))),
        (judge.nothing_extra, _measures(account=Account(files=10, extra=("a",)))),
        (judge.written_once, _measures(account=Account(files=10, repeated=1))),
        (judge.few_repeats, _measures(account=Account(files=10, repeated=5), kills=2)),
        (judge.no_upload_left, _measures(account=Account(files=10, unfinished=1))),
        (judge.none_dead, _measures([_sample(11, dead=1)])),
        (judge.drained, _measures()),
        (judge.ok_again, _measures([_sample(20, "degraded", reasons=("dead_letters",))])),
        (judge.ok_again, _measures()),
        (judge.journal_sound, _measures(journal_problems="structure: page 3")),
        (judge.breaker_opens, _measures([_sample(11)])),
        (judge.breaker_opens, _measures([_sample(12.5, breaker="open")])),
        (judge.breaker_stays_closed, _measures([_sample(11, breaker="open")])),
        (judge.first_success, _measures()),
        (judge.first_success, _measures(first_success_s=14.0 + 10.0 + 1.1)),
        (judge.told("breaker_open"), _measures([_sample(11, "degraded", reasons=("starting",))])),
        (judge.stays_alive, _measures(live_ms=[5.0], live_failures=1)),
        (judge.stays_alive, _measures(live_ms=[1500.0])),
        (judge.stays_alive, _measures()),
        (judge.none_done_unproved, _measures([_sample(12, done_total=3), _sample(13, done_total=4)])),
        (judge.none_done_unproved, _measures()),
    ],
)
def test_what_was_not_kept_is_called_broken(check: judge.Judge, found: Measures) -> None:
    promise = check(PLAN, found)
    assert not promise.kept
    assert promise.found


@pytest.mark.parametrize(
    ("lasted_s", "interval_s"), [(1.0, 5.0), (3.7, 5.0), (4.0, 10.0), (11.0, 10.0), (12.0, 20.0), (3600.0, 120.0)]
)
def test_the_probe_interval_doubles_with_every_rest_up_to_the_cap(lasted_s: float, interval_s: float) -> None:
    found = Measures(injected_s=10.0, ended_s=10.0 + lasted_s)
    assert judge.probe_interval_s(PLAN, found) == interval_s


def test_states_are_told_once_for_each_change() -> None:
    found = _measures([_sample(1), _sample(2), _sample(3, "failing", reasons=("a",)), _sample(4)])
    assert found.states_seen == [(1, "ok", ()), (3, "failing", ("a",)), (4, "ok", ())]
