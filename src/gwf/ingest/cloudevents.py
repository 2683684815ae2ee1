"""Reads CloudEvents 1.0 in their JSON and HTTP forms, and says what is wrong with one. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import msgspec

from gwf.core.labels import is_label_name, is_label_value
from gwf.events.model import (
    FAST_CLOCK_MS,
    MAX_DATA_BYTES,
    MAX_ID_CHARS,
    MAX_SOURCE_CHARS,
    MAX_SUBJECT_CHARS,
    MAX_TYPE_CHARS,
    RESERVED,
    SEVERITY_OF_WORD,
    Event,
    Severity,
    is_storable,
)

SPEC_VERSION = "1.0"
SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
HEADER = "ce-"  #: begins the headers of the binary form
MAX_BATCH_EVENTS = 2_000
MAX_EXTENSIONS = 32
MAX_EXTENSION_CHARS = 1_024
MAX_LABELS = 64
CLAIMED = "claimedtime"  #: extension with the time that a sender named, where it cannot be
OWN_SOURCES = "/gwf/"  #: sources that begin so are GWF's own

_NAME = re.compile(r"[a-z0-9]{1,20}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_MEDIA_TYPE = re.compile(r"[!#$&^_.+\w-]{1,127}/[!#$&^_.+\w-]{1,127}(\s*;.{0,200})?")
_REFERENCE = re.compile(r"[!#$%&'()*+,/0-9:;=?@A-Z\[\]_a-z~.-]+")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_INTEGER = 2**31  #: integers of CloudEvents have 32 bits
_ATTRIBUTES = frozenset(
    {"specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema", "data", "data_base64"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why an event is not taken."""

    #: JSON pointer into the event: /time; "" = the event as a whole
    pointer: str
    #: stable, for example missing, wrong_type, too_long, reserved
    code: str
    message: str


class FaultError(ValueError):
    """An event that cannot be taken; the caller reports it with the event's place in the request."""

    def __init__(self, name: str, code: str, message: str) -> None:
        """Name the attribute, "" = the event as a whole."""
        super().__init__(message)
        self.fault = Fault(pointer=f"/{name}" if name else "", code=code, message=message)


