"""Reads from routers which permission each endpoint needs; the table of roles and endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from gwf.api.access import shows_itself
from gwf.api.centre import HotRoute
from gwf.api.principal import Required
from gwf.identity.permissions import PERMISSIONS_OF, Permission, Role

#: endpoints that say by themselves who may come in
OPEN = frozenset({"/api/v1/login", "/api/v1/login/{code}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one address, and what it needs."""

    method: str
    path: str
    #: None = see `needs`
    permission: Permission | None
    #: permission · login (whatever one may do) · agent (its credential) · nothing · unsaid, which is a fault
    needs: str

    def allows(self, role: Role) -> bool:
        """Return whether a person of this role may use it."""
        if self.needs == "permission":
            return self.permission in PERMISSIONS_OF[role]
        return self.needs in {"login", "nothing"}


def endpoints_of(routers: Iterable[APIRouter], hot: Sequence[HotRoute]) -> list[Endpoint]:
    """Return every endpoint of routers that are served below /api/v1, sorted by address."""
    found = [*(item for router in routers for item in _of_router(router)), *_of_hot(hot)]
    return sorted(found, key=lambda item: (item.path, item.method))


def render(endpoints: Sequence[Endpoint]) -> str:
    """Return the table in Markdown."""
    head = "| endpoint | needs | " + " | ".join(Role) + " |\n|---|---|" + "---|" * len(Role) + "\n"
    rows = (
        f"| `{item.method} {item.path}` | {_words(item)} | "
        + " | ".join("yes" if item.allows(role) else "–" for role in Role)
        + " |\n"
        for item in endpoints
    )
    return head + "".join(rows)


def _words(item: Endpoint) -> str:
    if item.permission is not None:
        return f"`{item.permission}`"
    return {"login": "any login", "agent": "an agent's credential", "nothing": "nothing"}.get(item.needs, item.needs)


def _of_router(router: APIRouter) -> Iterator[Endpoint]:
    for route in router.routes:
        if not isinstance(route, APIRoute):
            continue
        path = f"/api/v1{route.path}"
        asked = list(_required(route.dependant))
        permission = next((item.permission for item in asked if item.permission is not None), None)
        needs = "permission" if permission else "login" if asked else "unsaid"
        if path in OPEN:
            needs = "nothing"
        for method in sorted(route.methods or ()):
            yield Endpoint(method=method, path=path, permission=permission, needs=needs)


def _of_hot(hot: Sequence[HotRoute]) -> Iterator[Endpoint]:
    for route in hot:
        needs = "permission" if route.permission else "agent" if shows_itself(route.path) else "unsaid"
        yield Endpoint(method=route.method, path=route.path, permission=route.permission, needs=needs)


def _required(dependant: Dependant) -> Iterator[Required]:
    if isinstance(dependant.call, Required):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _required(inner)
