"""Verdicts and changes in the shapes that are sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gwf.api.names import Named as Called
from gwf.api.names import Ref, name_of
from gwf.api.v1.pathviews import level_of
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Roster
from gwf.control.overview.aftermath import Aftermath
from gwf.control.overview.flow import Point
from gwf.control.overview.markers import Marker, MarkerKind
from gwf.control.overview.scope import Scope
from gwf.control.overview.service import Judged
from gwf.control.overview.verdict import Finding, FindingCode
from gwf.core.clock import Clock, utc_text
from gwf.events.model import Event, StoredEvent
from gwf.identity.permissions import Permission
from gwf.identity.principal import Principal
from gwf.wire.overview import (
    AftermathView,
    ChangeMarker,
    EvidenceLink,
    FindingView,
    Named,
    ScopeView,
    SuspectView,
    Trouble,
    VerdictView,
    WorkDone,
)

MAX_AGENTS = 20  #: whose ids are sent
#: of the list of agents that a finding leads to
_SORTS: Mapping[FindingCode, str] = {
    FindingCode.QUEUE_WAIT: "-queued", FindingCode.FAILURES: "-failed", FindingCode.DEAD_LETTERS: "-failed",
}  # fmt: skip
_OF_CONFIGS = frozenset({"rollout", "config_version", "config_layer", "rule"})
_OPEN = frozenset(
    {MarkerKind.CONFIG, MarkerKind.ROLLOUT, MarkerKind.RULE}
)  #: their authors are shown to everybody who may see them


class Names(Protocol):
    """Knows people and tokens by name, and when there was trouble last."""

    async def people(self, tenant: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the names of those of `ids` that are people or tokens of the tenant."""
        ...

    async def configs(self, tenant: str, refs: Collection[Ref]) -> Mapping[Ref, Called]:
        """Return how versions, layers, rollouts and rules are called: with number, layer and kind of layer."""
        ...

    async def last_trouble_ms(self, tenant: str) -> int | None:
        """Return when the newest event that tells of trouble happened; None = there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Names for the markers of one page."""

    people: Mapping[str, str]
    configs: Mapping[Ref, Called]


class Views:
    """Makes the views; names are looked up for all of a page at once."""

    def __init__(self, roster: Roster, names: Names, clock: Clock) -> None:
        """Take agents and groups from `roster`, people from `names`."""
        self._roster = roster
        self._names = names
        self._clock = clock

    def scope(self, scope: Scope, agents: int) -> ScopeView:
        """Return a scope as it is sent."""
        return ScopeView(env=scope.env or None, group_id=scope.group or None, agents=agents)

    async def markers(self, who: Principal, markers: Sequence[Marker]) -> list[ChangeMarker]:
        """Return markers; what people did to people is shown only to who may read the audit."""
        sees_all = who.may(Permission.AUDIT_READ)
        shown = [marker for marker in markers if sees_all or marker.kind is not MarkerKind.PEOPLE]
        ids = {marker.actor_id for marker in shown} | {marker.resource_id for marker in shown}
        people = await self._names.people(who.tenant, sorted(ids))
        refs = {(one.resource_kind, one.resource_id) for one in shown if one.resource_kind in _OF_CONFIGS}
        called = await self._names.configs(who.tenant, refs)
        return [
            self._marker(who.tenant, marker, _Known(people=people, configs=called), sees_all=sees_all)
            for marker in shown
        ]

    async def verdict(self, who: Principal, scope: Scope, judged: Judged) -> VerdictView:
        """Return a verdict."""
        now_ms, verdict = self._clock.now_ms(), judged.verdict
        halted = {("rollout", one.about["rollout"]) for one in verdict.findings if "rollout" in one.about}
        called = await self._names.configs(who.tenant, halted)
        todo = [_finding(one, judged.agents, called, now_ms=now_ms) for one in verdict.findings]
        suspects = [judged.markers[one.id] for one in verdict.suspects]
        changes = await self.markers(who, suspects)
        last_ms = await self._names.last_trouble_ms(who.tenant)
        return VerdictView(
            level=level_of(int(verdict.level)),
            finding=todo[0] if todo else None,
            todo=todo,
            suspects=[
                SuspectView(change=change, score=one.score, before_s=one.before_ms / 1000)
                for one, change in zip(verdict.suspects, changes, strict=True)
            ],
            last_trouble_at=None if last_ms is None else utc_text(last_ms),
            scope=self.scope(scope, judged.agents),
            as_of=utc_text(now_ms),
        )

    async def aftermath(self, who: Principal, seq: int, found: Aftermath) -> AftermathView:
        """Return what came after a change."""
        return AftermathView(
            seq=seq,
            since=utc_text(found.window.since_ms),
            until=utc_text(found.window.until_ms),
            is_over=found.is_over,
            agents_count=None if found.agents is None else len(found.agents),
            changes=await self.markers(who, found.markers),
            troubles=[self._trouble(who.tenant, one) for one in found.troubles],
            more_troubles=found.more,
            compared_s=found.length_ms // 1000,
            before=work_done(found.before),
            after=work_done(found.after),
            as_of=utc_text(self._clock.now_ms()),
        )

    def _trouble(self, tenant: str, stored: StoredEvent) -> Trouble:
        event = stored.event
        live = None if event.agent_id is None else self._roster.find(AgentId(event.agent_id))
        known = live is not None and live.agent.tenant == tenant
        return Trouble(
            row_id=str(stored.row_id),
            at=utc_text(event.at_ms),
            type=event.type,
            cause=_cause_of(event),
            agent_id=event.agent_id,
            hostname=live.agent.hostname if live is not None and known else "",
            subject=event.subject,
        )

    def _marker(self, tenant: str, marker: Marker, known: _Known, *, sees_all: bool) -> ChangeMarker:
        people = known.people
        of_config = known.configs.get((marker.resource_kind, marker.resource_id))
        agents = None if marker.agents is None else sorted(marker.agents)
        actor = Named(kind=marker.actor_kind, id=marker.actor_id, name=people.get(marker.actor_id, ""))
        return ChangeMarker(
            id=str(marker.seq),
            at=utc_text(marker.at_ms),
            until=utc_text(marker.until_ms),
            kind=marker.kind.value,
            action=marker.action,
            resource=Named(kind=marker.resource_kind, id=marker.resource_id, name=self._name_of(tenant, marker, known)),
            actor=actor if sees_all or marker.kind in _OPEN else None,
            reason=marker.reason if sees_all or marker.kind in _OPEN else "",
            params={**marker.params, **_config_params(of_config)},
            agents_count=None if agents is None else len(agents),
            agents=(agents or [])[:MAX_AGENTS],
            count=marker.count,
        )

    def _name_of(self, tenant: str, marker: Marker, known: _Known) -> str:
        match marker.resource_kind:
            case "agent":
                live = self._roster.find(AgentId(marker.resource_id))
                return live.agent.hostname if live is not None and live.agent.tenant == tenant else ""
            case "group":
                groups = self._roster.groups_of(tenant)
                return next((one.name for one in groups if one.group_id == marker.resource_id), "")
            case kind if kind in _OF_CONFIGS:
                return name_of(known.configs, (kind, marker.resource_id))
            case _:
                return known.people.get(marker.resource_id, "")


