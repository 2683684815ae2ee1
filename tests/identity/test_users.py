from __future__ import annotations

import pytest

from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.identity.errors import LoginRequiredError
from gwf.identity.passwords import PasswordError
from gwf.identity.permissions import Role
from gwf.identity.principal import DEFAULT_TENANT
from gwf.identity.record import By
from gwf.identity.secrets import hash_of
from gwf.identity.users import LastAdminError, NewUser, UserWish
from tests.identity.desk import BY, PASSWORD, Desk, at_desk, given

OTHER = By(tenant="acme", actor=BY.actor, id="system")


@pytest.mark.parametrize("password", ["short", "x" * 257, "administrator", "Administrator1"])
def test_weak_passwords_are_refused(password: str) -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(PasswordError):
            await desk.users.create(NewUser(name="administrator", role=Role.ADMIN, password=password), BY)

    at_desk(work)


@pytest.mark.parametrize("name", ["", "a b", "-x", "x" * 65, "ä", "a\n"])
def test_a_name_is_one_word(name: str) -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(InputError):
            await desk.users.create(NewUser(name=name + "!", role=Role.VIEWER), BY)

    at_desk(work)


def test_users_of_one_tenant_are_not_there_for_another() -> None:
    async def work(desk: Desk) -> None:
        user = await desk.person()
        with pytest.raises(NotFoundError):
            await desk.users.get("acme", user.id)
        with pytest.raises(NotFoundError):
            await desk.users.change(user.id, UserWish(role=Role.VIEWER), OTHER)
        with pytest.raises(ConflictError):
            await desk.person("LI")
        await desk.users.create(NewUser(name="li", role=Role.VIEWER), OTHER)

    at_desk(work)


def test_the_last_administrator_stays_one() -> None:
    async def work(desk: Desk) -> None:
        first = await desk.person("first", Role.ADMIN)
        for wish in (UserWish(role=Role.VIEWER), UserWish(disabled=True)):
            with pytest.raises(LastAdminError):
                await desk.users.change(first.id, wish, BY)
        await desk.person("second", Role.ADMIN)
        await desk.users.change(first.id, UserWish(disabled=True), BY)

    at_desk(work)


def test_changes_are_on_record_without_the_password() -> None:
    async def work(desk: Desk) -> None:
        user = await desk.person()
        await desk.users.change(user.id, UserWish(role=Role.APPROVER), BY)
        await desk.users.change(user.id, UserWish(role=Role.APPROVER), BY)  # changes nothing
        await desk.users.change(user.id, UserWish(password="another good one"), BY)
        assert desk.actions() == ["user.create", "user.change", "user.password"]
        change = desk.store.entries[1].changes[0]
        assert (change.path, change.before, change.after) == ("/role", "operator", "approver")
        assert "argon2" not in str(desk.store.entries)

    at_desk(work)


def test_a_new_password_of_ones_own_ends_all_other_sessions() -> None:
    async def work(desk: Desk) -> None:
        user = await desk.person()
        mine, others = [(await desk.logins.login(given())).secret for _ in range(2)]
        session = hash_of(mine)
        with pytest.raises(LoginRequiredError):
            await desk.users.change_own_password(user.id, "wrong", "another good one", session=session, by=BY)
        with pytest.raises(PasswordError):
            await desk.users.change_own_password(user.id, PASSWORD, PASSWORD, session=session, by=BY)
        await desk.users.change_own_password(user.id, PASSWORD, "another good one", session=session, by=BY)
        assert await desk.logins.by_session(mine) is not None
        assert await desk.logins.by_session(others) is None
        await desk.logins.login(given(password="another good one"))

    at_desk(work)


def test_a_tenant_is_made_once_and_named_simply() -> None:
    async def work(desk: Desk) -> None:
        assert not await desk.users.ensure_tenant(DEFAULT_TENANT, BY)
        assert await desk.users.ensure_tenant("acme", BY)
        with pytest.raises(InputError):
            await desk.users.ensure_tenant("Acme!", BY)
        assert desk.actions() == ["tenant.create"]

    at_desk(work)
