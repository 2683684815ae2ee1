"""A centre in memory on a port, with two tenants, for requests that nobody planned."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import schemathesis

from gwf.api.matrix import endpoints_of
from gwf.app.centre import Centre, open_centre
from gwf.audit.model import SYSTEM
from gwf.core.settings.channels import ChannelSettings
from gwf.core.settings.model import Settings
from gwf.core.settings.server import DatabaseSettings, LoginSettings, ServerSettings
from gwf.identity.permissions import Role
from gwf.identity.principal import LOCAL
from gwf.identity.record import By
from gwf.identity.tokens import NewEnrolment, NewToken
from tests.api.centre_port import CentrePort, open_late
from tests.api.v1_parts import centre_parts
from tests.api.write_openapi import COMMITTED

TENANTS = ("default", "acme")
ENDLESS = ("/stream", ":export", ":extract", ":backtest")


@dataclass
class House:
    """A centre with an administrator's token and an enrolment token for each tenant, and one agent of the first."""

    port: CentrePort
    admin: dict[str, str]
    enrolment: dict[str, str]
    credential: str = ""

    def headers(self, path: str) -> dict[str, str]:
        """Return what lets a request for a path in."""
        if path == "/api/v1/agents/register":
            return {"Authorization": f"Bearer {self.enrolment['default']}"}
        if path == "/api/v1/agents/heartbeat" or path.startswith("/api/v1/agents/self/"):
            return {"Authorization": f"Bearer {self.credential}"}
        return {"Authorization": f"Bearer {self.admin['default']}"}


@contextmanager
def open_house(data_dir: Path) -> Iterator[House]:
    """Serve until the block ends."""
    login = LoginSettings(max_failures=100)
    server = ServerSettings(
        enabled=True, database=DatabaseSettings(url="memory"), login=login,
        channels={"room": ChannelSettings.model_validate({"kind": "webhook", "url": "http://127.0.0.1:9/room"})},
    )  # fmt: skip
    admin: dict[str, str] = {}
    enrolment: dict[str, str] = {}

    @asynccontextmanager
    async def opened() -> AsyncIterator[Centre]:
        async with open_centre(Settings(data_dir=data_dir, server=server)) as centre:
            for tenant in TENANTS:
                by = By(tenant=tenant, actor=SYSTEM, id="system")
                await centre.identity.users.ensure_tenant(tenant, by)
                tokens = centre.identity.tokens
                wish = NewToken(name="admin", role=Role.ADMIN, machine=True)
                admin[tenant] = (await tokens.create(wish, LOCAL, by))[1]
                enrolment[tenant] = (await tokens.create_enrolment(NewEnrolment(name="line"), by))[1]
            yield centre

    with open_late(opened) as port:
        made = House(port, admin, enrolment)
        made.credential = register(made, "default")["credential"]
        yield made


def register(house: House, tenant: str) -> dict[str, Any]:
    body = {
        "protocol": 1,
        "instance_id": f"00000000-0000-4000-8000-00000000000{TENANTS.index(tenant)}",
        "hostname": f"host-{tenant}",
        "version": "0.1.0",
        "labels": {"tenant": tenant},
        "os": "linux",
        "started_at": "2026-01-01T00:00:00.000Z",
    }
    answer = house.port.post("/api/v1/agents/register", body, role=house.enrolment[tenant])
    assert answer.status == 201, answer.body
    value: dict[str, Any] = answer.json
    return value


def operations() -> list[Any]:
    """Return the operations of the centre's own endpoints."""
    centre = centre_parts()
    own = {(item.method, item.path) for item in endpoints_of(centre.v1, centre.hot)}
    described = schemathesis.openapi.from_dict(json.loads(COMMITTED.read_text(encoding="utf-8")))
    results: list[Any] = list(described.get_all_operations())
    found = [result.ok() for result in results]
    return [item for item in found if (item.method.upper(), item.path) in own and not item.path.endswith(ENDLESS)]
