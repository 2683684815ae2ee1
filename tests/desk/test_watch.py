from __future__ import annotations

from pathlib import Path

from gwf.app.watches import RowsWatch
from gwf.core.clock import ManualClock
from gwf.core.errors import ErrorClass
from gwf.db.address import DatabaseAddress
from tests.desk.centre import Moved, with_centre


def test_the_stream_tells_of_letters_runs_and_looks_whoever_changed_them(
    address: DatabaseAddress, tmp_path: Path
) -> None:
    async def work(moved: Moved) -> None:
        clock = ManualClock()
        watch = RowsWatch("dlq", moved.centre.letters.store, clock)

        async def told() -> list[tuple[str, str | None]]:
            clock.advance(1.0)
            changes = await watch.look()
            assert {change.topic for change in changes} <= {"dlq"}
            return sorted((change.id, change.tenant) for change in changes)

        assert await told() == [("", None)]
        assert await told() == []
        await moved.fail_tasks("server", 2)
        letters = await moved.letters()
        names = sorted((one.letter_id, "default") for one in letters)
        assert await told() == names
        assert await told() == []
        assert await watch.look() == ()  # so soon nobody is asked
        await moved.centre.letters.desk.probe("default", letters[0].cause_id)
        assert await told() == [("", None)]
        await moved.order(most=1)
        assert await told() == [("", None)]  # the run has ended, too
        await moved.work(ErrorClass.SERVER)
        assert await told() == [name for name in names if name[0] == letters[-1].letter_id]
        await moved.give_up("auth", 60)  # by a clock that may be years behind
        await moved.follow()
        assert await told() == [("", None)]

    with_centre(address, tmp_path, work)
