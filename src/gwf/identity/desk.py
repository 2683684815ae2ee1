"""What people keep for themselves at the console: how it looks, and saved views of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

from gwf.audit.changes import field_changes
from gwf.audit.model import AuditEntry, Resource
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.identity.permissions import Permission
from gwf.identity.principal import Principal
from gwf.identity.record import By

MAX_VIEWS = 200  #: of one owner


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A list as somebody wants to see it again."""

    id: str
    tenant: str
    #: who made it, see `Principal.owner`
    owner: str
    #: as people know them
    owner_name: str
    #: of which it is a view, for example agents
    list_name: str
    name: str
    #: everybody of the tenant sees it
    shared: bool = False
    #: parameters of the list, by name
    query: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    #: shown ones in their order; None = as usual
    columns: tuple[str, ...] | None = None
    created_at_ms: int
    updated_at_ms: int
    revision: int = 1

    def facts(self) -> dict[str, object]:
        """Return what an audit entry compares."""
        return {
            "list_name": self.list_name,
            "name": self.name,
            "shared": self.shared,
            "query": {name: list(values) for name, values in self.query.items()},
            "columns": None if self.columns is None else list(self.columns),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewWish:
    """What a view is to be."""

    list_name: str
    name: str
    shared: bool = False
    query: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    columns: tuple[str, ...] | None = None
    #: the owner's list begins with it
    is_default: bool = False
    #: the view as it was seen; None = whatever it is
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownView:
    """A view as one person sees it."""

    view: SavedView
    #: this person's list begins with it
    is_default: bool


class DeskReads(Protocol):
    """Preferences and views at one moment."""

    async def preferences(self, tenant: str, owner: str) -> Mapping[str, object]:
        """Return what somebody chose; empty when they chose nothing."""
        ...

    async def view_of(self, tenant: str, view_id: str) -> SavedView | None:
        """Return a view, None if there is none."""
        ...

    async def views(self, tenant: str, owner: str, list_name: str | None) -> Sequence[SavedView]:
        """Return the views of an owner and the shared ones of all others, by name."""
        ...

    async def defaults(self, tenant: str, owner: str) -> Mapping[str, str]:
        """Return the id of the view that each list of somebody begins with."""
        ...

    async def count_views(self, tenant: str, owner: str) -> int:
        """Return how many views somebody has."""
        ...


class DeskChange(DeskReads, Protocol):
    """A transaction over preferences and views."""

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        ...

    async def put_preferences(self, tenant: str, owner: str, chosen: Mapping[str, object], *, at_ms: int) -> None:
        """Write what somebody chose, whole."""
        ...

    async def put_view(self, view: SavedView) -> None:
        """Write a view, new or changed."""
        ...

    async def delete_view(self, tenant: str, view_id: str) -> None:
        """Remove a view and every choice of it."""
        ...

    async def put_default(self, tenant: str, owner: str, list_name: str, *, view_id: str | None) -> None:
        """Let a list begin with a view; None = with none."""
        ...


class DeskStore(Protocol):
    """Where they are kept. Every call raises UnavailableError when the database does not answer."""

    def view(self) -> AbstractAsyncContextManager[DeskReads]:
        """Open a moment to read from."""
        ...

    def change(self) -> AbstractAsyncContextManager[DeskChange]:
        """Open a transaction, committed at the end of the block."""
        ...


class Desk:
    """What may be done with preferences and views."""

    def __init__(self, store: DeskStore, clock: Clock) -> None:
        """Keep everything in `store`."""
        self._store = store
        self._clock = clock

    async def preferences(self, who: Principal) -> Mapping[str, object]:
        """Return what somebody chose; empty when they chose nothing."""
        async with self._store.view() as reads:
            return await reads.preferences(who.tenant, who.owner)

    async def put_preferences(self, who: Principal, chosen: Mapping[str, object]) -> None:
        """Keep what somebody chose. It is nobody else's business, so it is not on record."""
        async with self._store.change() as change:
            await change.put_preferences(who.tenant, who.owner, chosen, at_ms=self._clock.now_ms())

    async def views(self, who: Principal, list_name: str | None = None) -> list[ShownView]:
        """Return one's own views and those that others share, of one list or of all."""
        async with self._store.view() as reads:
            found = await reads.views(who.tenant, who.owner, list_name)
            defaults = await reads.defaults(who.tenant, who.owner)
        return [ShownView(view=view, is_default=defaults.get(view.list_name) == view.id) for view in found]

    async def view(self, who: Principal, view_id: str) -> ShownView:
        """Return a view.

        Raises:
            NotFoundError: There is none of this id that they may see.
        """
        async with self._store.view() as reads:
            return await _shown(reads, who, view_id)

    async def put_view(self, who: Principal, view_id: str, wish: ViewWish, *, by: By) -> ShownView:
        """Make a view, or make it anew.

        Raises:
            NotFoundError: The id is that of a view of somebody else.
            ConflictError: Somebody changed it since `wish.revision`.
            InputError: There are too many views, or the list of a view was to change.
        """
        async with self._store.change() as change:
            before = await change.view_of(who.tenant, view_id)
            if before is None:
                await _check_room(change, who)
            view = self._wished(before, who, wish, view_id=view_id)
            await change.put_view(view)
            if wish.is_default or before is not None:
                await _choose(change, who, view, is_default=wish.is_default)
            change.record(_entry(before, view, by, at_ms=view.updated_at_ms))
        return ShownView(view=view, is_default=wish.is_default)

    async def choose(self, who: Principal, view_id: str, *, is_default: bool) -> ShownView:
        """Let one's own list begin with a view, or no longer.

        Raises:
            NotFoundError: There is none of this id that they may see.
        """
        async with self._store.change() as change:
            shown = await _shown(change, who, view_id)
            await _choose(change, who, shown.view, is_default=is_default)
        return replace(shown, is_default=is_default)

    async def delete_view(self, who: Principal, view_id: str, *, by: By) -> None:
        """Remove one's own view; who manages people may remove shared ones of others.

        Raises:
            NotFoundError: There is none of this id that they may remove.
        """
        async with self._store.change() as change:
            view = await change.view_of(who.tenant, view_id)
            may = view is not None and (view.owner == who.owner or (view.shared and who.may(Permission.USERS_MANAGE)))
            if view is None or not may:
                raise NotFoundError("no view of yours has this id", view_id=view_id)
            await change.delete_view(who.tenant, view_id)
            change.record(_entry(view, None, by, at_ms=self._clock.now_ms()))

    def _wished(self, before: SavedView | None, who: Principal, wish: ViewWish, *, view_id: str) -> SavedView:
        now_ms = self._clock.now_ms()
        if before is not None and before.owner != who.owner:
            raise NotFoundError("no view of yours has this id", view_id=view_id)
        if before is not None and wish.revision not in {None, before.revision}:
            raise ConflictError("the view was changed meanwhile", view_id=view_id, revision=before.revision)
        if before is not None and before.list_name != wish.list_name:
            raise InputError(
                "a view stays with its list: save a new one", field="list_name", list_name=before.list_name
            )
        return SavedView(
            id=view_id,
            tenant=who.tenant,
            owner=who.owner,
            owner_name=who.name,
            list_name=wish.list_name,
            name=wish.name,
            shared=wish.shared,
            query=wish.query,
            columns=wish.columns,
            created_at_ms=now_ms if before is None else before.created_at_ms,
            updated_at_ms=now_ms,
            revision=1 if before is None else before.revision + 1,
        )


async def _shown(reads: DeskReads, who: Principal, view_id: str) -> ShownView:
    view = await reads.view_of(who.tenant, view_id)
    if view is None or not (view.shared or view.owner == who.owner):
        raise NotFoundError("no view has this id", view_id=view_id)
    defaults = await reads.defaults(who.tenant, who.owner)
    return ShownView(view=view, is_default=defaults.get(view.list_name) == view.id)


async def _choose(change: DeskChange, who: Principal, view: SavedView, *, is_default: bool) -> None:
    if is_default:
        await change.put_default(who.tenant, who.owner, view.list_name, view_id=view.id)
    elif (await change.defaults(who.tenant, who.owner)).get(view.list_name) == view.id:
        await change.put_default(who.tenant, who.owner, view.list_name, view_id=None)


async def _check_room(reads: DeskReads, who: Principal) -> None:
    if await reads.count_views(who.tenant, who.owner) >= MAX_VIEWS:
        raise InputError("you have too many views: remove some first", limit=MAX_VIEWS)


def _entry(before: SavedView | None, after: SavedView | None, by: By, *, at_ms: int) -> AuditEntry:
    one = after or before
    if one is None:
        raise ValueError("neither before nor after")
    verb = "delete" if after is None else "create" if before is None else "change"
    return AuditEntry(
        tenant=by.tenant,
        actor=by.actor,
        action=f"view.{verb}",
        resource=Resource(kind="view", id=one.id),
        at_ms=at_ms,
        reason=by.reason,
        request_id=by.request_id,
        changes=field_changes(None if before is None else before.facts(), None if after is None else after.facts()),
    )
