"""The life of alerts: examples of each stage, and what holds for every history."""

from __future__ import annotations

import copy
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.alerts.life.engine import AlertLife
from gwf.alerts.life.ledger import Changed, Setting, State
from gwf.alerts.life.model import (
    Alert,
    AlertStatus,
    Chain,
    Inhibition,
    Level,
    Notice,
    NoticeKind,
    Policy,
    Sighting,
    Silence,
    Stage,
)
from gwf.control.selectors import parse
from gwf.events.model import Severity

CHAIN = Chain(name="ops", levels=(Level(after_s=0, receivers=("dd",)), Level(after_s=600, receivers=("mail", "boss"))))
POLICY = Policy(group_by=("app",), wait_s=30, interval_s=300, repeat_s=3600, chain="ops")
T0 = 1_800_000_000_000


def seen(
    name: str, at_s: float = 0, *, firing: bool = True, severity: Severity = Severity.ERROR, app: str = "pay",
    policy: Policy = POLICY,
) -> Sighting:  # fmt: skip
    return Sighting(
        rule_id="rul_1", rule_version=1, fingerprint=f"rul_1:{name}", firing=firing, severity=severity, title=name,
        labels={"host": name, "app": app}, at_ms=at(at_s), policy=policy,
    )  # fmt: skip


def at(s: float) -> int:
    return T0 + round(s * 1000)


class House:
    """A life with what it told."""

    def __init__(self, setting: Setting | None = None) -> None:
        self.setting = setting or Setting(chains={"ops": CHAIN})
        self.life = AlertLife(State(), self.setting)
        self.ended: dict[str, Alert] = {}

    def until(self, s: float) -> list[Notice]:
        told: list[Notice] = []
        while (due := self.life.next_at_ms()) is not None and due <= at(s):
            self.life.advance(due)
            told += self._taken().notices
        self.life.advance(at(s))
        return told + self._taken().notices

    def _taken(self) -> Changed:
        changed = self.life.taken()
        self.ended |= {alert.id: alert for alert in changed.ended}
        return changed

    def restart(self) -> None:
        self.life = AlertLife(copy.deepcopy(self.life.state), self.setting)


