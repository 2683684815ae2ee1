"""An edge and a centre in one process: the edge is enrolled by itself, and what it does reaches the centre."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gwf.app.standalone import StandaloneProcess
from gwf.core.settings.model import Settings
from tests.agent.edges import Place, as_loaded
from tests.agent.waiting import until
from tests.certificates import certificate_in

LOOK = """
import sys
import gwf.cli.main, gwf.cli.start, gwf.app
print([name for name in ("sqlalchemy", "alembic", "psycopg", "aiosqlite", "argon2") if name in sys.modules])
"""


@contextmanager
def running(settings: Settings) -> Iterator[StandaloneProcess]:
    process = StandaloneProcess(as_loaded(settings))
    process.start()
    try:
        yield process
    finally:
        process.stop()


def ask(process: StandaloneProcess, path: str, body: object = None, token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    sent = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(process.server.url + path, sent, headers), timeout=20) as answer:
        return json.load(answer)


def agents(process: StandaloneProcess) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(process, "/api/v1/agents")["items"]
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    place = Place(tmp_path)
    place.write("a")
    return place.settings()


def test_the_edge_of_the_process_is_an_agent_of_its_centre_also_after_a_restart(settings: Settings) -> None:
    with running(settings) as process:
        until(lambda: [agent["state"] for agent in agents(process)] == ["online"])
        first = agents(process)[0]["agent_id"]
        until(lambda: [item["status"] for item in ask(process, "/api/v1/file-events")["items"]] == ["done"])
        assert ask(process, "/ready")["state"] == "ok"
    with running(settings) as process:
        until(lambda: [agent["state"] for agent in agents(process)] == ["online"])
        assert [agent["agent_id"] for agent in agents(process)] == [first]
        assert len(ask(process, "/api/v1/file-events")["items"]) == 1


def test_the_owner_administrates_without_an_account(settings: Settings) -> None:
    with running(settings) as process:
        made = ask(process, "/api/v1/users", {"name": "li", "role": "admin"}, process.local.token)
        assert made["role"] == "admin"
        with pytest.raises(urllib.error.HTTPError):
            ask(process, "/api/v1/users", {"name": "wang", "role": "admin"})


def test_a_database_that_is_broken_lets_the_edge_work_and_is_told(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / "core.db").write_bytes(b"this is no database" * 300)
    with running(settings) as process:
        until(lambda: [agent["state"] for agent in agents(process)] == ["online"])
        reasons = [reason["code"] for reason in ask(process, "/ready")["reasons"]]
        assert "database_in_memory" in reasons
        shown = ask(process, "/api/v1/overview")
        assert shown["state"] == "degraded"
        assert "database_in_memory" in [reason["code"] for reason in shown["reasons"]]


def test_an_edge_alone_loads_nothing_of_a_database() -> None:
    seen = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


def test_under_tls_the_edge_reaches_its_centre_whatever_name_the_certificate_has(
    settings: Settings, tmp_path: Path
) -> None:
    certificate = certificate_in(tmp_path)
    api = settings.api.model_copy(update={"tls_cert": certificate, "tls_key": certificate})
    with running(settings.model_copy(update={"listen": "localhost:0", "api": api})) as process:
        assert process.server.url.startswith("https://localhost:")
        until(lambda: process.link is not None and process.link.view().state == "connected")
