"""The one who asks, once the credentials were checked."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from gwf.identity.permissions import READING, Permission, Role

DEFAULT_TENANT = "default"  #: the tenant that is always there


class PrincipalKind(enum.StrEnum):
    """By what somebody was recognised."""

    #: a person, by session
    USER = "user"
    #: a program, by API token
    TOKEN = "token"  # noqa: S105  # the name of a kind, no secret
    #: a person or program of the process's own user on this host, by the local token or a login link
    LOCAL = "local"
    #: whoever holds `api.token`
    OPERATOR = "operator"
    #: anybody on this host, where the port is open to it for reading
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks, for which tenant, and what they may do. An area is told `kind`, `id` and `name` for its audit entry."""

    kind: PrincipalKind
    #: of the user or token; the kind itself where there is only one of it; `browser` of the local user there
    id: str
    #: as people know them: the login of a user, the name of a token
    name: str
    tenant: str
    permissions: frozenset[Permission]
    #: the user behind a token, else `id`
    user_id: str = ""
    #: what they are trusted with as a whole; None for anybody on this host
    role: Role | None = None

    @property
    def owner(self) -> str:
        """Under which their own things are kept: a user's tokens share those of the user."""
        return self.user_id or self.id

    def may(self, permission: Permission) -> bool:
        """Return whether this may be done."""
        return permission in self.permissions


LOCAL = Principal(
    kind=PrincipalKind.LOCAL,
    id="local",
    name="local",
    tenant=DEFAULT_TENANT,
    permissions=frozenset(Permission),
    role=Role.ADMIN,
)
#: the same person at a browser that a login link let in: told apart in the audit, and nowhere else
LOCAL_BROWSER = replace(LOCAL, id="browser", user_id=LOCAL.id)
OPERATOR = Principal(
    kind=PrincipalKind.OPERATOR,
    id="api.token",
    name="api.token",
    tenant=DEFAULT_TENANT,
    permissions=frozenset(Permission),
    role=Role.ADMIN,
)
ANONYMOUS = Principal(
    kind=PrincipalKind.ANONYMOUS,
    id="anonymous",
    name="anonymous",
    tenant=DEFAULT_TENANT,
    permissions=READING,
)
