"""Accounts over the port: logging in, sessions and their word, people and tokens, with a database in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from gwf.app.centre import Centre, open_centre
from gwf.audit.model import SYSTEM
from gwf.core.settings.model import Settings
from gwf.core.settings.server import DatabaseSettings, LoginSettings, ServerSettings
from gwf.identity.permissions import Role
from gwf.identity.record import By
from gwf.identity.users import NewUser
from tests.api.centre_port import CentrePort, open_late
from tests.api.conftest import Answer

PASSWORD = "correct horse battery"


@dataclass
class House:
    """A centre on a port, and one person of each role in two tenants."""

    port: CentrePort

    def login(self, name: str = "admin", password: str = PASSWORD, tenant: str = "default") -> Answer:
        return self.port.post("/api/v1/login", {"name": name, "password": password, "tenant": tenant}, role=None)

    def session(self, name: str = "admin", tenant: str = "default") -> Session:
        answer = self.login(name, tenant=tenant)
        assert answer.status == 200, answer.body
        cookies = SimpleCookie()
        for header in answer.headers.get_all("Set-Cookie") or []:
            cookies.load(header)
        return Session(self.port, cookies["gwf_session"].value, cookies["gwf_csrf"].value)


@dataclass
class Session:
    """A browser that is logged in."""

    port: CentrePort
    cookie: str
    csrf: str

    def ask(self, path: str, method: str = "GET", value: object = None, *, csrf: str | None = None) -> Answer:
        sent = {"Cookie": f"gwf_session={self.cookie}", "Content_Type": "application/json"}
        if method != "GET":
            sent["X_Gwf_Csrf"] = self.csrf if csrf is None else csrf
        body = None if value is None else json.dumps(value).encode()
        return self.port.ask(path, method, body=body, role=None, **sent)


async def people(centre: Centre) -> None:
    for tenant in ("default", "acme"):
        by = By(tenant=tenant, actor=SYSTEM, id="system")
        await centre.identity.users.ensure_tenant(tenant, by)
        for role in Role:
            await centre.identity.users.create(NewUser(name=role.value, role=role, password=PASSWORD), by)


@contextmanager
def house(data_dir: Path, login: LoginSettings | None = None) -> Iterator[House]:
    server = ServerSettings(database=DatabaseSettings(url="memory"), login=login or LoginSettings())
    settings = Settings(data_dir=data_dir, server=server)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Centre]:
        async with open_centre(settings) as centre:
            await people(centre)
            yield centre

    with open_late(opened) as port:
        yield House(port)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house"), LoginSettings(max_failures=100)) as opened:
        yield opened


def test_the_cookies_of_a_session_are_kept_from_scripts_and_other_sites(home: House) -> None:
    headers = home.login().headers.get_all("Set-Cookie") or []
    session = next(header for header in headers if header.startswith("gwf_session="))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Path=/" in session
    assert home.login("admin", "wrong").json["code"] == "login_required"
    assert home.login("admin", tenant="nowhere").status == 401


def test_a_change_by_session_needs_its_word(home: House) -> None:
    session = home.session()
    order = {"name": "wang", "role": "viewer"}
    for word in ("", "x" * 32):
        refused = session.ask("/api/v1/users", "POST", order, csrf=word)
        assert (refused.status, refused.json["code"]) == (403, "csrf_missing")
    assert session.ask("/api/v1/users", "POST", order).status == 201
    me = session.ask("/api/v1/me").json
    assert (me["kind"], me["name"], me["csrf"]) == ("user", "admin", session.csrf)


def test_a_session_ends_by_logout(home: House) -> None:
    session = home.session("viewer")
    assert session.ask("/api/v1/me").status == 200
    answer = session.ask("/api/v1/logout", "POST")
    assert answer.status == 204
    assert "gwf_session=" in str(answer.headers.get_all("Set-Cookie"))
    assert session.ask("/api/v1/me").status == 401


def test_people_are_made_changed_and_shut_out(home: House) -> None:
    admin = home.session()
    made = admin.ask("/api/v1/users", "POST", {"name": "zhao", "role": "viewer", "password": PASSWORD}).json
    assert made["has_password"]
    assert "password" not in made
    zhao = home.session("zhao")
    assert zhao.ask("/api/v1/users").json["code"] == "permission_missing"
    changed = admin.ask(f"/api/v1/users/{made['id']}", "POST", {"disabled": True, "reason": "left"})
    assert changed.json["disabled"] is True
    assert zhao.ask("/api/v1/me").status == 401
    assert home.login("zhao").status == 401


def test_people_are_listed_page_by_page(home: House) -> None:
    admin = home.session(tenant="acme")
    names: list[str] = []
    path = "/api/v1/users?limit=3"
    while path:
        page = admin.ask(path).json
        names += [user["name"] for user in page["items"]]
        path = page["next_cursor"] and f"/api/v1/users?limit=3&cursor={page['next_cursor']}"
    assert sorted(names) == sorted(Role)
    wrong = admin.ask("/api/v1/users?cursor=abc")
    assert (wrong.status, wrong.json["code"]) == (400, "invalid_cursor")


def test_a_token_works_until_it_is_revoked(home: House) -> None:
    operator = home.session("operator")
    made = operator.ask("/api/v1/tokens", "POST", {"name": "ci", "role": "operator", "scopes": ["fleet:read"]}).json
    secret, token = made["secret"], made["token"]["id"]
    me = home.port.ask("/api/v1/me", role=secret)
    assert me.json["permissions"] == ["fleet:read"]
    assert home.port.ask("/api/v1/users", role=secret).json["code"] == "permission_missing"
    assert secret not in str(operator.ask("/api/v1/tokens").json)
    assert operator.ask(f"/api/v1/tokens/{token}:revoke", "POST").json["revoked_at"] is not None
    assert home.port.ask("/api/v1/users", role=secret).status == 401
    assert home.session("viewer").ask(f"/api/v1/tokens/{token}:revoke", "POST").status == 404


def test_enrolment_tokens_are_for_those_who_may(home: House) -> None:
    admin = home.session()
    order = {"name": "line 3", "labels": {"site": "sh"}, "max_uses": 2, "expires_in_s": 3600}
    made = admin.ask("/api/v1/enrolment-tokens", "POST", order).json
    assert made["secret"].startswith("gwfe_")
    assert [item["id"] for item in admin.ask("/api/v1/enrolment-tokens").json["items"]] == [made["token"]["id"]]
    assert admin.ask(f"/api/v1/enrolment-tokens/{made['token']['id']}:revoke", "POST").json["revoked_at"]
    assert home.session("viewer").ask("/api/v1/enrolment-tokens").status == 403


def test_other_tenants_are_not_there(home: House) -> None:
    ours, theirs = home.session(), home.session(tenant="acme")
    user = theirs.ask("/api/v1/users").json["items"][0]["id"]
    token = theirs.ask("/api/v1/tokens", "POST", {"name": "x", "role": "viewer"}).json["token"]["id"]
    entry = theirs.ask("/api/v1/enrolment-tokens", "POST", {"name": "x"}).json["token"]["id"]
    assert ours.ask(f"/api/v1/users/{user}").status == 404
    assert ours.ask(f"/api/v1/users/{user}", "POST", {"disabled": True}).status == 404
    assert ours.ask(f"/api/v1/tokens/{token}:revoke", "POST").status == 404
    assert ours.ask(f"/api/v1/enrolment-tokens/{entry}:revoke", "POST").status == 404


def test_ones_own_password_and_sessions(home: House) -> None:
    one, other = home.session("approver"), home.session("approver")
    sessions = one.ask("/api/v1/me/sessions").json["items"]
    assert sorted(session["current"] for session in sessions) == [False, True]
    assert one.ask(f"/api/v1/me/sessions/{sessions[0]['id']}:end", "POST").status == 204
    assert [one.ask("/api/v1/me").status, other.ask("/api/v1/me").status].count(401) == 1
    again = home.session("approver")
    wrong = again.ask("/api/v1/me/password", "POST", {"old": "wrong", "new": "another good one"})
    assert (wrong.status, wrong.json["code"]) == (401, "login_required")
    weak = again.ask("/api/v1/me/password", "POST", {"old": PASSWORD, "new": "short"})
    assert (weak.status, weak.json["code"]) == (400, "password_unfit")


def test_sessions_of_others_are_seen_and_ended_by_who_manages_people(home: House) -> None:
    admin = home.session()
    admin.ask("/api/v1/users", "POST", {"name": "watched", "role": "operator", "password": PASSWORD})
    first, second = home.session("watched"), home.session("watched")
    person = first.ask("/api/v1/me").json["id"]
    assert first.ask(f"/api/v1/users/{person}/sessions").status == 403
    assert len(admin.ask(f"/api/v1/users/{person}/sessions").json["items"]) == 2
    assert first.ask("/api/v1/me/sessions:end-others", "POST").json == {"ended": 1}
    assert (first.ask("/api/v1/me").status, second.ask("/api/v1/me").status) == (200, 401)
    assert admin.ask(f"/api/v1/users/{person}/sessions:end", "POST").json == {"ended": 1}
    assert first.ask("/api/v1/me").status == 401
    assert admin.ask("/api/v1/users/usr_0123456789abcdef/sessions").status == 404
    assert home.session(tenant="acme").ask(f"/api/v1/users/{person}/sessions").status == 404


def test_roles_are_told_with_what_they_may(home: House) -> None:
    roles = {item["role"]: item["permissions"] for item in home.session("viewer").ask("/api/v1/roles").json["items"]}
    assert list(roles) == ["viewer", "operator", "approver", "admin"]
    assert "users:manage" in roles["admin"]
    assert "users:manage" not in roles["operator"]


def test_wrong_logins_are_slowed_down(tmp_path: Path) -> None:
    with house(tmp_path, LoginSettings(max_failures=2)) as opened:
        statuses = [opened.login("admin", "wrong").status for _ in range(3)]
        assert statuses == [401, 401, 429]
        locked = opened.login()
        assert (locked.status, locked.json["code"]) == (429, "locked_out")
        assert int(locked.headers["Retry-After"]) > 0