def kinds(notices: list[Notice]) -> list[tuple[int, str, tuple[str, ...]]]:
    return [((notice.at_ms - T0) // 1000, notice.kind.value, notice.receivers) for notice in notices]


def test_what_comes_within_the_wait_is_told_together() -> None:
    house = House()
    house.life.see(seen("h1"))
    house.life.see(seen("h2", 20))
    (notice,) = house.until(60)
    assert (notice.at_ms, notice.new, notice.others) == (at(30), 2, 0)


def test_the_same_trouble_is_one_alert_and_is_told_once() -> None:
    house = House()
    for second in range(60):
        house.life.see(seen("h1", second))
    assert kinds(house.until(400)) == [(30, "firing", ("dd",))]
    (alert,) = house.life.state.alerts.values()
    assert alert.count == 60


def test_worse_is_told_again_but_not_within_the_interval() -> None:
    house = House()
    house.life.see(seen("h1"))
    house.until(40)
    house.life.see(seen("h1", 50, severity=Severity.CRITICAL))
    assert kinds(house.until(500)) == [(330, "firing", ("dd",))]


def test_an_end_is_told_to_all_who_heard_of_the_beginning() -> None:
    house = House()
    house.life.see(seen("h1"))
    assert kinds(house.until(700)) == [(30, "firing", ("dd",)), (630, "escalation", ("mail", "boss"))]
    house.life.see(seen("h1", 700, firing=False))
    assert kinds(house.until(1000)) == [(700, "resolved", ("dd", "mail", "boss"))]
    assert not house.life.state.alerts
    assert not house.life.state.groups


def test_what_began_and_ended_within_the_wait_is_told_to_nobody() -> None:
    house = House()
    house.life.see(seen("h1"))
    house.life.see(seen("h1", 10, firing=False))
    assert house.until(4000) == []
    assert [alert.status for alert in house.ended.values()] == [AlertStatus.RESOLVED]


def test_an_acknowledgement_stops_the_chain_and_the_repeats() -> None:
    house = House()
    alert = house.life.see(seen("h1"))
    assert alert is not None
    house.until(100)
    assert house.life.acknowledge(alert.id, by="li", at_ms=at(100))
    assert house.until(20_000) == []
    assert house.life.release(alert.id, by="li", at_ms=at(20_000))
    assert ("escalation", ("mail", "boss")) in [one[1:] for one in kinds(house.until(21_000))]


def test_an_acknowledged_alert_that_gets_worse_wakes_people_again() -> None:
    house = House()
    alert = house.life.see(seen("h1"))
    assert alert is not None
    house.until(100)
    house.life.acknowledge(alert.id, by="li", at_ms=at(100))
    house.life.see(seen("h1", 400, severity=Severity.CRITICAL))
    assert kinds(house.until(401)) == [(400, "firing", ("dd",))]
    assert alert.status is AlertStatus.FIRING


def test_nobody_takes_it_so_it_is_repeated() -> None:
    house = House(Setting(chains={"ops": Chain(name="ops", levels=CHAIN.levels[:1])}))
    house.life.see(seen("h1"))
    assert [one[0] for one in kinds(house.until(8000))] == [30, 3630, 7230]


def test_a_silence_holds_and_its_end_lets_go() -> None:
    silence = Silence(id="sil_1", selector=parse("host=h1"), begins_at_ms=T0, ends_at_ms=at(1000))
    house = House(Setting(chains={"ops": CHAIN}, silences=[silence]))
    alert = house.life.see(seen("h1"))
    assert alert is not None
    assert house.until(900) == []
    assert alert.held_by == "silence:sil_1"
    assert [step.outcome for step in alert.steps if step.stage is Stage.SILENCE] == ["held"]
    assert kinds(house.until(1300))[0][1] == "firing"
    assert [step.outcome for step in alert.steps if step.stage is Stage.SILENCE] == ["held", "let_go"]


def test_a_silence_taken_away_is_heeded_at_once() -> None:
    silence = Silence(id="sil_1", selector=parse("host=h1"), begins_at_ms=T0, ends_at_ms=at(10_000))
    house = House(Setting(chains={"ops": CHAIN}, silences=[silence]))
    house.life.see(seen("h1"))
    house.until(100)
    house.life.set(Setting(chains={"ops": CHAIN}), at(100))
    assert kinds(house.until(101))[0][1] == "firing"


def test_a_silence_holds_at_once_and_a_chain_rests_while_it_does() -> None:
    house = House()
    alert = house.life.see(seen("h1"))
    assert alert is not None
    house.until(100)
    silence = Silence(id="sil_1", selector=parse("host=h1"), begins_at_ms=at(100), ends_at_ms=at(5_000))
    house.life.set(Setting(chains={"ops": CHAIN}, silences=[silence]), at(100))
    assert alert.held_by == "silence:sil_1"
    assert house.until(4_000) == []  # the next level was due at 630
    house.life.set(Setting(chains={"ops": CHAIN}), at(4_000))
    assert alert.held_by == ""
    told = [(at_s, kind) for at_s, kind, _ in kinds(house.until(4_700))]
    assert told == [(4_000, "repeat"), (4_600, "escalation")]  # the repeat was due at 3,630


def test_an_alert_holds_those_that_follow_from_it() -> None:
    follows = Inhibition(id="inh_1", source=parse("host=switch"), target=parse("host!=switch"), equal=("app",))
    house = House(Setting(chains={"ops": CHAIN}, inhibitions=[follows]))
    house.life.see(seen("switch"))
    house.life.see(seen("h1"))
    house.life.see(seen("h2", app="other"))
    told = house.until(60)
    assert sorted(notice.new for notice in told) == [1, 1]
    house.life.see(seen("switch", 100, firing=False))
    assert [notice.new for notice in house.until(400)] == [1]


def test_what_is_not_seen_for_long_enough_is_over() -> None:
    house = House()
    policy = replace(POLICY, resolve_after_s=600)
    house.life.see(seen("h1", policy=policy))
    house.life.see(seen("h1", 500, policy=policy))
    assert kinds(house.until(2000))[-1][:2] == (1100, "resolved")


def test_without_a_chain_the_alert_lives_and_nobody_is_told() -> None:
    house = House(Setting())
    alert = house.life.see(seen("h1"))
    assert alert is not None
    assert house.until(10_000) == []
    assert alert.steps[-1].outcome == "nobody"


def test_ten_thousand_alerts_of_a_storm_are_one_notice() -> None:
    house = House()
    for number in range(10_000):
        house.life.see(seen(f"h{number}"))
    (notice,) = house.until(31)
    assert (notice.new, len(notice.news)) == (10_000, 50)


HOSTS = st.sampled_from(["h1", "h2", "h3"])
STEP = st.one_of(
    st.tuples(st.just("see"), HOSTS, st.sampled_from([Severity.WARNING, Severity.ERROR, Severity.CRITICAL])),
    st.tuples(st.just("end"), HOSTS),
    st.tuples(st.just("ack"), HOSTS),
    st.tuples(st.just("wait"), st.integers(1, 900)),
)
SETTING = Setting(
    chains={"ops": CHAIN},
    silences=[Silence(id="s", selector=parse("host=h2"), begins_at_ms=at(100), ends_at_ms=at(2500))],
    inhibitions=[Inhibition(id="i", source=parse("host=h1"), target=parse("host=h3"), equal=("app",))],
)


def played(steps: list[tuple[object, ...]], *, restart_at: int | None = None) -> tuple[list[Notice], House]:
    house, now_s = House(SETTING), 0
    told: list[Notice] = []
    for number, step in enumerate(steps):
        if number == restart_at:
            house.restart()
        now_s = _take(house, step, now_s)
        told += house.until(now_s)
    return told + house.until(now_s + 3000), house


def _take(house: House, step: tuple[object, ...], now_s: int) -> int:
    match step:
        case ("see", str(host), Severity() as severity):
            house.life.see(seen(host, now_s, severity=severity))
        case ("end", str(host)):
            house.life.see(seen(host, now_s, firing=False))
        case ("ack", str(host)):
            for alert in [one for one in house.life.state.alerts.values() if one.title == host]:
                house.life.acknowledge(alert.id, by="li", at_ms=at(now_s))
        case (_, int(wait_s)):
            return now_s + wait_s
        case _:
            raise AssertionError(step)
    return now_s


@settings(deadline=None, max_examples=100)
@given(st.lists(STEP, max_size=25), st.integers(0, 25))
def test_a_restart_changes_no_notice(steps: list[tuple[object, ...]], where: int) -> None:
    assert played(steps, restart_at=where)[0] == played(steps)[0]


@settings(deadline=None, max_examples=100)
@given(st.lists(STEP, max_size=25))
def test_nobody_is_told_twice_nor_too_often(steps: list[tuple[object, ...]]) -> None:
    told, _ = played(steps)
    assert len({notice.id for notice in told}) == len(told)
    plain = [notice for notice in told if notice.kind is not NoticeKind.ESCALATION]  # one group: all are of one app
    for earlier, later in pairwise(plain):
        left = earlier.new + earlier.others
        assert later.at_ms - earlier.at_ms >= 300_000 or left == 0  # a group without alerts is gone with its interval


@settings(deadline=None, max_examples=100)
@given(st.lists(STEP, max_size=25))
def test_every_beginning_and_every_end_is_told_in_the_end(steps: list[tuple[object, ...]]) -> None:
    told, house = played(steps)
    for alert in [*house.ended.values(), *house.life.state.alerts.values()]:
        begun = sum(alert.id in notice.news for notice in told)
        assert sum(alert.id in notice.ends for notice in told) == int(begun > 0 and not alert.is_open)
        assert begun <= 3  # once for each severity at most
        if alert.status is AlertStatus.FIRING and not alert.held_by:
            assert alert.told == alert.severity
