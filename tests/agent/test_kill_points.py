from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import pytest

from gwf.agent.model import FileStatus
from gwf.core.faults import CARRY_POINTS
from tests.agent.edges import LARGE_BYTES, EdgeProcess, Place, carry, open_stores
from tests.agent.waiting import until

NTH = {"part_sent": 2, "before_send": 5, "after_store_confirmed": 5}  #: a pass in the middle of the work


@pytest.mark.slow
@pytest.mark.parametrize("point", CARRY_POINTS)
def test_a_kill_at_this_point_loses_nothing_and_doubles_nothing(tmp_path: Path, point: str) -> None:
    place = Place(tmp_path)
    place.write(*(f"there/{number}" for number in range(30)))
    place.write("there/large", content=os.urandom(LARGE_BYTES))
    with EdgeProcess(place.settings(kill_at=f"{point}:{NTH.get(point, 1)}")) as process:
        process.await_start()
        write_unless_dead(place, process)
        assert process.await_death() == -signal.SIGKILL
    place.write("written-while-down")
    carry(place, place.settings())
    assert_at_rest(place)
    assert unfinished_uploads(place) == 0


def write_unless_dead(place: Place, process: EdgeProcess) -> None:
    """Write more files while it runs, so that events meet the point too."""
    for number in range(30):
        if process.is_dead():
            return
        place.write(f"new/d{number % 3}/{number}")


def assert_at_rest(place: Place) -> None:
    """Every file is done, and there is no object beside theirs."""
    connection = sqlite3.connect(place.data / "journal.db")

    def all_done() -> bool:
        return connection.execute("SELECT DISTINCT state FROM files").fetchall() == [(FileStatus.DONE,)]

    until(all_done)
    assert connection.execute("SELECT count(*) FROM files").fetchone()[0] == len(place.manifest())
    connection.close()
    assert place.stored() == place.manifest()


def unfinished_uploads(place: Place) -> int:
    """Return how many uploads in parts the store still holds."""
    (store,) = open_stores(place.settings()).values()
    return len(store.list_uploads(""))
