"""Inputs of a whole centre over real HTTP and sockets, as the examples set them up."""

from __future__ import annotations

import itertools
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from gwf.app.centre import Centre, open_centre
from gwf.audit.model import SYSTEM
from gwf.core.errors import ConfigError
from gwf.core.settings.inputs import InputSettings, PluginInputSettings
from gwf.core.settings.load import load_settings
from gwf.core.settings.model import Settings
from gwf.core.settings.server import DatabaseSettings, ServerSettings
from gwf.identity.permissions import Permission, Role
from gwf.identity.principal import LOCAL
from gwf.identity.record import By
from gwf.identity.tokens import NewToken
from gwf.ingest.inputs.contract import Posted
from gwf.ingest.inputs.plugins import GROUP, plugin_inputs
from tests.api.centre_port import open_late
from tests.ingest.inputs.test_alertmanager import ALERT, group

EXAMPLES = Path(__file__).parents[2] / "examples"


def settings(data_dir: Path) -> Settings:
    loaded = load_settings(EXAMPLES / "inputs/inputs.yaml", environ={"GITHUB_WEBHOOK_SECRET": "g" * 32}, overrides={})
    inputs = loaded.settings.server.inputs
    syslog = inputs.syslog.model_copy(update={"listen": "127.0.0.1:0"})
    server = ServerSettings(
        enabled=True,
        database=DatabaseSettings(url="memory"),
        inputs=InputSettings(webhooks=inputs.webhooks, syslog=syslog),
    )
    return Settings(data_dir=data_dir, server=server)


def test_what_other_systems_send_is_among_the_events(tmp_path: Path) -> None:
    made: list[Centre] = []
    secrets: list[str] = []

    @asynccontextmanager
    async def opened() -> AsyncIterator[Centre]:
        async with open_centre(settings(tmp_path)) as centre:
            by = By(tenant="default", actor=SYSTEM, id="system")
            await centre.identity.users.ensure_tenant("default", by)
            scope = frozenset({Permission.EVENTS_WRITE, Permission.EVENTS_READ})
            wish = NewToken(name="senders", role=Role.OPERATOR, scopes=scope, machine=True)
            secrets.append((await centre.identity.tokens.create(wish, LOCAL, by))[1])
            made.append(centre)
            yield centre

    pipeline = {"object_kind": "pipeline", "object_attributes": {"id": 7, "status": "failed", "ref": "main"}}
    with open_late(opened) as port:
        for path, body in (("alertmanager", group(ALERT)), ("webhook/gitlab", json.dumps(pipeline).encode())):
            answer = port.ask(f"/api/v1/inputs/{path}", "POST", body=body, role=secrets[0])
            assert (answer.status, answer.json["accepted"]) == (200, 1)
        syslog = made[0].inputs.syslog
        assert syslog is not None
        with socket.create_connection(("127.0.0.1", syslog.port)) as line:
            line.sendall(b"<131>Nov 27 10:00:00 web1 shop[7]: paid nothing\n")
        for _ in itertools.count():
            events = port.ask("/api/v1/events?since=2026-01-01T00:00:00Z", role=secrets[0]).json["items"]
            found = {event["type"]: event for event in events}
            if "syslog.message" in found:
                break
    assert {kind: (found[kind]["severity"], found[kind]["subject"]) for kind in sorted(found) if "gwf" not in kind} == {
        "gitlab.pipeline": ("error", None),
        "prometheus.alert.firing": ("critical", "ProbeFailure"),
        "syslog.message": ("error", "shop"),
    }
    assert found["syslog.message"]["labels"] == {"app": "shop", "facility": "local0", "host": "web1", "site": "hz1"}


def test_an_input_of_a_package_is_made_of_what_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES / "plugins/gwf-nagios/src"))
    points = [EntryPoint(name="nagios", value="gwf_nagios:NagiosInput", group=GROUP)]
    wanted = {"checks": PluginInputSettings(plugin="nagios", options={"site": "hz1"})}
    plugin = plugin_inputs(wanted, points)["checks"]
    assert plugin.web is not None
    fault, event = plugin.web.read(Posted(body=b"web1\thttp\tbad\tno\nweb1\thttp\t2\ttimeout\n", headers={}))
    assert fault.pointer == "/0"
    assert isinstance(event.event, dict)
    assert (event.event["severity"], event.event["labels"]) == ("critical", "site=hz1")
    sys.modules.pop("gwf_nagios")


@pytest.mark.parametrize("value", ["gwf_nagios:Nobody", "json:dumps", "builtins:type"])
def test_a_package_that_is_asked_for_and_cannot_be_used_is_said(value: str) -> None:
    points = [EntryPoint(name="broken", value=value, group=GROUP)]
    for name in ("broken", "absent"):
        with pytest.raises(ConfigError, match=r"server\.inputs\.plugins\.mine"):
            plugin_inputs({"mine": PluginInputSettings(plugin=name)}, points)
