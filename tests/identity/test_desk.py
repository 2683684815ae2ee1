"""Saved views: whose they are, who sees them, who may change them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gwf.audit.model import Actor, ActorKind
from gwf.core.clock import ManualClock
from gwf.core.errors import InputError, NotFoundError
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.db.desk_store import SqlDesk
from gwf.identity import desk as module
from gwf.identity.desk import Desk, ViewWish
from gwf.identity.permissions import PERMISSIONS_OF, Role
from gwf.identity.principal import Principal, PrincipalKind
from gwf.identity.record import By

LI = Principal(
    kind=PrincipalKind.USER, id="usr_1", name="li", tenant="default", permissions=PERMISSIONS_OF[Role.OPERATOR]
)
WANG = replace(LI, id="usr_2", name="wang")
ADMIN = replace(LI, id="usr_3", name="admin", permissions=PERMISSIONS_OF[Role.ADMIN])
WISH = ViewWish(list_name="agents", name="mine", query={"state": ["offline"]})


def by(who: Principal) -> By:
    return By(tenant=who.tenant, actor=Actor(kind=ActorKind.USER, id=who.id), id=who.id)


def with_desk(work: Callable[[Desk], Awaitable[None]]) -> None:
    async def run() -> None:
        async with await open_database(parse_address("memory", data_dir=Path("/nonexistent"))) as database:
            await work(Desk(SqlDesk(database.core), ManualClock()))

    asyncio.run(run())


def test_a_shared_view_is_seen_by_all_and_changed_by_its_owner_only() -> None:
    async def work(desk: Desk) -> None:
        await desk.put_view(LI, "private-1", WISH, by=by(LI))
        await desk.put_view(LI, "shared-11", replace(WISH, name="ours", shared=True), by=by(LI))
        assert [shown.view.name for shown in await desk.views(WANG)] == ["ours"]
        with pytest.raises(NotFoundError):
            await desk.view(WANG, "private-1")
        with pytest.raises(NotFoundError):
            await desk.put_view(WANG, "shared-11", WISH, by=by(WANG))
        with pytest.raises(NotFoundError):
            await desk.delete_view(WANG, "shared-11", by=by(WANG))
        with pytest.raises(NotFoundError):
            await desk.delete_view(ADMIN, "private-1", by=by(ADMIN))
        await desk.delete_view(ADMIN, "shared-11", by=by(ADMIN))
        assert [shown.view.id for shown in await desk.views(LI)] == ["private-1"]

    with_desk(work)


def test_a_list_begins_with_one_view_of_each_person() -> None:
    async def work(desk: Desk) -> None:
        await desk.put_view(LI, "first-111", replace(WISH, shared=True, is_default=True), by=by(LI))
        await desk.put_view(LI, "second-11", replace(WISH, name="z", is_default=True), by=by(LI))
        assert [shown.is_default for shown in await desk.views(LI)] == [False, True]
        assert [shown.is_default for shown in await desk.views(WANG)] == [False]
        await desk.choose(WANG, "first-111", is_default=True)
        assert (await desk.view(WANG, "first-111")).is_default
        await desk.delete_view(LI, "second-11", by=by(LI))
        assert [shown.is_default for shown in await desk.views(LI)] == [False]

    with_desk(work)


def test_views_are_bounded_and_stay_with_their_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VIEWS", 1)

    async def work(desk: Desk) -> None:
        await desk.put_view(LI, "first-111", WISH, by=by(LI))
        with pytest.raises(InputError, match="too many"):
            await desk.put_view(LI, "second-11", WISH, by=by(LI))
        with pytest.raises(InputError, match="stays with its list"):
            await desk.put_view(LI, "first-111", replace(WISH, list_name="audit"), by=by(LI))

    with_desk(work)
