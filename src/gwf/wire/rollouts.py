"""Layers, versions and rollouts of the fleet's configuration as the API and the commands show and change them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from gwf.wire.edge import Wire

LayerKindName = Literal["base", "group", "agent"]
StandingName = Literal["unmanaged", "in_sync", "offered", "waiting", "held", "local"]
PhaseName = Literal["offered", "staged", "applied", "failed", "reverted", "timed_out", "superseded"]
OfferKindName = Literal["wave", "revert", "follow"]
RolloutStatusName = Literal["running", "paused", "reverting", "reverted", "completed"]
CauseName = Literal["person", "failure_share", "unhealthy_share", "wave_timeout"]
ChangeKindName = Literal["added", "removed", "changed"]
OnFailureName = Literal["revert", "pause"]
SeatName = Literal[
    "pending", "absent", "refused", "busy", "offered", "applied", "unhealthy", "failed", "went_back", "timed_out",
    "superseded", "taking_back", "taken_back",
]  # fmt: skip
Id = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
ReasonText = Annotated[str, Field(max_length=1_000)]
Share = Annotated[float, Field(ge=0, le=1)]


class VersionSummary(Wire):
    """One version of a layer; it never changes."""

    version_id: str
    layer_id: str
    #: counts from 1 within the layer
    number: int
    #: sha256:… of the document
    hash: str
    #: the version that it was made from
    parent_id: str | None
    author: str
    reason: str
    created_at: str


class ValueChange(Wire):
    """One value that differs; secrets are masked, so both sides may look alike."""

    #: JSON pointer into the document
    pointer: str
    kind: ChangeKindName
    #: None when it was added
    old: JsonValue
    #: None when it was removed
    new: JsonValue


class VersionView(VersionSummary):
    """A version with what is in it."""

    #: secrets masked, but for those that only name a variable
    document: dict[str, JsonValue]
    #: the same as YAML
    text: str
    #: against its parent
    changes: list[ValueChange]


class VersionDiff(Wire):
    """How two versions differ."""

    #: None = an empty document
    old_id: str | None
    new_id: str
    changes: list[ValueChange]


class VersionOutcome(Wire):
    """A version that was written, or with `dry_run` would be."""

    version: VersionSummary
    dry_run: bool
    changes: list[ValueChange]


class LayerView(Wire):
    """A layer: what its current version says counts for the agents it is for, unless a higher layer says otherwise."""

    layer_id: str
    kind: LayerKindName
    #: id of the group or agent; "" for the base
    subject: str
    #: of the group or host; "" for the base and what is gone
    name: str
    #: in force; None until a first version was rolled out
    current: VersionSummary | None
    #: number of its newest version; 0 = none
    newest_number: int
    #: the rollout that is under way
    rollout_id: str | None
    #: another one after each version and each completed rollout: the If-Match of what is done in the layer
    revision: int


class LayerPage(Wire):
    """All layers: the base, then groups, then agents."""

    items: list[LayerView]
    #: always None: all of them come at once
    next_cursor: str | None = None
    total: int


class LayerWish(Wire):
    """A layer to be made."""

    kind: LayerKindName
    #: id of the group or agent; "" for the base
    subject: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9._-]*$")] = ""
    reason: ReasonText = ""


class RollbackWish(Wire):
    """Why an old version is wanted again."""

    reason: ReasonText = ""


class FaultView(Wire):
    """One thing that is wrong with a document."""

    pointer: str
    code: str
    message: str


class AttemptView(Wire):
    """One offer of a configuration to an agent, and what became of it."""

    attempt_id: str
    agent_id: str
    #: by a wave, because it was taken back, or because something else changed what should run there
    kind: OfferKindName
    rollout_id: str | None
    hash: str
    #: versions that it is made of, lowest layer first
    version_ids: list[str]
    phase: PhaseName
    offered_at: str
    changed_at: str
    #: why the agent refused it
    reason: list[FaultView]
    #: a person lets it be offered again
    forgiven: bool


class AttemptPage(Wire):
    """Attempts, newest first."""

    items: list[AttemptView]
    next_cursor: str | None


class OriginView(Wire):
    """Where a value comes from."""

    layer_id: str
    version_id: str


class AgentConfigView(Wire):
    """What an agent should run, and what it runs."""

    agent_id: str
    standing: StandingName
    #: of the document that should run
    wanted_hash: str
    #: None = only the host's own file
    running_hash: str | None
    #: managed settings were changed on the host
    local: bool
    #: what should run; secrets masked
    document: dict[str, JsonValue]
    #: by JSON pointer, for each value of `document`
    origins: dict[str, OriginView]
    #: lowest first
    layers: list[LayerView]
    versions: list[VersionSummary]
    #: what is wrong with it for this agent
    faults: list[FaultView]
    #: the newest one that is known
    attempt: AttemptView | None


class DriftItem(Wire):
    """How the configuration stands at one agent."""

    agent_id: str
    standing: StandingName
    wanted_hash: str
    running_hash: str | None
    local: bool


class DriftPage(Wire):
    """Agents by id, and how many there are of each standing."""

    items: list[DriftItem]
    counts: dict[StandingName, int]
    next_cursor: str | None


class WaveWish(Wire):
    """How far a rollout may go before its gates are asked: exactly one of the three."""

    percent: Annotated[float, Field(gt=0, le=100)] | None = None
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    #: ids of groups
    groups: Annotated[list[Id], Field(max_length=100)] | None = None


class GatesView(Wire):
    """What must be true of the agents reached so far before a rollout goes on."""

    #: of those it was offered to, at least this share runs it
    min_applied_share: Share = 0.95
    #: of those that run it, at least this share is no worse than before
    min_healthy_share: Share = 0.95
    #: of those it was offered to, at most this share may fail
    max_failure_share: Share = 0.02
    #: all this must hold for so long
    soak_s: Annotated[float, Field(ge=0, le=604_800)] = 60
    #: an agent that does not answer within this time counts as failed
    attempt_timeout_s: Annotated[float, Field(ge=1, le=86_400)] = 180
    #: a wave that takes longer ends the rollout
    wave_timeout_s: Annotated[float, Field(gt=0, le=2_592_000)] = 1800


class RolloutWish(Wire):
    """A rollout to begin."""

    version_id: Id
    #: numbers are percent of the agents; the last wave must be 100
    waves: Annotated[list[float | WaveWish], Field(min_length=1, max_length=20)] = [1, 10, 50, 100]  # noqa: RUF012
    gates: GatesView = GatesView()
    on_failure: OnFailureName = "revert"
    #: offer it also to agents that refused exactly this before, for example because a variable was missing there
    retry_refused: bool = False
    reason: ReasonText = ""


class RolloutOrder(Wire):
    """Why a rollout is steered."""

    reason: ReasonText = ""


class RolloutCause(Wire):
    """Why a rollout is paused or was taken back."""

    code: CauseName
    by: str
    reason: str
    facts: dict[str, float]


class RolloutNumbers(Wire):
    """Numbers of agents."""

    offered: int
    waiting: int
    applied: int
    #: run it and are worse than before, or out of contact
    unhealthy: int
    failed: int


class RolloutView(Wire):
    """A rollout and where it stands."""

    rollout_id: str
    layer_id: str
    version_id: str
    #: in force before; None = none was
    previous_version_id: str | None
    status: RolloutStatusName
    #: index of the current wave
    wave: int
    waves: list[WaveWish]
    gates: GatesView
    on_failure: OnFailureName
    #: when the wave, or the taking back, began
    since: str
    #: since when the gates are met; None = they are not
    met_since: str | None
    cause: RolloutCause | None
    paused_at: str | None
    ended_at: str | None
    author: str
    reason: str
    created_at: str
    #: grows with each change; send it as If-Match
    revision: int


class RolloutDetail(RolloutView):
    """A rollout with what became of its offers."""

    #: as its gates see it; None once it has ended
    numbers: RolloutNumbers | None
    #: offers of its waves by phase
    attempts: dict[PhaseName, int]
    #: offers of what was in force before, by phase
    reverts: dict[PhaseName, int]


class RolloutPage(Wire):
    """Rollouts, newest first."""

    items: list[RolloutView]
    next_cursor: str | None
    #: how many fit in all; None on all pages but the first
    total: int | None


class WaveImpact(Wire):
    """What one wave would hold."""

    #: agents in all when it is done
    agents: int
    #: of those that it adds, the first few
    first: list[str]


class FaultImpact(Wire):
    """Agents for which the configuration would be wrong."""

    fault: FaultView
    agents: int
    first: list[str]


class RolloutImpact(Wire):
    """What a rollout would do, as the fleet is now."""

    #: agents of the layer
    layer_agents: int
    #: of them, those that it changes something for
    affected: int
    reachable: int
    #: refused exactly this configuration before; left out
    refused: int
    #: had managed settings changed on the host
    local: int
    #: distinct configurations that would run
    configurations: int
    waves: list[WaveImpact]
    faults: list[FaultImpact]


class SeatView(Wire):
    """One agent of a rollout."""

    agent_id: str
    #: "" when it is gone
    hostname: str
    #: index of the wave that offered it, or that will as the fleet is now
    wave: int
    state: SeatName
    #: None before it was offered it
    offered_at: str | None
    changed_at: str | None
    #: why it refused
    reason: list[FaultView]


class RolloutProspect(Wire):
    """A rollout that was begun, or with `dry_run` would be."""

    dry_run: bool
    rollout: RolloutView
    impact: RolloutImpact
    #: with `dry_run`, every agent (at most 20,000) and the wave that will reach it, or why none will
    seats: list[SeatView]


class AgentConfigOutcome(Wire):
    """What a configuration for one agent did, or with `dry_run` would do."""

    dry_run: bool
    version: VersionSummary
    changes: list[ValueChange]
    rollout: RolloutView
    impact: RolloutImpact


class OfferedAgain(Wire):
    """What an agent will be offered again."""

    agent_id: str
    hash: str
