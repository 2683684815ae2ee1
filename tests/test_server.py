"""`gwf server` as a process: its page, its TLS, its way of refusing, several of them on one database."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gwf.app.server import CentreProcess
from gwf.core.errors import ConfigError, ConflictError
from gwf.core.settings.load import LoadedSettings, load_settings
from gwf.db.address import DatabaseAddress
from tests.api.conftest import Answer
from tests.certificates import certificate_in

PASSWORD = "correct horse battery"


def loaded(data_dir: Path, **settings: Any) -> LoadedSettings:
    overrides = {"data_dir": str(data_dir), "listen": "127.0.0.1:0", "server.enabled": True}
    return load_settings(None, environ={}, overrides=overrides | settings)


@contextmanager
def running(data_dir: Path, **settings: Any) -> Iterator[CentreProcess]:
    process = CentreProcess(loaded(data_dir, **settings))
    try:
        process.start()
        yield process
    finally:
        process.stop()


def ask(process: CentreProcess, path: str, value: object = None, **headers: str) -> Answer:
    port = process.server.port
    if process.server.url.startswith("https:"):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port)
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    try:
        if value is None:
            connection.request("GET", path, headers=sent)
        else:
            connection.request("POST", path, json.dumps(value), {"Content-Type": "application/json", **sent})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def make_user(process: CentreProcess) -> None:
    user = {"name": "li", "role": "admin", "password": PASSWORD}
    made = ask(process, "/api/v1/users", user, Authorization=f"Bearer {process.local.token}")
    assert made.status == 201, made.body


def login(process: CentreProcess) -> tuple[str, str]:
    """Log in and return the header of the cookie and the word."""
    answer = ask(process, "/api/v1/login", {"name": "li", "password": PASSWORD})
    assert answer.status == 200, answer.body
    cookies = [header.partition(";")[0] for header in answer.headers.get_all("Set-Cookie") or []]
    return "; ".join(cookies), answer.json["csrf"]


@pytest.fixture
def unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no console be built, whatever this checkout has."""
    monkeypatch.setattr("gwf.app.server.DIST", tmp_path / "no-console")


@pytest.mark.usefixtures("unbuilt")
def test_a_centre_shows_its_state_to_everybody_and_nothing_else(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        page = ask(process, "/").body.decode()
        assert "GWF 中心正在运行" in page
        assert ask(process, "/x").status == 404
        for path in ("/api/v1/agents", "/metrics", "/api/v1/openapi.json"):
            assert ask(process, path).status == 401
        token = f"Bearer {process.local.token}"
        assert ask(process, "/api/v1/agents", Authorization=token).json["items"] == []
        assert ask(process, "/metrics", Authorization=token).status == 200
        assert (tmp_path / "local.token").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "local.token").exists()


def test_a_centre_shows_its_console_where_one_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "index.html").write_text('<base href="/" /><title>GWF</title>')
    monkeypatch.setattr("gwf.app.server.DIST", tmp_path / "dist")
    with running(tmp_path / "data") as process:
        assert ask(process, "/agents").body == b'<base href="/" /><title>GWF</title>'
        assert ask(process, "/assets/gone.js").status == 404
        assert ask(process, "/api/v1/agents").status == 401


@pytest.mark.usefixtures("unbuilt")
def test_a_centre_whose_database_is_broken_says_so_on_its_page(tmp_path: Path) -> None:
    (tmp_path / "core.db").write_bytes(b"this is no database" * 300)
    with running(tmp_path) as process:
        assert "database_in_memory" in ask(process, "/").body.decode()
        assert ask(process, "/ready").json["state"] == "degraded"


def test_two_centres_never_share_a_data_directory(tmp_path: Path) -> None:
    with running(tmp_path), pytest.raises(ConflictError):
        CentreProcess(loaded(tmp_path))


def test_other_hosts_are_let_in_under_tls_only_unless_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        CentreProcess(loaded(tmp_path, listen="0.0.0.0:0"))
    assert "api.tls_cert" in str(raised.value.problems)
    with running(tmp_path, listen="0.0.0.0:0", **{"api.allow_plain_http": True}) as process:
        assert ask(process, "/api/v1/agents").status == 401


def test_under_tls_cookies_are_for_this_very_host_and_never_sent_in_clear(tmp_path: Path) -> None:
    certificate = str(certificate_in(tmp_path))
    files = {"api.tls_cert": certificate, "api.tls_key": certificate}
    with running(tmp_path / "data", **files) as process:
        make_user(process)
        answer = ask(process, "/api/v1/login", {"name": "li", "password": PASSWORD})
        session = next(item for item in answer.headers.get_all("Set-Cookie") or [] if "session" in item)
        assert session.startswith("__Host-gwf_session=gwfs_")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in session.split(";")}
        assert ask(process, "/api/v1/me", Cookie=session.partition(";")[0]).json["name"] == "li"


def test_sessions_hold_on_every_centre_of_one_database(postgres_address: DatabaseAddress, tmp_path: Path) -> None:
    assert postgres_address.url is not None
    url = postgres_address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    database = {"server.database.url": url}
    with running(tmp_path / "a", **database) as one, running(tmp_path / "b", **database) as other:
        make_user(one)
        cookie, word = login(other)
        for process in (one, other, one):
            assert ask(process, "/api/v1/me", Cookie=cookie).json["name"] == "li"
        made = ask(one, "/api/v1/tokens", {"name": "ci", "role": "viewer"}, Cookie=cookie, X_Gwf_Csrf=word).json
        assert ask(other, "/api/v1/agents", Authorization=f"Bearer {made['secret']}").status == 200
        assert ask(one, "/api/v1/logout", {}, Cookie=cookie, X_Gwf_Csrf=word).status == 204
        assert ask(other, "/api/v1/me", Cookie=cookie).status == 401
