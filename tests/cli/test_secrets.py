from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import zstandard

from gwf.app.centre import Centre, open_centre
from gwf.audit.model import SYSTEM
from gwf.core.settings.model import Settings
from gwf.core.settings.server import ServerSettings
from gwf.identity.permissions import Role
from gwf.identity.principal import LOCAL
from gwf.identity.record import By
from gwf.identity.tokens import NewEnrolment, NewToken
from tests.agent.waiting import until
from tests.api.centre_port import CentrePort, open_late
from tests.api.test_rollouts import Edge
from tests.cli.conftest import Run
from tests.wire.test_agents import REGISTRATION

KEY, PASSWORD = "hunter22-clear-store-key", "pass99-clear-of-proxy"
STORE = {"url": "s3://bucket", "region": "r", "access_key": "${OSS_ID}", "secret_key": KEY}
DOCUMENT = {"stores": {"main": {**STORE, "proxy": f"http://me:{PASSWORD}@proxy:3128"}}}
SHOWN = {"stores": {"main": {**STORE, "secret_key": "******", "proxy": "http://******@proxy:3128"}}}


@dataclass
class House:
    """A whole centre on SQLite files."""

    port: CentrePort
    directory: Path
    admin: str = ""
    enrolment: str = ""
    #: everything that came back from it to people
    answers: list[bytes] = field(default_factory=list[bytes])

    def ask(self, path: str, body: object = None, *, status: int = 200) -> Any:
        path = f"/api/v1{path}"
        answer = self.port.ask(path, role=self.admin) if body is None else self.port.post(path, body, role=self.admin)
        assert answer.status == status, answer.body
        self.answers.append(answer.body)
        return answer.json

    def edge(self) -> Edge:
        told = self.port.post("/api/v1/agents/register", REGISTRATION, role=self.enrolment).json
        edge = Edge(self.port, told["agent_id"], told["credential"])
        edge.beat()
        return edge

    def written(self, layer: str, document: object) -> Any:
        return self.ask(f"/config-layers/{layer}/versions", document, status=201)

    def state(self) -> Any:
        return self.port.ask("/ready", role=self.admin).json


@contextmanager
def open_house(directory: Path) -> Iterator[House]:
    """Serve until the block ends."""
    secrets: list[str] = []

    @asynccontextmanager
    async def opened() -> AsyncIterator[Centre]:
        async with open_centre(Settings(data_dir=directory, server=ServerSettings(enabled=True))) as centre:
            by = By(tenant="default", actor=SYSTEM, id="system")
            await centre.identity.users.ensure_tenant("default", by)
            tokens = centre.identity.tokens
            secrets.append((await tokens.create(NewToken(name="a", role=Role.ADMIN, machine=True), LOCAL, by))[1])
            secrets.append((await tokens.create_enrolment(NewEnrolment(name="line"), by))[1])
            yield centre

    with open_late(opened) as port:
        yield House(port, directory, admin=secrets[0], enrolment=secrets[1])


def unpacked(backup: Path) -> bytes:
    with backup.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as plain:
        return plain.read()


def test_a_secret_reaches_its_agent_and_nothing_else_in_clear(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, run: Run
) -> None:
    caplog.set_level(logging.DEBUG, logger="gwf")
    clear = (KEY.encode(), PASSWORD.encode())
    with open_house(tmp_path) as house:
        edge, layer = house.edge(), house.ask("/config-layers", {"kind": "base"}, status=201)["layer_id"]
        first = house.written(layer, DOCUMENT)["version"]["version_id"]
        again = house.written(layer, SHOWN | {"log": {"level": "debug"}})
        assert [change["pointer"] for change in again["changes"]] == ["/log/level"]
        version = again["version"]["version_id"]
        wish = {"version_id": version, "waves": [100], "gates": {"soak_s": 0}}
        house.ask("/rollouts", wish, status=201)
        edge.offered()
        given = edge.get("/api/v1/agents/self/config").json
        shown: dict[str, str] = given["document"]["stores"]["main"]
        assert set(given["secrets"].values()) == {KEY, f"me:{PASSWORD}"}
        assert (shown["access_key"], shown["secret_key"][:9]) == ("${OSS_ID}", "${secret:")
        until(lambda: house.ask(f"/agents/{edge.agent_id}/config")["document"])
        assert house.ask(f"/config-versions/{version}")["document"] == SHOWN | {"log": {"level": "debug"}}
        house.ask(f"/config-versions/{version}/diff?against={first}")
        house.ask(f"/config-versions/{first}:rollback", {"reason": "back"}, status=201)
        house.ask(f"/config-layers/{layer}/versions?dry_run=true", DOCUMENT, status=201)
        assert house.ask("/audit")["items"]
        backup = tmp_path / "b.gwfbackup"
        assert run("db", "backup", backup, "--data", tmp_path).code == 0
        files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
        assert {"core.db", "core.db-wal", "secrets.key"} <= files.keys()
        files["backup, unpacked"] = unpacked(backup)
        files["answers"] = b"\n".join(house.answers)
        files["log"] = caplog.text.encode()
    assert [name for name, content in files.items() for text in clear if text in content] == []
    assert b"v1." in files["backup, unpacked"]


def test_a_centre_without_its_key_starts_says_what_is_lost_and_keeps_no_new_secret(tmp_path: Path, run: Run) -> None:
    with open_house(tmp_path) as house:
        layer = house.ask("/config-layers", {"kind": "base"}, status=201)["layer_id"]
        house.written(layer, DOCUMENT)
    (tmp_path / "secrets.key").rename(tmp_path / "elsewhere")
    with open_house(tmp_path) as house:
        (reason,) = house.state()["reasons"]
        assert (reason["code"], reason["params"]["unreadable"]) == ("secrets_key_missing", "2")
        assert layer in reason["message"]
        assert not (tmp_path / "secrets.key").exists()
        refused = house.port.post(f"/api/v1/config-layers/{layer}/versions", DOCUMENT, role=house.admin)
        assert (refused.status, refused.json["code"]) == (503, "secrets_unavailable")
        house.written(layer, {"log": {"level": "debug"}})
        shown = run("secrets", "show", "--data", tmp_path)
        assert (shown.code, "missing\t2" in shown.out) == (1, True)
    assert run("secrets", "init", "--data", tmp_path).code == 0
    with open_house(tmp_path) as house:
        (reason,) = house.state()["reasons"]
        assert reason["code"] == "secrets_key_wrong"
        (tmp_path / "elsewhere").replace(tmp_path / "secrets.key")
        house.written(layer, DOCUMENT)  # it reads the file again when it needs the key


def test_keys_are_rotated_beside_a_running_centre(tmp_path: Path, run: Run) -> None:
    with open_house(tmp_path) as house:
        edge, layer = house.edge(), house.ask("/config-layers", {"kind": "base"}, status=201)["layer_id"]
        version = house.written(layer, DOCUMENT)["version"]["version_id"]
        before = (tmp_path / "secrets.key").read_text()
        done = run("secrets", "rotate", "--drop-old", "--data", tmp_path)
        assert (done.code, done.out[:21]) == (0, "2 secrets are sealed "), done.err
        assert not set(before.splitlines()[2:]) & set((tmp_path / "secrets.key").read_text().splitlines())
        house.ask("/rollouts", {"version_id": version, "waves": [100], "gates": {"soak_s": 0}}, status=201)
        edge.offered()
        assert KEY in edge.get("/api/v1/agents/self/config").json["secrets"].values()
        assert house.ask("/audit?action=key_ring.rotate")["items"][0]["actor"]["kind"] == "local"
