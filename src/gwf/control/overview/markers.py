"""Makes of audit entries what charts mark: configurations, rollouts, rules, upgrades, groups, people … Pure."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gwf.audit.model import AuditRow

TOGETHER_MS = 10 * 60_000  #: upgrades to one version within this time of each other are one marker


class MarkerKind(enum.StrEnum):
    """What changed."""

    CONFIG = "config"
    ROLLOUT = "rollout"
    UPGRADE = "upgrade"
    #: rules put into force, taken back, taken out of force
    RULE = "rule"
    #: drained, given work again, revoked
    MAINTENANCE = "maintenance"
    #: groups, labels, which group an agent is in
    GROUP = "group"
    #: people and their tokens
    PEOPLE = "people"


#: what each kind of entry is; entries of other kinds are no markers
KIND_OF: Mapping[str, MarkerKind] = {
    "config_version.create": MarkerKind.CONFIG,
    "config.offer_again": MarkerKind.CONFIG,
    "rollout.create": MarkerKind.ROLLOUT,
    "rollout.move": MarkerKind.ROLLOUT,
    "rollout.pause": MarkerKind.ROLLOUT,
    "rollout.resume": MarkerKind.ROLLOUT,
    "rollout.promote": MarkerKind.ROLLOUT,
    "rollout.abort": MarkerKind.ROLLOUT,
    "rule.publish": MarkerKind.RULE,
    "rule.rollback": MarkerKind.RULE,
    "rule.enable": MarkerKind.RULE,
    "rule.disable": MarkerKind.RULE,
    "rule.observe": MarkerKind.RULE,
    "rule.order": MarkerKind.RULE,
    "rule.retire": MarkerKind.RULE,
    "agent.update": MarkerKind.GROUP,
    "agent.drain": MarkerKind.MAINTENANCE,
    "agent.undrain": MarkerKind.MAINTENANCE,
    "agent.revoke": MarkerKind.MAINTENANCE,
    "agent.register": MarkerKind.MAINTENANCE,
    "group.create": MarkerKind.GROUP,
    "group.update": MarkerKind.GROUP,
    "group.delete": MarkerKind.GROUP,
    "user.create": MarkerKind.PEOPLE,
    "user.change": MarkerKind.PEOPLE,
    "user.disable": MarkerKind.PEOPLE,
    "user.enable": MarkerKind.PEOPLE,
    "api_token.create": MarkerKind.PEOPLE,
    "api_token.revoke": MarkerKind.PEOPLE,
    "enrolment_token.create": MarkerKind.PEOPLE,
    "enrolment_token.revoke": MarkerKind.PEOPLE,
}


#: a rollout that comes to one of these by itself follows from what it brought before
FOLLOWING = frozenset({"completed", "paused", "reverting", "reverted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """One change, or several that belong together."""

    #: number of the audit entry; of several the first
    seq: int
    at_ms: int
    #: of the last of several
    until_ms: int
    kind: MarkerKind
    action: str
    resource_kind: str
    resource_id: str
    actor_kind: str
    actor_id: str
    reason: str
    #: values for the words: version, before, status, cause, number
    params: Mapping[str, str]
    #: that it is about by name; None = see the resource
    agents: frozenset[str] | None = None
    #: entries in it
    count: int = 1


def markers_of(rows: Iterable[AuditRow]) -> list[Marker]:
    """Return the markers of entries, oldest first; entries may come in any order."""
    found: list[Marker] = []
    for row in sorted(rows, key=lambda one: one.seq):
        marker = _marker(row)
        if marker is None:
            continue
        last = _belongs_to(found, marker)
        if last is None:
            found.append(marker)
        else:
            found[last] = _joined(found[last], marker)
    return found


def changes_agents(marker: Marker) -> bool:
    """Tell whether a marker may be behind a fault: it brings something to agents, and is not the end of a rollout.

    An agent that has just been enrolled failed before, perhaps, unknown to us.
    """
    if marker.kind is MarkerKind.PEOPLE or marker.action in {"rollout.pause", "agent.register"}:
        return False
    return marker.action != "rollout.move" or marker.params.get("status") not in FOLLOWING


def _marker(row: AuditRow) -> Marker | None:
    kind = KIND_OF.get(row.action)
    if kind is None:
        return None
    changes = {str(change.get("path")): change for change in _parsed(row.changes, [])}
    params = _params(row, kind, changes)
    if row.action == "agent.update":
        if params:
            kind = MarkerKind.UPGRADE
        elif row.actor_kind == "agent":
            return None  # it told other labels or another name of itself
    if row.action == "rollout.move" and "status" not in params:
        return None  # the next wave: the rollout's page shows it
    is_agent = row.resource_kind == "agent"
    return Marker(
        seq=row.seq,
        at_ms=row.at_ms,
        until_ms=row.at_ms,
        kind=kind,
        action=row.action,
        resource_kind=row.resource_kind,
        resource_id=row.resource_id,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        reason=row.reason,
        params=params,
        agents=frozenset({row.resource_id}) if is_agent else None,
    )


def _params(row: AuditRow, kind: MarkerKind, changes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    if row.action == "agent.update":
        return _values(changes.get("/version", {}), before="before", after="version")
    if kind is MarkerKind.ROLLOUT:
        return _of_rollout(changes)
    if kind is MarkerKind.RULE:
        return _values(changes.get("/published", {}), before="before", after="version")
    if row.action == "config_version.create":
        detail = _parsed(row.detail, {})
        return {name: str(detail[name]) for name in ("number", "layer") if name in detail}
    return {}


def _of_rollout(changes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    params: dict[str, str] = {}
    for path, name in (("/status", "status"), ("/layer", "layer"), ("/version", "version"), ("/cause/code", "cause")):
        change = changes.get(path)
        if change is not None and isinstance(change.get("after"), str):
            params[name] = change["after"]
    return params


def _values(change: Mapping[str, Any], *, before: str, after: str) -> dict[str, str]:
    pairs = ((before, change.get("before")), (after, change.get("after")))
    return {name: str(value) for name, value in pairs if value is not None}


def _belongs_to(found: Sequence[Marker], marker: Marker) -> int | None:
    """Return the place of the marker that this one continues: the same done to many agents in a short time."""
    if marker.agents is None:
        return None
    for at in range(len(found) - 1, max(-1, len(found) - 50), -1):
        one = found[at]
        if marker.at_ms - one.until_ms > TOGETHER_MS:
            return None
        if (one.kind, one.action, _who(one)) == (marker.kind, marker.action, _who(marker)) and (
            one.params.get("version") == marker.params.get("version")
        ):
            return at
    return None


def _who(marker: Marker) -> str:
    return "" if marker.actor_kind == "agent" else f"{marker.actor_kind}:{marker.actor_id}"


def _joined(one: Marker, other: Marker) -> Marker:
    agents = (one.agents or frozenset()) | (other.agents or frozenset())
    return replace(one, until_ms=max(one.until_ms, other.at_ms), agents=agents, count=one.count + 1)


def _parsed(text: str, otherwise: Any) -> Any:
    """Return a field of a row; what somebody made unreadable tells nothing here, the check of the audit names it."""
    try:
        value = json.loads(text)
    except ValueError:
        return otherwise
    return value if type(value) is type(otherwise) else otherwise


def in_scope(
    markers: Iterable[Marker], agents: frozenset[str], reached: Mapping[int, frozenset[str]]
) -> Iterator[Marker]:
    """Yield markers that touch any of `agents`; `reached` has by number those of markers that do not name them."""
    for marker in markers:
        mine = marker.agents if marker.agents is not None else reached.get(marker.seq)
        if mine is not None and mine & agents:
            yield replace(marker, agents=mine & agents)
