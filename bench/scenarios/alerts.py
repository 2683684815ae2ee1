"""Alerts on their way to people: a storm at a robot that enforces its limit, how soon one arrives, kills in between."""

from __future__ import annotations

import itertools
import json
import random
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from bench.centre import Centre
from bench.delivering import A_LIFE, live, warm
from bench.plan import Plan
from bench.report import Column, Goal, Report
from bench.robot import SECRET, TOO_FAST, Robot
from gwf.db.tables.alerts import notices

STORM = 10_000
STORM_S = 60.0  #: over so long it comes
CRITICAL_EVERY = 20
SINGLE = 100
KILLS = 1_000
REST_EVERY = 5  #: kills after which one life sends all that waits
DRAIN_S = 240.0
BATCH = "application/cloudevents-batch+json"
LOOPBACK = ("127.0.0.0/8",)

COLUMNS = (
    Column("alerts", "alerts"),
    Column("messages", "messages"),
    Column("rejected", "rejected"),
    Column("lost", "lost"),
    Column("critical_lost", "critical lost"),
    Column("doubled", "doubled"),
    Column("unsure", "marked"),
    Column("kills", "kills"),
    Column("p50_s", "critical p50 s", 2),
    Column("p95_s", "critical p95 s", 2),
    Column("p99_s", "critical p99 s", 2),
)
STORMY, SOON = "storm, 20 a minute", "one by one"
KEYLESS, KEYED, BOTH = "kill -9, no key", "kill -9, with key", "kill -9 with its sender, no key"
GOALS = (
    Goal(STORMY, "rejected", "at most", 0),
    Goal(STORMY, "critical_lost", "at most", 0),
    Goal(STORMY, "p99_s", "at most", 10),
    Goal(SOON, "p95_s", "at most", 2),
    Goal(KEYLESS, "lost", "at most", 0),
    Goal(KEYLESS, "doubled", "at most", 1),
    Goal(KEYED, "lost", "at most", 0),
    Goal(KEYED, "doubled", "at most", 0),
    Goal(BOTH, "lost", "at most", 0),
)


