"""Says from the audit entries of a change whom it would reach, how risky it is, and how it is undone."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gwf.audit.changes import FieldChange
from gwf.audit.model import AuditEntry
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Live, Roster
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.look import affected
from gwf.control.rollout.model import RolloutId
from gwf.control.rollout.roster import RosterFleet
from gwf.control.selectors import parse

MANY_SHARE = 0.1  #: of the fleet; so many agents at once make a change risky
MANY_LEAST = 10  #: fewer are never many
PRODUCTION = ("env", "prod")


class Part(enum.StrEnum):
    """What becomes of an agent."""

    CHANGED = "changed"
    JOINS = "joins"
    LEAVES = "leaves"
    REACHED = "reached"


class Level(enum.StrEnum):
    """How careful one should be."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Why(enum.StrEnum):
    """What makes a change risky."""

    MANY_AGENTS = "many_agents"
    PRODUCTION = "production"
    CUTS_OFF = "cuts_off"
    SKIPS_GATES = "skips_gates"
    GIVES_ACCESS = "gives_access"
    NOT_REVERSIBLE = "not_reversible"


class Undo(enum.StrEnum):
    """How a change is undone."""

    OPPOSITE = "opposite"
    OLD_VALUES = "old_values"
    MAKE_ANEW = "make_anew"
    ENROL_ANEW = "enrol_anew"
    ROLL_BACK = "roll_back"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What is known of a kind of change whatever it is done to."""

    undo: Undo = Undo.OLD_VALUES
    #: verb of the request that undoes it
    opposite: str = ""
    why: tuple[Why, ...] = ()


NATURES: Mapping[str, Nature] = {
    "agent.drain": Nature(undo=Undo.OPPOSITE, opposite="undrain"),
    "agent.undrain": Nature(undo=Undo.OPPOSITE, opposite="drain"),
    "agent.revoke": Nature(undo=Undo.ENROL_ANEW, why=(Why.CUTS_OFF, Why.NOT_REVERSIBLE)),
    "agent.file_upload": Nature(undo=Undo.NONE),
    "agent.file_put": Nature(undo=Undo.OPPOSITE, opposite="cancel"),
    "agent.file_put_finish": Nature(undo=Undo.NONE),
    "agent.file_put_cancel": Nature(undo=Undo.NONE),
    "agent.file_switch": Nature(undo=Undo.OPPOSITE, opposite="auto-upload"),
    "group.create": Nature(undo=Undo.OPPOSITE),
    "group.delete": Nature(undo=Undo.MAKE_ANEW, why=(Why.NOT_REVERSIBLE,)),
    "config_version.create": Nature(undo=Undo.NONE),
    "config_layer.create": Nature(undo=Undo.NONE),
    "rollout.create": Nature(undo=Undo.OPPOSITE, opposite="abort"),
    "rollout.pause": Nature(undo=Undo.OPPOSITE, opposite="resume"),
    "rollout.resume": Nature(undo=Undo.OPPOSITE, opposite="pause"),
    "rollout.promote": Nature(undo=Undo.OPPOSITE, opposite="abort", why=(Why.SKIPS_GATES,)),
    "rollout.abort": Nature(undo=Undo.MAKE_ANEW),
    "rule.create": Nature(undo=Undo.NONE),
    "rule.publish": Nature(undo=Undo.ROLL_BACK),
    "rule.rollback": Nature(undo=Undo.ROLL_BACK),
    "rule.retire": Nature(undo=Undo.ROLL_BACK),
    "user.create": Nature(undo=Undo.OLD_VALUES, why=(Why.GIVES_ACCESS,)),
    "user.disable": Nature(undo=Undo.OLD_VALUES, why=(Why.CUTS_OFF,)),
    "user.enable": Nature(undo=Undo.OLD_VALUES, why=(Why.GIVES_ACCESS,)),
    "user.password": Nature(undo=Undo.NONE, why=(Why.CUTS_OFF, Why.NOT_REVERSIBLE)),
    "api_token.create": Nature(undo=Undo.OPPOSITE, opposite="revoke", why=(Why.GIVES_ACCESS,)),
    "api_token.revoke": Nature(undo=Undo.MAKE_ANEW, why=(Why.CUTS_OFF, Why.NOT_REVERSIBLE)),
    "enrolment_token.create": Nature(undo=Undo.OPPOSITE, opposite="revoke", why=(Why.GIVES_ACCESS,)),
    "enrolment_token.revoke": Nature(undo=Undo.MAKE_ANEW, why=(Why.NOT_REVERSIBLE,)),
}
"""Kinds that are not here are undone by setting the old values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """An agent that a change concerns."""

    agent_id: str
    hostname: str
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a change means."""

    #: by hostname
    agents: tuple[Touched, ...]
    level: Level
    why: tuple[Why, ...]
    undo: Undo
    #: verb of the request that undoes it; "" = no single one does
    opposite: str
    in_production: bool


class Forecaster:
    """Looks at the fleet as it is now. Used in one event loop."""

    def __init__(self, roster: Roster, boards: Boards) -> None:
        """Look at these."""
        self._roster = roster
        self._boards = boards
        self._fleet = RosterFleet(roster)

    def forecast(self, tenant: str, entries: Sequence[AuditEntry]) -> Forecast:
        """Return what the change means that would have written these entries."""
        found: dict[str, tuple[Live, Part]] = {}
        for entry in entries:
            for live, part in self._touched(tenant, entry):
                found.setdefault(live.agent.agent_id, (live, part))
        first = entries[0] if entries else None
        nature = NATURES.get(first.action, Nature()) if first is not None else Nature()
        in_production = any(live.agent.all_labels.get(PRODUCTION[0]) == PRODUCTION[1] for live, _ in found.values())
        why = _why(nature, len(found), len(self._roster.of_tenant(tenant)), in_production=in_production)
        touched = [
            Touched(agent_id=live.agent.agent_id, hostname=live.agent.hostname, part=part)
            for live, part in found.values()
        ]
        return Forecast(
            agents=tuple(sorted(touched, key=lambda one: (one.hostname, one.agent_id))),
            level=level_of(why),
            why=why,
            undo=nature.undo if entries else Undo.NONE,
            opposite=nature.opposite,
            in_production=in_production,
        )

    def _touched(self, tenant: str, entry: AuditEntry) -> Iterator[tuple[Live, Part]]:
        resource = entry.resource
        match resource.kind:
            case "agent":
                live = self._roster.find(AgentId(resource.id))
                if live is not None and live.agent.tenant == tenant:
                    yield live, Part.CHANGED
            case "group":
                yield from self._of_group(tenant, entry)
            case "rollout":
                yield from self._of_rollout(tenant, RolloutId(resource.id), entry.action)
            case _:
                return

    def _of_group(self, tenant: str, entry: AuditEntry) -> Iterator[tuple[Live, Part]]:
        """Yield who comes and goes; where nobody does, the members, for whom something else changes."""
        group_id, lives = entry.resource.id, self._roster.of_tenant(tenant)
        before: set[str] = {
            live.agent.agent_id for live in lives if any(one.group_id == group_id for one in live.membership.groups)
        }
        after = before
        if entry.action == "group.delete":
            after = set[str]()
        elif (changed := _change_at(entry.changes, "/selector")) is not None:
            after = set(_members(lives, group_id, changed.after))
        for live in lives:
            was, will = live.agent.agent_id in before, live.agent.agent_id in after
            if was is not will:
                yield live, Part.JOINS if will else Part.LEAVES
            elif was and before == after:
                yield live, Part.REACHED

    def _of_rollout(self, tenant: str, rollout_id: RolloutId, action: str) -> Iterator[tuple[Live, Part]]:
        """Yield whom it is for; where it is taken back, only those that have it."""
        board = self._boards.of(tenant)
        rollout = board.rollouts.get(rollout_id)
        if rollout is None:
            return
        offered = board.waves[rollout_id].keys()
        reached = set(offered)
        if action != "rollout.abort":
            reached |= {agent.agent for agent, _ in affected(board, rollout, self._fleet.all(tenant))}
        for agent_id in sorted(reached):
            live = self._roster.find(AgentId(agent_id))
            if live is not None:
                yield live, Part.REACHED


def level_of(why: Iterable[Why]) -> Level:
    """Return how careful one should be for these reasons."""
    reasons = set(why)
    if not reasons:
        return Level.LOW
    if Why.SKIPS_GATES in reasons or {Why.PRODUCTION, Why.MANY_AGENTS} <= reasons:
        return Level.HIGH
    if Why.NOT_REVERSIBLE in reasons and reasons & {Why.PRODUCTION, Why.MANY_AGENTS, Why.CUTS_OFF}:
        return Level.HIGH
    return Level.MEDIUM


def _why(nature: Nature, agents: int, fleet: int, *, in_production: bool) -> tuple[Why, ...]:
    found = list(nature.why)
    if agents >= MANY_LEAST and agents >= MANY_SHARE * fleet:
        found.append(Why.MANY_AGENTS)
    if in_production:
        found.append(Why.PRODUCTION)
    return tuple(found)


def _change_at(changes: Sequence[FieldChange], path: str) -> FieldChange | None:
    return next((change for change in changes if change.path == path), None)


def _members(lives: Iterable[Live], group_id: str, selector: object) -> Iterator[str]:
    wanted = parse(selector) if isinstance(selector, str) and selector else None
    for live in lives:
        agent = live.agent
        if agent.group_id == group_id or (wanted is not None and wanted.matches(agent.all_labels)):
            yield agent.agent_id
