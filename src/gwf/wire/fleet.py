"""Agents and groups as the API and the commands show and change them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gwf.core.labels import MAX_NAME_CHARS, MAX_VALUE_CHARS, NAME, VALUE, checked_label_value
from gwf.wire.edge import HealthState, Wire

AgentStateName = Literal["online", "degraded", "offline", "draining", "revoked"]
#: the state, and `failing` for an agent in contact that cannot do its duty
ConditionName = Literal["online", "draining", "revoked", "degraded", "offline", "failing", "unknown"]
AgentSortName = Literal[
    "hostname", "-hostname", "condition", "-condition", "version", "-version", "group", "-group",
    "queued", "-queued", "failed", "-failed", "contact", "-contact", "registered", "-registered",
]  # fmt: skip
ConfigStandingName = Literal["unmanaged", "in_sync", "offered", "waiting", "held", "local"]
CauseName = Literal["", "revoked", "silent", "drained", "late", "unwell", "recovering", "never_seen"]
LabelKey = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS, pattern=rf"^{NAME}$")]
LabelText = Annotated[
    str,
    Field(max_length=MAX_VALUE_CHARS, json_schema_extra={"pattern": rf"^(?:{VALUE})?$"}),
    AfterValidator(checked_label_value),
]
ReasonText = Annotated[str, Field(max_length=1_000)]


class GroupOfAgent(Wire):
    """A group that an agent belongs to."""

    group_id: str
    name: str
    #: it was put in by name; else its labels fit the selector
    by_name: bool


class AgentReason(Wire):
    """Why an agent is not simply well: a code that the console translates, and its values."""

    code: str
    params: dict[str, str]


class AgentMetrics(Wire):
    """The numbers of its last heartbeat; totals count since its journal was created."""

    queued: int
    sending: int
    waiting: int
    dead: int
    done_total: int
    failed_total: int
    done_bytes_total: int
    oldest_waiting_s: float | None = None
    disk_free_bytes: int | None = None
    rss_bytes: int
    cpu_pct: float
    #: time between two heartbeats by the host's own settings; None = as the centre says
    heartbeat_s: float | None = None


class AgentError(Wire):
    """One of its last errors, by its own clock."""

    at: str
    code: str
    message: str
    path: str | None = None


class AgentOutbox(Wire):
    """How far its history has come, and how far the centre has it in its opinion."""

    epoch: str
    last_seq: int
    acked_seq: int


class AgentConfig(Wire):
    """Which configuration it works by."""

    #: of the part that the centre decides; None = it never took any
    hash: str | None
    #: its own number of its configuration
    version: int | None
    #: managed settings were changed on the host
    local: bool


class RecentWorkView(Wire):
    """Attempts to carry a file that ended in the last 30 minutes, as far as heartbeats told."""

    done: int
    failed: int


class ConfigPartView(Wire):
    """A version that a configuration is made of."""

    kind: Literal["base", "group", "agent"]
    #: id of the group or agent; "" for the base
    subject: str
    #: name of the group; "" for other kinds
    name: str
    #: of the version within its layer
    number: int


class ConfigStandView(Wire):
    """How the configuration of an agent stands."""

    standing: ConfigStandingName
    #: what should run; None = the centre decides nothing
    wanted_hash: str | None
    wanted: list[ConfigPartView]
    #: what runs; empty when it is not known what it is made of
    running: list[ConfigPartView]


class AgentSummary(Wire):
    """An agent in a list."""

    agent_id: str
    hostname: str
    version: str
    #: URL of its own port as others reach it
    address: str | None
    #: it called from
    ip: str
    state: AgentStateName
    #: why it is not online
    cause: CauseName
    condition: ConditionName
    #: the last 30 minutes, a letter each, oldest first, the worst of what it was: - unknown, o online, n draining,
    #: r revoked, d degraded, x offline, f failing; the last minute is the one that runs
    strip: Annotated[str, Field(pattern="^[-onrdxf]{30}$")]
    state_since: str
    #: None = it registered and never called since
    last_contact_at: str | None
    #: the labels that count: its own, and over them those set at the centre
    labels: dict[str, str]
    #: the one that decides most first
    groups: list[GroupOfAgent]
    drain: bool
    #: None = it never called
    health: HealthState | None
    reasons: list[AgentReason]
    metrics: AgentMetrics | None
    recent: RecentWorkView
    #: the newest that it told, by its own clock
    last_error: AgentError | None
    #: its clock is ahead of the centre's by so much; None = not known
    clock_skew_ms: int | None
    config: AgentConfig | None
    #: None = nothing is known of it, for example because it is revoked
    config_stand: ConfigStandView | None
    os: str
    registered_at: str
    #: grows with each change; a change may name the one it was made from
    revision: int


class ThresholdsView(Wire):
    """When an agent counts as late, offline and well again, in seconds."""

    heartbeat_s: float
    degraded_after_s: float
    offline_after_s: float
    recover_after_s: float


class AgentDetail(AgentSummary):
    """An agent with all that is known of it."""

    instance_id: str
    #: told by the agent
    own_labels: dict[str, str]
    #: set at the centre; they win
    set_labels: dict[str, str]
    #: when its process started, by its own clock
    started_at: str | None
    #: since it registered
    heartbeats: int
    #: newest first
    errors: list[AgentError]
    #: state of the circuit breaker of each store
    breakers: dict[str, str]
    outbox: AgentOutbox | None
    #: those of its groups
    thresholds: ThresholdsView
    revoked_at: str | None
    updated_at: str


class ConfigCount(Wire):
    """How many agents run a configuration."""

    #: "" = none of the centre
    hash: str
    parts: list[ConfigPartView]
    agents: int


class AgentFacets(Wire):
    """How many agents there are of each kind; each kind is counted as if the list were not filtered by it."""

    states: dict[AgentStateName, int]
    conditions: dict[ConditionName, int]
    #: by id of the group
    groups: dict[str, int]
    versions: dict[str, int]
    systems: dict[str, int]
    #: by code: reasons for not being well, else the last error
    problems: dict[str, int]
    standings: dict[ConfigStandingName, int]
    configs: list[ConfigCount]
    labels: dict[str, dict[str, int]]


class AgentPage(Wire):
    """One page of agents."""

    items: list[AgentSummary]
    #: None = this was the last page
    next_cursor: str | None
    #: agents of the filter, on all pages
    total: int
    #: only if it was asked for
    facets: AgentFacets | None
    as_of: str


class HeatGroupView(Wire):
    """Agents of a group."""

    #: None = agents without a group
    group_id: str | None
    name: str
    agents: int
    conditions: dict[ConditionName, int]
    #: id, hostname and letter (as in `strip`) of each agent, by hostname; the worst of them if there are too many
    cells: list[tuple[str, str, str]]


class AgentHeat(Wire):
    """The fleet at one look: groups by name, agents without one last."""

    groups: list[HeatGroupView]
    agents: int
    conditions: dict[ConditionName, int]
    as_of: str


class AgentOrder(Wire):
    """Body of :drain, :undrain and :revoke."""

    #: why, for the audit
    reason: ReasonText = ""


class AgentPatch(Wire):
    """What is to be changed of an agent; what is not named stays."""

    #: labels set at the centre; null takes one away
    labels: Annotated[dict[LabelKey, LabelText | None], Field(max_length=64)] | None = None
    #: id or name of the group it is put in by name; "" = none
    group: Annotated[str, Field(max_length=200)] | None = None
    #: of the agent as it was seen: another one is refused with 409
    revision: Annotated[int, Field(ge=1, le=2**53)] | None = None
    reason: ReasonText = ""


class ThresholdsWish(Wire):
    """Thresholds of a group; None = as usual for its heartbeat."""

    heartbeat_s: Annotated[float, Field(ge=1, le=3600, allow_inf_nan=False)] = 30.0
    degraded_after_s: Annotated[float, Field(gt=0, le=604_800, allow_inf_nan=False)] | None = None
    offline_after_s: Annotated[float, Field(gt=0, le=604_800, allow_inf_nan=False)] | None = None
    recover_after_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 45.0


class GroupView(Wire):
    """A group of agents."""

    group_id: str
    name: str
    description: str
    #: agents with these labels belong to it; None = only those put in by name
    selector: str | None
    #: of two groups of an agent the one with the higher number decides
    priority: int
    #: None = the usual ones
    thresholds: ThresholdsView | None
    #: how many agents belong to it now
    agents: int
    created_at: str
    updated_at: str
    revision: int


class GroupPage(Wire):
    """Groups of a tenant that fit, by name."""

    items: list[GroupView]
    total: int
    as_of: str


class GroupMove(Wire):
    """An agent that would come or go."""

    agent_id: str
    hostname: str


class GroupPreview(Wire):
    """Who would belong to a group by another selector."""

    #: who would belong to it
    agents: int
    #: of them, those put in by name
    by_name: int
    joining: int
    leaving: int
    #: the first by hostname
    first_joining: list[GroupMove]
    first_leaving: list[GroupMove]


GroupName = Annotated[str, Field(min_length=1, max_length=63)]
Priority = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
SelectorText = Annotated[str, Field(max_length=2_000, description="env=prod,site in (sh,bj),!canary; empty = none")]


class NewGroup(Wire):
    """A group to be made."""

    name: GroupName
    description: Annotated[str, Field(max_length=1_000)] = ""
    selector: SelectorText = ""
    priority: Priority = 0
    thresholds: ThresholdsWish | None = None
    reason: ReasonText = ""


class GroupPatch(Wire):
    """What is to be changed of a group; what is not named stays, and `thresholds: null` makes them the usual ones."""

    name: GroupName | None = None
    description: Annotated[str, Field(max_length=1_000)] | None = None
    selector: SelectorText | None = None
    priority: Priority | None = None
    thresholds: ThresholdsWish | None = None
    #: of the group as it was seen: another one is refused with 409
    revision: Annotated[int, Field(ge=1, le=2**53)] | None = None
    reason: ReasonText = ""
