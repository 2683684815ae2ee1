"""/api/v1/search: one text among all kinds of things, for the command palette."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from gwf.api.finder import Finder
from gwf.api.principal import Principal, require_login
from gwf.wire.search import SearchResult


def search_routes(finder: Finder) -> APIRouter:
    """Return /search."""
    router = APIRouter(tags=["search"])

    @router.get(
        "/search",
        summary="Agents, groups, versions, rollouts, rules, files, events, people and audit entries with a text",
    )
    async def search(
        who: Annotated[Principal, require_login()],
        q: Annotated[str, Query(min_length=1, max_length=200, description="id, name, path or part of it; #7 = entry")],
        limit: Annotated[int, Query(ge=1, le=50, description="of each kind")] = 8,
    ) -> SearchResult:
        return await finder.find(who, q.strip(), limit=limit)

    return router
