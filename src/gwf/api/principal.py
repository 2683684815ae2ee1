"""Lets an endpoint say which permission it needs, and tells it who asks.

A router of the centre is written so:

    def agent_routes(fleet: FleetSource) -> APIRouter:
        router = APIRouter(prefix="/agents", tags=["agents"])

        @router.get("", summary="Agents, newest first")
        async def list_agents(who: Annotated[Principal, require(Permission.FLEET_READ)]) -> AgentPage:
            return await fleet.page(who.tenant)

        return router

A plain Starlette route (`api.hot.HotRoute`) calls `permitted(request, Permission.X)` itself.
"""

from __future__ import annotations

from typing import Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from gwf.identity.errors import LoginRequiredError, PermissionMissingError
from gwf.identity.permissions import Permission
from gwf.identity.principal import Principal

__all__ = ["Permission", "Principal", "Required", "permitted", "principal_of", "require", "require_login"]


class Required:
    """The dependency behind `require`; the matrix of roles and endpoints is read from it."""

    def __init__(self, permission: Permission | None) -> None:
        """Ask for `permission`; None = for nothing but to be known."""
        self.permission = permission

    async def __call__(self, request: HTTPConnection) -> Principal:
        """Return who asks, or raise as `permitted` does."""
        return permitted(request, self.permission)


def require(permission: Permission) -> Any:  # what FastAPI's Depends returns
    """Return the dependency of an endpoint that needs `permission`; its value is the Principal."""
    return Depends(Required(permission))


def require_login() -> Any:  # as `require`
    """Return the dependency of an endpoint for everybody who is known, whatever they may do."""
    return Depends(Required(None))


def permitted(request: HTTPConnection, permission: Permission | None) -> Principal:
    """Return who asks; with a permission of None whatever they may do.

    Raises:
        LoginRequiredError: Nobody known asks.
        PermissionMissingError: They may not do this.
    """
    who = principal_of(request)
    if who is None:
        raise LoginRequiredError("log in, or send an API token as Bearer")
    if permission is not None and not who.may(permission):
        raise PermissionMissingError("this needs a permission that you do not have", permission=permission.value)
    return who


def principal_of(request: HTTPConnection) -> Principal | None:
    """Return who the guard recognised; None for nobody."""
    found = request.scope.get("state", {}).get("principal")
    return found if isinstance(found, Principal) else None
