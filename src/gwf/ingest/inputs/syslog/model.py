"""A syslog message as it was read."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
MAX_PRIORITY = 191
USUAL_PRIORITY = 13  #: of what names none: user.notice (RFC 3164, 4.3.3)


class Format(enum.StrEnum):
    """By which rules a message was read."""

    RFC5424 = "rfc5424"
    RFC3164 = "rfc3164"
    #: neither: all of it is the text
    RAW = "raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; "" = it does not say."""

    format: Format
    priority: int
    #: ms UTC; None = it does not say
    at_ms: int | None = None
    host: str = ""
    app: str = ""
    process: str = ""
    #: kind of the message (MSGID)
    kind: str = ""
    #: structured data: by element, by parameter; of parameters that come again all values
    elements: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict[str, "Mapping[str, list[str]]"])
    text: str

    @property
    def facility(self) -> str:
        """Who in the system tells it."""
        return FACILITIES[self.priority >> 3]

    @property
    def severity(self) -> str:
        """How much it matters, in syslog's words."""
        return SEVERITIES[self.priority & 7]
