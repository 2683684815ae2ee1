from __future__ import annotations

import sqlite3

from gwf.agent.journal.days import KEEP_DAYS, clear_days, day_tally
from tests.agent.journal.rig import Rig

DAY_MS = 86_400_000


def test_a_day_has_its_own_counters(rig: Rig) -> None:
    rig.put("a", "b")
    rig.end("a")
    rig.end("b")
    today = day_tally("done", rig.clock.now_ms())
    connection = sqlite3.connect(rig.path)
    assert connection.execute("SELECT value FROM tallies WHERE name=?", (today,)).fetchone() == (2,)
    connection.close()


def test_days_long_past_are_forgotten_and_nothing_else() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE tallies (name TEXT PRIMARY KEY)")
    now_ms = 1_795_314_485_000
    old, new = (day_tally("done", now_ms - days * DAY_MS) for days in (KEEP_DAYS + 2, 1))
    connection.executemany("INSERT INTO tallies VALUES (?)", [(old,), (new,), ("done",), ("a",), ("z",)])
    clear_days(connection, now_ms)
    assert {row[0] for row in connection.execute("SELECT name FROM tallies")} == {new, "done", "a", "z"}
    connection.close()
