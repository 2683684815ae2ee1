"""Bodies that are too large are refused, whether or not they say so beforehand."""

from __future__ import annotations

import http.client
import json

from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gwf.api.centre import HotRoute
from gwf.api.principal import Permission, permitted, require
from tests.api.centre_port import CentrePort, open_centre


async def hot_length(request: Request) -> Response:
    permitted(request, Permission.EVENTS_WRITE)
    return JSONResponse(len(await request.body()))


def hot(path: str, limit: int) -> HotRoute:
    return HotRoute(
        path=path, method="POST", endpoint=hot_length, permission=Permission.EVENTS_WRITE, max_body_bytes=limit
    )


def lengths() -> APIRouter:
    router = APIRouter()

    @router.post("/length", dependencies=[require(Permission.EVENTS_WRITE)])
    async def length(text: str = Body()) -> int:
        return len(text)

    return router


HOT = [hot("/api/v1/small", 10), hot("/api/v1/things/{thing}/report", 20)]


def chunked(port: CentrePort, path: str, body: bytes) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port.server.port, timeout=30)
    headers = {"Authorization": "Bearer admin", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, iter([body[:5], body[5:]]), headers, encode_chunked=True)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_each_plain_route_has_its_own_limit() -> None:
    with open_centre(hot=HOT) as port:
        for path, limit in (("/api/v1/small", 10), ("/api/v1/things/x/report", 20)):
            assert port.ask(path, "POST", body=b"x" * limit).json == limit
            refused = port.ask(path, "POST", body=b"x" * (limit + 1))
            assert (refused.status, refused.json["code"]) == (413, "too_large")
            assert refused.json["params"] == {"max_bytes": str(limit)}
            assert chunked(port, path, b"x" * limit)[0] == 200
            assert chunked(port, path, b"x" * (limit + 1))[0] == 413


def test_all_others_have_the_limit_of_the_process() -> None:
    with open_centre(v1=[lengths()]) as port:
        limit = 2 * 1024**2
        assert port.post("/api/v1/length", "x" * 1000).json == 1000
        assert port.post("/api/v1/length", "x" * limit).status == 413
        status, body = chunked(port, "/api/v1/length", json.dumps("x" * limit).encode())
        assert (status, json.loads(body)["code"]) == (413, "too_large")
