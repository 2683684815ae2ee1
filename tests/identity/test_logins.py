from __future__ import annotations

import asyncio

import pytest

from gwf.core.errors import OverloadedError
from gwf.identity.errors import LockedOutError, LoginRequiredError
from gwf.identity.passwords import MAX_WAITING, Passwords
from gwf.identity.permissions import PERMISSIONS_OF, Role
from gwf.identity.users import UserWish
from tests.identity.desk import BY, HOUR_MS, PASSWORD, Desk, at_desk, given


def test_a_session_opens_and_recognises_its_user() -> None:
    async def work(desk: Desk) -> None:
        user = await desk.person()
        opened = await desk.logins.login(given(" LI "))
        who = await desk.logins.by_session(opened.secret)
        assert who is not None
        assert (who.id, who.tenant) == (user.id, "default")
        assert who.permissions == PERMISSIONS_OF[Role.OPERATOR]
        assert await desk.logins.by_session(opened.secret + "x") is None
        assert desk.actions() == ["user.create", "session.begin"]

    at_desk(work)


@pytest.mark.parametrize("name", ["li", "nobody", "shut-out", "without-password"])
def test_what_is_wrong_cannot_be_told(name: str) -> None:
    async def work(desk: Desk) -> str:
        await desk.person()
        shut_out = await desk.person("shut-out")
        await desk.users.change(shut_out.id, UserWish(disabled=True), BY)
        password = PASSWORD if name == "shut-out" else "wrong"
        with pytest.raises(LoginRequiredError) as raised:
            await desk.logins.login(given(name, password))
        return str(raised.value)

    assert at_desk(work) == "name or password is wrong"


def test_after_wrong_logins_also_the_right_one_waits_longer_each_time() -> None:
    async def work(desk: Desk) -> None:
        await desk.person()
        for wait in (0, 0, 0, 60, 120):
            desk.clock.advance(wait)
            with pytest.raises(LoginRequiredError):
                await desk.logins.login(given(password="wrong"))
        with pytest.raises(LockedOutError) as raised:
            await desk.logins.login(given())
        assert raised.value.retry_after_s == 120
        desk.clock.advance(121)
        await desk.logins.login(given())
        await desk.logins.login(given())

    at_desk(work)


def test_names_that_nobody_has_are_locked_alike_and_others_are_not() -> None:
    async def work(desk: Desk) -> None:
        await desk.person()
        for _ in range(3):
            with pytest.raises(LoginRequiredError):
                await desk.logins.login(given("nobody"))
        with pytest.raises(LockedOutError):
            await desk.logins.login(given("nobody"))
        await desk.logins.login(given())

    at_desk(work)


def test_an_address_that_tries_many_names_has_to_wait() -> None:
    async def work(desk: Desk) -> None:
        await desk.person()
        for number in range(12):
            with pytest.raises(LoginRequiredError):
                await desk.logins.login(given(f"name{number}"))
        with pytest.raises(LockedOutError):
            await desk.logins.login(given())
        await desk.logins.login(given(address="10.0.0.2"))

    at_desk(work)


def test_guesses_at_one_time_all_count() -> None:
    async def work(desk: Desk) -> None:
        await desk.person()
        guesses = [desk.logins.login(given(password=f"wrong {number}")) for number in range(10)]
        outcomes = await asyncio.gather(*guesses, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes].count(LoginRequiredError) == 3
        assert [type(outcome) for outcome in outcomes].count(LockedOutError) == 7

    at_desk(work)


def test_a_session_ends_by_time_by_rest_by_logout_and_with_its_user() -> None:
    async def work(desk: Desk) -> None:
        user = await desk.person()
        await desk.person("root", Role.ADMIN)
        by_rest, by_hand, by_user = [(await desk.logins.login(given())).secret for _ in range(3)]
        await desk.logins.logout(by_hand, BY)
        assert await desk.logins.by_session(by_hand) is None
        await desk.users.change(user.id, UserWish(disabled=True), BY)
        assert await desk.logins.by_session(by_user) is None
        await desk.users.change(user.id, UserWish(disabled=False), BY)
        assert await desk.logins.by_session(by_rest) is None  # being shut out ended it for good
        kept = (await desk.logins.login(given())).secret
        for _ in range(7):
            desk.clock.advance(1.5 * HOUR_MS / 1000)
            assert await desk.logins.by_session(kept) is not None
        desk.clock.advance(2.1 * HOUR_MS / 1000)
        assert await desk.logins.by_session(kept) is None
        assert await desk.logins.purge() == 1

    at_desk(work)


def test_checking_is_bounded() -> None:
    async def work() -> list[object]:
        passwords = Passwords(memory_kib=8, rounds=1)
        checks = [passwords.fits(None, "x") for _ in range(MAX_WAITING + 5)]
        outcomes = await asyncio.gather(*checks, return_exceptions=True)
        passwords.close()
        return [*outcomes]

    outcomes = asyncio.run(work())
    assert outcomes.count(False) == MAX_WAITING
    assert len([item for item in outcomes if isinstance(item, OverloadedError)]) == 5
