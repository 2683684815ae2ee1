"""The parts of a centre on its HTTP port, and the plain routes for what is asked very often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response

from gwf.api.accounts import Accounts
from gwf.api.acts import Acts
from gwf.api.feed import Watch
from gwf.api.legacy.frame import LegacyRoute
from gwf.api.problems import MEDIA_TYPE
from gwf.identity.desk import Desk
from gwf.identity.permissions import Permission
from gwf.wire.edge import HealthState, Reason
from gwf.wire.me import DatabaseView

_WORSE: Sequence[HealthState] = ("ok", "degraded", "failing")
_PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HotRoute:
    """A route without FastAPI's machinery: it decodes by msgspec and answers bytes."""

    #: whole path, for example /api/v1/agents/heartbeat
    path: str
    method: str
    endpoint: Callable[[Request], Awaitable[Response]]
    #: what the endpoint asks for by `permitted`; None = it checks the credential of an agent
    permission: Permission | None
    #: the operation in the API's description: summary, requestBody, tags
    operation: Mapping[str, object] = field(default_factory=dict[str, object])
    #: its answers in the API's description, by status; problems are added
    responses: Mapping[str, object] = field(default_factory=dict[str, object])
    #: schemas that the operation refers to, by name
    schemas: Mapping[str, object] = field(default_factory=dict[str, object])
    #: largest body as sent; None = the default of the process
    max_body_bytes: int | None = None


class CentreState(Protocol):
    """A centre as its probes show it."""

    def state(self) -> tuple[HealthState, list[Reason]]:
        """Return the overall state and every reason for not being `ok`; never blocks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreParts:
    """What a centre puts on the port. Its endpoints run in the event loop of the port."""

    state: CentreState
    accounts: Accounts
    #: its metrics are in it; the edge of the same process adds its own
    registry: CollectorRegistry
    #: where it keeps what it knows; None = not told
    database: DatabaseView | None = None
    #: what people keep for themselves; None = their browsers keep it
    desk: Desk | None = None
    #: what changes have in common; None = they are neither rehearsed nor recognised again
    acts: Acts | None = None
    #: routers below /api/v1; each endpoint names its permission by `require`
    v1: Sequence[APIRouter] = ()
    hot: Sequence[HotRoute] = ()
    #: addresses of the Go version: /api/control/*
    legacy: Sequence[LegacyRoute] = ()
    #: notice what changed, for the stream
    watches: Sequence[Watch] = ()
    #: entered in the event loop before the first request is answered, left after the last
    running: Callable[[], AbstractAsyncContextManager[None]] | None = None
    #: called in the event loop when the port begins to close: streams of the centre are to end now
    leaving: Callable[[], None] | None = None


def both_states(edge: CentreState, centre: CentreState) -> tuple[HealthState, list[Reason]]:
    """Return the worse state of the two, with the reasons of both."""
    one, other = edge.state(), centre.state()
    worse = one[0] if _WORSE.index(one[0]) > _WORSE.index(other[0]) else other[0]
    return worse, [*one[1], *other[1]]


def described(hot: HotRoute) -> dict[str, object]:
    """Return the operation of a plain route, with what all of them have in common."""
    problem = {"description": "What went wrong (RFC 9457)", "content": {MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA}}}
    responses = {**hot.responses, "default": problem}
    return {"operationId": hot.endpoint.__name__, **hot.operation, "responses": responses}
