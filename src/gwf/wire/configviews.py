"""Where versions of configurations run and how far a rollout came, as the console shows it."""

from __future__ import annotations

from pydantic import JsonValue

from gwf.wire.edge import Wire
from gwf.wire.overview import WorkDone
from gwf.wire.rollouts import PhaseName, RolloutStatusName, SeatName, SeatView, VersionSummary


class VersionRollout(Wire):
    """The newest rollout of a version."""

    rollout_id: str
    status: RolloutStatusName
    created_at: str
    #: agents by phase of what it offered them
    attempts: dict[PhaseName, int]


class VersionItem(VersionSummary):
    """A version in a list, with what became of it."""

    #: values that differ from its parent
    change_count: int
    #: None = it never had one
    rollout: VersionRollout | None


class VersionItemPage(Wire):
    """Versions, newest first."""

    items: list[VersionItem]
    next_cursor: str | None
    #: of all pages; None on every page but the first
    total: int | None = None


class VersionShare(Wire):
    """How many agents run a version."""

    version_id: str
    number: int
    agents: int


class SpreadView(Wire):
    """How the versions of a layer are spread over its agents, or over those of one of their groups."""

    #: id of the group; "" for all agents of the layer
    group_id: str
    name: str
    agents: int
    #: highest number first
    versions: list[VersionShare]
    #: run no version of this layer
    none: int
    #: nothing was heard of them, or they run what the centre never offered
    unknown: int


class LayerSpreadView(Wire):
    """Where the versions of a layer run now."""

    whole: SpreadView
    groups: list[SpreadView]
    as_of: str


class CourseLine(Wire):
    """One version over time."""

    version_id: str
    number: int
    #: one number for each of `times`
    agents: list[int]


class CourseView(Wire):
    """How many agents ran each version of a layer, by what they reported."""

    #: seconds since 1970, ends with the end of the time that was asked for
    times: list[float]
    #: lowest number first
    lines: list[CourseLine]


class SeatWave(Wire):
    """One wave with its agents by state."""

    #: None = it has not begun
    began_at: str | None
    #: None = it has not ended
    ended_at: str | None
    agents: int
    states: dict[SeatName, int]


class RolloutSeats(Wire):
    """Every agent of a rollout, in the order in which it reaches them."""

    waves: list[SeatWave]
    #: at most 20,000
    items: list[SeatView]
    as_of: str


class WorkPoint(Wire):
    """How uploads went in one interval."""

    at: str
    done: int
    done_bytes: int
    failed_attempts: int
    #: of attempts; None = there were none
    failed_ratio: float | None


class RolloutWork(Wire):
    """How uploads went at the agents that a rollout reached, before it began and since."""

    rollout_id: str
    #: that it was offered to
    agents_count: int
    began_at: str
    #: None = it goes on
    ended_at: str | None
    #: length of an interval
    step_s: int
    #: without a gap
    points: list[WorkPoint]
    #: equal times before and after its begin that `before` and `after` are the sums of
    length_s: int
    before: WorkDone
    after: WorkDone
    since: str
    until: str
    as_of: str


class RolloutMove(Wire):
    """Something that was done to a rollout, or that it did."""

    seq: int
    at: str
    #: rollout.create, rollout.move, rollout.pause, rollout.resume, rollout.promote, rollout.abort
    action: str
    #: user, token, local, operator, system …
    actor_kind: str
    #: as people know them; of the centre itself the part that acted
    actor: str
    reason: str
    #: each with path, before, after: /status, /wave, /cause …
    changes: list[dict[str, JsonValue]]
    #: agents that it was offered to with this move
    offered: int


class RolloutMoves(Wire):
    """What happened to a rollout, newest first."""

    items: list[RolloutMove]
