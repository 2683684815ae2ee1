"""Settings of inputs: ways by which events of other systems come to the centre."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gwf.core.labels import is_label_name, is_label_value
from gwf.core.pointers import Template, pointer_steps
from gwf.core.settings.addresses import is_loopback, parse_listen
from gwf.core.settings.draft import Loc
from gwf.core.settings.section import Section
from gwf.core.settings.values import Count, Duration, EnvName, Listen, LocalPath, Secret, Size, StoreName

SeverityWord = Literal["debug", "info", "notice", "warning", "error", "critical"]
_AT: Loc = ("server", "inputs")


def _checked_template(text: str) -> str:
    Template.parse(text)
    return text


def _checked_pointer(text: str) -> str:
    pointer_steps(text)
    return text


def _checked_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: write a name such as Asia/Shanghai") from None
    return name


TemplateText = Annotated[str, Field(max_length=1000), AfterValidator(_checked_template)]
Pointer = Annotated[str, Field(max_length=1000), AfterValidator(_checked_pointer)]
Zone = Annotated[str, AfterValidator(_checked_zone)]
TenantName = Annotated[str, Field(min_length=1, max_length=64)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class WebhookInputSettings(Section):
    """What other systems post to /api/v1/inputs/webhook/NAME, and how events are made of it.

    Texts hold places that are filled: `{/a/b}` is a JSON pointer into the item, `{body/a}` into all that came,
    `{header/x-name}` a header; of `{/a|/b}` the first that leads to a value counts.
    """

    #: JSON pointer to the list whose items are made into events; empty = all that came is one item, or a list of them
    items: Pointer = ""
    #: only items for which each of these texts is one of its words; all others are passed over
    only: dict[TemplateText, tuple[str, ...]] = Field(default_factory=dict, max_length=16)
    #: kind of the event, such as `gitlab.{/object_kind}`
    type: TemplateText = Field(min_length=1)
    #: names the event within its source, so that what is posted again counts once; empty = hash of the item
    id: TemplateText = ""
    #: who tells it, a URI reference; empty = /webhook/NAME
    source: TemplateText = ""
    #: what it is about; empty or leading nowhere = the source as a whole
    subject: TemplateText = ""
    #: when it happened: RFC 3339, or seconds or milliseconds since 1970; empty or leading nowhere = now
    time: TemplateText = ""
    #: how much it matters, in the words of `severities`; empty or an unknown word = `severity_otherwise`
    severity: TemplateText = ""
    #: severities by the words of the other system, without regard to case; our own words are known
    severities: dict[str, SeverityWord] = Field(default_factory=dict, max_length=64)
    #: severity of what names none that is known
    severity_otherwise: SeverityWord = "info"
    #: labels; one that leads nowhere, or to what no label can be, is left out
    labels: dict[str, TemplateText] = Field(default_factory=dict, max_length=32)
    #: JSON pointer to what of the item is kept as data; empty = all of it
    data: Pointer = ""
    #: key by which the other system signs the body (HMAC-SHA-256, hexadecimal); it needs no token then
    secret: Secret | None = None
    #: header with the signature
    signature_header: HeaderName = "X-Hub-Signature-256"
    #: what stands before the signature in the header
    signature_prefix: str = Field(default="sha256=", max_length=32)
    #: tenant that signed events belong to; others belong to that of the token
    tenant: TenantName = "default"
    #: largest body
    max_body: Size = Field(default=1024**2, ge=1024, le=4 * 1024**2)


class SyslogSettings(Section):
    """Syslog messages (RFC 5424 and RFC 3164) over UDP and TCP. Nothing listens unless `listen` is given."""

    #: host:port, for example 127.0.0.1:5514; beyond loopback it takes TCP with client certificates only
    listen: Listen | None = None
    #: take datagrams; on loopback only, because nobody can be recognised by them
    udp: bool = True
    #: take connections, framed by octet counts or by line feeds (RFC 6587)
    tcp: bool = True
    #: PEM file with the certificate chain of this server: connections are TLS then (RFC 5425)
    tls_cert: LocalPath | None = None
    #: PEM file with its private key
    tls_key: LocalPath | None = None
    #: PEM bundle that signs the certificates of senders; others are turned away
    client_ca: LocalPath | None = None
    #: tenant that the events belong to
    tenant: TenantName = "default"
    #: labels of every event
    labels: dict[str, str] = Field(default_factory=dict, max_length=32)
    #: time zone of senders whose messages tell none; None = that of this host
    zone: Zone | None = None
    #: what messages are in that are no UTF-8
    encoding: Literal["gb18030", "latin-1"] = "gb18030"
    #: messages that matter less are passed over
    min_severity: SeverityWord = "debug"
    #: longer messages are cut
    max_message: Size = Field(default=16 * 1024, ge=2048, le=32 * 1024)
    #: connections at a time; further ones are closed at once
    max_connections: Count = Field(default=100, ge=1, le=10_000)
    #: messages a second; above, connections are read more slowly and datagrams dropped
    max_per_s: Count = Field(default=1000, ge=1, le=100_000)
    #: connections on which nothing comes for so long are closed
    idle: Duration = Field(default=900.0, ge=1, le=86400)


class PluginInputSettings(Section):
    """An input that an installed package brings (entry point of the group gwf.inputs)."""

    #: name of the entry point
    plugin: str = Field(min_length=1, max_length=100)
    #: tenant that its events belong to, unless they came with a token
    tenant: TenantName = "default"
    #: what it is told, by name
    options: dict[EnvName, str] = Field(default_factory=dict, max_length=64)
    #: the same for what nobody may read
    secrets: dict[EnvName, Secret] = Field(default_factory=dict, max_length=16)


class InputSettings(Section):
    """Ways by which events of other systems come in, besides CloudEvents and Alertmanager, which need no settings."""

    #: what other systems post, by the last part of its address
    webhooks: dict[StoreName, WebhookInputSettings] = Field(default_factory=dict)
    #: syslog messages
    syslog: SyslogSettings = SyslogSettings()
    #: inputs of installed packages, by the name they have here
    plugins: dict[StoreName, PluginInputSettings] = Field(default_factory=dict)


def input_problems(inputs: InputSettings) -> Iterator[tuple[Loc, str]]:
    """Yield what does not fit together in inputs."""
    for name, webhook in inputs.webhooks.items():
        for label in webhook.labels:
            if not is_label_name(label):
                yield (*_AT, "webhooks", name, "labels", label), "is no name of a label: A-Z a-z 0-9 . _ / -"
    yield from _syslog_problems(inputs.syslog)


def input_files(inputs: InputSettings) -> Iterator[tuple[Loc, str]]:
    """Yield which files are named and not there."""
    syslog = inputs.syslog
    for key, path in (("tls_cert", syslog.tls_cert), ("tls_key", syslog.tls_key), ("client_ca", syslog.client_ca)):
        if path is not None and not os.path.isfile(path):
            yield (*_AT, "syslog", key), f"no such file: {path}"


def _syslog_problems(syslog: SyslogSettings) -> Iterator[tuple[Loc, str]]:
    at = (*_AT, "syslog")
    for name, value in syslog.labels.items():
        if not (is_label_name(name) and is_label_value(value)):
            yield (*at, "labels", name), "is no label: names are A-Z a-z 0-9 . _ / -, values letters and digits"
    if syslog.listen is None:
        return
    if not (syslog.udp or syslog.tcp):
        yield (*at, "listen"), "has no effect while udp and tcp are both false"
    files = {"tls_cert": syslog.tls_cert, "tls_key": syslog.tls_key, "client_ca": syslog.client_ca}
    missing = [key for key, path in files.items() if path is None]
    if 0 < len(missing) < len(files):
        yield (*at, missing[0]), "is required: tls_cert, tls_key and client_ca work together only"
    if not is_loopback(parse_listen(syslog.listen)[0]):
        yield from _open_problems(syslog, has_tls=len(missing) < len(files))


def _open_problems(syslog: SyslogSettings, *, has_tls: bool) -> Iterator[tuple[Loc, str]]:
    """Yield what lets strangers in."""
    why = f"listen = {syslog.listen} can be reached by other machines"
    if syslog.udp:
        yield (*_AT, "syslog", "udp"), f"must be false because {why}: by datagrams nobody can be recognised"
    if not has_tls:
        yield (*_AT, "syslog", "tls_cert"), f"is required because {why}: senders are recognised by certificates"
