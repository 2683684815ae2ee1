"""What an agent and the centre tell each other about the agent: enrolment, heartbeat, configuration."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from gwf.core.labels import MAX_NAME_CHARS, MAX_VALUE_CHARS, NAME, VALUE

PROTOCOL = 1  #: of the messages here and in `gwf.wire.outbox`; an agent of another one is refused
MAX_LABELS = 64
MAX_HEARTBEAT_BYTES = 65_536
MAX_ERRORS = 10  #: recent errors in one heartbeat

#: RFC 3339 with a zone; sent in UTC
Instant = Annotated[datetime, Meta(tz=True)]
Text = Annotated[str, Meta(max_length=255)]
Message = Annotated[str, Meta(max_length=2_000)]
Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9_.:-]+$")]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
LabelName = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS, pattern=rf"^{NAME}$")]
LabelValue = Annotated[str, Meta(max_length=MAX_VALUE_CHARS, pattern=rf"^(?:{VALUE})?$")]
Labels = Annotated[dict[LabelName, LabelValue], Meta(max_length=MAX_LABELS)]
ConfigHash = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
#: random, made anew with each journal: (agent, epoch, sequence) names an outbox event for ever
Epoch = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
InstanceId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]

HealthWord = Literal["ok", "degraded", "failing"]
AgentStateWord = Literal["online", "degraded", "offline", "draining", "revoked"]
BreakerWord = Literal["closed", "open", "half_open"]
AttemptPhase = Literal["staged", "applied", "failed", "reverted"]


class Sent(Struct, kw_only=True):
    """What an agent sends: the centre passes over fields it does not know, so either side may be upgraded first.

    A new field must have a default, and what an older centre makes of the message without it must be right.
    """


class Answered(Struct, kw_only=True):
    """What the centre answers: an agent passes over fields it does not know."""


class Registration(Sent, kw_only=True):
    """Body of POST /api/v1/agents/register, with an enrolment token as Bearer."""

    protocol: Literal[1]
    #: UUID in lower case, made once and kept in the data directory: the same one again is the same agent
    instance_id: InstanceId
    hostname: Annotated[str, Meta(min_length=1, max_length=255)]
    #: of GWF, such as 0.2.0
    version: Annotated[str, Meta(min_length=1, max_length=64)]
    labels: Labels = {}
    #: kernel and distribution, for people
    os: Text = ""
    #: when the process started
    started_at: Instant
    #: URL of the agent's own port as others reach it; None when it has none
    address: Annotated[str, Meta(max_length=512)] | None = None


class Registered(Answered, kw_only=True):
    """Answer of a registration (201)."""

    agent_id: str
    #: Bearer of everything that follows; told once. An earlier one ends when this one is first used
    credential: str
    tenant: str
    #: seconds between heartbeats; the agent varies each wait by ±20 %
    heartbeat_s: float
    server_time: datetime


class HealthReason(Sent, kw_only=True):
    """One reason why the agent is not simply well."""

    code: Code
    params: Annotated[dict[str, str], Meta(max_length=32)] = {}


class AgentHealth(Sent, kw_only=True):
    """The agent's own judgement."""

    state: HealthWord
    reasons: Annotated[list[HealthReason], Meta(max_length=50)] = []


class MetricsSnapshot(Sent, kw_only=True):
    """The numbers of one moment; totals count since the journal was created."""

    queued: Count
    sending: Count
    waiting: Count
    dead: Count
    done_total: Count
    failed_total: Count
    done_bytes_total: Count
    #: age of the file that has waited longest; None when none waits
    oldest_waiting_s: Annotated[float, Meta(ge=0)] | None = None
    #: of the file system of the data directory; None where it cannot be told
    disk_free_bytes: Count | None = None
    rss_bytes: Count
    #: of one core, over the time since the heartbeat before
    cpu_pct: Annotated[float, Meta(ge=0)]
    #: time between two heartbeats by the host's own settings; None = as the centre says
    heartbeat_s: Annotated[float, Meta(gt=0, le=3_600)] | None = None


