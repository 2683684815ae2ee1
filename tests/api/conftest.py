"""A real HTTP server on loopback in front of the edge in memory."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.types import ASGIApp

from gwf.api.app import ApiParts, create_api
from gwf.api.legacy.frame import LegacyRoute
from gwf.api.listen import ListenAddress
from gwf.api.options import ApiOptions
from gwf.api.server import ApiServer
from gwf.api.v1.stream import StreamTiming
from gwf.core.clock import SystemClock
from gwf.identity.local import LocalAccess
from tests.api.fake_edge import FakeEdge
from tests.api.v1_parts import Fakes, centre_parts, v1_parts

LOOPBACK = ListenAddress(host="127.0.0.1", port=0)
FAST = StreamTiming(look_s=0.1, heartbeat_s=0.3)


@dataclass(frozen=True)
class Answer:
    """One answer, wholly read."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Port:
    """A running server and how to ask it."""

    edge: FakeEdge
    fakes: Fakes
    server: ApiServer
    local: LocalAccess

    def ask(self, path: str, method: str = "GET", *, body: bytes | None = None, **headers: str) -> Answer:
        """Send one request; header names have _ for -. A change shows the local token, if nothing else."""
        if method not in {"GET", "HEAD", "OPTIONS"} and not {"Authorization", "Cookie"} & set(headers):
            headers["Authorization"] = f"Bearer {self.local.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        try:
            connection.request(method, path, body, headers={k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    @contextmanager
    def stream(
        self, *, path: str = "/api/v1/stream", **headers: str
    ) -> Iterator[tuple[http.client.HTTPMessage, Iterator[str]]]:
        """Open the event stream; yield its headers and its lines as they come, without empty ones."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        try:
            connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            yield response.headers, (line for raw in response if (line := raw.decode().strip()))
            response.close()
        finally:
            connection.close()


@contextmanager
def open_port(
    edge: FakeEdge,
    *,
    site: ASGIApp | None = None,
    legacy: Sequence[LegacyRoute] = (),
    timing: StreamTiming = FAST,
    **options: Any,
) -> Iterator[Port]:
    """Serve `edge` until the block ends."""
    stopping, fakes, local = threading.Event(), Fakes(), LocalAccess(SystemClock())
    app = create_api(
        edge=edge,
        options=ApiOptions(listen=LOOPBACK, **options),
        render_metrics=lambda: "# HELP gwf_up Up.\n# TYPE gwf_up gauge\ngwf_up 1\n",
        parts=ApiParts(v1=v1_parts(fakes), site=site, legacy=legacy, local=local, centre=centre_parts(), timing=timing),
    )
    server = ApiServer(app, listen=LOOPBACK, stopping=stopping)
    server.start()
    try:
        yield Port(edge, fakes, server, local)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def shared_port() -> Iterator[Port]:
    with open_port(FakeEdge()) as running:
        yield running


@pytest.fixture
def port(shared_port: Port) -> Port:
    """The one server of this run, with its edge as new."""
    shared_port.edge.show("full")
    return shared_port
