"""Storms of notices against a robot that counts: nothing is lost, nothing is rejected, what is urgent comes first."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.alerts.delivery.budget import WINDOW_MS, Spend, shares
from gwf.alerts.delivery.model import ChannelHealth, ChannelRules, Message, OutboxNotice, Part
from gwf.alerts.delivery.plan import chosen, failed, lane_turn, moved, moves, parts_of, wait_ms
from gwf.alerts.delivery.quiet import QuietHours
from gwf.alerts.delivery.text import Style, written
from gwf.alerts.life.model import NoticeKind
from gwf.alerts.oncall import Recipient
from gwf.events.model import Severity
from gwf.rules.window import Window

START_MS = 1_800_000_000_000
ROBOT = ChannelRules(name="ops", kind="dingtalk", per_minute=20, timeout_s=10.0, max_text_bytes=18_000)
STYLE = Style(zone=ZoneInfo("Asia/Shanghai"), console_url="https://gwf.example")


def notice(number: int, at_ms: int = START_MS, severity: Severity = Severity.WARNING, **more: object) -> OutboxNotice:
    values: dict[str, object] = {
        "notice_id": f"ntc_{number:06d}", "tenant": "default", "kind": NoticeKind.FIRING, "level": 0,
        "receivers": ("ops",), **more,
    }  # fmt: skip
    alert = {"alert_id": f"alt_{number}", "title": f"disk of host-{number:06d} is full", "severity": severity.word,
             "status": "firing", "started_at_ms": at_ms, "count": 1}  # fmt: skip
    body = {"rule_name": "disk full", "group_labels": {"host": f"host-{number:06d}"}, "new": 1, "alerts": [alert]}
    return OutboxNotice(at_ms=at_ms, severity=severity, body=body, **values)  # type: ignore[arg-type]  # values by name


def part(number: int, at_ms: int = START_MS, severity: Severity = Severity.WARNING, **more: object) -> Part:
    return parts_of(notice(number, at_ms, severity, **more), [Recipient(channel="ops")], {"ops": ROBOT})[0]


@dataclass
class Robot:
    """Takes so many messages in any minute, as they arrive."""

    per_minute: int
    arrived: list[int] = field(default_factory=list[int])

    def takes(self, at_ms: int) -> bool:
        self.arrived = [one for one in self.arrived if one > at_ms - 60_000]
        if len(self.arrived) >= self.per_minute:
            return False
        self.arrived.append(at_ms)
        return True


@dataclass
class Run:
    """What came of a storm."""

    rejected: int = 0
    #: when the message with a notice arrived
    told: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    texts: list[str] = field(default_factory=list[str])


class Storm:
    """Delivers parts to a robot; a message arrives and its answer comes after the delays, in turn."""

    def __init__(self, parts: list[Part], channel: ChannelRules, delays: list[tuple[int, int]]) -> None:
        self.parts, self.channel, self.delays = parts, channel, delays
        self.result = Run()
        self.lanes: dict[bool, list[Part]] = {True: [], False: []}
        self.spends: list[Spend] = []
        self.flights: dict[int, tuple[int, Message, list[Part]]] = {}
        self.arrivals: list[int] = []
        self.moments = [(one.due_at_ms, 0, number) for number, one in enumerate(parts)]
        heapq.heapify(self.moments)

    def run(self) -> Run:
        while self.moments:
            now_ms, what, number = heapq.heappop(self.moments)
            if what == 0:
                self.lanes[self.parts[number].notice.is_urgent].append(self.parts[number])
            elif what == 1:
                self.ended(number, now_ms)
            for urgent in (True, False):
                self.turn(now_ms, urgent=urgent)
        robot = Robot(self.channel.per_minute)
        self.result.rejected = sum(not robot.takes(at_ms) for at_ms in sorted(self.arrivals))
        return self.result

    def ended(self, number: int, now_ms: int) -> None:
        spend, message, taken = self.flights.pop(number)
        self.spends[spend] = replace(self.spends[spend], end_ms=now_ms)
        self.result.texts.append(message.text)
        if not self.flights:
            self.spends = [one for one in self.spends if one.counts(now_ms)]
        for one in taken:
            self.result.told.setdefault(one.notice.notice_id, []).append(now_ms)

    def turn(self, now_ms: int, *, urgent: bool) -> None:
        lane = self.lanes[urgent]
        turn = lane_turn(self.spends, ChannelHealth(), self.channel, urgent=urgent, now_ms=now_ms)
        found = chosen(lane, slots=turn.slots) if turn.slots else ()
        if found:
            self.begin(found, now_ms, urgent=urgent)
        elif lane and turn.next_at_ms is not None and (turn.next_at_ms, 2, 0) not in self.moments[:3]:
            heapq.heappush(self.moments, (max(now_ms + 1, turn.next_at_ms), 2, 0))

    def begin(self, found: Sequence[Part], now_ms: int, *, urgent: bool) -> None:
        message, taken = written(found, self.channel, STYLE, now_ms=now_ms)
        gone = {one.notice.notice_id for one in taken}
        self.lanes[urgent] = [one for one in self.lanes[urgent] if one.notice.notice_id not in gone]
        number = len(self.arrivals)
        arrive, answer = self.delays[number % len(self.delays)]
        self.arrivals.append(now_ms + arrive)
        self.flights[number] = (len(self.spends), message, list(taken))
        self.spends.append(Spend(at_ms=now_ms, end_ms=None, urgent=urgent))
        heapq.heappush(self.moments, (now_ms + arrive + answer, 1, number))


def storm(parts: list[Part], channel: ChannelRules, delays: list[tuple[int, int]]) -> Run:
    return Storm(parts, channel, delays).run()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(0, 400),
    st.sampled_from([1, 2, 3, 5, 20, 60, 600]),
    st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 900)), min_size=1, max_size=5),
)
def test_no_storm_loses_a_notice_or_is_rejected(
    seed: int, count: int, per_minute: int, delays: list[tuple[int, int]]
) -> None:
    chance = random.Random(seed)
    worst = [Severity.WARNING, Severity.WARNING, Severity.CRITICAL]
    when = [(chance.randrange(200_000), chance.choice(worst)) for _ in range(count)]
    channel = replace(ROBOT, per_minute=per_minute)
    parts = [part(number, START_MS + at_ms, severity) for number, (at_ms, severity) in enumerate(when)]
    run = storm(parts, channel, delays)
    assert run.rejected == 0
    assert {name: len(times) for name, times in run.told.items()} == {one.notice.notice_id: 1 for one in parts}


def test_what_is_urgent_is_told_within_ten_seconds_amid_thousands_of_others() -> None:
    parts = [
        part(number, START_MS + number * 10, Severity.CRITICAL if number % 20 == 0 else Severity.WARNING)
        for number in range(4_000)
    ]
    run = storm(parts, ROBOT, [(100, 100)])
    assert run.rejected == 0
    assert len(run.told) == 4_000
    urgent = [one for one in parts if one.notice.is_urgent]
    late_ms = sorted(run.told[one.notice.notice_id][0] - one.notice.at_ms for one in urgent)
    assert late_ms[-1] <= 10_000
    text = "\n".join(run.texts)
    assert all(f"host-{number:06d}" in text for number in range(0, 4_000, 20))


def test_no_lane_can_use_more_than_its_share() -> None:
    for per_minute in range(2, 6001):
        urgent, rest = shares(per_minute)
        assert urgent.most + rest.most == per_minute
        for share in (urgent, rest):
            assert share.burst + WINDOW_MS // share.gap_ms <= share.most or share.most == share.burst


def test_few_are_told_one_by_one_and_many_as_one_that_names_each() -> None:
    assert len(chosen([part(1), part(2)], slots=4)) == 1
    many = chosen([part(number) for number in range(3)], slots=4)
    message, taken = written(many, ROBOT, STYLE, now_ms=START_MS)
    assert (message.parts, len(taken)) == (3, 3)
    assert message.title == "【警告】3 条通知汇总"
    assert all(f"host-{number:06d}" in message.text for number in range(3))


def test_tenants_are_never_folded_together() -> None:
    waiting = [part(number, tenant="a" if number % 2 else "b") for number in range(9)]
    assert {one.notice.tenant for one in chosen(waiting, slots=1)} == {"b"}


def test_an_urgent_message_takes_only_what_it_can_name() -> None:
    small = replace(ROBOT, max_text_bytes=2_000)
    parts = [part(number, severity=Severity.CRITICAL) for number in range(100)]
    message, taken = written(parts, small, STYLE, now_ms=START_MS)
    assert 1 < len(taken) < 100
    assert all(str(one.notice.body["group_labels"]["host"]) in message.text for one in taken)
    assert len(message.text.encode()) <= 2_000
    rest = [part(number) for number in range(100)]
    message, taken = written(rest, small, STYLE, now_ms=START_MS)
    assert len(taken) == 100
    assert "条未逐一列出" in message.text


def test_a_message_that_is_made_again_has_the_same_id() -> None:
    one, _ = written([part(1), part(2)], ROBOT, STYLE, now_ms=START_MS)
    again, _ = written([part(2), part(1)], ROBOT, STYLE, now_ms=START_MS + 5)
    assert one.message_id == again.message_id
    assert one.message_id != written([part(1)], ROBOT, STYLE, now_ms=START_MS)[0].message_id


def at(text: str, zone: str = "Asia/Shanghai") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp() * 1000)


def quiet(begin: int, end: int, zone: str = "Asia/Shanghai", days: frozenset[int] = frozenset(range(7))) -> QuietHours:
    return QuietHours(window=Window(zone=ZoneInfo(zone), days=days, begin=begin, end=end), below=Severity.CRITICAL)


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        ("2026-11-27T21:59:59", None),
        ("2026-11-27T22:00:00", "2026-11-28T07:30:00"),
        ("2026-11-28T00:00:00", "2026-11-28T07:30:00"),
        ("2026-11-28T07:29:59", "2026-11-28T07:30:00"),
        ("2026-11-28T07:30:00", None),
    ],
)
def test_quiet_hours_hold_what_matters_less_until_they_end(moment: str, ends: str | None) -> None:
    hours = quiet(22 * 60, 7 * 60 + 30)
    assert hours.due_ms(at(moment), Severity.WARNING) == at(ends or moment)
    assert hours.due_ms(at(moment), Severity.CRITICAL) == at(moment)


def test_quiet_hours_end_by_the_clock_also_in_the_night_it_is_changed() -> None:
    hours = quiet(22 * 60, 7 * 60, zone="Europe/Berlin")
    for begin, end in (("2026-03-28T23:00:00", "2026-03-29T07:00:00"), ("2026-10-24T23:00:00", "2026-10-25T07:00:00")):
        assert hours.end_ms(at(begin, "Europe/Berlin")) == at(end, "Europe/Berlin")


def test_another_channel_tells_what_one_could_not_for_a_minute() -> None:
    channel = replace(ROBOT, fallback="mail", fallback_after_s=60.0)
    waiting = part(1, START_MS - 3_600_000)
    down = failed(
        ChannelHealth(), now_ms=START_MS, error="answered 502", error_class="SERVER", block_ms=1_000, retryable=True
    )
    assert not moves(down, channel, waiting, now_ms=START_MS + 59_999)
    assert moves(down, channel, waiting, now_ms=START_MS + 60_000)
    there = moved(waiting, replace(ROBOT, name="mail", kind="email", fallback="ops"), now_ms=START_MS + 60_000)
    assert (there.channel, there.instead_of) == ("mail", "ops")
    assert not moves(down, replace(channel, name="mail"), there, now_ms=START_MS + 10**9)


def test_waits_grow_and_a_service_that_says_when_is_heard() -> None:
    assert [wait_ms(tries, retryable=True, retry_after_s=None) for tries in (1, 2, 3, 10)] == [
        1_000, 2_000, 4_000, 60_000,
    ]  # fmt: skip
    assert wait_ms(1, retryable=True, retry_after_s=61.5) == 61_500
    assert wait_ms(9, retryable=False, retry_after_s=None) == 15 * 60_000


def test_a_channel_that_fails_is_tried_by_one_message_at_a_time() -> None:
    down = ChannelHealth(down_since_ms=START_MS, failures=3, blocked_until_ms=START_MS + 4_000)
    assert lane_turn([], down, ROBOT, urgent=True, now_ms=START_MS + 1).next_at_ms == START_MS + 4_000
    flying = [Spend(at_ms=START_MS, end_ms=None, urgent=False)]
    assert lane_turn(flying, down, ROBOT, urgent=True, now_ms=START_MS + 4_000).slots == 0
    assert lane_turn([], down, ROBOT, urgent=True, now_ms=START_MS + 4_000).slots == 1
