"""Plain routes are answered ahead of the framework; what they do not take is answered by it."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gwf.api.centre import HotRoute
from gwf.api.principal import Permission, permitted
from gwf.core.errors import InputError, OverloadedError
from tests.api.centre_port import open_centre


async def hot_word(request: Request) -> Response:
    permitted(request, Permission.EVENTS_WRITE)
    word = request.path_params.get("word", "none")
    if word == "bad":
        raise InputError("not this word", field="word")
    if word == "later":
        raise OverloadedError("too many words", retry_after_s=2.0)
    if word == "crash":
        raise RuntimeError("a fault on purpose")
    return JSONResponse([word, request.query_params.get("more")])


def hot(path: str) -> HotRoute:
    return HotRoute(path=path, method="POST", endpoint=hot_word, permission=Permission.EVENTS_WRITE)


HOT = [hot("/api/v1/words"), hot("/api/v1/words/{word}/told")]


def test_a_plain_route_is_found_by_its_whole_path() -> None:
    with open_centre(hot=HOT) as port:
        assert port.post("/api/v1/words?more=1", {}).json == ["none", "1"]
        answer = port.post("/api/v1/words/a%20b/told", {})
        assert answer.json == ["a b", None]
        assert answer.headers["x-request-id"]
        assert (answer.headers["cache-control"], answer.headers["x-frame-options"]) == ("no-store", "DENY")
        for path in ("/api/v1/words/", "/api/v1/words/a/b/told", "/api/v1/words/a/told/"):
            assert port.post(path, {}).status == 404
        refused = port.ask("/api/v1/words", "PUT", body=b"")
        assert (refused.status, refused.json["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("word", "status", "code"),
    [("bad", 400, "invalid_input"), ("later", 429, "overloaded"), ("crash", 500, "internal")],
)
def test_its_errors_are_problems_as_all_others_are(word: str, status: int, code: str) -> None:
    with open_centre(hot=HOT) as port:
        answer = port.post(f"/api/v1/words/{word}/told", {})
        assert (answer.status, answer.json["code"], answer.json["status"]) == (status, code, status)
        assert answer.json["request_id"] == answer.headers["x-request-id"]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers.get("retry-after") == ("2" if word == "later" else None)
