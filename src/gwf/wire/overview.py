"""The fleet at one look as codes and values: what is wrong first, what changed, how work flows."""

from __future__ import annotations

from typing import Literal

from gwf.wire.edge import Wire

LevelName = Literal["ok", "warn", "crit"]
FindingName = Literal[
    "store_unreachable", "agents_failing", "agents_offline", "disk_low", "failures", "queue_wait", "rollout_halted",
    "alerts_firing", "config_failed", "high_water", "dead_letters", "agents_degraded",
]  # fmt: skip
UnitName = Literal["agents", "files", "alerts", "s", "share"]
MarkerKindName = Literal["config", "rollout", "rule", "upgrade", "maintenance", "group", "people"]
#: pages of the console
PageName = Literal["agents", "rollouts", "config-drift", "file-events", "dead-letters", "events", "audit", "alerts"]


class ScopeView(Wire):
    """The part of the fleet that was looked at; None = not narrowed."""

    env: str | None
    group_id: str | None
    #: not revoked
    agents: int


class Named(Wire):
    """Something by kind and id, with the name that people know."""

    kind: str
    id: str
    #: "" = it has none, or is gone
    name: str


class EvidenceLink(Wire):
    """Where a value can be looked up."""

    page: PageName
    #: parameters of the list, or `id` of one thing
    query: dict[str, list[str]]


class ChangeMarker(Wire):
    """A change, or several alike in a short time, for charts."""

    #: number of the audit entry; of several the first
    id: str
    at: str
    #: of the last of several
    until: str
    kind: MarkerKindName
    #: of the audit, for example rollout.abort
    action: str
    resource: Named
    #: None = you may not see the audit
    actor: Named | None
    reason: str
    #: values for the words: version, before, status, cause; of configurations also number, layer_kind and layer, the
    #: name of the group or host ("" for the base)
    params: dict[str, str]
    #: how many agents of the scope it reached; None = not known
    agents_count: int | None
    #: the first 20
    agents: list[str]
    #: audit entries in it
    count: int


class ChangePage(Wire):
    """What changed in a time, oldest first."""

    items: list[ChangeMarker]
    #: there was more than could be looked through: the oldest are missing
    cut_off: bool
    scope: ScopeView
    since: str
    until: str
    as_of: str


class FindingView(Wire):
    """One thing that is wrong, as parts of a sentence."""

    code: FindingName
    level: LevelName
    value: float
    #: it may be at most so much; a share of success at least
    limit: float
    unit: UnitName
    #: None = not known
    since: str | None
    duration_s: float | None
    agents_count: int
    #: of the agents in scope
    share: float
    #: ids of the first 20
    agents: list[str]
    #: hostnames of the first 5
    hostnames: list[str]
    #: store, rollout, status, cause; of a rollout also number, layer_kind and layer, the name of the group or host; of
    #: alerts the name of the rule, and severity and title of the worst
    params: dict[str, str]
    #: failures by class, most frequent first: agents for store_unreachable (also `held` = by a person, "" = not told),
    #: attempts of the last half hour for failures
    classes: dict[str, int]
    links: list[EvidenceLink]


class SuspectView(Wire):
    """A change that is likely behind the worst finding."""

    change: ChangeMarker
    #: 0 … 1: how much of what it reached is concerned, and how shortly before it came
    score: float
    #: before the first failure; below 0 = noted later by clocks that differ, by 2 s at most
    before_s: float


class VerdictView(Wire):
    """What is wrong first. The same facts give the same verdict; no model is asked."""

    level: LevelName
    #: the worst; None = all is well
    finding: FindingView | None
    #: all that is wrong, the worst first: severity × affected share
    todo: list[FindingView]
    #: the likeliest first
    suspects: list[SuspectView]
    #: when something was last told that is an error; None = nothing in the events that are kept
    last_trouble_at: str | None
    scope: ScopeView
    as_of: str


class FlowPoint(Wire):
    """One interval of a chart; None = not known, which is a gap and no zero."""

    at: str
    #: versions of files that were finished with, well or not
    ended: int
    done: int
    done_bytes: int
    failed_attempts: int
    dead: int
    #: of failed attempts by class
    failures: dict[str, int]
    #: of attempts; None = there were none
    success_ratio: float | None
    #: files that waited at the end of the interval
    backlog_files: int | None
    oldest_wait_s: float | None


class CollectStage(Wire):
    """采集: agents that watch."""

    state: LevelName
    agents: int
    in_contact: int
    #: versions of files that were finished with, over the time
    files_per_s: float


class QueueStage(Wire):
    """队列: what waits at the agents, by their last heartbeats."""

    state: LevelName
    queued: int
    sending: int
    #: for another attempt
    waiting: int
    dead: int
    oldest_wait_s: float | None
    oldest_wait_limit_s: float
    #: agents that told it; others are not in these numbers
    told_by: int


class UploadStage(Wire):
    """上传: what stores confirmed."""

    state: LevelName
    done: int
    done_bytes: int
    failed_attempts: int
    files_per_s: float
    bytes_per_s: float
    #: None = no attempts
    success_ratio: float | None
    success_target: float


class AbsentStage(Wire):
    """A part of the data path that this release does not have: nothing is counted, which is not zero."""

    state: Literal["absent"]


class FleetOverview(Wire):
    """The data path over a part of the fleet."""

    collect: CollectStage
    queue: QueueStage
    upload: UploadStage
    tasks: AbsentStage
    notify: AbsentStage
    #: length of an interval
    step_s: int
    points: list[FlowPoint]
    #: classes of failures, most frequent first; the rarer ones are `other`
    failure_classes: list[str]
    #: failed attempts by class over the whole time
    failures: dict[str, int]
    scope: ScopeView
    since: str
    until: str
    as_of: str


class WorkDone(Wire):
    """How the work of a time went."""

    done: int
    done_bytes: int
    failed_attempts: int
    dead: int
    #: None = no attempts
    success_ratio: float | None


class Trouble(Wire):
    """An event that tells of trouble."""

    #: of a rollout: what stopped it, see `cause` of rollouts; "" otherwise
    cause: str
    #: of the event, see /api/v1/events
    row_id: str
    at: str
    type: str
    agent_id: str | None
    #: "" = none, or the agent is gone
    hostname: str
    subject: str | None


class AftermathView(Wire):
    """What came in the half hour after a change. That it came after it does not say that it came of it."""

    seq: int
    since: str
    until: str
    #: false = more may come
    is_over: bool
    #: that the change reached, as groups and layers are now; None = not known: everybody was looked at
    agents_count: int | None
    #: other changes, oldest first
    changes: list[ChangeMarker]
    #: oldest first
    troubles: list[Trouble]
    #: there were more
    more_troubles: bool
    #: seconds that `before` and `after` cover each, in whole minutes: what has passed since, at most half an hour
    compared_s: int
    before: WorkDone
    after: WorkDone
    as_of: str
