"""Every endpoint says what it needs; each role gets exactly what the table says; the page shows the table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from gwf.api.matrix import Endpoint, render
from gwf.identity.permissions import Permission, Role
from tests.api.conftest import Port, open_port
from tests.api.fake_edge import FakeEdge
from tests.api.write_openapi import COMMITTED, MARK, PAGE, endpoints

ENDPOINTS = endpoints()


@pytest.fixture(scope="module")
def port() -> Iterator[Port]:
    with open_port(FakeEdge(), open_to_host=False) as running:
        yield running


def address(item: Endpoint) -> str:
    return re.sub(r"\{[^}]+\}", "1", item.path)


def test_no_endpoint_is_left_out() -> None:
    described = json.loads(COMMITTED.read_text(encoding="utf-8"))["paths"]
    served = {(method.upper(), path) for path, item in described.items() for method in item if "/api/v1/" in path}
    assert {(item.method, item.path) for item in ENDPOINTS} == served


def test_every_endpoint_says_what_it_needs() -> None:
    assert [f"{item.method} {item.path}" for item in ENDPOINTS if item.needs == "unsaid"] == []
    assert len(ENDPOINTS) > 40


def test_endpoints_that_change_something_need_more_than_to_look() -> None:
    looking = {item for item in Permission if item.value.endswith((":read", ":self"))} | {None}
    own = (
        "/api/v1/logout",
        "/api/v1/login",
        "/api/v1/me/",
        "/api/v1/tokens",
        "/api/v1/views/",
        "/api/v1/agents/",
        "/api/v1/audit:",
    )
    weak = [item for item in ENDPOINTS if item.method != "GET" and item.permission in looking]
    assert [f"{item.method} {item.path}" for item in weak if not item.path.startswith(own)] == []


@pytest.mark.parametrize("item", ENDPOINTS, ids=[f"{item.method} {item.path}" for item in ENDPOINTS])
def test_each_role_gets_what_the_table_says(port: Port, item: Endpoint) -> None:
    is_endless = item.path.endswith(("/stream", ":export", ":extract"))
    for role in Role:
        if is_endless and item.allows(role):
            continue
        answer = port.ask(address(item), item.method, Authorization=f"Bearer {role}")
        told = "json" in answer.headers["Content-Type"] and answer.status >= 400
        code = answer.json["code"] if told else ""
        if item.needs == "permission":
            assert (code == "permission_missing") is not item.allows(role), (role, answer.status, answer.body)
    if item.needs in {"permission", "login"}:
        assert port.ask(address(item), item.method, Authorization="Bearer nobody").status == 401


def test_the_page_shows_the_table() -> None:
    shown = PAGE.read_text(encoding="utf-8").partition(MARK)[2]
    assert shown == render(ENDPOINTS), "run: python -m tests.api.write_openapi"
