"""Everything that keeps users, sessions and tokens behaves alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gwf.audit.model import SYSTEM, AuditEntry, Resource
from gwf.core.errors import ConflictError
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.database import open_database
from gwf.db.identity_store import SqlIdentity
from gwf.identity.memory import MemoryIdentity
from gwf.identity.model import (
    ApiToken,
    EnrolmentToken,
    Page,
    Session,
    Tenant,
    TokenFilter,
    TokenId,
    TokenState,
    User,
    UserFilter,
    UserId,
)
from gwf.identity.permissions import Permission, Role
from gwf.identity.ports import IdentityStore

Work = Callable[[IdentityStore], Awaitable[None]]
Run = Callable[[Work], None]


@pytest.fixture(params=["memory", "sqlite in memory", "sqlite", "postgresql"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Run something with an empty store, in a loop of its own."""
    if request.param == "memory":

        async def plain(work: Work) -> None:
            await work(MemoryIdentity())

        return lambda work: asyncio.run(plain(work))
    address = _address(str(request.param), request, tmp_path)

    async def opened(work: Work) -> None:
        async with _sql(address) as store:
            await work(store)

    return lambda work: asyncio.run(opened(work))


def _address(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseAddress:
    if kind == "postgresql":
        found: DatabaseAddress = request.getfixturevalue("postgres_address")
        return found
    return parse_address("sqlite" if kind == "sqlite" else "memory", data_dir=tmp_path)


@asynccontextmanager
async def _sql(address: DatabaseAddress) -> AsyncIterator[IdentityStore]:
    async with await open_database(address, fallback=False) as database:
        yield SqlIdentity(database.core)


def user(number: int, *, tenant: str = "default", role: Role = Role.VIEWER) -> User:
    return User(
        id=UserId(f"usr_{number:016x}"),
        tenant=tenant,
        name=f"user{number}",
        role=role,
        password_hash="$argon2id$x",
        created_at_ms=1_000 + number // 2,  # some share a moment
        updated_at_ms=1_000,
    )


def session(number: int, of: User, *, expires_at_ms: int = 9_000) -> Session:
    return Session(
        hash=bytes([number]) * 32,
        tenant=of.tenant,
        user_id=of.id,
        csrf_hash=b"c" * 32,
        created_at_ms=number,
        seen_at_ms=number,
        expires_at_ms=expires_at_ms,
        address="10.0.0.1",
    )


def token(number: int, *, tenant: str = "default", user_id: UserId | None = None) -> ApiToken:
    return ApiToken(
        id=TokenId(f"tok_{number:016x}"),
        tenant=tenant,
        name=f"token {number} 密钥",
        hash=bytes([number]) * 32,
        role=Role.OPERATOR,
        scopes=frozenset({Permission.EVENTS_WRITE, Permission.FLEET_READ}),
        user_id=user_id,
        created_by="usr_1",
        created_at_ms=number,
    )


def enrolment(number: int, *, tenant: str = "default") -> EnrolmentToken:
    return EnrolmentToken(
        id=TokenId(f"enr_{number:016x}"),
        tenant=tenant,
        name="line 3",
        hash=bytes([number]) * 32,
        labels={"site": "上海", "env": "prod"},
        group_id="grp_1",
        max_uses=3,
        created_by="usr_1",
        created_at_ms=number,
    )


def test_a_user_comes_back_as_written_and_belongs_to_one_tenant(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        async with store.change() as change:
            await change.add_user(user(1, tenant="acme"))
        async with store.view() as reads:
            assert await reads.find_user("acme", user(1).id) == user(1, tenant="acme")
            assert await reads.find_user("other", user(1).id) is None
            assert await reads.find_user_named("acme", "user1") == user(1, tenant="acme")
            assert await reads.find_user_named("other", "user1") is None

    run(work)


def test_a_name_is_taken_once_in_each_tenant(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        async with store.change() as change:
            await change.add_user(user(1))
            await change.add_user(replace(user(2, tenant="acme"), name="user1"))
        with pytest.raises(ConflictError):
            async with store.change() as change:
                await change.add_user(replace(user(3), name="user1"))

    run(work)


def test_of_two_who_change_a_user_the_later_one_is_told(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        async with store.change() as change:
            await change.add_user(user(1))
        changed = replace(user(1), role=Role.ADMIN, revision=2)
        async with store.change() as change:
            await change.put_user(changed)
        with pytest.raises(ConflictError):
            async with store.change() as change:
                await change.put_user(replace(user(1), display_name="x", revision=2))
        async with store.view() as reads:
            assert await reads.find_user("default", user(1).id) == changed

    run(work)


def test_pages_hold_everybody_once_newest_first(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        async with store.change() as change:
            for number in range(9):
                await change.add_user(user(number))
                await change.add_token(token(number))
                await change.add_enrolment(enrolment(number))
            await change.add_user(user(99, tenant="acme"))
        seen: list[str] = []
        after: tuple[int, str] | None = None
        async with store.view() as reads:
            while found := await reads.users("default", UserFilter(), Page(after=after, limit=4)):
                seen += [item.name for item in found]
                after = found[-1].created_at_ms, found[-1].id
            assert seen == [f"user{number}" for number in reversed(range(9))]
            assert len(await reads.tokens("default", TokenFilter(), Page(after=(4, "tok_"), limit=50))) == 4
            assert len(await reads.enrolments("default", TokenFilter(), Page(limit=5))) == 5
            assert await reads.enrolments("acme", TokenFilter(), Page()) == []

    run(work)


def test_lists_show_what_their_filters_let_through_and_count_it(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        async with store.change() as change:
            await change.add_user(replace(user(1, role=Role.ADMIN), display_name="Li Wei 100%"))
            await change.add_user(replace(user(2), disabled_at_ms=5))
            await change.add_token(replace(token(1), expires_at_ms=50))
            await change.add_token(replace(token(2), revoked_at_ms=7))
            await change.add_enrolment(replace(enrolment(1), name="Line 7"))
        people = [UserFilter(roles=frozenset({Role.ADMIN})), UserFilter(disabled=True), UserFilter(text="li wei 100%")]
        states = [TokenFilter(states=frozenset({state}), now_ms=50) for state in TokenState]
        async with store.view() as reads:
            assert [len(await reads.users("default", one, Page())) for one in people] == [1, 1, 1]
            assert [await reads.count_users("default", one) for one in people] == [1, 1, 1]
            assert await reads.count_users("default", UserFilter(text="_")) == 0
            assert [await reads.count_tokens("default", one) for one in states] == [0, 1, 1]
            assert [item.id for item in await reads.tokens("default", states[1], Page())] == [token(1).id]
            assert await reads.count_enrolments("default", TokenFilter(text="LINE")) == 1
            assert await reads.count_enrolments("default", states[2]) == 0

    run(work)


def test_administrators_who_may_log_in_are_counted(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        async with store.change() as change:
            await change.add_user(user(1, role=Role.ADMIN))
            await change.add_user(replace(user(2, role=Role.ADMIN), disabled_at_ms=5))
            await change.add_user(user(3))
            await change.add_user(user(4, role=Role.ADMIN, tenant="acme"))
            assert await change.count_admins("default") == 1

    run(work)


def test_sessions_are_found_used_and_ended(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        one, other = user(1), user(2)
        async with store.change() as change:
            for item in (session(1, one), session(2, one), session(3, one, expires_at_ms=50), session(4, other)):
                await change.add_session(item)
        async with store.change() as change:
            await change.touch_session(session(1, one).hash, seen_at_ms=77)
            found = await change.find_session(session(1, one).hash)
            assert found is not None
            assert found.seen_at_ms == 77
            assert await change.purge_sessions(expired_before_ms=51) == 1
            assert [item.id[:2] for item in await change.sessions("default", one.id)] == ["02", "01"]
            assert await change.end_sessions("default", one.id, but=session(1, one).hash) == 1
            assert await change.end_session(session(1, one).hash)
            assert not await change.end_session(session(1, one).hash)
            assert await change.find_session(session(4, other).hash) == session(4, other)

    run(work)


def test_tokens_come_back_as_written_and_lose_their_effect_once(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        async with store.change() as change:
            await change.add_token(token(1, user_id=UserId("usr_a")))
            await change.add_token(replace(token(2), scopes=None))
            await change.add_enrolment(enrolment(1))
        async with store.change() as change:
            await change.touch_token(token(1).id, used_at_ms=5)
            await change.revoke_token("default", token(1).id, at_ms=6)
            await change.revoke_token("default", token(1).id, at_ms=7)
            await change.revoke_token("acme", token(2).id, at_ms=7)
            await change.revoke_enrolment("default", enrolment(1).id, at_ms=8)
        async with store.view() as reads:
            was = replace(token(1, user_id=UserId("usr_a")), used_at_ms=5, revoked_at_ms=6)
            assert await reads.find_token(token(1).hash) == was
            assert await reads.find_token_by_id("default", token(2).id) == replace(token(2), scopes=None)
            assert await reads.find_token_by_id("acme", token(2).id) is None
            assert await reads.tokens("default", TokenFilter(user_id=UserId("usr_a")), Page()) == [was]
            assert await reads.find_enrolment("default", enrolment(1).id) == replace(enrolment(1), revoked_at_ms=8)
            assert await reads.find_enrolment("acme", enrolment(1).id) is None

    run(work)


def test_a_change_that_raises_leaves_nothing_behind(run: Run) -> None:
    entry = AuditEntry(
        tenant="default", actor=SYSTEM, action="user.create", resource=Resource(kind="user", id="x"), at_ms=1
    )

    async def fail(store: IdentityStore) -> None:
        async with store.change() as change:
            await change.add_user(user(1))
            change.record(entry)
            raise ZeroDivisionError

    async def work(store: IdentityStore) -> None:
        with pytest.raises(ZeroDivisionError):
            await fail(store)
        async with store.view() as reads:
            assert await reads.find_user("default", user(1).id) is None

    run(work)


def test_a_tenant_is_made_once(run: Run) -> None:
    async def work(store: IdentityStore) -> None:
        made = Tenant(id="acme", name="acme", created_at_ms=1)
        async with store.change() as change:
            assert await change.ensure_tenant(made)
            assert not await change.ensure_tenant(replace(made, name="other"))
        async with store.view() as reads:
            assert await reads.find_tenant("acme") == made
            assert await reads.find_tenant("none") is None

    run(work)
