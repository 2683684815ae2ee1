"""What people may do over the legacy interface of an edge: as much as over /api/v1, and no more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gwf.api.lanes import Lanes
from gwf.api.legacy.alerts import alert_routes
from gwf.api.legacy.config import config_route
from gwf.api.legacy.dashboard import dashboard_route
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.filelog import filelog_route
from gwf.api.legacy.frame import LegacyFrame, LegacyRequest, LegacyRoute
from gwf.api.legacy.system import system_routes
from gwf.api.legacy.uploads import upload_routes
from gwf.identity.permissions import Permission, Role, permissions_of
from gwf.identity.principal import ANONYMOUS, LOCAL, Principal, PrincipalKind

NOTHING: Any = object()
ROUTES: list[LegacyRoute] = [
    config_route(NOTHING),
    dashboard_route(NOTHING, NOTHING),
    filelog_route(NOTHING),
    *system_routes(NOTHING),
    *upload_routes(NOTHING, lambda: None),
    *alert_routes(NOTHING),
]
ASKS = [(route.path, method) for route in ROUTES for method in (*route.methods, *route.waiting)]


def done(_: LegacyRequest) -> Response:
    return json_answer({"ok": True})


def answer(path: str, method: str, who: Principal | None) -> int:
    """Ask a route whose handlers do nothing, as somebody whom the guard recognised."""
    (found,) = [one for one in ROUTES if one.path == path]
    route = replace(found, methods=dict.fromkeys((*found.methods, *found.waiting), done), waiting={}, watched=False)
    frame = LegacyFrame(nobody, [route], Lanes())
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http", "method": method, "path": path, "query_string": b"", "headers": [], "client": ("127.0.0.1", 1),
        "state": {"principal": who, "request_id": "r"},
    }  # fmt: skip
    asyncio.run(frame(scope, receive, send))
    return int(sent[0]["status"])


async def nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("a legacy address is answered by the frame")


def person(role: Role) -> Principal:
    return replace(LOCAL, kind=PrincipalKind.USER, id="u", role=role, permissions=permissions_of(role))


@pytest.mark.parametrize(("path", "method"), ASKS)
def test_every_method_says_what_it_needs(path: str, method: str) -> None:
    (route,) = [one for one in ROUTES if one.path == path]
    assert method in route.needs


@pytest.mark.parametrize(("path", "method"), ASKS)
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_as_much_as_over_the_other_interface(path: str, method: str, role: Role) -> None:
    (route,) = [one for one in ROUTES if one.path == path]
    allowed = route.needs[method] in permissions_of(role)
    assert answer(path, method, person(role)) == (200 if allowed else 403)


def test_a_viewer_changes_nothing() -> None:
    changing = {Permission.EDGE_CONFIG, Permission.EDGE_OPERATE}
    needed = {(path, method): one.needs[method] for one in ROUTES for path, method in ASKS if one.path == path}
    assert {ask for ask, permission in needed.items() if permission in changing} == {
        ("/api/config", "POST"), ("/api/system/terminate", "POST"), ("/api/auto-upload", "POST"),
        ("/api/manual-upload", "POST"), ("/api/alert-config", "POST"), ("/api/alert-rules", "POST"),
    }  # fmt: skip


@pytest.mark.parametrize("who", [None, ANONYMOUS, LOCAL])
def test_whoever_the_settings_let_in_without_credentials_may_do_as_before(who: Principal | None) -> None:
    assert answer("/api/config", "POST", who) == 200
