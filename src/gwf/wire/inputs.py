"""Inputs as the API shows them: ways by which events of other systems come in, and how each does."""

from __future__ import annotations

from typing import Literal

from gwf.wire.edge import Wire

InputKindName = Literal["cloudevents", "alertmanager", "webhook", "syslog", "plugin"]
InputStateName = Literal["on", "off", "crashed"]
GuardName = Literal["token", "signature", "certificate", "loopback", "package"]


class InputView(Wire):
    """A way by which events of other systems come in."""

    #: cloudevents, alertmanager, webhook/NAME, syslog or plugin/NAME
    name: str
    kind: InputKindName
    #: off: the settings do not switch it on; crashed: it is gone until the next start
    state: InputStateName
    #: path of this server, or host:port with what comes over it (udp, tcp, tls); "" = none
    address: str
    #: how it knows who sends
    guard: GuardName
    #: events that were stored
    taken: int
    #: that were stored before
    duplicates: int
    #: that are none that can be taken, and bodies that cannot be read
    refused: int
    #: for which there was no room
    dropped: int
    #: bodies of senders who could not prove who they are
    denied: int
    #: of what listens; None = it does not
    connections: int | None
    #: read and not stored yet
    waiting: int | None
    #: something was stored, or known already; None = nothing yet
    last_event_at: str | None
    #: why something was not taken, the last time; "" = everything was
    last_error: str
    last_error_at: str | None


class InputList(Wire):
    """Inputs in the order of the settings, with what each brought your tenant."""

    items: list[InputView]
    #: since when it is counted: since the process that answers began
    since: str
    as_of: str
