"""What is drawn of an alert is what its rule counted: windows, gaps, patterns; also of very many events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gwf.alerts.picture.patterns import Line, clustered, masked
from gwf.alerts.picture.service import AlertPictures
from gwf.alerts.picture.signal import Happening, SignalKind, Window, away, counted, in_window, known_only, window_of
from gwf.alerts.run.desk import AlertStateError
from gwf.alerts.run.model import Act, AlertFilter, Between, GroupBy, Telling
from gwf.db.address import DatabaseAddress
from gwf.events.model import Event, Severity
from tests.alerts.test_runner import ANN, Server, opened

S = 1_000


def within(address: DatabaseAddress, work: Callable[[Server, AlertPictures], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(address) as (server, plans):
            one = server()
            await one.move()
            await work(one, one.pictures(plans))

    asyncio.run(run())


def window(until_s: int, step_s: int = 10) -> Window:
    return Window(since_ms=0, until_ms=until_s * S, step_ms=step_s * S)


def test_a_window_of_a_rule_slides_and_an_end_empties_it() -> None:
    seen = [Happening(at * S, count) for at, count in ((1, 1), (2, 3), (15, 1), (31, 2))]
    assert in_window(seen, window(50), within_ms=20 * S) == [4, 5, 5, 3, 2]
    over = sorted([*seen, Happening(14 * S, 1, over=True)])
    assert in_window(over, window(50), within_ms=20 * S) == [4, 4, 1, 3, 2]
    assert counted(over, window(50)) == [4, 1, 0, 2, 0]


def test_what_stays_away_is_measured_from_the_last_that_came() -> None:
    seen = [Happening(12 * S, 1), Happening(35 * S, 1)]
    assert away(seen, window(50), until_ms=46 * S) == [None, 8, 18, 23, 11]


def test_what_is_not_known_is_a_gap() -> None:
    assert list(known_only([1, 2, 3, 4], window(40), [(12 * S, 21 * S)])) == [1, None, None, 4]


@pytest.mark.parametrize("lasting_s", [0, 1, 600, 86_400, 90 * 86_400])
def test_a_picture_begins_before_its_alert_and_has_few_slots(lasting_s: int) -> None:
    start, now = 1_800_000_000_000, 1_800_000_000_000 + lasting_s * S
    shown = window_of(start, None, now_ms=now, within_ms=60 * S)
    assert shown.since_ms <= start - 10 * 60 * S
    assert shown.until_ms >= now
    assert 40 <= len(shown.slots()) <= 122


def test_lines_that_differ_in_numbers_names_or_little_are_one_pattern() -> None:
    texts = [
        "PutObject logs/app-11.gz 503 SlowDown after 1200ms",
        "PutObject logs/app-9.gz 503 SlowDown after 80ms",
        "PutObject logs/app-9.gz 403 AccessDenied after 80ms",
        "open /var/log/a b: permission denied for 7f3e21aa9c01",
        "open /srv/x b: permission denied for 0b3e21aa9c02",
    ]
    found = clustered(Line(at, text, at, at, 10 if at == 2 else 1) for at, text in enumerate(texts))
    assert [(one.pattern, one.count, one.samples) for one in found] == [
        ("PutObject logs/… 403 AccessDenied after …", 10, [2]),
        ("open … b: permission denied for …", 2, [3, 4]),
        ("PutObject logs/… 503 SlowDown after …", 2, [0, 1]),
    ]
    assert (found[1].first_at_ms, found[1].last_at_ms, found[1].severity) == (3, 4, 4)
    assert masked("2026-11-22T10:27:58.204Z 10.0.0.1:443 x=17 x=18") == ["…", "x=…", "x=…"]


def test_a_threshold_is_drawn_with_what_was_counted_before_it(address: DatabaseAddress) -> None:
    async def work(server: Server, pictures: AlertPictures) -> None:
        for pause in (0, 20, 15, 5):
            await server.move(pause)
            await server.tell("t.fault a")
        await server.move(30)
        (kept,) = await server.alerts()
        drawn = await pictures.signal("default", kept.alert.id)
        assert (drawn.kind, drawn.threshold, drawn.within_s, drawn.complete) == (SignalKind.THRESHOLD, 3, 60, True)
        values = [value for value in drawn.values if value]
        assert (values[0], max(values)) == (1, 4)
        assert [(one, until) for _, one, until in drawn.spans] == [(kept.alert.started_at_ms, None)]

    within(address, work)


def test_an_alert_of_very_many_events_is_drawn_whole_from_few_rows(address: DatabaseAddress) -> None:
    async def work(server: Server, pictures: AlertPictures) -> None:
        for second in range(60):
            events = [
                Event(id=f"{second}-{n}", source="/t", type="t.down", subject="h1", at_ms=server.clock.now_ms(),
                      severity=Severity.ERROR, data={"message": f"disk {n} is full", "lines": 4})
                for n in range(50)
            ]  # fmt: skip
            await server.rows.write((), events)
            await server.move(1)
        (kept,) = await server.alerts()
        assert kept.alert.count == 60 * 50 * 4
        drawn = await pictures.signal("default", kept.alert.id)
        assert sum(value or 0 for value in drawn.values) == kept.alert.count
        assert drawn.complete
        evidence = await pictures.evidence("default", kept.alert.id)
        assert evidence.events < 300
        assert [cluster.pattern for cluster, _ in evidence.patterns] == ["disk … is full"]
        assert [(one.name, one.count) for one in evidence.sources] == [("/t", evidence.happenings)]
        assert evidence.happenings > kept.alert.count // 2

    within(address, work)


def test_notes_stay_in_order_and_the_past_counts_the_same_trouble(address: DatabaseAddress) -> None:
    async def work(server: Server, _: AlertPictures) -> None:
        for _again in range(2):
            await server.tell("t.down h1")
            await server.move(20)
            await server.tell("t.up h1")
            await server.move(400)
        newest, oldest = (kept.alert for kept in await server.alerts())
        for text in ("looked at it", "it was the disk"):
            server.clock.advance(1)
            await server.desk.note("default", newest.id, text, by=ANN)
        story = await server.desk.get("default", newest.id)
        assert [(note.by, note.text) for note in story.notes] == [("ann", "it was the disk"), ("ann", "looked at it")]
        assert story.past.count == 2
        assert story.past.before_started_ms == oldest.started_at_ms
        assert (await server.desk.get("default", oldest.id)).past.count == 1

    within(address, work)


def test_alerts_are_counted_over_time_by_day_and_summed_up(address: DatabaseAddress) -> None:
    async def work(server: Server, _: AlertPictures) -> None:
        begin_ms = server.clock.now_ms()
        await server.tell("t.down h1", "t.down h2")
        await server.move(20)
        await server.tell("t.up h1")
        await server.move(3_600)
        await server.tell("t.down h1")  # nobody was told of it yet
        await server.move(1)
        look = await server.desk.look("default", AlertFilter(), limit=9, after=None, facets=True, days=True)
        assert look.facets == {
            "status": {"firing": 2, "resolved": 1}, "severity": {"error": 3}, "rule": {"down": 3}, "owner": {},
        }  # fmt: skip
        counts = {name.rpartition("=")[2]: sum(days.values()) for name, days in look.days.items()}
        assert counts == {"h1": 2, "h2": 1}
        time = Between(begin_ms, server.clock.now_ms() + 1)
        begun = await server.desk.begun("default", AlertFilter(), time)
        assert sorted((telling.value, count) for (_, telling), count in begun.counts.items()) == [
            ("noted", 1),
            ("told", 2),
        ]
        assert all(at < begun.bars for at, _ in begun.counts)
        noted = await server.alerts(tellings=frozenset({Telling.NOTED}), began_since_ms=begin_ms)
        assert [one.alert.labels["subject"] for one in noted] == ["h1"]
        first, second = await server.desk.sums("default", AlertFilter(), GroupBy.FINGERPRINT)
        assert [(one.alerts, one.firing, dict(one.labels)) for one in (first, second)] == [
            (2, 1, {"subject": "h1"}), (1, 1, {"subject": "h2"}),
        ]  # fmt: skip

    within(address, work)


def test_an_alert_is_passed_on_before_its_time_and_taken_over(address: DatabaseAddress) -> None:
    async def work(server: Server, _: AlertPictures) -> None:
        async def done(act: Act) -> tuple[int, int]:
            asked = asyncio.create_task(server.desk.order(act, "default", [kept.alert.id], by=ANN))
            while not asked.done():
                await server.move()
                await asyncio.sleep(0.01)
            end = await asked
            return len(end.done), len(end.too_late)

        await server.tell("t.down h1")
        await server.move(20)
        (kept,) = await server.alerts()
        assert await done(Act.ESCALATE) == (1, 0)
        assert server.notices() == [("firing", ("dd",), 1), ("escalation", ("boss",), 0)]
        assert await done(Act.ESCALATE) == (0, 1)  # the last level was told
        assert await done(Act.CLAIM) == (1, 0)
        assert [one.alert.owner for one in await server.alerts()] == ["ann"]
        assert await done(Act.CLAIM) == (0, 1)  # it is hers already
        with pytest.raises(AlertStateError):
            await server.desk.order(Act.ESCALATE, "default", [kept.alert.id], by=ANN)
        await server.move(2_000)
        assert len(server.notices()) == 2

    within(address, work)