def run(plan: Plan) -> Report:
    """Measure all of it."""
    storm, single, kills = plan.count(STORM), plan.count(SINGLE), plan.count(KILLS)
    told = (
        f"{storm:,} alerts within {STORM_S:.0f} s, 1 of {CRITICAL_EVERY} critical; {single} one by one; {kills:,} kills"
    )
    report = Report("alerts", told, COLUMNS, goals=GOALS)
    for number in range(plan.rounds):
        home = plan.workplace("alerts")
        _storm(report, home / f"storm{number}", storm)
        _single(report, home / f"single{number}", single)
        _killed(report, home / f"killed{number}", kills, row=KEYLESS)
        _killed(report, home / f"keyed{number}", kills, row=KEYED)
        _killed(report, home / f"both{number}", max(1, kills // 10), row=BOTH)
    return report


# -- the whole way, from an event to the robot -----------------------------------------------------------


def _storm(report: Report, home: Path, count: int) -> None:
    home.mkdir(parents=True)
    with Robot(home, per_minute=20) as robot, _centre(home, robot, per_minute=20) as centre:
        _ready(centre)
        sent_s: dict[str, float] = {}
        began_s, portion = time.monotonic(), max(1, count // 300)
        for at in range(0, count, portion):
            time.sleep(max(0.0, began_s + STORM_S * at / count - time.monotonic()))
            sent_s |= _post(centre, [_event(number) for number in range(at, min(count, at + portion))])
        _drain(centre)
        notes = robot.notes()
        text = "\n".join(note["text"] for note in notes if note["code"] == 0)
        critical = [name for name in sent_s if _is_critical(name)]
        late_s = [_arrival(notes, name) - sent_s[name] for name in critical if name in text]
        report.row(STORMY).add(
            alerts=count,
            messages=len(notes),
            rejected=sum(note["code"] == TOO_FAST for note in notes),
            lost=count - _told(home),
            critical_lost=sum(name not in text for name in critical),
            **_percentiles(late_s),
        )


def _single(report: Report, home: Path, count: int) -> None:
    home.mkdir(parents=True)
    with Robot(home, per_minute=0) as robot, _centre(home, robot, per_minute=6_000) as centre:
        _ready(centre)
        sent_s: dict[str, float] = {}
        for number in range(count):
            sent_s |= _post(centre, [_event(number * CRITICAL_EVERY)])
            time.sleep(0.2 + 0.1 * (number % 3))
        _drain(centre)
        notes = robot.notes()
        late_s = [_arrival(notes, name) - at_s for name, at_s in sent_s.items()]
        report.row(SOON).add(alerts=count, messages=len(notes), lost=count - _told(home), **_percentiles(late_s))


def _centre(home: Path, robot: Robot, *, per_minute: int) -> Centre:
    channel = {"kind": "dingtalk", "url": robot.url, "secret": SECRET, "per_minute": per_minute, "zone": "UTC"}
    return Centre(home / "centre", channels={"ops": channel}, webhooks={"allow_networks": list(LOOPBACK)})


def _ready(centre: Centre) -> None:
    """Have its alerts told by the robot."""
    centre.send("/api/v1/chains", {"document": {"name": "ops", "levels": [{"receivers": "ops"}]}, "publish": True})
    for severity in ("critical", "warning"):
        rule = {
            "name": f"{severity} on a host", "when": {"type": f"bench.{severity}"}, "by": ["subject"],
            "title": "${subject} is down", "severity": severity, "labels": {"host": "${subject}"},
            "group_by": ["host"], "chain": "ops",
        }  # fmt: skip
        centre.send("/api/v1/alert-rules", {"document": rule, "publish": True})
    time.sleep(2.0)  # until they are in force


def _event(number: int) -> dict[str, str]:
    word = "critical" if number % CRITICAL_EVERY == 0 else "warning"
    name = f"{word}-{number:06d}"
    return {"specversion": "1.0", "id": name, "source": "/bench", "type": f"bench.{word}", "subject": name}


def _is_critical(name: str) -> bool:
    return name.startswith("critical")


def _post(centre: Centre, events: Sequence[dict[str, str]]) -> dict[str, float]:
    """Send events in; return when each was sent."""
    headers = {"Authorization": f"Bearer {centre.token}", "Content-Type": BATCH}
    request = urllib.request.Request(f"{centre.url}/api/v1/events", json.dumps(events).encode(), headers)
    at_s = time.time()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
    return {event["subject"]: at_s for event in events}


def _drain(centre: Centre) -> None:
    """Wait until nothing waits any more."""
    deadline_s = time.monotonic() + DRAIN_S
    quiet = 0
    while quiet < 3 and time.monotonic() < deadline_s:
        open_ones = centre.ask("/api/v1/notices?state=waiting&state=planned&limit=1")["items"]
        quiet = 0 if open_ones else quiet + 1
        time.sleep(1.0)


def _told(home: Path) -> int:
    """Return how many notices the centre knows as sent."""
    engine = sa.create_engine(f"sqlite:///{home / 'centre' / 'data' / 'core.db'}")
    with engine.connect() as connection:
        wanted = sa.select(sa.func.count()).where(notices.c.state == "sent")
        return int(connection.scalar(wanted) or 0)


def _arrival(notes: Sequence[dict[str, float | str]], name: str) -> float:
    return next(float(note["at_s"]) for note in notes if note["code"] == 0 and name in f"{note['title']}{note['text']}")


def _percentiles(late_s: Sequence[float]) -> dict[str, float]:
    ordered = sorted(late_s) or [0.0]
    return {f"p{part}_s": ordered[min(len(ordered) - 1, len(ordered) * part // 100)] for part in (50, 95, 99)}


# -- kills -----------------------------------------------------------------------------------------------


def _killed(report: Report, home: Path, kills: int, *, row: str) -> None:
    """Kill a process that delivers, at moments chosen by chance while it sends, and let another one go on."""
    home.mkdir(parents=True)
    chance = random.Random(7)
    kind = "webhook" if row == KEYED else "dingtalk"
    with Robot(home, per_minute=0) as robot:
        warm(home, robot.url, kind, first=0)
        lives = itertools.count(1)
        for kill in range(1, kills + 1):
            first, after_s = next(lives) * A_LIFE, chance.uniform(0.0, 0.2)
            live(home, robot.url, kind, first=first, kill_after_s=after_s, both=row == BOTH)
            if kill % REST_EVERY == 0 or kill == kills:  # else what waits is folded into few messages
                live(home, robot.url, kind, first=next(lives) * A_LIFE, kill_after_s=None)
        arrived = [note for note in robot.notes() if not note["again"]]
    counts = Counter(word for note in arrived for word in set(note["text"].split()) if word.startswith("host-"))
    wanted = next(lives) * A_LIFE
    report.row(row).add(
        alerts=wanted,
        messages=len(arrived),
        lost=sum(f"host-{number:06d}" not in counts for number in range(wanted)),
        doubled=sum(count > 1 for count in counts.values()),
        unsure=sum("可能重复" in note["text"] for note in arrived),
        kills=kills,
    )
