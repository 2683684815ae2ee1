"""A real centre away for long and killed at random, a real edge killed too, under load: its database tells the rest."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from gwf.db.address import DatabaseAddress
from gwf.testing.centre_server import CentreServer
from tests.agent.waiting import until
from tests.chaos.lab import Lab
from tests.chaos.load import Background
from tests.chaos.scale import LONG_S, sized

pytestmark = pytest.mark.chaos  # even the short form starts many processes
STEP_S = 0.5
LIFE_S = (0.5, 6.0)  #: of a centre between two kills
GONE_S = (0.2, 4.0)  #: and until it is started again
EDGE_LIFE_S = (4.0, 15.0)

FILES = "SELECT epoch, seq FROM file_events"
OTHERS = "SELECT event_id FROM events WHERE source LIKE '/gwf/agents/%'"
REJECTS = "SELECT count(*) FROM outbox_rejects"


@dataclass
class Pair:
    """A centre, and what its database holds."""

    centre: CentreServer

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        if self.centre.database == "sqlite":
            with closing(sqlite3.connect(self.centre.home / "data" / "events.db")) as database:
                return database.execute(statement).fetchall()
        with psycopg.connect(self.centre.database) as database:
            return database.execute(statement.encode()).fetchall()

    def stored(self) -> Counter[tuple[str, int]]:
        """Return how often each (epoch, number) of an outbox is stored."""
        found = Counter((epoch, int(seq)) for epoch, seq in self.rows(FILES))
        found.update(_name(event_id) for (event_id,) in self.rows(OTHERS))
        return found


def _name(event_id: str) -> tuple[str, int]:
    epoch, _, seq = event_id.rpartition(":")
    return epoch, int(seq)


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Pair]:
    database = "sqlite"
    if request.param == "postgresql":
        address: DatabaseAddress = request.getfixturevalue("postgres_address")
        assert address.url is not None
        database = address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    centre = CentreServer(lab.home / "centre", database, port)
    yield Pair(centre)
    centre.stop()


def journal(lab: Lab) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """Return the position of the edge's journal, and (number, kind) of all its events."""
    with closing(sqlite3.connect(lab.home / "program" / "data" / "journal.db")) as database:
        ((position,),) = database.execute("SELECT value FROM facts WHERE name='report'").fetchall()
        rows = database.execute("SELECT seq, kind FROM outbox ORDER BY seq").fetchall()
    at = json.loads(position)
    return at, [(seq - at["base"], kind) for seq, kind in rows]


def kill_both(lab: Lab, pair: Pair, *, seconds: float) -> int:
    """Kill the centre and the edge at random for a while; the centre is gone then. Return how often it was killed."""
    chance, end_s, kills = lab.random, time.monotonic() + seconds, 0
    scale = min(1.0, seconds / 20)
    edge_s = time.monotonic() + scale * chance.uniform(*EDGE_LIFE_S)
    while True:
        if not pair.centre.alive:
            pair.centre.start()
        lab.pause(scale * chance.uniform(*LIFE_S))
        pair.centre.stop(signal.SIGKILL)
        kills += 1
        if time.monotonic() > end_s:
            return kills
        lab.pause(scale * chance.uniform(*GONE_S))
        if time.monotonic() > edge_s:
            lab.program.kill()
            lab.program.spawn()
            edge_s = time.monotonic() + scale * chance.uniform(*EDGE_LIFE_S)


def sleep_with_kills(lab: Lab, *, seconds: float, kills: int) -> None:
    """Let the centre be away, and kill the edge now and then."""
    for _ in range(kills):
        lab.pause(seconds / kills)
        lab.program.kill()
        lab.program.spawn()


@sized("away_s, kills, storm_s, files_per_s", short=(1.0, 1, 2.0, 40), long=(600.0, 20, 120.0, 50), limit_s=LONG_S * 3)
def test_every_event_is_in_the_database_once(
    lab: Lab, pair: Pair, away_s: float, kills: int, storm_s: float, files_per_s: int
) -> None:
    pair.centre.start()
    token = pair.centre.enrolment_token("chaos")
    lab.program.settings["agent"]["centre"] = {"url": pair.centre.url, "enrolment_token": token}
    loads = [lab.load(lab.watch("a", store="s3")), lab.load(lab.watch("b", store="file"))]
    lab.program.start()
    until(lambda: bool(pair.rows("SELECT 1 FROM outbox_marks")), within_s=60)

    def write() -> None:
        for load in loads:
            load.small(max(1, round(files_per_s * STEP_S / 2)))

    steps = round(2 * (away_s + storm_s) / STEP_S)
    with Background(write, steps=steps, pause_s=STEP_S) as writer:
        centre_kills = kill_both(lab, pair, seconds=storm_s / 2)
        sleep_with_kills(lab, seconds=away_s, kills=kills)
        centre_kills += kill_both(lab, pair, seconds=storm_s / 2)
    writer.finish()
    pair.centre.start()
    back_s = time.monotonic()
    until(lambda: lab.program.url() != "", within_s=60)
    lab.check(within_s=300)
    until(lambda: not untold(lab, pair), within_s=600, every_s=0.5)
    took_s = time.monotonic() - back_s
    lab.program.kill()
    assert len(untold(lab, pair)) <= 2  # alarms of the very last moment
    pair.centre.stop()
    check(lab, pair)
    lab.tally.notes.append(
        f"{sum(pair.stored().values())} events, {centre_kills} kills of the centre, away {away_s:.0f} s, "
        f"all there {took_s:.1f} s after its return"
    )


def untold(lab: Lab, pair: Pair) -> list[int]:
    """Return the numbers of events that the centre does not have by its own account."""
    _, events = journal(lab)
    marks = pair.rows("SELECT max(acked_seq) FROM outbox_marks")
    return [number for number, _ in events if number > marks[0][0]]


def check(lab: Lab, pair: Pair) -> None:
    """Fail unless the database has every event up to the mark exactly once, and nothing else."""
    position, events = journal(lab)
    ((epoch, mark),) = pair.rows("SELECT epoch, acked_seq FROM outbox_marks")
    assert epoch == position["epoch"]
    stored = pair.stored()
    wanted = {(epoch, number) for number, _ in events if number <= mark}
    assert {name: count for name, count in stored.items() if count > 1} == {}
    assert sorted(wanted - stored.keys()) == []
    assert sorted(stored.keys() - wanted) == []
    assert pair.rows(REJECTS) == [(0,)]