def _cause_of(event: Event) -> str:
    match event.data:
        case {"cause": str() as told} if event.type.startswith("gwf.rollout."):
            return told
        case _:
            return ""


def _config_params(called: Called | None) -> dict[str, str]:
    """Return what is rolled out, and to whom: instead of ids, which people do not know."""
    if called is None:
        return {}
    return {name: value for name, value in called.facts.items() if name in {"layer_kind", "layer", "number"}}


def work_done(point: Point) -> WorkDone:
    """Return sums as they are sent."""
    return WorkDone(
        done=point.done,
        done_bytes=point.done_bytes,
        failed_attempts=point.failed,
        dead=point.dead,
        success_ratio=point.success,
    )


def _finding(one: Finding, total: int, called: Mapping[Ref, Called], *, now_ms: int) -> FindingView:
    of_rollout = called.get(("rollout", one.about.get("rollout", "")))
    return FindingView.model_validate(
        {
            "code": one.code.value,
            "level": level_of(int(one.level)),
            "value": one.value,
            "limit": one.limit,
            "unit": one.unit,
            "since": None if one.since_ms is None else utc_text(one.since_ms),
            "duration_s": None if one.since_ms is None else max(0, now_ms - one.since_ms) / 1000,
            "agents_count": len(one.agents),
            "share": len(one.agents) / total if total else 0.0,
            "agents": list(one.agents[:MAX_AGENTS]),
            "hostnames": list(one.named),
            "params": {**one.about, **_config_params(of_rollout)},
            "classes": dict(sorted(one.classes.items(), key=lambda item: (-item[1], item[0]))),
            "links": [link.model_dump() for link in _links(one)],
        }
    )


def _links(one: Finding) -> list[EvidenceLink]:
    """Return where the values of a finding can be looked up, the most telling first."""
    links: list[EvidenceLink] = []
    if one.code is FindingCode.ROLLOUT_HALTED:
        links.append(EvidenceLink(page="rollouts", query={"id": [one.about["rollout"]]}))
    if one.code in {FindingCode.FAILURES, FindingCode.STORE_UNREACHABLE}:
        about = {"store": [one.about["store"]]} if one.code is FindingCode.STORE_UNREACHABLE else {}
        links.append(EvidenceLink(page="file-events", query={"status": ["failed", "dead"], **about}))
    if one.code is FindingCode.DEAD_LETTERS:
        links.append(EvidenceLink(page="dead-letters", query={"kind": ["upload"]}))
    if one.alert_rules:
        query = {"rule": list(one.alert_rules), "status": ["firing"]}
        links.append(EvidenceLink(page="alerts", query=query))
    if one.code not in {FindingCode.ROLLOUT_HALTED, FindingCode.ALERTS_FIRING}:
        sort = _SORTS.get(one.code)
        links.append(
            EvidenceLink(page="agents", query={"finding": [one.code.value], **({"sort": [sort]} if sort else {})})
        )
    return links
