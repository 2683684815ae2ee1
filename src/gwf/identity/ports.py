"""What identity needs from outside: where users, sessions and tokens are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gwf.audit.model import AuditEntry
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


class IdentityReads(Protocol):
    """Users, sessions and tokens at one moment. Only the finders by hash look beyond one tenant."""

    async def find_tenant(self, tenant: str) -> Tenant | None:
        """Return a tenant, None if there is none."""
        ...

    async def find_user(self, tenant: str, user_id: UserId) -> User | None:
        """Return a user, None if the tenant has none of this id."""
        ...

    async def find_user_named(self, tenant: str, name: str) -> User | None:
        """Return the user who logs in by this name, None if there is none."""
        ...

    async def users(self, tenant: str, wanted: UserFilter, page: Page) -> Sequence[User]:
        """Return users of a tenant, newest first."""
        ...

    async def count_users(self, tenant: str, wanted: UserFilter) -> int:
        """Return how many users of a tenant fit."""
        ...

    async def names(self, tenant: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the names of those of `ids` that are users, API tokens or enrolment tokens of a tenant."""
        ...

    async def count_admins(self, tenant: str) -> int:
        """Return how many administrators of a tenant may log in."""
        ...

    async def find_session(self, hash_: bytes) -> Session | None:
        """Return the session whose secret has this hash, None if there is none."""
        ...

    async def sessions(self, tenant: str, user_id: UserId) -> Sequence[Session]:
        """Return the sessions of a user, newest first."""
        ...

    async def find_token(self, hash_: bytes) -> ApiToken | None:
        """Return the API token whose secret has this hash, None if there is none."""
        ...

    async def find_token_by_id(self, tenant: str, token_id: TokenId) -> ApiToken | None:
        """Return an API token, None if the tenant has none of this id."""
        ...

    async def tokens(self, tenant: str, wanted: TokenFilter, page: Page) -> Sequence[ApiToken]:
        """Return API tokens of a tenant, newest first."""
        ...

    async def count_tokens(self, tenant: str, wanted: TokenFilter) -> int:
        """Return how many API tokens of a tenant fit."""
        ...

    async def find_enrolment(self, tenant: str, token_id: TokenId) -> EnrolmentToken | None:
        """Return an enrolment token, None if the tenant has none of this id."""
        ...

    async def enrolments(self, tenant: str, wanted: TokenFilter, page: Page) -> Sequence[EnrolmentToken]:
        """Return enrolment tokens of a tenant, newest first."""
        ...

    async def count_enrolments(self, tenant: str, wanted: TokenFilter) -> int:
        """Return how many enrolment tokens of a tenant fit."""
        ...


class IdentityChange(IdentityReads, Protocol):
    """A transaction over users, sessions and tokens; what it does is on record."""

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        ...

    async def ensure_tenant(self, tenant: Tenant) -> bool:
        """Make a tenant; return False when it was there already."""
        ...

    async def add_user(self, user: User) -> None:
        """Write a new user.

        Raises:
            ConflictError: The name is taken.
        """
        ...

    async def put_user(self, user: User) -> None:
        """Write a user anew.

        Raises:
            ConflictError: Somebody else changed it meanwhile: its revision is not the one before `user.revision`.
        """
        ...

    async def put_login(self, user_id: UserId, *, password_hash: str, at_ms: int) -> None:
        """Write down a login, and the password's hash if it was made anew."""
        ...

    async def add_session(self, session: Session) -> None:
        """Write a new session."""
        ...

    async def touch_session(self, hash_: bytes, *, seen_at_ms: int) -> None:
        """Write down that a session was used."""
        ...

    async def end_session(self, hash_: bytes) -> bool:
        """Remove a session; return False when it was gone already."""
        ...

    async def end_sessions(self, tenant: str, user_id: UserId, *, but: bytes = b"") -> int:
        """Remove the sessions of a user but one; return how many."""
        ...

    async def purge_sessions(self, *, expired_before_ms: int) -> int:
        """Remove sessions that are over; return how many."""
        ...

    async def add_token(self, token: ApiToken) -> None:
        """Write a new API token."""
        ...

    async def touch_token(self, token_id: TokenId, *, used_at_ms: int) -> None:
        """Write down that an API token was used."""
        ...

    async def revoke_token(self, tenant: str, token_id: TokenId, *, at_ms: int) -> None:
        """Take an API token its effect; one that has none any more stays as it is."""
        ...

    async def add_enrolment(self, token: EnrolmentToken) -> None:
        """Write a new enrolment token."""
        ...

    async def revoke_enrolment(self, tenant: str, token_id: TokenId, *, at_ms: int) -> None:
        """Take an enrolment token its effect; one that has none any more stays as it is."""
        ...


class IdentityStore(Protocol):
    """Where users, sessions and tokens are kept.

    Every call raises UnavailableError when the database does not answer.
    """

    def view(self) -> AbstractAsyncContextManager[IdentityReads]:
        """Open a moment to read from."""
        ...

    def change(self) -> AbstractAsyncContextManager[IdentityChange]:
        """Open a transaction, committed at the end of the block."""
        ...
