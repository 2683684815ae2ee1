"""/api/v1/dlq: the dead letters of the centre, by cause; done again or given up, one or many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import actor_of
from gwf.api.cursor import MAX_CHARS, read_cursor, write_cursor
from gwf.api.names import Named, Names, Ref
from gwf.api.principal import Permission, Principal, require
from gwf.api.problems import request_id_of
from gwf.api.v1.audit_filters import Instant, milliseconds
from gwf.api.v1.author import word
from gwf.api.v1.dlqviews import (
    groups_view,
    letter_detail,
    letter_item,
    probe_view,
    rehearsal_view,
    run_view,
    wish_of,
)
from gwf.core.clock import utc_text
from gwf.identity.errors import PermissionMissingError
from gwf.letters.desk import By, LetterDesk, Wish
from gwf.letters.model import Letter, LetterFilter, LetterId, LetterKind, LetterState, RunAct, RunId
from gwf.wire.dlq import (
    DropLetters,
    LetterClassName,
    LetterDetail,
    LetterFacets,
    LetterGroups,
    LetterKindName,
    LetterOutcome,
    LetterPage,
    LetterRuns,
    LetterRunView,
    LetterStateName,
    ProbeOrder,
    ProbeView,
    ReplayLetters,
    StopOrder,
)

LetterInPath = Annotated[str, Path(pattern=r"^ltr-[0-9a-f]{24}$", max_length=40)]
RunInPath = Annotated[str, Path(pattern=r"^run-[0-9a-f]{16}$", max_length=40)]
Asking = Annotated[Principal, require(Permission.TASKS_READ)]
Acting = Annotated[Principal, require(Permission.TASKS_RUN)]
Words = Annotated[list[Annotated[str, Query(min_length=1, max_length=500)]], Query(max_length=100)]
CauseWords = Annotated[list[Annotated[str, Query(pattern=r"^[0-9a-f]{16}$")]], Query(max_length=100)]
DryRun = Annotated[bool, Query(description="change nothing: say what it would do")]


def _narrowed(
    *,
    state: Annotated[
        list[LetterStateName], Query(max_length=5, description="may be repeated, as every filter; none = open")
    ] = [],  # noqa: B006  # FastAPI copies defaults
    kind: Annotated[list[LetterKindName], Query(max_length=6)] = [],  # noqa: B006
    error_class: Annotated[list[LetterClassName], Query(max_length=12)] = [],  # noqa: B006
    cause: CauseWords = [],  # noqa: B006
    place: Words = [],  # noqa: B006
    agent: Words = [],  # noqa: B006
    rule: Words = [],  # noqa: B006
    run: Annotated[str | None, Query(max_length=40, description="that this run took last")] = None,
    poison: Annotated[bool | None, Query(description="that failed again after a replay, or not")] = None,
    since: Instant = None,
    until: Instant = None,
    text: Annotated[str, Query(max_length=200, description="in what it is about, message or id")] = "",
) -> LetterFilter:
    return LetterFilter(
        states=frozenset(map(LetterState, state)) or frozenset({LetterState.OPEN}),
        kinds=frozenset(map(LetterKind, kind)), error_classes=frozenset(error_class), causes=frozenset(cause),
        places=frozenset(place), agents=frozenset(agent), rules=frozenset(rule),
        run_id=None if run is None else RunId(run), poison=poison, since_ms=milliseconds(since),
        until_ms=milliseconds(until), text=text,
    )  # fmt: skip


Narrowed = Annotated[LetterFilter, Depends(_narrowed)]


def letter_routes(desk: LetterDesk, names: Names) -> APIRouter:
    """Return the routes that show dead letters; `names` knows the agents."""
    router = APIRouter(prefix="/dlq", tags=["dead letters"])

    @router.get("", summary="Dead letters of the centre, the last failed first")
    async def list_letters(
        who: Asking,
        wanted: Narrowed,
        *,
        facets: Annotated[bool, Query(description="count by kind, state, class, place and agent too")] = False,
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS, description="next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> LetterPage:
        found = await desk.look(who.tenant, wanted, limit=limit, after=read_cursor(cursor), facets=facets)
        last = found.items[-1] if len(found.items) == limit else None
        known = await _known(names, who, *found.items)
        return LetterPage(
            items=[letter_item(letter, known) for letter in found.items],
            next_cursor=None if last is None else write_cursor(last.last_seen_ms, last.letter_id),
            total=found.total,
            facets=None if found.facets is None else LetterFacets.model_validate(found.facets),
            as_of=utc_text(desk.now_ms()),
        )

    @router.get("/groups", summary="Dead letters by cause, the largest group first")
    async def list_letter_groups(who: Asking, wanted: Narrowed) -> LetterGroups:
        return groups_view(await desk.groups(who.tenant, wanted), now_ms=desk.now_ms())

    @router.get("/runs", summary="Runs over dead letters, the newest first")
    async def list_letter_runs(who: Asking, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> LetterRuns:
        return LetterRuns(items=[run_view(one) for one in await desk.runs(who.tenant, limit=limit)])

    @router.get("/runs/{run_id}", summary="A run, and where its letters are now")
    async def get_letter_run(who: Asking, run_id: RunInPath) -> LetterRunView:
        return run_view(await desk.run(who.tenant, RunId(run_id)))

    @router.get("/{letter_id}", summary="A dead letter, and what a replay would do")
    async def get_letter(who: Asking, letter_id: LetterInPath) -> LetterDetail:
        letter, content = await desk.get(who.tenant, LetterId(letter_id))
        probe = await desk.last_probe(who.tenant, letter.cause_id)
        return letter_detail(letter, content, await _known(names, who, letter), probe=probe)

    return router


def letter_orders(desk: LetterDesk, names: Names) -> APIRouter:
    """Return the routes by which people act on dead letters."""
    router = APIRouter(tags=["dead letters"], route_class=ActRoute)

    async def outcome(request: Request, who: Principal, wish: Wish, *, dry_run: bool) -> LetterOutcome:
        if not wish.wanted.kinds:
            missing = Permission.FLEET_OPERATE.value
            raise PermissionMissingError("this needs a permission that you do not have", permission=missing)
        if dry_run:
            found = await desk.rehearse(who.tenant, wish)
            agents = {letter.agent_id for letter, _ in found.items} | {one.agent_id for one in found.away}
            known = await names.of(who.tenant, {("agent", name) for name in agents if name})
            return LetterOutcome(dry_run=True, run=None, rehearsal=rehearsal_view(found, known))
        run = await desk.order(wish, _by(request, who))
        return LetterOutcome(dry_run=False, run=run_view(await desk.run(who.tenant, run.run_id)), rehearsal=None)

    @router.post("/dlq:replay", summary="Do dead letters again, at a pace, or with dry_run say what that would do")
    async def replay_letters(
        request: Request, who: Acting, order: Annotated[ReplayLetters, Body()], *, dry_run: DryRun = False
    ) -> LetterOutcome:
        return await outcome(request, who, wish_of(order, RunAct.REPLAY, _kinds(who)), dry_run=dry_run)

    @router.post("/dlq:drop", summary="Give dead letters up for good, or with dry_run say which")
    async def drop_letters(
        request: Request, who: Acting, order: Annotated[DropLetters, Body()], *, dry_run: DryRun = False
    ) -> LetterOutcome:
        return await outcome(request, who, wish_of(order, RunAct.DROP, _kinds(who)), dry_run=dry_run)

    @router.post("/dlq/runs/{run_id}:stop", summary="End a run; what it did not get to is open again")
    async def stop_letter_run(
        request: Request, who: Acting, run_id: RunInPath, order: Annotated[StopOrder, Body()]
    ) -> LetterRunView:
        return run_view(await desk.stop(RunId(run_id), _by(request, who), reason=word(order.reason)))

    return router


def letter_probes(desk: LetterDesk) -> APIRouter:
    """Return the route that looks whether a cause is gone; it does nothing, so nothing of it is on record."""
    router = APIRouter(tags=["dead letters"])

    @router.post("/dlq:probe", summary="Look whether a cause is gone, by what can be asked without doing anything")
    async def probe_letters(who: Acting, order: Annotated[ProbeOrder, Body()]) -> ProbeView:
        return probe_view(await desk.probe(who.tenant, order.cause_id))

    return router


def _kinds(who: Principal) -> frozenset[LetterKind]:
    """Return the kinds that somebody may act on: files of hosts need the right to act on hosts."""
    every = frozenset(LetterKind)
    return every if who.may(Permission.FLEET_OPERATE) else every - {LetterKind.UPLOAD}


async def _known(names: Names, who: Principal, *letters: Letter) -> Mapping[Ref, Named]:
    return await names.of(who.tenant, {("agent", one.agent_id) for one in letters if one.agent_id})


def _by(request: Request, who: Principal) -> By:
    return By(
        tenant=who.tenant, actor=actor_of(request, who), name=who.name, request_id=request_id_of(request.scope)
    )  # fmt: skip
