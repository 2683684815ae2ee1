"""Looks for a text among all kinds of things at once, each kind for so long and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.audit.service import AuditService
from gwf.control.fleet.listing import AgentFilter, Order
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.service import FleetService
from gwf.control.rollout.ports import Page, RolloutFilter, VersionFilter
from gwf.control.rollout.service import RolloutService
from gwf.control.rollout.versions import ConfigService
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import NotFoundError
from gwf.events.ports import EventFilter, EventReads, FileEventFilter, PageWish, Span
from gwf.identity.model import Page as IdentityPage
from gwf.identity.model import UserFilter
from gwf.identity.permissions import Permission
from gwf.identity.principal import Principal
from gwf.identity.users import Users
from gwf.rules.service import RuleService
from gwf.wire.search import HitKind, SearchHit, SearchResult

PATIENCE_S = 2.0  #: for each kind
RECENT = 500  #: newest versions and rollouts that are looked through
PATHS_BACK_MS = 7 * 86_400_000  #: paths are looked for by their beginning
TEXT_BACK_MS = 6 * 3_600_000  #: other texts of files and events, which no index helps with

NEEDED: Mapping[HitKind, Permission] = {
    "agent": Permission.FLEET_READ,
    "group": Permission.FLEET_READ,
    "rollout": Permission.CONFIG_READ,
    "config_version": Permission.CONFIG_READ,
    "rule": Permission.RULES_READ,
    "file": Permission.EVENTS_READ,
    "event": Permission.EVENTS_READ,
    "user": Permission.USERS_MANAGE,
    "audit": Permission.AUDIT_READ,
}
Look = Callable[[Principal, str, int], Awaitable[Sequence[SearchHit]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinderParts:
    """Where is looked."""

    fleet: FleetService
    rollouts: RolloutService
    configs: ConfigService
    users: Users
    audit: AuditService
    events: EventReads
    rules: RuleService
    clock: Clock


class Finder:
    """Used in one event loop."""

    def __init__(self, parts: FinderParts) -> None:
        """Look into these."""
        self._parts = parts
        self._looks: Mapping[HitKind, Look] = {
            "agent": self._agents,
            "group": self._groups,
            "rollout": self._rollouts,
            "config_version": self._versions,
            "rule": self._rules,
            "file": self._files,
            "event": self._events,
            "user": self._users,
            "audit": self._entry,
        }

    async def find(self, who: Principal, text: str, *, limit: int) -> SearchResult:
        """Return what was found; kinds that take too long are named."""
        allowed: list[HitKind] = [kind for kind, needed in NEEDED.items() if who.may(needed)]
        found = await asyncio.gather(*(self._in_time(self._looks[kind](who, text, limit + 1)) for kind in allowed))
        items: list[SearchHit] = []
        more: list[HitKind] = []
        slow: list[HitKind] = []
        for kind, hits in zip(allowed, found, strict=True):
            if hits is None:
                slow.append(kind)
                continue
            items += _best(hits, text)[:limit]
            if len(hits) > limit:
                more.append(kind)
        left_out: list[HitKind] = [kind for kind in NEEDED if kind not in allowed]
        as_of = utc_text(self._parts.clock.now_ms())
        return SearchResult(items=items, more=more, left_out=left_out, too_slow=slow, as_of=as_of)

    async def _in_time(self, look: Awaitable[Sequence[SearchHit]]) -> Sequence[SearchHit] | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await look
        except TimeoutError:  # the answer names the kind
            return None

    async def _agents(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:
        listed = await self._parts.fleet.agents(
            who.tenant, AgentFilter(text=text), Order(now_ms=self._parts.fleet.steady.now_ms()), after=None, limit=limit
        )
        return [
            _hit("agent", live.agent.agent_id, live.agent.hostname, ip=live.agent.ip, condition=live.condition().value)
            for live in listed.items
        ]

    async def _groups(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:
        groups = self._parts.fleet.groups(who.tenant)
        found = (one for one in groups if _holds(text, one.group_id, one.name, one.description))
        return [_hit("group", one.group_id, one.name, description=one.description) for one in found][:limit]

    async def _rollouts(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:
        recent = await self._parts.rollouts.page(who.tenant, RolloutFilter(), Page(limit=RECENT))
        found = (one for one in recent if _holds(text, one.id, one.author, one.reason, one.version, one.layer))
        return [
            _hit("rollout", one.id, one.id, status=one.state.status.value, author=one.author, reason=one.reason)
            for one in found
        ][:limit]

    async def _versions(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:
        recent = await self._parts.configs.versions(who.tenant, VersionFilter(), Page(limit=RECENT))
        found = (one for one in recent if _holds(text, one.id, one.author, one.reason, one.layer, one.hash))
        return [
            _hit(
                "config_version", one.id, one.id,
                number=str(one.number), layer=one.layer, author=one.author, reason=one.reason,
            )
            for one in found
        ][:limit]  # fmt: skip

    async def _rules(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:
        heads = await self._parts.rules.heads(who.tenant)
        found = (one for one in heads if _holds(text, one.rule_id, one.name))
        return [_hit("rule", one.rule_id, one.name, state=one.state.value) for one in found][:limit]

    async def _files(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:
        is_path = text.startswith("/")
        now_ms = self._parts.clock.now_ms()
        span = Span(since_ms=now_ms - (PATHS_BACK_MS if is_path else TEXT_BACK_MS), until_ms=now_ms)
        wanted = FileEventFilter(
            tenant=who.tenant, span=span, path_prefix=text if is_path else None, text=None if is_path else text
        )
        page = await self._parts.events.file_events(wanted, PageWish(limit=10 * limit))
        newest: dict[tuple[str, str], SearchHit] = {}
        for stored in page.items:
            event = stored.event
            host = self._hostname(who.tenant, event.agent_id)
            hit = _hit(
                "file", str(stored.row_id), event.path, agent=event.agent_id, host=host, status=event.status.word
            )
            newest.setdefault((event.agent_id, event.path), hit)
        return list(newest.values())[:limit]

    async def _events(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:
        now_ms = self._parts.clock.now_ms()
        wanted = EventFilter(tenant=who.tenant, span=Span(since_ms=now_ms - TEXT_BACK_MS, until_ms=now_ms), text=text)
        page = await self._parts.events.events(wanted, PageWish(limit=limit))
        return [
            _hit(
                "event", str(stored.row_id), stored.event.type,
                host=self._hostname(who.tenant, stored.event.agent_id or ""), subject=stored.event.subject or "",
                severity=stored.event.severity.word, at=utc_text(stored.event.at_ms),
            )
            for stored in page.items
        ]  # fmt: skip

    def _hostname(self, tenant: str, agent_id: str) -> str:
        try:
            return self._parts.fleet.agent(tenant, AgentId(agent_id)).agent.hostname
        except NotFoundError:  # deleted since; its events stay
            return ""

    async def _users(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:
        found = await self._parts.users.page(who.tenant, IdentityPage(limit=limit), UserFilter(text=text))
        return [_hit("user", one.id, one.name, display_name=one.display_name, role=one.role.value) for one in found]

    async def _entry(self, who: Principal, text: str, limit: int) -> Sequence[SearchHit]:  # noqa: ARG002 - there is one
        number = text.removeprefix("#")
        if not number.isdecimal() or len(number) > 15 or int(number) == 0:
            return []
        try:
            row = await self._parts.audit.get(who.tenant, int(number))
        except NotFoundError:
            return []
        return [_hit("audit", number, row.action, resource=row.resource_id, at=utc_text(row.at_ms))]


def _hit(kind: HitKind, id_: str, title: str, **params: str) -> SearchHit:
    return SearchHit(kind=kind, id=id_, title=title, params={name: value for name, value in params.items() if value})


def _holds(text: str, *words: str) -> bool:
    wanted = text.casefold()
    return any(wanted in word.casefold() for word in words)


def _best(hits: Iterable[SearchHit], text: str) -> list[SearchHit]:
    """Return what is called so, then what begins so, then the rest in its order."""
    wanted = text.casefold()

    def rank(hit: SearchHit) -> int:
        names = (hit.title.casefold(), hit.id.casefold())
        return 0 if wanted in names else 1 if any(name.startswith(wanted) for name in names) else 2

    return sorted(hits, key=rank)
