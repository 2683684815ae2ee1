from __future__ import annotations

import pytest

from gwf.core.errors import NotFoundError
from gwf.identity.model import UserId
from tests.identity.desk import BY, Desk, at_desk, given


def test_sessions_that_are_over_or_forgotten_are_not_shown() -> None:
    async def work(desk: Desk) -> tuple[int, int, int]:
        user = await desk.person()
        await desk.logins.login(given())
        desk.clock.advance(2 * 3600 + 61)
        fresh = await desk.logins.login(given())
        first = await desk.sessions.of("default", user.id)
        assert [one.hash for one in first] == [fresh.session.hash]
        desk.clock.advance(13 * 3600)
        return len(first), len(await desk.sessions.of("default", user.id)), await desk.sessions.end_all(user.id, BY)

    assert at_desk(work) == (1, 0, 2)


def test_ending_nothing_is_not_on_record() -> None:
    async def work(desk: Desk) -> list[str]:
        user = await desk.person()
        assert await desk.sessions.end_all(user.id, BY) == 0
        with pytest.raises(NotFoundError):
            await desk.sessions.end_all(UserId("usr_nobody"), BY)
        return desk.actions()

    assert at_desk(work) == ["user.create"]
