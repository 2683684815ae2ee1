"""Where inputs take what comes, and who may send, as the settings have it. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gwf.core.settings.addresses import is_loopback, parse_listen
from gwf.core.settings.inputs import SyslogSettings
from gwf.ingest.inputs.mapping import Webhook
from gwf.ingest.inputs.plugins import PluginInput
from gwf.ingest.inputs.syslog.listener import NAME

CLOUDEVENTS = "cloudevents"
ALERTMANAGER = "alertmanager"


class InputKind(enum.StrEnum):
    """What an input understands."""

    CLOUDEVENTS = "cloudevents"
    ALERTMANAGER = "alertmanager"
    WEBHOOK = "webhook"
    SYSLOG = "syslog"
    PLUGIN = "plugin"


class Guard(enum.StrEnum):
    """How it knows who sends."""

    #: an API token with events:write
    TOKEN = "token"  # noqa: S105  # a word, no secret
    #: the body is signed with the key of the settings
    SIGNATURE = "signature"
    #: a client certificate
    CERTIFICATE = "certificate"
    #: whoever runs on this host
    LOOPBACK = "loopback"
    #: the package knows
    PACKAGE = "package"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """An input as the settings have it."""

    #: as in metrics
    name: str
    kind: InputKind
    #: path of this server, or host:port with what comes over it; "" = none, or known to the package alone
    address: str
    guard: Guard
    is_on: bool = True
    #: whose its events are; "" = of whoever sends
    tenant: str = ""
    #: it listens by itself
    listens: bool = False


_PLAIN = (
    Door(name=CLOUDEVENTS, kind=InputKind.CLOUDEVENTS, address="/api/v1/events", guard=Guard.TOKEN),
    Door(name=ALERTMANAGER, kind=InputKind.ALERTMANAGER, address=f"/api/v1/inputs/{ALERTMANAGER}", guard=Guard.TOKEN),
)


def doors_of(webhooks: Mapping[str, Webhook], syslog: SyslogSettings, plugins: Iterable[PluginInput]) -> list[Door]:
    """Return all inputs: first those that need no settings."""
    return [
        *_PLAIN,
        *(_webhook_door(name, one) for name, one in webhooks.items()),
        _syslog_door(syslog),
        *(_plugin_door(one) for one in plugins),
    ]


def _webhook_door(name: str, webhook: Webhook) -> Door:
    return Door(
        name=f"webhook/{name}", kind=InputKind.WEBHOOK, address=f"/api/v1/inputs/webhook/{name}",
        guard=Guard.SIGNATURE if webhook.is_signed else Guard.TOKEN, tenant=webhook.tenant if webhook.is_signed else "",
    )  # fmt: skip


def _syslog_door(settings: SyslogSettings) -> Door:
    listen, has_tls = settings.listen, settings.tls_cert is not None
    if listen is None:
        return Door(name=NAME, kind=InputKind.SYSLOG, address="", guard=Guard.LOOPBACK, is_on=False)
    ways = [way for way, is_on in (("udp", settings.udp), ("tls" if has_tls else "tcp", settings.tcp)) if is_on]
    guard = Guard.LOOPBACK if is_loopback(parse_listen(listen)[0]) and not has_tls else Guard.CERTIFICATE
    return Door(
        name=NAME, kind=InputKind.SYSLOG, address=f"{listen} {'/'.join(ways)}", guard=guard, tenant=settings.tenant,
        listens=True,
    )  # fmt: skip


def _plugin_door(plugin: PluginInput) -> Door:
    web = plugin.web is not None
    return Door(
        name=f"plugin/{plugin.name}", kind=InputKind.PLUGIN,
        address=f"/api/v1/inputs/plugin/{plugin.name}" if web else "", guard=Guard.TOKEN if web else Guard.PACKAGE,
        tenant="" if web else plugin.tenant, listens=plugin.listening is not None,
    )  # fmt: skip
