"""Users, sessions and tokens in memory, for tests; a change that raises leaves nothing behind."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from gwf.audit.model import AuditEntry
from gwf.core.errors import ConflictError
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
from gwf.identity.principal import DEFAULT_TENANT

Row = TypeVar("Row", User, ApiToken, EnrolmentToken)


@dataclass(slots=True)
class _Rows:
    tenants: dict[str, Tenant] = field(default_factory=dict[str, Tenant])
    users: dict[str, User] = field(default_factory=dict[str, User])
    sessions: dict[bytes, Session] = field(default_factory=dict[bytes, Session])
    tokens: dict[str, ApiToken] = field(default_factory=dict[str, ApiToken])
    enrolments: dict[str, EnrolmentToken] = field(default_factory=dict[str, EnrolmentToken])


class MemoryIdentity:
    """Speaks the port `IdentityStore`."""

    def __init__(self) -> None:
        """Begin with the default tenant."""
        self._rows = _Rows(tenants={DEFAULT_TENANT: Tenant(id=DEFAULT_TENANT, name="default", created_at_ms=0)})
        self._turn = asyncio.Lock()
        #: everything that was recorded, in its order
        self.entries: list[AuditEntry] = []

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[MemoryChange]:
        """Open a moment to read from."""
        yield MemoryChange(self._rows)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[MemoryChange]:
        """Open a transaction."""
        async with self._turn:
            change = MemoryChange(copy.deepcopy(self._rows))
            yield change
            self._rows = change.rows
            self.entries += change.entries


class MemoryChange:
    """Speaks the port `IdentityChange`."""

    def __init__(self, rows: _Rows) -> None:
        """Work on these rows."""
        self.rows = rows
        self.entries: list[AuditEntry] = []

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        self.entries.append(entry)

    async def find_tenant(self, tenant: str) -> Tenant | None:
        """Return a tenant."""
        return self.rows.tenants.get(tenant)

    async def find_user(self, tenant: str, user_id: UserId) -> User | None:
        """Return a user."""
        return _of(tenant, self.rows.users.get(user_id))

    async def find_user_named(self, tenant: str, name: str) -> User | None:
        """Return the user of a name."""
        return next((user for user in self.rows.users.values() if (user.tenant, user.name) == (tenant, name)), None)

    async def users(self, tenant: str, wanted: UserFilter, page: Page) -> Sequence[User]:
        """Return users of a tenant."""
        return _page(self.rows.users.values(), page, lambda user: user.tenant == tenant and wanted.shows(user))

    async def count_users(self, tenant: str, wanted: UserFilter) -> int:
        """Return how many users fit."""
        return sum(user.tenant == tenant and wanted.shows(user) for user in self.rows.users.values())

    async def names(self, tenant: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the names of users and tokens."""
        rows = self.rows
        known: list[User | ApiToken | EnrolmentToken] = [*rows.users.values(), *rows.tokens.values()]
        known += rows.enrolments.values()
        return {one.id: one.name for one in known if one.tenant == tenant and one.id in ids}

    async def count_admins(self, tenant: str) -> int:
        """Return how many administrators may log in."""
        mine = [user for user in self.rows.users.values() if user.tenant == tenant and user.role is Role.ADMIN]
        return len([user for user in mine if user.disabled_at_ms is None])

    async def find_session(self, hash_: bytes) -> Session | None:
        """Return a session."""
        return self.rows.sessions.get(hash_)

    async def sessions(self, tenant: str, user_id: UserId) -> Sequence[Session]:
        """Return the sessions of a user."""
        mine = [item for item in self.rows.sessions.values() if (item.tenant, item.user_id) == (tenant, user_id)]
        return sorted(mine, key=lambda item: (item.created_at_ms, item.hash), reverse=True)

    async def find_token(self, hash_: bytes) -> ApiToken | None:
        """Return an API token by its secret's hash."""
        return next((token for token in self.rows.tokens.values() if token.hash == hash_), None)

    async def find_token_by_id(self, tenant: str, token_id: TokenId) -> ApiToken | None:
        """Return an API token."""
        return _of(tenant, self.rows.tokens.get(token_id))

    async def tokens(self, tenant: str, wanted: TokenFilter, page: Page) -> Sequence[ApiToken]:
        """Return API tokens."""
        return _page(self.rows.tokens.values(), page, lambda token: token.tenant == tenant and wanted.shows(token))

    async def count_tokens(self, tenant: str, wanted: TokenFilter) -> int:
        """Return how many API tokens fit."""
        return sum(token.tenant == tenant and wanted.shows(token) for token in self.rows.tokens.values())

    async def find_enrolment(self, tenant: str, token_id: TokenId) -> EnrolmentToken | None:
        """Return an enrolment token."""
        return _of(tenant, self.rows.enrolments.get(token_id))

    async def enrolments(self, tenant: str, wanted: TokenFilter, page: Page) -> Sequence[EnrolmentToken]:
        """Return enrolment tokens."""
        return _page(self.rows.enrolments.values(), page, lambda token: token.tenant == tenant and wanted.shows(token))

    async def count_enrolments(self, tenant: str, wanted: TokenFilter) -> int:
        """Return how many enrolment tokens fit."""
        return sum(token.tenant == tenant and wanted.shows(token) for token in self.rows.enrolments.values())

    async def ensure_tenant(self, tenant: Tenant) -> bool:
        """Make a tenant."""
        if tenant.id in self.rows.tenants:
            return False
        self.rows.tenants[tenant.id] = tenant
        return True

    async def add_user(self, user: User) -> None:
        """Write a new user."""
        if await self.find_user_named(user.tenant, user.name) is not None:
            raise ConflictError("the name is taken", name=user.name)
        self.rows.users[user.id] = user

    async def put_user(self, user: User) -> None:
        """Write a user anew."""
        known = self.rows.users.get(user.id)
        if known is None or known.revision != user.revision - 1:
            raise ConflictError("the user was changed meanwhile", user=user.id)
        self.rows.users[user.id] = user

    async def put_login(self, user_id: UserId, *, password_hash: str, at_ms: int) -> None:
        """Write down a login."""
        user = self.rows.users[user_id]
        self.rows.users[user_id] = replace(user, last_login_at_ms=at_ms, password_hash=password_hash)

    async def add_session(self, session: Session) -> None:
        """Write a new session."""
        self.rows.sessions[session.hash] = session

    async def touch_session(self, hash_: bytes, *, seen_at_ms: int) -> None:
        """Write down that a session was used."""
        if hash_ in self.rows.sessions:
            self.rows.sessions[hash_] = replace(self.rows.sessions[hash_], seen_at_ms=seen_at_ms)

    async def end_session(self, hash_: bytes) -> bool:
        """Remove a session."""
        return self.rows.sessions.pop(hash_, None) is not None

    async def end_sessions(self, tenant: str, user_id: UserId, *, but: bytes = b"") -> int:
        """Remove the sessions of a user."""
        gone = [item.hash for item in await self.sessions(tenant, user_id) if item.hash != but]
        for hash_ in gone:
            del self.rows.sessions[hash_]
        return len(gone)

    async def purge_sessions(self, *, expired_before_ms: int) -> int:
        """Remove sessions that are over."""
        gone = [item.hash for item in self.rows.sessions.values() if item.expires_at_ms < expired_before_ms]
        for hash_ in gone:
            del self.rows.sessions[hash_]
        return len(gone)

    async def add_token(self, token: ApiToken) -> None:
        """Write a new API token."""
        self.rows.tokens[token.id] = token

    async def touch_token(self, token_id: TokenId, *, used_at_ms: int) -> None:
        """Write down that an API token was used."""
        self.rows.tokens[token_id] = replace(self.rows.tokens[token_id], used_at_ms=used_at_ms)

    async def revoke_token(self, tenant: str, token_id: TokenId, *, at_ms: int) -> None:
        """Take an API token its effect."""
        token = await self.find_token_by_id(tenant, token_id)
        if token is not None and token.revoked_at_ms is None:
            self.rows.tokens[token_id] = replace(token, revoked_at_ms=at_ms)

    async def add_enrolment(self, token: EnrolmentToken) -> None:
        """Write a new enrolment token."""
        self.rows.enrolments[token.id] = token

    async def revoke_enrolment(self, tenant: str, token_id: TokenId, *, at_ms: int) -> None:
        """Take an enrolment token its effect."""
        token = await self.find_enrolment(tenant, token_id)
        if token is not None and token.revoked_at_ms is None:
            self.rows.enrolments[token_id] = replace(token, revoked_at_ms=at_ms)


def _of(tenant: str, row: Row | None) -> Row | None:
    return row if row is not None and row.tenant == tenant else None


def _page(rows: Iterable[Row], page: Page, wanted: Callable[[Row], bool]) -> list[Row]:
    newest = sorted((row for row in rows if wanted(row)), key=_place, reverse=True)
    return [row for row in newest if page.after is None or _place(row) < page.after][: page.limit]


def _place(row: User | ApiToken | EnrolmentToken) -> tuple[int, str]:
    return row.created_at_ms, row.id
