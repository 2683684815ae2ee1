"""Makes events of syslog messages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import quote

from gwf.core.labels import is_label_value
from gwf.events.model import Severity
from gwf.ingest.inputs.contract import CloudEvent
from gwf.ingest.inputs.syslog.framing import Frame
from gwf.ingest.inputs.syslog.model import Message
from gwf.ingest.inputs.syslog.rfc3164 import parse_rfc3164
from gwf.ingest.inputs.syslog.rfc5424 import parse_rfc5424

TYPE = "syslog.message"
SOURCE = "/syslog/"  #: followed by the host
_SEVERITY_OF: Mapping[str, Severity] = {
    "emerg": Severity.CRITICAL, "alert": Severity.CRITICAL, "crit": Severity.CRITICAL, "err": Severity.ERROR,
    "warning": Severity.WARNING, "notice": Severity.NOTICE, "info": Severity.INFO, "debug": Severity.DEBUG,
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How messages are read."""

    #: of messages that tell none; None = that of this host
    zone: tzinfo | None = None
    #: of messages that are no UTF-8
    encoding: str = "gb18030"
    min_severity: Severity = Severity.DEBUG
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


def read_message(data: bytes, manner: Manner, *, now_ms: int) -> Message:
    """Return the message that bytes are; every text is some message."""
    text = _decoded(data, manner.encoding).replace("\0", "")
    return parse_rfc5424(text) or parse_rfc3164(text, now_ms=now_ms, zone=manner.zone)


def event_of(frame: Frame, manner: Manner, *, name: str, peer: str, now_ms: int) -> CloudEvent | None:
    """Return the event called `name` of a message; None when it matters too little."""
    message = read_message(frame.data, manner, now_ms=now_ms)
    severity = _SEVERITY_OF[message.severity]
    if severity < manner.min_severity:
        return None
    host = message.host or peer
    labels = {"host": host, "app": message.app, "facility": message.facility} | dict(manner.labels)
    return {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE + quote(host, safe=":"),
        "type": TYPE,
        "time": None if message.at_ms is None else _time(message.at_ms),
        "subject": message.app or None,
        "severity": severity.word,
        "labels": ",".join(f"{key}={value}" for key, value in labels.items() if value and is_label_value(value)),
        "data": {
            "message": message.text, "severity": message.severity, "facility": message.facility, "host": host,
            "app": message.app, "process": message.process, "kind": message.kind, "peer": peer,
            "format": message.format.value, "elements": message.elements, "is_cut": frame.is_cut,
        },
    }  # fmt: skip


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(encoding, "replace")


def _time(at_ms: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=at_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
