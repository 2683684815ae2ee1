"""Texts of messages with places for values: `${rule}`, `${group:-none}`. Pure.

Nothing can be called, looped over or computed in a template, so that one can neither do harm nor take long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gwf.rules.faults import Faults

MAX_TITLE_CHARS, MAX_TEXT_CHARS = 300, 4_000
_PLACE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[^{}:]*)(?::-(?P<default>[^{}]*))?\})?")

#: what the places of a message about one notice stand for
NOTICE_FIELDS = {
    "kind": "firing, resolved, repeat or escalation",
    "kind_word": "the same as people read it",
    "severity": "worst severity: warning, critical …",
    "severity_word": "the same as people read it",
    "rule": "name of the rule",
    "title": "title of the worst alert",
    "group": "labels of the group, name=value",
    "new": "how many alerts are new or worse",
    "ended": "how many ended",
    "others": "how many others of the group are open",
    "alerts": "the alerts, a line each, the worst first",
    "level": "level of the chain, from 1",
    "people": "who is called by name",
    "time": "moment of the notice, by the clocks of the channel's zone",
    "link": "address of the worst alert in the console",
}
#: … and those of a message that folds several
DIGEST_FIELDS = {
    "count": "how many notices are folded",
    "severity": NOTICE_FIELDS["severity"],
    "severity_word": NOTICE_FIELDS["severity_word"],
    "rules": "how many notices of each rule",
    "notices": "the notices, a line each, the worst first",
    "people": NOTICE_FIELDS["people"],
    "since": "moment of the oldest of them",
    "time": "moment at which they were folded",
    "link": "address of the alerts in the console",
}
KINDS = ("firing", "resolved", "repeat", "escalation", "digest")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """Title and text of a kind of messages."""

    title: str
    text: str

    def filled(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Return title and text; a place without a value becomes its default, or nothing."""
        return _filled(self.title, values).strip(), _filled(self.text, values).strip()


def fields_of(kind: str) -> Mapping[str, str]:
    """Return the fields that templates of a kind may have, each with what it is."""
    return DIGEST_FIELDS if kind == "digest" else NOTICE_FIELDS


def read_template(kind: str, title: str, text: str, *, faults: Faults) -> MessageTemplate:
    """Return a template; what is wrong with it goes to `faults`."""
    for at, value, most in (("/title", title, MAX_TITLE_CHARS), ("/text", text, MAX_TEXT_CHARS)):
        if not value.strip():
            faults.add(at, "empty", "a message needs it")
        elif len(value) > most:
            faults.add(at, "too_long", f"longer than {most} characters", most=str(most))
        _check(kind, value, at, faults=faults)
    return MessageTemplate(title=title, text=text)


def _check(kind: str, text: str, at: str, *, faults: Faults) -> None:
    known = fields_of(kind)
    for found in _PLACE.finditer(text):
        name = found["name"]
        if name is None and not found["dollar"]:
            faults.add(at, "bad_template", "$ begins a place such as ${rule}; write $$ for the sign itself")
        elif name is not None and name not in known:
            hint = ", ".join(known)
            faults.add(at, "unknown_field", f"{name!r} is no field; there are {hint}", name=name, known=hint)


def _filled(text: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found["dollar"] or found["name"] is None:
            return "$"
        return values.get(found["name"]) or found["default"] or ""

    lines = [
        (
            _PLACE.sub(value, line),
            any(values.get(name["name"] or "") or name["default"] for name in _PLACE.finditer(line)),
        )
        for line in text.split("\n")
    ]
    # a line whose places are all empty says nothing
    kept = [
        line for (line, has_value), raw in zip(lines, text.split("\n"), strict=True) if has_value or "${" not in raw
    ]
    return "\n".join(kept)
