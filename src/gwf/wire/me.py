"""Who asks, how they want the console to be, and what the process that answers is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gwf.identity.permissions import Permission, Role
from gwf.wire.edge import Wire

PrincipalWord = Literal["user", "token", "local", "operator", "anonymous"]
#: password: name and password · link: the one that `gwf login` prints · token: `api.token` as Basic password
LoginWay = Literal["password", "link", "token"]
ListName = Literal[
    "agents", "groups", "files", "dead-letters", "events", "file-events", "config-versions", "rollouts",
    "rules", "audit", "users", "tokens",
]  # fmt: skip
QueryName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
QueryValue = Annotated[str, Field(max_length=2_000)]
ColumnName = Annotated[str, Field(min_length=1, max_length=64)]


class Who(Wire):
    """Who asks, and what they may do."""

    kind: PrincipalWord
    id: str
    name: str
    tenant: str
    #: None for anybody on this host
    role: Role | None
    permissions: list[Permission]
    #: word for the header X-Gwf-Csrf, which changes by session need; None for all who have no session
    csrf: str | None = None


class Preferences(Wire):
    """How somebody wants the console to be."""

    #: None = as the browser is set
    language: Literal["zh", "en"] | None = None
    theme: Literal["system", "light", "dark"] = "system"
    density: Literal["compact", "comfortable"] = "compact"
    #: of times: that of the browser, or UTC
    zone: Literal["browser", "utc"] = "browser"
    #: keys of one letter do something
    keys: bool = True


class DatabaseView(Wire):
    """Where the centre keeps what it knows."""

    #: as it is now
    backend: Literal["memory", "sqlite", "postgresql"]
    #: what is kept is still there after a restart
    durable: bool
    #: why memory is used instead of what was configured; None = it is not
    problem: str | None


class ProcessView(Wire):
    """What the process is: which parts of the API, and so which pages, it has."""

    version: str
    #: changes when the served console changes
    build: str
    #: it carries files itself: overview, files, dead letters, stores, its own configuration
    has_edge: bool
    #: it manages agents: fleet, configuration, audit, people
    has_centre: bool
    #: None without a centre
    database: DatabaseView | None
    #: its agents, files and people are made up
    demo: bool
    #: ways to log in here; whoever is `anonymous` may look and needs one of them to change something
    login: list[LoginWay]


class Me(Who):
    """Who asks, how they want the console to be, and what answers."""

    preferences: Preferences
    #: `PUT /me/preferences` keeps them; False = there is no centre, or nobody is logged in: the browser keeps them
    preferences_kept: bool
    process: ProcessView
    as_of: str


class ViewWish(Wire):
    """A list as somebody wants to see it again."""

    list_name: ListName
    name: Annotated[str, Field(min_length=1, max_length=100)]
    #: everybody of the tenant sees it; False = only its owner
    shared: bool = False
    #: parameters of the list by name, filters and `sort`
    query: Annotated[dict[QueryName, Annotated[list[QueryValue], Field(max_length=50)]], Field(max_length=50)]
    #: shown ones in their order; None = as usual
    columns: Annotated[list[ColumnName], Field(max_length=50)] | None = None
    #: one's own list begins with it
    is_default: bool = False
    #: of the view as it was seen: another one is refused with 409
    revision: Annotated[int, Field(ge=1, le=2**53)] | None = None


class SavedView(Wire):
    """A saved view as the one who asks sees it."""

    view_id: str
    list_name: ListName
    name: str
    shared: bool
    query: dict[str, list[str]]
    columns: list[str] | None
    is_default: bool
    #: the one who asks made it
    own: bool
    owner_name: str
    created_at: str
    updated_at: str
    revision: int


class SavedViewPage(Wire):
    """All views that somebody may see, by name."""

    items: list[SavedView]
    as_of: str


class ViewChoice(Wire):
    """Whether one's own list begins with a view."""

    is_default: bool
