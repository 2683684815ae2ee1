"""/api/v1/agents/…/config and /api/v1/config-drift: what single agents should run, and what they run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request

from gwf.api.acts import ActRoute
from gwf.api.caller import caller_of
from gwf.api.ports import Document
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.author import word
from gwf.api.v1.config_layers import (
    DOCUMENT_BODY,
    CursorInQuery,
    DryRun,
    IdInPath,
    LimitInQuery,
    ReasonInQuery,
    layer_view,
)
from gwf.api.v1.document import whole_document
from gwf.api.v1.rolloutviews import (
    attempt_view,
    change_views,
    drift_item,
    fault_views,
    impact_view,
    next_cursor,
    page_of,
    rollout_view,
    shown,
    version_summary,
)
from gwf.control.config.model import Layer
from gwf.control.rollout.ports import AgentNow
from gwf.control.rollout.service import RolloutService
from gwf.control.rollout.standing import DRIFTED, Standing
from gwf.control.rollout.versions import AgentConfig, ConfigService, LayerFacts
from gwf.wire.rollouts import (
    AgentConfigOutcome,
    AgentConfigView,
    AttemptPage,
    DriftPage,
    OfferedAgain,
    OriginView,
    RolloutOrder,
    StandingName,
)

Asking = Annotated[Principal, require(Permission.CONFIG_READ)]
Running = Annotated[Principal, require(Permission.ROLLOUT_RUN)]
Writing = Annotated[Principal, require(Permission.CONFIG_WRITE)]
Standings = Annotated[
    list[StandingName], Query(max_length=10, description="may be repeated; default: all that drifted")
]


def agent_config_routes(configs: ConfigService, rollouts: RolloutService) -> APIRouter:
    """Return the routes of one agent's configuration."""
    router = APIRouter(prefix="/agents", tags=["fleet configuration"], route_class=ActRoute)

    @router.get("/{agent_id}/config", summary="What an agent should run, where each value comes from, what it runs")
    async def get_agent_config(who: Asking, agent_id: IdInPath) -> AgentConfigView:
        return _view(configs.agent(who.tenant, agent_id), configs.name_of)

    @router.post(
        "/{agent_id}/config",
        status_code=201,
        summary="Write a version for one agent and roll it out there at once",
        openapi_extra=DOCUMENT_BODY,
    )
    async def set_agent_config(
        request: Request,
        who: Writing,
        agent_id: IdInPath,
        document: Annotated[Document, Depends(whole_document)],
        *,
        reason: ReasonInQuery = "",
        dry_run: DryRun = False,
    ) -> AgentConfigOutcome:
        caller = caller_of(request, who, word(reason))
        done = await rollouts.set_agent(who.tenant, agent_id, document, caller=caller, dry_run=dry_run)
        return AgentConfigOutcome(
            dry_run=dry_run,
            version=version_summary(done.draft.version),
            changes=change_views(done.draft.changes),
            rollout=rollout_view(done.prospect.rollout),
            impact=impact_view(done.prospect.impact),
        )

    @router.post("/{agent_id}/config:retry", summary="Let what an agent refused be offered to it again")
    async def retry_agent_config(
        request: Request, who: Running, agent_id: IdInPath, order: Annotated[RolloutOrder, Body()]
    ) -> OfferedAgain:
        caller = caller_of(request, who, word(order.reason))
        return OfferedAgain(agent_id=agent_id, hash=await rollouts.offer_again(who.tenant, agent_id, caller=caller))

    @router.get("/{agent_id}/config-attempts", summary="Offers of configurations to an agent, newest first")
    async def list_agent_attempts(
        who: Asking, agent_id: IdInPath, *, cursor: CursorInQuery = None, limit: LimitInQuery = 50
    ) -> AttemptPage:
        page = page_of(cursor, limit)
        found = await rollouts.attempts_at(who.tenant, agent_id, page)
        places = [(attempt.offered_at_ms, attempt.id) for attempt in found]
        return AttemptPage(items=[attempt_view(attempt) for attempt in found], next_cursor=next_cursor(places, page))

    return router


def drift_routes(configs: ConfigService) -> APIRouter:
    """Return the route that shows agents that work by something else than they should."""
    router = APIRouter(prefix="/config-drift", tags=["fleet configuration"])

    @router.get("", summary="Agents by how their configuration stands")
    async def list_config_drift(
        who: Asking,
        *,
        standing: Standings = [],  # noqa: B006  # FastAPI copies defaults
        cursor: CursorInQuery = None,
        limit: LimitInQuery = 50,
    ) -> DriftPage:
        page = page_of(cursor, limit)
        after = "" if page.after is None else page.after[1]
        wanted = set(standing) or {word.value for word in DRIFTED}
        counts: Counter[StandingName] = Counter()
        found: list[tuple[AgentNow, Standing]] = []
        for now, known in configs.standings(who.tenant):
            counts[known.word.value] += 1
            if known.word.value in wanted and now.agent > after:
                found.append((now, known))
        found.sort(key=lambda item: item[0].agent)
        items = found[:limit]
        return DriftPage(
            items=[drift_item(now.agent, known, local=now.local) for now, known in items],
            counts=dict(counts),
            next_cursor=next_cursor([(0, now.agent) for now, _ in items], page) if len(found) > limit else None,
        )

    return router


def _view(config: AgentConfig, name_of: Callable[[Layer], str]) -> AgentConfigView:
    standing, effective = config.standing, config.effective
    versions = {version.id: version for version in config.versions}
    layers = [
        LayerFacts(layer=layer, current=versions.get(layer.current) if layer.current else None, rollout=None)
        for layer in config.layers
    ]
    return AgentConfigView(
        agent_id=config.agent.agent,
        standing=standing.word.value,
        wanted_hash=standing.wanted,
        running_hash=standing.running,
        local=config.agent.local,
        document=shown(effective.document),
        origins={
            pointer: OriginView(layer_id=origin.layer, version_id=origin.version)
            for pointer, origin in effective.origins.items()
        },
        layers=[layer_view(facts, name_of(facts.layer)) for facts in layers],
        versions=[version_summary(version) for version in config.versions],
        faults=fault_views(config.faults),
        attempt=None if standing.attempt is None else attempt_view(standing.attempt),
    )
