"""The frame of the legacy interface over real HTTP: addresses, methods, bodies, errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from gwf.api.legacy.decode import decode
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import MAX_BODY_BYTES, LegacyRequest, LegacyRoute
from gwf.api.legacy.paths import clean_path, is_legacy
from gwf.core.errors import NotFoundError
from tests.api.conftest import Port, open_port
from tests.api.fake_edge import FakeEdge


def echo(request: LegacyRequest) -> Response:
    fields = decode(request.body)
    return json_answer({"path": fields.required_text("path"), "flag": request.flag("on"), "author": request.author})


def fail(request: LegacyRequest) -> Response:
    raise {
        "legacy": LegacyError(400, "path is a directory"),
        "ours": NotFoundError("no such thing", name="x"),
        "bug": ValueError("secret detail"),
    }[request.query["how"]]


ROUTES = (
    LegacyRoute(path="/api/echo", methods={"POST": echo}),
    LegacyRoute(path="/api/fail", methods={"GET": fail}),
)


@pytest.fixture(scope="module")
def framed() -> Iterator[Port]:
    with open_port(FakeEdge(), legacy=ROUTES) as running:
        yield running


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nope", "/api/health/", "/api/v1x"])
def test_an_unknown_address_is_told_in_plain_text(framed: Port, path: str) -> None:
    answer = framed.ask(path)
    assert (answer.status, answer.body) == (404, b"404 page not found\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api//health", "/api/health"),
        ("/api/./health?a=1&b=%20", "/api/health?a=1&b=%20"),
        ("/x/../api/health/", "/api/health/"),
        ("/api/%E4%B8%AD//x", "/api/%E4%B8%AD/x"),
        ("/api/health/.", "/api/health"),
    ],
)
def test_an_unclean_address_is_sent_on(framed: Port, path: str, location: str) -> None:
    answer = framed.ask(path)
    assert (answer.status, answer.headers["Location"]) == (301, location)
    assert answer.body == f'<a href="{location.replace("&", "&amp;")}">Moved Permanently</a>.\n\n'.encode()


def test_other_methods_than_get_are_sent_on_without_a_text(framed: Port) -> None:
    answer = framed.ask("/api//echo", "POST", body=b"{}")
    assert (answer.status, answer.headers["Location"], answer.body) == (301, "/api/echo", b"")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_a_method_that_an_address_does_not_have_is_refused(framed: Port, method: str) -> None:
    answer = framed.ask("/api/echo", method)
    assert (answer.status, answer.headers["Content-Length"]) == (405, "31")
    assert answer.body == (b"" if method == "HEAD" else b'{"error":"method not allowed"}\n')


@pytest.mark.parametrize("path", ["/api/echo", "/api/nope", "/api//x", "/metrics"])
def test_options_are_answered_everywhere_and_empty(framed: Port, path: str) -> None:
    answer = framed.ask(path, "OPTIONS")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,POST,OPTIONS"


def test_a_body_needs_no_content_type(framed: Port) -> None:
    answer = framed.ask("/api/echo?on=YES&on=no", "POST", body='{"PATH":"/中<&>"} x'.encode(), X_Gwf_Author="me")
    assert answer.body == '{"path":"/中\\u003c\\u0026\\u003e","flag":true,"author":"me"}\n'.encode()
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"path":1}'])
def test_a_wrong_body_is_refused(framed: Port, body: bytes) -> None:
    answer = framed.ask("/api/echo", "POST", body=body)
    assert (answer.status, answer.body) == (400, b'{"error":"invalid payload"}\n')


def test_a_body_without_end_is_refused(framed: Port) -> None:
    answer = framed.ask("/api/echo", "POST", body=b" " * (MAX_BODY_BYTES + 1))
    assert (answer.status, answer.json) == (413, {"error": "request body too large"})


def test_errors_keep_the_one_form(framed: Port) -> None:
    assert framed.ask("/api/fail?how=legacy").body == b'{"error":"path is a directory"}\n'
    ours = framed.ask("/api/fail?how=ours")
    assert (ours.status, ours.json) == (404, {"error": "no such thing (name=x)"})


def test_a_bug_is_logged_and_tells_nothing(framed: Port, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = framed.ask("/api/fail?how=bug")
    assert (answer.status, answer.json) == (500, {"error": "服务器内部错误"})
    assert "legacy_request_crashed" in caplog.text


@pytest.mark.parametrize(
    ("path", "legacy"),
    [
        ("/metrics", True), ("/metrics/", False), ("//metrics", True), ("/api", True), ("/api/health", True),
        ("/api/v1", False), ("/api/v1/files", False), ("/api/x/../v1/files", False), ("/api/v1/../health", True),
        ("/", False), ("/apis", False), ("/a/../api", True),
    ],
)  # fmt: skip
def test_legacy_addresses_are_told_by_their_clean_form(path: str, legacy: bool) -> None:
    assert is_legacy(path) is legacy


@given(st.text(alphabet="/.ab", max_size=20))
def test_a_clean_address_stays_as_it_is(text: str) -> None:
    clean = clean_path("/" + text)
    assert clean.startswith("/")
    assert "//" not in clean
    assert clean_path(clean) == clean
