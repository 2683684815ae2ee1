"""/api/v1/centre over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Generator

import pytest

from tests.api.conftest import Answer, Port
from tests.api.fake_link import FakeLink


@pytest.fixture
def link(port: Port) -> Generator[FakeLink]:
    link = port.fakes.link
    yield link
    link.there, link.left = True, False
    link.tokens.clear()


def post(port: Port, path: str, body: object = None, **headers: str) -> Answer:
    raw = b"" if body is None else json.dumps(body).encode()
    return port.ask(f"/api/v1/centre/{path}", "POST", body=raw, **{"Content_Type": "application/json", **headers})


def test_the_link_is_shown(port: Port, link: FakeLink) -> None:
    assert port.ask("/api/v1/centre").json["agent_id"] == "a-1"
    link.there = False
    assert port.ask("/api/v1/centre").status == 404


def test_an_edge_is_enrolled_and_taken_away(port: Port, link: FakeLink) -> None:
    assert post(port, "enrol", {"token": "good-token"}).json["state"] == "connected"
    assert link.tokens == ["good-token"]
    assert post(port, "leave").json["state"] == "left"
    assert post(port, "leave").status == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"token": ""}, 422),
        ({"token": "a b"}, 422),
        ({"token": "x\n"}, 422),
        ({"token": 1}, 422),
        ({"token": "x" * 513}, 422),
        ({"token": "x", "more": 1}, 422),
        ({"token": "wrong"}, 403),
    ],
)
def test_a_wrong_token_is_refused(port: Port, link: FakeLink, body: dict[str, object], status: int) -> None:
    assert post(port, "enrol", body).status == status


def test_a_foreign_page_changes_nothing(port: Port, link: FakeLink) -> None:
    assert post(port, "leave", Sec_Fetch_Site="cross-site").status == 403
    assert not link.left
