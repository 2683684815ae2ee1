"""The centre's side of the port: who gets in, plain routes, the loop's context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gwf.api.app import create_centre_api
from gwf.api.centre import CentreParts, HotRoute
from gwf.api.options import ApiOptions
from gwf.api.principal import Permission, Principal, permitted, require
from gwf.core.metrics import new_registry
from gwf.wire.edge import Reason
from tests.api.centre_port import LOOPBACK, FakeState, open_centre
from tests.api.fake_accounts import FakeAccounts


def things() -> APIRouter:
    router = APIRouter(prefix="/things", tags=["things"])

    @router.get("", summary="Things")
    async def list_things(who: Annotated[Principal, require(Permission.FLEET_READ)]) -> dict[str, str]:
        return {"tenant": who.tenant, "id": who.id}

    @router.post("", summary="Make a thing", dependencies=[require(Permission.FLEET_OPERATE)])
    async def make_thing() -> dict[str, str]:
        return {}

    return router


async def hot_thing(request: Request) -> Response:
    who = permitted(request, Permission.EVENTS_WRITE)
    return JSONResponse({"id": who.id, "bytes": len(await request.body())})


HOT = HotRoute(
    path="/api/v1/hot",
    method="POST",
    endpoint=hot_thing,
    permission=Permission.EVENTS_WRITE,
    operation={"summary": "Hot", "tags": ["things"]},
    responses={"200": {"description": "yes"}},
)


def test_nobody_is_asked_to_log_in() -> None:
    with open_centre(v1=[things()], hot=[HOT]) as port:
        for path, method in (("/api/v1/things", "GET"), ("/api/v1/hot", "POST"), ("/api/v1/openapi.json", "GET")):
            answer = port.ask(path, method, role=None)
            assert (answer.status, answer.json["code"]) == (401, "login_required")
        assert port.ask("/api/v1/things", role="stranger").status == 401


def test_a_role_may_do_what_the_matrix_says_and_no_more() -> None:
    with open_centre(v1=[things()], hot=[HOT]) as port:
        assert port.ask("/api/v1/things", role="viewer@acme").json == {"tenant": "acme", "id": "u-viewer"}
        refused = port.ask("/api/v1/things", "POST", role="viewer")
        assert (refused.status, refused.json["code"]) == (403, "permission_missing")
        assert refused.json["params"] == {"permission": "fleet:operate"}
        assert port.ask("/api/v1/things", "POST", role="operator").status == 200
        assert port.ask("/api/v1/hot", "POST", role="approver").status == 403
        assert port.ask("/api/v1/hot", "POST", body=b"abc", role="operator").json == {"id": "u-operator", "bytes": 3}


def test_probes_and_metrics_of_a_centre_answer() -> None:
    with open_centre() as port:
        assert port.ask("/live", role=None).status == 200
        assert port.ask("/ready", role=None).json == {"state": "ok", "reasons": []}
        port.state.now = ("failing", [Reason(code="x", params={}, message="x")])
        assert port.ask("/ready", role=None).status == 503
        assert port.ask("/metrics", role="viewer").status == 200
        assert port.ask("/metrics", role=None).status == 401


def test_plain_routes_are_in_the_description() -> None:
    parts = CentreParts(state=FakeState(), accounts=FakeAccounts(), registry=new_registry(), v1=[things()], hot=[HOT])
    app = create_centre_api(centre=parts, options=ApiOptions(listen=LOOPBACK))
    operation = app.openapi()["paths"]["/api/v1/hot"]["post"]
    assert operation["operationId"] == "hot_thing"
    assert set(operation["responses"]) == {"200", "default"}


@pytest.mark.parametrize("path", ["/api/v1/hot", "/api/v1/things"])
def test_a_wrong_method_is_a_problem(path: str) -> None:
    with open_centre(v1=[things()], hot=[HOT]) as port:
        answer = port.ask(path, "DELETE")
        assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")


def test_what_runs_beside_the_port_is_entered_in_its_loop_and_left() -> None:
    seen: list[object] = []

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        seen.append(asyncio.get_running_loop())
        yield
        seen.append("left")

    with open_centre(running=running) as port:
        assert port.ask("/live").status == 200
        assert len(seen) == 1
    assert seen[1:] == ["left"]
