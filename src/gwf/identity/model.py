"""Words and values of identity: tenants, users, sessions and tokens, as they are kept."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from gwf.identity.permissions import Permission, Role

UserId = NewType("UserId", str)
TokenId = NewType("TokenId", str)
SessionId = NewType("SessionId", str)
"""The hash of a session's secret in hexadecimal digits: it names a session and opens nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An organisation whose data nobody of another one sees."""

    id: str
    name: str
    created_at_ms: int
    #: nobody of it gets in from then on; None = in use
    disabled_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who may log in."""

    id: UserId
    tenant: str
    #: to log in with: lower case, unique in its tenant
    name: str
    display_name: str = ""
    role: Role
    #: argon2id; None = cannot log in by password
    password_hash: str | None = field(default=None, repr=False)
    created_at_ms: int
    updated_at_ms: int
    last_login_at_ms: int | None = None
    #: None = may log in
    disabled_at_ms: int | None = None
    #: grows by one with each change
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A login that lasts: known by the hash of its secret."""

    #: SHA-256 of the cookie's value
    hash: bytes
    tenant: str
    user_id: UserId
    #: SHA-256 of the word that changes must carry
    csrf_hash: bytes
    created_at_ms: int
    #: of the last request, at most a minute behind
    seen_at_ms: int
    expires_at_ms: int
    #: of the login
    address: str = ""
    user_agent: str = ""

    @property
    def id(self) -> SessionId:
        """The name of the session."""
        return SessionId(self.hash.hex())


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A program's way in."""

    id: TokenId
    tenant: str
    #: what it is for, in its maker's words
    name: str
    #: SHA-256 of the secret
    hash: bytes = field(repr=False)
    #: the most it may do; of a user's token the user's present role counts too
    role: Role
    #: narrow the role; None = all of it
    scopes: frozenset[Permission] | None = None
    #: whose it is; None = of nobody, for machines
    user_id: UserId | None
    #: id of who made it
    created_by: str
    created_at_ms: int
    #: None = never
    expires_at_ms: int | None = None
    #: last use, at most a minute behind; None = not used yet
    used_at_ms: int | None = None
    revoked_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentToken:
    """Lets agents register: each use makes one agent."""

    id: TokenId
    tenant: str
    #: what it is for, in its maker's words
    name: str
    #: SHA-256 of the secret
    hash: bytes = field(repr=False)
    #: that its agents get
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    #: group that its agents are put in; None = none
    group_id: str | None = None
    #: None = any number
    max_uses: int | None = None
    uses: int = 0
    #: id of who made it
    created_by: str
    created_at_ms: int
    #: None = never
    expires_at_ms: int | None = None
    revoked_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which people a list shows; an empty part asks for nothing."""

    roles: frozenset[Role] = frozenset()
    #: None = both
    disabled: bool | None = None
    #: in either name, without regard to case
    text: str = ""

    def shows(self, user: User) -> bool:
        """Tell whether the filter lets a user through."""
        text = self.text.lower()
        return (
            (not self.roles or user.role in self.roles)
            and self.disabled in {None, user.disabled_at_ms is not None}
            and (text in user.name.lower() or text in user.display_name.lower())
        )


class TokenState(enum.StrEnum):
    """Whether a token opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFilter:
    """Which tokens a list shows; an empty part asks for nothing."""

    #: of API tokens only: those of this user
    user_id: UserId | None = None
    states: frozenset[TokenState] = frozenset()
    roles: frozenset[Role] = frozenset()
    #: in the name, without regard to case
    text: str = ""
    #: what is expired by then
    now_ms: int = 0

    def shows(self, token: ApiToken | EnrolmentToken) -> bool:
        """Tell whether the filter lets a token through."""
        own = token.user_id if isinstance(token, ApiToken) else None
        role = token.role if isinstance(token, ApiToken) else None
        return (
            self.user_id in {None, own}
            and (not self.roles or role in self.roles)
            and (not self.states or self.state_of(token) in self.states)
            and self.text.lower() in token.name.lower()
        )

    def state_of(self, token: ApiToken | EnrolmentToken) -> TokenState:
        """Return whether a token opens anything at `now_ms`."""
        if token.revoked_at_ms is not None:
            return TokenState.REVOKED
        ended = token.expires_at_ms is not None and token.expires_at_ms <= self.now_ms
        return TokenState.EXPIRED if ended else TokenState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a list goes on: the newest first, then by id; None = at its beginning."""

    after: tuple[int, str] | None = None
    limit: int = 50