def parse_event(value: object, *, tenant: str, now_ms: int) -> Event:
    """Return the event that a decoded JSON object is; one without a time happened now.

    Raises:
        FaultError: It is none that we take.
    """
    if not isinstance(value, dict):
        raise FaultError("", "wrong_type", "an event is a JSON object")
    found: dict[str, object] = {str(name): item for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    version = _text(found, "specversion", 16)
    if version != SPEC_VERSION:
        raise FaultError("specversion", "unsupported", f"only {SPEC_VERSION} is supported")
    extensions = dict(_extensions(found))
    at_ms = _time(found, now_ms)
    if at_ms > now_ms + FAST_CLOCK_MS:  # it would stay on top of every list
        extensions[CLAIMED] = str(found["time"])
        at_ms = now_ms
    return Event(
        id=_text(found, "id", MAX_ID_CHARS),
        source=_source(found),
        type=_type(found),
        at_ms=at_ms,
        subject=_optional(found, "subject", MAX_SUBJECT_CHARS),
        tenant=tenant,
        labels=_labels(extensions.pop("labels", "")),
        severity=_severity(extensions.pop("severity", "info")),
        data=_data(found),
        content_type=_matching(
            found, "datacontenttype", _MEDIA_TYPE, what="a media type such as application/json is needed"
        ),
        data_schema=_matching(found, "dataschema", _ABSOLUTE, what="an absolute URI is needed"),
        extensions=extensions,
    )


def binary_event(headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    """Return the JSON form of an event in binary mode; `headers` have lower-case names.

    Raises:
        FaultError: The body is not what its Content-Type says.
    """
    value: dict[str, object] = {
        name[len(HEADER) :]: unquote(text) for name, text in headers.items() if name.startswith(HEADER)
    }
    content_type = headers.get("content-type", "")
    if content_type:
        value["datacontenttype"] = content_type
    if not body:
        return value
    media = content_type.partition(";")[0].strip().lower()
    if not media or media == "application/json" or media.endswith("+json"):
        value["data"] = _json(body)
    elif media.startswith("text/"):
        value["data"] = _utf8(body)
    else:
        value["data_base64"] = base64.b64encode(body).decode("ascii")
    return value


def parse_time_ms(text: str) -> int:
    """Return an RFC 3339 time as ms UTC; parts smaller than a millisecond are cut off.

    Raises:
        ValueError: It is none, or lies before 1970.
    """
    if not _TIME.fullmatch(text):
        raise ValueError("a time such as 2026-01-02T03:04:05.678Z is needed")
    moment = datetime.fromisoformat(text.upper())
    at_ms = (moment - _EPOCH) // timedelta(milliseconds=1)
    if at_ms < 0:
        raise ValueError("a time from 1970 on is needed")
    return at_ms


def _text(found: Mapping[str, object], name: str, most: int) -> str:
    if name not in found:
        raise FaultError(name, "missing", f"{name} is required")
    value = found[name]
    if not isinstance(value, str):
        raise FaultError(name, "wrong_type", "a text is needed")
    if not value.strip():
        raise FaultError(name, "empty", f"{name} must not be empty")
    if len(value) > most:
        raise FaultError(name, "too_long", f"at most {most} characters")
    if not is_storable(value):
        raise FaultError(name, "bad_text", "a NUL or half a surrogate pair is not allowed")
    return value


def _optional(found: Mapping[str, object], name: str, most: int) -> str | None:
    return None if found.get(name) is None else _text(found, name, most)


def _matching(found: Mapping[str, object], name: str, pattern: re.Pattern[str], *, what: str) -> str | None:
    value = _optional(found, name, MAX_SOURCE_CHARS)
    if value is not None and not pattern.fullmatch(value):
        raise FaultError(name, "bad_format", what)
    return value


def _source(found: Mapping[str, object]) -> str:
    source = _text(found, "source", MAX_SOURCE_CHARS)
    if not _REFERENCE.fullmatch(source):
        raise FaultError("source", "bad_format", "a URI reference is needed, without spaces")
    if source.startswith(OWN_SOURCES):
        raise FaultError("source", "reserved", f"sources that begin with {OWN_SOURCES} are GWF's own")
    return source


def _type(found: Mapping[str, object]) -> str:
    kind = _text(found, "type", MAX_TYPE_CHARS)
    if kind.startswith(RESERVED):
        raise FaultError("type", "reserved", f"types that begin with {RESERVED} are told by GWF only")
    return kind


def _time(found: Mapping[str, object], now_ms: int) -> int:
    text = _optional(found, "time", 40)
    if text is None:
        return now_ms
    try:
        return parse_time_ms(text)
    except (ValueError, OverflowError) as exc:
        raise FaultError("time", "bad_format", str(exc)) from exc


def _extensions(found: Mapping[str, object]) -> Iterator[tuple[str, str | int | bool]]:
    others = found.keys() - _ATTRIBUTES
    if len(others) > MAX_EXTENSIONS:
        raise FaultError("", "too_many", f"at most {MAX_EXTENSIONS} extension attributes")
    for name in sorted(others):
        value = found[name]
        if not _NAME.fullmatch(name):
            raise FaultError(_escaped(name), "bad_name", "attributes are named with 1 to 20 of a-z and 0-9")
        if value is None:
            continue
        if isinstance(value, str):
            yield name, _text(found, name, MAX_EXTENSION_CHARS) if value else ""
        elif isinstance(value, int) and -_MAX_INTEGER <= value < _MAX_INTEGER:
            yield name, value
        else:
            raise FaultError(name, "wrong_type", "an extension is a text, a 32-bit integer, true or false")


def _labels(text: object) -> dict[str, str]:
    if not isinstance(text, str):
        raise FaultError("labels", "wrong_type", "labels are a text such as env=prod,site=sh")
    labels: dict[str, str] = {}
    for pair in filter(None, text.split(",")):
        name, equals, value = pair.strip().partition("=")
        if not (equals and is_label_name(name) and is_label_value(value)):
            raise FaultError("labels", "bad_format", "labels are a text such as env=prod,site=sh")
        labels[name] = value
    if len(labels) > MAX_LABELS:
        raise FaultError("labels", "too_many", f"at most {MAX_LABELS} labels")
    return labels


def _severity(word: object) -> Severity:
    severity = SEVERITY_OF_WORD.get(word) if isinstance(word, str) else None
    if severity is None:
        raise FaultError("severity", "unknown", f"one of {', '.join(SEVERITY_OF_WORD)}")
    return severity


def _data(found: Mapping[str, object]) -> object:
    data, packed = found.get("data"), found.get("data_base64")
    if packed is not None:
        if data is not None:
            raise FaultError("data_base64", "conflict", "data and data_base64 exclude each other")
        data = _checked_base64(packed)
    try:
        size = len(msgspec.json.encode(data))
    except UnicodeEncodeError as exc:
        raise FaultError("data", "bad_text", "half a surrogate pair is not allowed") from exc
    if size > MAX_DATA_BYTES:
        raise FaultError("data" if packed is None else "data_base64", "too_large", f"at most {MAX_DATA_BYTES} bytes")
    return data


def _checked_base64(packed: object) -> str:
    if not isinstance(packed, str):
        raise FaultError("data_base64", "wrong_type", "a text in base64 is needed")
    try:
        base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise FaultError("data_base64", "bad_format", "this is no base64") from exc
    return packed


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise FaultError("data", "bad_format", f"the body is no JSON: {exc}") from exc


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise FaultError("data", "bad_text", "the body is not UTF-8 text") from exc


def _escaped(name: str) -> str:
    return name[:64].replace("~", "~0").replace("/", "~1")
