"""People, their sessions, the tokens of programs, and those of agents that register."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from gwf.identity.permissions import Permission, Role
from gwf.wire.edge import Wire

LoginName = Annotated[str, Field(min_length=1, max_length=64)]
TenantId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Password = Annotated[SecretStr, Field(min_length=1, max_length=256)]
TokenName = Annotated[str, Field(min_length=1, max_length=100)]
LabelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
LabelValue = Annotated[str, Field(max_length=256)]
#: at most ten years
Lifetime = Annotated[float, Field(gt=0, le=10 * 366 * 86400)]


class LoginOrder(Wire):
    """Who logs in."""

    name: LoginName
    password: Password
    tenant: TenantId = "default"


class LoginLink(Wire):
    """A link that logs a browser in once."""

    #: below the address of the process
    path: str
    expires_in_s: float


class UserView(Wire):
    """A person who may log in."""

    id: str
    name: str
    display_name: str
    role: Role
    disabled: bool
    #: False = cannot log in by password
    has_password: bool
    created_at: str
    last_login_at: str | None
    #: grows with each change; send it as If-Match
    revision: int


class UserPage(Wire):
    """People, newest first."""

    items: list[UserView]
    #: None on the last page
    next_cursor: str | None
    #: how many fit in all; None on all pages but the first
    total: int | None
    as_of: str


class UserOrder(Wire):
    """A person to be made."""

    name: LoginName
    role: Role
    display_name: Annotated[str, Field(max_length=200)] = ""
    #: none = cannot log in until one is given
    password: Password | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class UserChange(Wire):
    """What should become of a person; what is left out stays as it is."""

    role: Role | None = None
    display_name: Annotated[str, Field(max_length=200)] | None = None
    disabled: bool | None = None
    password: Password | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class PasswordChange(Wire):
    """A new password of one's own."""

    old: Password
    new: Password


class SessionView(Wire):
    """A login that lasts."""

    id: str
    created_at: str
    #: at most a minute behind
    seen_at: str
    expires_at: str
    address: str
    user_agent: str
    #: the one that this request came with
    current: bool


class SessionPage(Wire):
    """Sessions that let somebody in, newest first; all of them."""

    items: list[SessionView]
    as_of: str


class SessionsEnded(Wire):
    """How many sessions were ended."""

    ended: int


class RoleView(Wire):
    """A role and what it may do."""

    role: Role
    permissions: list[Permission]


class RoleList(Wire):
    """All roles, the one that may least first."""

    items: list[RoleView]


class TokenView(Wire):
    """A program's way in; its secret is shown once, when it is made."""

    id: str
    name: str
    role: Role
    #: None = all that the role may
    scopes: list[Permission] | None
    #: whose it is; None = of nobody, for machines
    user_id: str | None
    created_by: str
    created_at: str
    expires_at: str | None
    used_at: str | None
    revoked_at: str | None


class TokenPage(Wire):
    """API tokens, newest first."""

    items: list[TokenView]
    next_cursor: str | None
    #: how many fit in all; None on all pages but the first
    total: int | None
    as_of: str


class TokenOrder(Wire):
    """An API token to be made; it may do no more than who makes it."""

    name: TokenName
    role: Role
    scopes: Annotated[list[Permission], Field(max_length=100)] | None = None
    #: none = never
    expires_in_s: Lifetime | None = None
    #: of nobody: it stays when its maker leaves; needs users:manage
    machine: bool = False


class NewTokenView(Wire):
    """A token that was just made."""

    token: TokenView
    #: shown now and never again
    secret: str


class EnrolmentView(Wire):
    """Lets agents register."""

    id: str
    name: str
    labels: dict[str, str]
    group_id: str | None
    max_uses: int | None
    uses: int
    created_by: str
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class EnrolmentPage(Wire):
    """Enrolment tokens, newest first."""

    items: list[EnrolmentView]
    next_cursor: str | None
    #: how many fit in all; None on all pages but the first
    total: int | None
    as_of: str


class EnrolmentOrder(Wire):
    """An enrolment token to be made."""

    name: TokenName
    #: that its agents get
    labels: Annotated[dict[LabelName, LabelValue], Field(max_length=64, default_factory=dict)]
    #: group that its agents are put in
    group_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    #: none = any number
    max_uses: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    #: none = never
    expires_in_s: Lifetime | None = None


class NewEnrolmentView(Wire):
    """An enrolment token that was just made."""

    token: EnrolmentView
    #: shown now and never again
    secret: str
