"""Reads messages of RFC 5424 strictly: what is not exactly one is none. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from gwf.ingest.inputs.syslog.model import MAX_PRIORITY, Format, Message

_NIL = "-"
_BOM = "\ufeff"
_HEADER = re.compile(
    r"<(?P<priority>0|[1-9]\d{0,2})>1"
    r" (?P<time>-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))"
    r" (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) (?P<kind>[!-~]{1,32}) ",
    re.ASCII,
)
_NAME = r"[!#-<>-\\^-~]{1,32}"  #: printable, without = ] "
_ELEMENT = re.compile(rf'\[(?P<id>{_NAME})(?P<parameters>(?: {_NAME}="(?:[^"\\\]]|\\.)*")*)\]', re.DOTALL)
_PARAMETER = re.compile(rf' (?P<name>{_NAME})="(?P<value>(?:[^"\\\]]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\\]])')


def parse_rfc5424(text: str) -> Message | None:
    """Return the message that a text is; None when it is none of RFC 5424."""
    header = _HEADER.match(text)
    if header is None or int(header["priority"]) > MAX_PRIORITY:
        return None
    at_ms = _time(header["time"])
    structured = _elements(text, header.end())
    if structured is None or (at_ms is None and header["time"] != _NIL):
        return None
    elements, end = structured
    if end < len(text) and text[end] != " ":
        return None
    return Message(
        format=Format.RFC5424,
        priority=int(header["priority"]),
        at_ms=at_ms,
        host=_given(header["host"]),
        app=_given(header["app"]),
        process=_given(header["process"]),
        kind=_given(header["kind"]),
        elements=elements,
        text=text[end + 1 :].removeprefix(_BOM),
    )


def _elements(text: str, begin: int) -> tuple[dict[str, dict[str, list[str]]], int] | None:
    """Return the structured data and where it ends; None when it is broken."""
    if text.startswith(_NIL, begin):
        return {}, begin + 1
    found: dict[str, dict[str, list[str]]] = {}
    at = begin
    while (element := _ELEMENT.match(text, at)) is not None:
        if element["id"] in found:  # 6.3.2: an element stands once
            return None
        parameters = found[element["id"]] = {}
        for parameter in _PARAMETER.finditer(element["parameters"]):
            value = _ESCAPED.sub(r"\1", parameter["value"])
            parameters.setdefault(parameter["name"], []).append(value)
        at = element.end()
    return (found, at) if found else None


def _time(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
        return max(0, int(moment.astimezone(UTC).timestamp() * 1000))
    except (ValueError, OverflowError):  # the 30th of February, or none
        return None


def _given(text: str) -> str:
    return "" if text == _NIL else text
