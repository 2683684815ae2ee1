"""A real HTTP server on loopback in front of routers of a centre, for the tests of any router.

with open_centre(v1=[agent_routes(fleet)]) as port:
    assert port.ask("/api/v1/agents", role="viewer").status == 200
    assert port.ask("/api/v1/agents", role=None).json["code"] == "login_required"
    assert port.post("/api/v1/groups", {"name": "a"}, role="operator@other").status == 201
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI

from gwf.api.accounts import Accounts
from gwf.api.app import create_centre_api
from gwf.api.centre import CentreParts, HotRoute
from gwf.api.late import LateApp
from gwf.api.legacy.frame import LegacyRoute
from gwf.api.listen import ListenAddress
from gwf.api.options import ApiOptions
from gwf.api.server import ApiServer
from gwf.app.centre import Centre
from gwf.core.errors import UnavailableError
from gwf.core.metrics import new_registry
from gwf.wire.edge import HealthState, Reason
from tests.api.conftest import Answer
from tests.api.fake_accounts import FakeAccounts

LOOPBACK = ListenAddress(host="127.0.0.1", port=0)
Running = Callable[[], AbstractAsyncContextManager[None]]


class FakeState:
    """A centre whose state is given."""

    def __init__(self) -> None:
        self.now: tuple[HealthState, list[Reason]] = ("ok", [])

    def state(self) -> tuple[HealthState, list[Reason]]:
        return self.now


@dataclass(frozen=True)
class CentrePort:
    """A running server and how to ask it."""

    server: ApiServer
    state: FakeState

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        body: bytes | None = None,
        role: str | None = "admin",
        **headers: str,
    ) -> Answer:
        """Send one request as a person of `role` (None = nobody); header names have _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if role is not None:
            sent["Authorization"] = f"Bearer {role}"
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            connection.request(method, path, body, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def post(self, path: str, value: object, *, method: str = "POST", role: str | None = "admin") -> Answer:
        """Send a value as JSON."""
        return self.ask(path, method, body=json.dumps(value).encode(), role=role, Content_Type="application/json")


@contextmanager
def open_centre(
    *,
    v1: Sequence[APIRouter] = (),
    hot: Sequence[HotRoute] = (),
    legacy: Sequence[LegacyRoute] = (),
    accounts: Accounts | None = None,
    running: Running | None = None,
    leaving: Callable[[], None] | None = None,
) -> Iterator[CentrePort]:
    """Serve the routers until the block ends; `running` is entered in the server's event loop."""
    state = FakeState()
    parts = CentreParts(
        state=state,
        accounts=accounts or FakeAccounts(),
        registry=new_registry(),
        v1=v1,
        hot=hot,
        legacy=legacy,
        running=running,
        leaving=leaving,
    )
    options = ApiOptions(listen=LOOPBACK, accounts=True, open_to_host=False)
    server = ApiServer(create_centre_api(centre=parts, options=options), listen=LOOPBACK, stopping=threading.Event())
    server.start()
    try:
        yield CentrePort(server, state)
    finally:
        server.stop()


@contextmanager
def open_late(opened: Callable[[], AbstractAsyncContextManager[Centre]]) -> Iterator[CentrePort]:
    """Serve a whole centre, opened in the server's event loop, until the block ends."""
    options = ApiOptions(listen=LOOPBACK, accounts=True, open_to_host=False)

    @asynccontextmanager
    async def made() -> AsyncIterator[FastAPI]:
        async with opened() as centre:
            yield create_centre_api(centre=centre.parts(), options=options)

    app = LateApp(made)
    server = ApiServer(app, listen=LOOPBACK, stopping=threading.Event())
    try:
        server.start()
        yield CentrePort(server, FakeState())
    except UnavailableError as exc:
        raise app.error or exc from exc
    finally:
        server.stop()
