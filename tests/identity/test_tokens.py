from __future__ import annotations

import pytest

from gwf.core.errors import InputError, NotFoundError
from gwf.identity.errors import PermissionMissingError
from gwf.identity.model import Page
from gwf.identity.permissions import Permission, Role
from gwf.identity.principal import LOCAL
from gwf.identity.tokens import NewEnrolment, NewToken
from gwf.identity.users import UserWish
from gwf.identity.validity import is_used_up, token_counts, user_principal
from tests.identity.desk import BY, Desk, at_desk


def test_a_token_does_what_role_scopes_and_owner_all_allow() -> None:
    async def work(desk: Desk) -> None:
        user = await desk.person(role=Role.ADMIN)
        await desk.person("other", Role.ADMIN)
        scopes = frozenset({Permission.EVENTS_WRITE, Permission.FLEET_READ, Permission.ROLLOUT_APPROVE})
        wish = NewToken(name="ci", role=Role.OPERATOR, scopes=scopes)
        token, secret = await desk.tokens.create(wish, user_principal(user), BY)
        who = await desk.logins.by_token(secret)
        assert who is not None
        assert who.user_id == user.id
        assert who.permissions == {Permission.EVENTS_WRITE, Permission.FLEET_READ}
        await desk.users.change(user.id, UserWish(role=Role.VIEWER), BY)
        who = await desk.logins.by_token(secret)
        assert who is not None
        assert who.permissions == {Permission.FLEET_READ}
        await desk.users.change(user.id, UserWish(disabled=True), BY)
        assert await desk.logins.by_token(secret) is None
        assert secret not in str(desk.store.entries)
        assert token.hash.hex() not in str(desk.store.entries)

    at_desk(work)


def test_nobody_makes_a_token_that_does_more_than_they_may() -> None:
    async def work(desk: Desk) -> None:
        operator = user_principal(await desk.person())
        for wish in (NewToken(name="x", role=Role.ADMIN), NewToken(name="x", role=Role.VIEWER, machine=True)):
            with pytest.raises(PermissionMissingError):
                await desk.tokens.create(wish, operator, BY)
        scopes = frozenset({Permission.USERS_MANAGE})
        with pytest.raises(InputError):
            await desk.tokens.create(NewToken(name="x", role=Role.VIEWER, scopes=scopes), LOCAL, BY)
        with pytest.raises(InputError):
            await desk.tokens.create(NewToken(name=" ", role=Role.VIEWER), LOCAL, BY)

    at_desk(work)


def test_a_token_ends_by_time_and_by_hand() -> None:
    async def work(desk: Desk) -> None:
        _, short = await desk.tokens.create(NewToken(name="a", role=Role.VIEWER, expires_in_s=60), LOCAL, BY)
        token, long = await desk.tokens.create(NewToken(name="b", role=Role.VIEWER), LOCAL, BY)
        assert await desk.logins.by_token(short) is not None
        desk.clock.advance(60)
        assert await desk.logins.by_token(short) is None
        await desk.tokens.revoke(token.id, LOCAL, BY)
        await desk.tokens.revoke(token.id, LOCAL, BY)
        assert await desk.logins.by_token(long) is None
        assert desk.actions() == ["api_token.create", "api_token.create", "api_token.revoke"]

    at_desk(work)


def test_another_persons_token_is_not_there_for_those_who_may_not_manage() -> None:
    async def work(desk: Desk) -> None:
        one, other = [user_principal(await desk.person(name)) for name in ("one", "other")]
        token, _ = await desk.tokens.create(NewToken(name="a", role=Role.VIEWER), one, BY)
        with pytest.raises(NotFoundError):
            await desk.tokens.revoke(token.id, other, BY)
        await desk.tokens.revoke(token.id, one, BY)

    at_desk(work)


def test_an_enrolment_token_is_kept_with_what_its_agents_get() -> None:
    async def work(desk: Desk) -> None:
        wish = NewEnrolment(name="line 3", labels={"site": "sh"}, max_uses=2, expires_in_s=60)
        token, secret = await desk.tokens.create_enrolment(wish, BY)
        assert secret.startswith("gwfe_")
        assert (await desk.tokens.enrolments("default", Page()))[0] == token
        assert token_counts(token, now_ms=desk.clock.now_ms())
        assert not is_used_up(token)
        revoked = await desk.tokens.revoke_enrolment(token.id, BY)
        assert not token_counts(revoked, now_ms=desk.clock.now_ms())
        with pytest.raises(InputError):
            await desk.tokens.create_enrolment(NewEnrolment(name="x", labels={"a b": "c"}), BY)

    at_desk(work)