class RecentError(Sent, kw_only=True):
    """One of the last errors of the agent."""

    at: Instant
    code: Code
    message: Message
    path: Annotated[str, Meta(max_length=4_096)] | None = None


class OutboxState(Sent, kw_only=True):
    """How far the agent's history has come, and how far the centre has it in the agent's opinion."""

    epoch: Epoch
    last_seq: Count
    acked_seq: Count


class RunningConfig(Sent, kw_only=True):
    """Which configuration the agent works by."""

    #: of the managed part in force; None when nothing was ever taken from the centre
    hash: ConfigHash | None = None
    #: the agent's own number of its configuration version
    version: Count | None = None
    #: somebody changed managed settings on the host: it differs from what `hash` says
    local: bool


class Heartbeat(Sent, kw_only=True):
    """Body of POST /api/v1/agents/heartbeat, with the credential as Bearer."""

    #: grows by one with each heartbeat since `started_at`; one that is not newer changes nothing
    seq: Count
    #: the agent's clock
    sent_at: Instant
    started_at: Instant
    version: Annotated[str, Meta(min_length=1, max_length=64)]
    hostname: Annotated[str, Meta(min_length=1, max_length=255)]
    labels: Labels = {}
    health: AgentHealth
    metrics: MetricsSnapshot
    errors: Annotated[list[RecentError], Meta(max_length=MAX_ERRORS)] = []
    outbox: OutboxState | None = None
    config: RunningConfig
    #: parts of a configuration that it takes beyond those that every agent does, such as agent.rules
    knows: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=50)] = []
    #: state of the circuit breaker of each store
    breakers: Annotated[dict[Annotated[str, Meta(max_length=200)], BreakerWord], Meta(max_length=200)] = {}


class ConfigOffer(Answered, kw_only=True):
    """A configuration that should run and does not."""

    #: ETag of GET /api/v1/agents/self/config
    hash: str
    attempt_id: str


class HeartbeatAnswer(Answered, kw_only=True):
    """Answer of a heartbeat (200)."""

    server_time: datetime
    #: seconds until the next one is wanted; the agent varies each wait by ±20 %
    heartbeat_s: float
    #: wait at least this long before the next one: the centre is busy; None = no wish
    backoff_s: float | None = None
    #: as the centre shows the agent
    state: AgentStateWord
    #: take no new work from the centre; finish what was begun
    drain: bool
    #: only when something other than what runs should run
    config: ConfigOffer | None = None
    #: tasks of the centre that wait for this agent
    tasks: int = 0
    #: questions of the centre that wait for this agent: GET /api/v1/agents/self/asks
    asks: int = 0
    #: highest sequence of this epoch that is stored at the centre
    outbox_acked_seq: int = 0


class ManagedConfig(Answered, kw_only=True):
    """Answer of GET /api/v1/agents/self/config; its ETag is `hash`."""

    hash: str
    version_id: str
    attempt_id: str
    #: setting keys of the managed part: `stores` and the parts of `agent` that a centre may decide; `${secret:ID}`
    #: stands in the place of a secret, and `hash` is of the document as it is here
    document: dict[str, Any]
    #: what `${secret:ID}` stands for, by ID
    secrets: dict[str, str] = field(default_factory=dict)


class AttemptProblem(Sent, kw_only=True):
    """Why a configuration was not taken."""

    #: JSON pointer into the document
    pointer: Annotated[str, Meta(max_length=1_000)]
    code: Code
    message: Message


class AttemptReport(Sent, kw_only=True):
    """Body of POST /api/v1/agents/self/config-attempts/{attempt_id}."""

    hash: ConfigHash
    phase: AttemptPhase
    reason: Annotated[list[AttemptProblem], Meta(max_length=100)] = field(default_factory=list)


class AttemptTaken(Answered):
    """Answer of a report."""

    #: it is still the configuration that the centre wants there; False = an agent that is at it may stop
    wanted: bool
