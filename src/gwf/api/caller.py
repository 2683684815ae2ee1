"""Says in the words of the audit who sent a request."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from gwf.api.problems import request_id_of
from gwf.audit.model import Actor, ActorKind
from gwf.control.caller import Caller
from gwf.identity.principal import Principal
from gwf.identity.record import By


def caller_of(request: HTTPConnection, who: Principal, reason: str = "") -> Caller:
    """Return who asks for a change of the fleet, and why."""
    return Caller(
        actor=actor_of(request, who),
        name=who.name,
        reason=reason,
        request_id=request_id_of(request.scope),
    )


def by_of(request: HTTPConnection, who: Principal, reason: str = "") -> By:
    """Return on whose behalf identity changes something."""
    return By(
        tenant=who.tenant,
        actor=actor_of(request, who),
        id=who.user_id or who.id,
        reason=reason,
        request_id=request_id_of(request.scope),
    )


def actor_of(request: HTTPConnection, who: Principal) -> Actor:
    """Return who asks as the actor of an audit entry."""
    return Actor(kind=ActorKind(who.kind.value), id=who.id, address=address_of(request))


def address_of(request: HTTPConnection) -> str:
    """Return the address that a request came from; "" when it is not known."""
    return request.client.host if request.client is not None else ""
