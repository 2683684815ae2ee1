"""What people do with groups of agents: make, change and remove them; who belongs to them follows at once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gwf.audit.changes import field_changes
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.control.fleet.groups import AgentGroup, GroupId, named
from gwf.control.fleet.listing import place
from gwf.control.fleet.ports import FleetStore
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.state import Thresholds
from gwf.control.selectors import Selector, parse
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError
from gwf.core.turns import pieces

MAX_GROUPS = 1_000  #: of one tenant
MAX_DESCRIPTION_CHARS = 1_000
_NAME = re.compile(r"[A-Za-z0-9\u4e00-\u9fff](?:[A-Za-z0-9\u4e00-\u9fff ._-]{0,61}[A-Za-z0-9\u4e00-\u9fff])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWish:
    """What a group is to be; None = as it is, or as usual for a new one."""

    name: str | None = None
    description: str | None = None
    #: "" = no selector: only agents that are put in by name
    selector: str | None = None
    priority: int | None = None
    thresholds: Thresholds | None = None
    #: work by the usual thresholds again
    drop_thresholds: bool = False
    #: the group as the person saw it; None = whatever it is
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Who would belong to a group by another selector; agents by hostname."""

    members: Sequence[Live]
    #: of the members, those put in by name
    by_name: int
    joining: Sequence[Live]
    leaving: Sequence[Live]


class GroupDesk:
    """Used in one event loop."""

    def __init__(self, store: FleetStore, roster: Roster, clock: Clock) -> None:
        """Take the parts."""
        self._store = store
        self._roster = roster
        self._clock = clock

    def groups(self, tenant: str) -> Sequence[AgentGroup]:
        """Return the groups of a tenant, by name."""
        return self._roster.groups_of(tenant)

    def group(self, tenant: str, name: str) -> AgentGroup:
        """Return a group by id or name.

        Raises:
            NotFoundError: The tenant has none.
        """
        return named(self._roster.groups_of(tenant), name)

    def members(self, tenant: str) -> dict[GroupId, int]:
        """Return how many agents belong to each group now."""
        counts = {group.group_id: 0 for group in self._roster.groups_of(tenant)}
        for live in self._roster.of_tenant(tenant):
            for group in live.membership.groups:
                counts[group.group_id] = counts.get(group.group_id, 0) + 1
        return counts

    async def preview(self, tenant: str, name: str | None, selector: str) -> Moves:
        """Return who would belong to a group if it had this selector; None = to a group that does not exist yet.

        Raises:
            NotFoundError: The tenant has none of this id or name.
            SelectorError: The selector cannot be read.
        """
        group_id = None if name is None else self.group(tenant, name).group_id
        wanted = parse(selector) if selector.strip() else None
        members, joining, leaving, by_name = list[Live](), list[Live](), list[Live](), 0
        async for some in pieces(sorted(self._roster.of_tenant(tenant), key=place)):
            for live in some:
                was = any(group.group_id == group_id for group in live.membership.groups)
                pinned = group_id is not None and live.agent.group_id == group_id
                will = pinned or (wanted is not None and wanted.matches(live.agent.all_labels))
                by_name += pinned
                if will:
                    members.append(live)
                if will and not was:
                    joining.append(live)
                if was and not will:
                    leaving.append(live)
        return Moves(members=members, by_name=by_name, joining=joining, leaving=leaving)

    async def create(self, tenant: str, wish: GroupWish, *, by: Caller) -> AgentGroup:
        """Make a group.

        Raises:
            InputError: The name, the selector or a threshold is wrong, or there are too many groups.
            ConflictError: The name is taken.
            UnavailableError: The database did not answer.
        """
        if len(self._roster.groups_of(tenant)) >= MAX_GROUPS:
            raise InputError("there are too many groups", limit=MAX_GROUPS)
        now_ms = self._clock.now_ms()
        blank = AgentGroup(
            group_id=GroupId("grp_" + secrets.token_hex(8)),
            tenant=tenant,
            name="",
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )
        group = _as_wished(blank, wish)
        async with self._store.change() as change:
            await change.put_group(group)
            change.record(_entry(None, group, action="group.create", by=by, at_ms=now_ms))
            groups = await change.groups()
        self._roster.take_groups(groups)
        return group

    async def change(self, tenant: str, name: str, wish: GroupWish, *, by: Caller) -> AgentGroup:
        """Change a group.

        Raises:
            NotFoundError: The tenant has none of this id or name.
            InputError: The name, the selector or a threshold is wrong.
            ConflictError: The name is taken, or somebody changed it since `wish.revision`.
            UnavailableError: The database did not answer.
        """
        async with self._store.change() as change:
            before = _of_tenant(await change.groups(), tenant, name)
            if wish.revision is not None and wish.revision != before.revision:
                raise ConflictError("the group was changed meanwhile", revision=before.revision)
            after = _as_wished(before, wish)
            if after != before:
                now_ms = self._clock.now_ms()
                after = replace(after, updated_at_ms=now_ms, revision=before.revision + 1)
                await change.put_group(after)
                change.record(_entry(before, after, action="group.update", by=by, at_ms=now_ms))
            groups = await change.groups()
        self._roster.take_groups(groups)
        return after

    async def delete(self, tenant: str, name: str, *, by: Caller) -> None:
        """Remove a group; agents that were put in by name are in no group by name then.

        Raises:
            NotFoundError: The tenant has none of this id or name.
            UnavailableError: The database did not answer.
        """
        async with self._store.change() as change:
            group = _of_tenant(await change.groups(), tenant, name)
            now_ms = self._clock.now_ms()
            freed = await change.delete_group(group.group_id, now_ms=now_ms)
            entry = _entry(group, None, action="group.delete", by=by, at_ms=now_ms)
            change.record(replace(entry, detail={"agents": freed}))
            groups = await change.groups()
        self._roster.take_groups(groups)
        for live in self._roster.of_tenant(tenant):
            if live.agent.group_id == group.group_id:
                agent = live.agent
                self._roster.take_agent(replace(agent, group_id=None, revision=agent.revision + 1))


def _of_tenant(groups: Sequence[AgentGroup], tenant: str, name: str) -> AgentGroup:
    return named((group for group in groups if group.tenant == tenant), name)


def _as_wished(group: AgentGroup, wish: GroupWish) -> AgentGroup:
    name = (group.name if wish.name is None else wish.name).strip()
    if not _NAME.fullmatch(name):
        raise InputError("a group's name is 1 to 63 letters, digits, blanks, dots, dashes", field="name", name=name)
    description = group.description if wish.description is None else wish.description
    if len(description) > MAX_DESCRIPTION_CHARS:
        raise InputError("the description is too long", field="description", limit=MAX_DESCRIPTION_CHARS)
    return replace(
        group,
        name=name,
        description=description,
        selector=group.selector if wish.selector is None else _selector(wish.selector),
        priority=group.priority if wish.priority is None else wish.priority,
        thresholds=None if wish.drop_thresholds else wish.thresholds or group.thresholds,
    )


def _selector(text: str) -> Selector | None:
    return parse(text) if text.strip() else None


def _entry(before: AgentGroup | None, after: AgentGroup | None, *, action: str, by: Caller, at_ms: int) -> AuditEntry:
    one = after or before
    if one is None:
        raise ValueError("neither before nor after")
    return AuditEntry(
        tenant=one.tenant,
        actor=by.actor,
        action=action,
        resource=Resource(kind="group", id=one.group_id),
        at_ms=at_ms,
        reason=by.reason,
        request_id=by.request_id,
        changes=field_changes(None if before is None else before.facts(), None if after is None else after.facts()),
    )
