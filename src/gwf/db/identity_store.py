"""Users, sessions and tokens in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry
from gwf.core.errors import ConflictError
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.identity_filters import token_conditions, user_conditions
from gwf.db.identity_rows import (
    enrolment_of,
    enrolment_values,
    session_of,
    session_values,
    tenant_of,
    tenant_values,
    token_of,
    token_values,
    user_of,
    user_values,
)
from gwf.db.tables.identity import api_tokens, enrolment_tokens, sessions, tenants, users
from gwf.identity.model import (
    ApiToken,
    EnrolmentToken,
    Page,
    Session,
    Tenant,
    TokenFilter,
    TokenId,
    User,
    UserFilter,
    UserId,
)
from gwf.identity.permissions import Role
from gwf.identity.record import of_user


class SqlIdentity:
    """Speaks the port `IdentityStore` of identity."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep everything in `core`."""
        self._core = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SqlIdentityReads]:
        """Open a moment to read from."""
        async with self._core.view() as connection:
            yield SqlIdentityReads(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SqlIdentityChange]:
        """Open a transaction."""
        async with self._core.change() as change:
            yield SqlIdentityChange(change)


class SqlIdentityReads:
    """Speaks the port `IdentityReads`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through `connection`."""
        self._connection = connection

    async def find_tenant(self, tenant: str) -> Tenant | None:
        """Return a tenant."""
        row = await self._one(sa.select(tenants).where(tenants.c.tenant_id == tenant))
        return None if row is None else tenant_of(row)

    async def find_user(self, tenant: str, user_id: UserId) -> User | None:
        """Return a user."""
        row = await self._one(sa.select(users).where(users.c.user_id == user_id, users.c.tenant_id == tenant))
        return None if row is None else user_of(row)

    async def find_user_named(self, tenant: str, name: str) -> User | None:
        """Return the user of a name."""
        row = await self._one(sa.select(users).where(users.c.tenant_id == tenant, users.c.name == name))
        return None if row is None else user_of(row)

    async def users(self, tenant: str, wanted: UserFilter, page: Page) -> Sequence[User]:
        """Return users of a tenant."""
        chosen = sa.select(users).where(*user_conditions(tenant, wanted))
        return [user_of(row) for row in await self._page(chosen, users.c.user_id, page)]

    async def count_users(self, tenant: str, wanted: UserFilter) -> int:
        """Return how many users fit."""
        return await self._count(users, user_conditions(tenant, wanted))

    async def names(self, tenant: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the names of users and tokens."""
        found: dict[str, str] = {}
        for table, key in ((users, "user_id"), (api_tokens, "token_id"), (enrolment_tokens, "token_id")):
            wanted = sa.select(table.c[key], table.c.name).where(table.c.tenant_id == tenant, table.c[key].in_(ids))
            found |= {row[0]: row[1] for row in await self._connection.execute(wanted)}
        return found

    async def count_admins(self, tenant: str) -> int:
        """Return how many administrators may log in; their rows stay as they are until the transaction ends."""
        wanted = sa.select(users.c.user_id).where(
            users.c.tenant_id == tenant, users.c.role == Role.ADMIN.value, users.c.disabled_at_ms.is_(None)
        )
        return len((await self._connection.scalars(wanted.with_for_update())).all())

    async def find_session(self, hash_: bytes) -> Session | None:
        """Return a session."""
        row = await self._one(sa.select(sessions).where(sessions.c.session_hash == hash_))
        return None if row is None else session_of(row)

    async def sessions(self, tenant: str, user_id: UserId) -> Sequence[Session]:
        """Return the sessions of a user."""
        wanted = sa.select(sessions).where(sessions.c.user_id == user_id, sessions.c.tenant_id == tenant)
        newest = wanted.order_by(sessions.c.created_at_ms.desc(), sessions.c.session_hash.desc())
        return [session_of(row) for row in (await self._connection.execute(newest)).all()]

    async def find_token(self, hash_: bytes) -> ApiToken | None:
        """Return an API token by its secret's hash."""
        row = await self._one(sa.select(api_tokens).where(api_tokens.c.token_hash == hash_))
        return None if row is None else token_of(row)

    async def find_token_by_id(self, tenant: str, token_id: TokenId) -> ApiToken | None:
        """Return an API token."""
        row = await self._one(
            sa.select(api_tokens).where(api_tokens.c.token_id == token_id, api_tokens.c.tenant_id == tenant)
        )
        return None if row is None else token_of(row)

    async def tokens(self, tenant: str, wanted: TokenFilter, page: Page) -> Sequence[ApiToken]:
        """Return API tokens."""
        chosen = sa.select(api_tokens).where(*token_conditions(api_tokens, tenant, wanted))
        return [token_of(row) for row in await self._page(chosen, api_tokens.c.token_id, page)]

    async def count_tokens(self, tenant: str, wanted: TokenFilter) -> int:
        """Return how many API tokens fit."""
        return await self._count(api_tokens, token_conditions(api_tokens, tenant, wanted))

    async def find_enrolment(self, tenant: str, token_id: TokenId) -> EnrolmentToken | None:
        """Return an enrolment token."""
        of_tenant = enrolment_tokens.c.tenant_id == tenant
        row = await self._one(sa.select(enrolment_tokens).where(enrolment_tokens.c.token_id == token_id, of_tenant))
        return None if row is None else enrolment_of(row)

    async def enrolments(self, tenant: str, wanted: TokenFilter, page: Page) -> Sequence[EnrolmentToken]:
        """Return enrolment tokens."""
        chosen = sa.select(enrolment_tokens).where(*token_conditions(enrolment_tokens, tenant, wanted))
        return [enrolment_of(row) for row in await self._page(chosen, enrolment_tokens.c.token_id, page)]

    async def count_enrolments(self, tenant: str, wanted: TokenFilter) -> int:
        """Return how many enrolment tokens fit."""
        return await self._count(enrolment_tokens, token_conditions(enrolment_tokens, tenant, wanted))

    async def _count(self, table: sa.Table, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
        counted = sa.select(sa.func.count()).select_from(table).where(*conditions)
        return await self._connection.scalar(counted) or 0

    async def _one(self, wanted: sa.Select[tuple[object, ...]]) -> sa.Row[tuple[object, ...]] | None:
        return (await self._connection.execute(wanted)).one_or_none()

    async def _page(
        self, wanted: sa.Select[tuple[object, ...]], key: sa.Column[str], page: Page
    ) -> Sequence[sa.Row[tuple[object, ...]]]:
        at = key.table.c.created_at_ms
        if page.after is not None:
            wanted = wanted.where(sa.tuple_(at, key) < page.after)
        return (await self._connection.execute(wanted.order_by(at.desc(), key.desc()).limit(page.limit))).all()


class SqlIdentityChange(SqlIdentityReads):
    """Speaks the port `IdentityChange`."""

    def __init__(self, change: CoreChange) -> None:
        """Write through the connection of `change`."""
        super().__init__(change.connection)
        self._change = change

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        self._change.record(entry)

    async def ensure_tenant(self, tenant: Tenant) -> bool:
        """Make a tenant."""
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        made = insert(tenants).values(tenant_values(tenant)).on_conflict_do_nothing().returning(tenants.c.tenant_id)
        return (await self._connection.execute(made)).first() is not None

    async def add_user(self, user: User) -> None:
        """Write a new user."""
        await self._connection.execute(sa.insert(users).values(user_values(user)))

    async def put_user(self, user: User) -> None:
        """Write a user anew."""
        check_revision(of_user(user), user.revision - 1)
        fits = (users.c.user_id == user.id, users.c.revision == user.revision - 1)
        changed = sa.update(users).where(*fits).values(user_values(user)).returning(users.c.user_id)
        if (await self._connection.execute(changed)).first() is None:
            raise ConflictError("the user was changed meanwhile", user=user.id)

    async def put_login(self, user_id: UserId, *, password_hash: str, at_ms: int) -> None:
        """Write down a login."""
        values = {"last_login_at_ms": at_ms, "password_hash": password_hash}
        await self._connection.execute(sa.update(users).where(users.c.user_id == user_id).values(values))

    async def add_session(self, session: Session) -> None:
        """Write a new session."""
        await self._connection.execute(sa.insert(sessions).values(session_values(session)))

    async def touch_session(self, hash_: bytes, *, seen_at_ms: int) -> None:
        """Write down that a session was used."""
        seen = sa.update(sessions).where(sessions.c.session_hash == hash_).values(seen_at_ms=seen_at_ms)
        await self._connection.execute(seen)

    async def end_session(self, hash_: bytes) -> bool:
        """Remove a session."""
        ended = sa.delete(sessions).where(sessions.c.session_hash == hash_).returning(sessions.c.user_id)
        return (await self._connection.execute(ended)).first() is not None

    async def end_sessions(self, tenant: str, user_id: UserId, *, but: bytes = b"") -> int:
        """Remove the sessions of a user."""
        mine = (sessions.c.tenant_id == tenant, sessions.c.user_id == user_id, sessions.c.session_hash != but)
        ended = sa.delete(sessions).where(*mine).returning(sessions.c.user_id)
        return len((await self._connection.execute(ended)).all())

    async def purge_sessions(self, *, expired_before_ms: int) -> int:
        """Remove sessions that are over."""
        over = sa.delete(sessions).where(sessions.c.expires_at_ms < expired_before_ms).returning(sessions.c.user_id)
        return len((await self._connection.execute(over)).all())

    async def add_token(self, token: ApiToken) -> None:
        """Write a new API token."""
        await self._connection.execute(sa.insert(api_tokens).values(token_values(token)))

    async def touch_token(self, token_id: TokenId, *, used_at_ms: int) -> None:
        """Write down that an API token was used."""
        used = sa.update(api_tokens).where(api_tokens.c.token_id == token_id).values(used_at_ms=used_at_ms)
        await self._connection.execute(used)

    async def revoke_token(self, tenant: str, token_id: TokenId, *, at_ms: int) -> None:
        """Take an API token its effect."""
        table = api_tokens.c
        this = (table.token_id == token_id, table.tenant_id == tenant, table.revoked_at_ms.is_(None))
        await self._connection.execute(sa.update(api_tokens).where(*this).values(revoked_at_ms=at_ms))

    async def add_enrolment(self, token: EnrolmentToken) -> None:
        """Write a new enrolment token."""
        await self._connection.execute(sa.insert(enrolment_tokens).values(enrolment_values(token)))

    async def revoke_enrolment(self, tenant: str, token_id: TokenId, *, at_ms: int) -> None:
        """Take an enrolment token its effect."""
        table = enrolment_tokens.c
        this = (table.token_id == token_id, table.tenant_id == tenant, table.revoked_at_ms.is_(None))
        await self._connection.execute(sa.update(enrolment_tokens).where(*this).values(revoked_at_ms=at_ms))
