"""A loopback port without a token: everybody on the host may read, only the process's own user may change."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie

import pytest
from pydantic import SecretStr

from tests.api.conftest import Port, open_port
from tests.api.fake_edge import FakeEdge

CHANGES = [
    ("/api/v1/config", {"data_dir": "/x"}),
    ("/api/v1/config/rollback", {"number": 1}),
    ("/api/v1/stores/archive/breaker", {"action": "open"}),
    ("/api/v1/dead-letters:replay", {"ids": [1]}),
    ("/api/v1/dead-letters:drop", {"ids": [1], "reason": "x"}),
    ("/api/v1/login-links", {}),
    ("/api/v1/users", {"name": "x", "role": "admin"}),
]


def post(port: Port, path: str, body: object, **headers: str) -> int:
    sent = {"Content_Type": "application/json", "Authorization": "", **headers}
    return port.ask(path, "POST", body=json.dumps(body).encode(), **sent).status


@pytest.mark.parametrize(("path", "body"), CHANGES)
def test_another_user_of_this_host_changes_nothing(port: Port, path: str, body: object) -> None:
    assert post(port, path, body) == 401
    assert post(port, path, body, Authorization="Bearer gwfl_guessed") == 401
    assert post(port, path, body, Cookie="gwf_session=gwfl_guessed") == 401
    assert port.ask("/api/v1/overview").status == 200


@pytest.mark.parametrize(("path", "body"), CHANGES[:-1])  # the last one needs a database
def test_the_owner_does_by_the_local_token(port: Port, path: str, body: object) -> None:
    assert post(port, path, body, Authorization=f"Bearer {port.local.token}") in {200, 201}


def test_what_is_missing_is_said_and_no_browser_asks_for_a_password(port: Port) -> None:
    refused = port.ask("/api/v1/config", "POST", body=b"{}", Authorization="")
    assert "gwf login" in refused.json["detail"]
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_link_logs_a_browser_in_once(port: Port) -> None:
    made = port.ask("/api/v1/login-links", "POST").json
    opened = port.ask(made["path"])
    assert (opened.status, opened.headers["Location"]) == (303, "/")
    again = port.ask(made["path"])
    assert again.status == 401
    assert b"gwf login" in again.body
    cookies = SimpleCookie()
    for header in opened.headers.get_all("Set-Cookie") or []:
        cookies.load(header)
    cookie = f"gwf_session={cookies['gwf_session'].value}"
    order = {"action": "open", "reason": "drill"}
    assert post(port, "/api/v1/stores/archive/breaker", order, Cookie=cookie) == 403
    word = cookies["gwf_csrf"].value
    assert post(port, "/api/v1/stores/archive/breaker", order, Cookie=cookie, X_Gwf_Csrf=word) == 200
    me = port.ask("/api/v1/me", Cookie=cookie).json
    assert (me["kind"], me["id"], me["csrf"]) == ("local", "browser", word)
    assert port.ask("/api/v1/logout", "POST", Cookie=cookie, X_Gwf_Csrf=word).status == 204
    assert post(port, "/api/v1/stores/archive/breaker", order, Cookie=cookie, X_Gwf_Csrf=word) == 401


def test_a_link_opens_a_port_with_a_token_too() -> None:
    with open_port(FakeEdge(), token=SecretStr("t0")) as port:
        path = port.ask("/api/v1/login-links", "POST", Authorization="Bearer t0").json["path"]
        opened = port.ask(path)
        assert opened.status == 303
        cookie = (opened.headers.get_all("Set-Cookie") or [""])[0].partition(";")[0]
        assert port.ask("/api/v1/overview").status == 401
        assert port.ask("/api/v1/overview", Cookie=cookie).status == 200


def test_a_prefix_is_part_of_the_link() -> None:
    with open_port(FakeEdge(), url_prefix="/ops/gwf") as port:
        path = port.ask("/api/v1/login-links", "POST").json["path"]
        assert path.startswith("/ops/gwf/api/v1/login/")
        assert port.ask(path).headers["Location"] == "/ops/gwf/"


def test_the_go_versions_interface_is_closed_to_changes_too_unless_it_is_said() -> None:
    for allowed, status in ((False, 401), (True, 404)):
        with open_port(FakeEdge(), legacy_changes=allowed) as port:
            assert post(port, "/api/config", {}) == status
            assert post(port, "/api/file-log", {"path": "/x"}) == 404  # reads


def test_variables_are_lent_to_the_owner_only(port: Port) -> None:
    document = json.dumps({"agent": {"labels": {"home": "${HOME}", "x": "$${HOME}"}}}).encode()
    for query in ("", "?dry_run=true"):
        sent = {"Content_Type": "application/json"}
        refused = port.ask(f"/api/v1/config{query}", "POST", body=document, Authorization="Bearer admin", **sent)
        assert (refused.status, refused.json["code"]) == (400, "invalid_config")
        assert [fault["message"].partition(":")[0] for fault in refused.json["errors"]] == ["agent.labels.home"]
        assert port.ask(f"/api/v1/config{query}", "POST", body=document, **sent).status == 200
