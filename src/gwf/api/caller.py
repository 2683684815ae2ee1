"""Says in the words of the audit who sent a request."""

from __future__ import annotations

from starlette.requests import Request

from gwf.api.problems import request_id_of
from gwf.audit.model import Actor, ActorKind
from gwf.control.caller import Caller
from gwf.identity.principal import Principal


def caller_of(request: Request, who: Principal, reason: str = "") -> Caller:
    """Return who asks for a change, and why."""
    return Caller(
        actor=Actor(kind=ActorKind(who.kind.value), id=who.id, address=address_of(request)),
        name=who.name,
        reason=reason,
        request_id=request_id_of(request.scope),
    )


def address_of(request: Request) -> str:
    """Return the address that a request came from; "" when it is not known."""
    return request.client.host if request.client is not None else ""
