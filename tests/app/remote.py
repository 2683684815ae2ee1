"""A centre in this process and hosts that report to it, for tests of what people do with files of remote hosts."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from pydantic import SecretStr

from gwf.agent.files.answers import Rights
from gwf.api.app import create_centre_api
from gwf.api.late import LateApp
from gwf.api.options import ApiOptions
from gwf.api.server import ApiServer
from gwf.app.centre import open_centre
from gwf.core.settings.model import Settings
from tests.agent.centre.host import Running
from tests.agent.edges import Place
from tests.api.centre_port import LOOPBACK
from tests.api.conftest import Answer

SECRET = "s" * 40


@dataclass(frozen=True)
class Server:
    """A centre in this process; whoever asks may do everything."""

    api: ApiServer

    def ask(self, where: str, body: object = None, /, *, key: str = "", **query: Any) -> Answer:
        sent = None if body is None else json.dumps(body).encode()
        return self.send("GET" if body is None else "POST", where, sent, key=key, **query)

    def send(self, method: str, where: str, sent: bytes | None, /, *, key: str = "", **query: Any) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.api.port, timeout=30)
        kind = "application/octet-stream" if method == "PUT" else "application/json"
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": kind}
        headers |= {"Idempotency-Key": key} if key else {}
        where = f"/api/v1{where}?{urlencode(query, doseq=True)}" if query else f"/api/v1{where}"
        try:
            connection.request(method, where, sent, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def agent(self) -> dict[str, Any]:
        items = self.ask("/agents").json["items"]
        return dict(items[0]) if items else {}

    def actions(self) -> list[tuple[str, Any]]:
        items = self.ask("/audit", resource_kind="agent").json["items"]
        return [(item["action"], item["detail"]) for item in items if item["action"].startswith("agent.file")]


@contextmanager
def serving(
    directory: Path, database: str = "sqlite", more: Mapping[str, Any] = MappingProxyType({}), **agents: float
) -> Generator[Server]:
    """Serve a centre; `more` are further parts of its settings of the server."""
    given = {"data_dir": str(directory), "server": {"database": {"url": database}, "agents": agents, **more}}
    settings = Settings.model_validate(given)
    options = ApiOptions(listen=LOOPBACK, accounts=True, open_to_host=False, token=SecretStr(SECRET))

    @asynccontextmanager
    async def made() -> AsyncIterator[FastAPI]:
        async with open_centre(settings) as centre:
            yield create_centre_api(centre=centre.parts(), options=options)

    server = ApiServer(LateApp(made), listen=LOOPBACK, stopping=threading.Event())
    server.start()
    try:
        yield Server(server)
    finally:
        server.stop()


class RemoteHost:
    """A host with an edge that reports to a centre."""

    def __init__(self, base: Path, server: Server, rights: Rights = "act", **agent: Any) -> None:
        base.mkdir()
        self.place = Place(base)
        self.file = base / "gwf.yaml"
        self.environ: dict[str, str] = {}
        token = server.ask("/enrolment-tokens", {"name": "test", "max_uses": 1}).json["secret"]
        document = json.loads(self.place.settings(centre=None).model_dump_json(exclude_none=True))
        document["agent"]["centre"] = {
            "url": f"http://127.0.0.1:{server.api.port}",
            "enrolment_token": token,
            "heartbeat": 0.5,
            "remote_files": rights,
        }
        document["agent"] |= agent
        self.file.write_text(json.dumps(document))

    @contextmanager
    def running(self) -> Generator[Running]:
        process = Running(self)
        process.start()
        try:
            yield process
        finally:
            process.stop()
