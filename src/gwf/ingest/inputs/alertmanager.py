"""Makes events of what Prometheus Alertmanager posts (webhook format, version 4). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from gwf.core.labels import is_label_name, is_label_value
from gwf.events.model import MAX_SUBJECT_CHARS, Severity
from gwf.ingest.cloudevents import MAX_LABELS, Fault
from gwf.ingest.inputs.contract import CloudEvent, Made, Posted, UnreadableError

SOURCE = "/prometheus/alertmanager"  #: one for all of them: two that run as a pair tell the same alert
TYPE = "prometheus.alert."  #: followed by firing or resolved
VERSION = "4"
MAX_ALERTS = 2_000  #: of one request
MAX_TEXT_CHARS = 4_096  #: of an annotation or label that is kept
MAX_FIELDS = 64  #: labels, and annotations, of one alert that are kept
MAX_FIELDS_BYTES = 20 * 1024  #: of them as JSON; past it each text is cut to its share
_CHAR_BYTES = 6  #: of a character in JSON, at most

_SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL, "page": Severity.CRITICAL, "emergency": Severity.CRITICAL,
    "disaster": Severity.CRITICAL, "high": Severity.ERROR, "error": Severity.ERROR, "major": Severity.ERROR,
    "warning": Severity.WARNING, "warn": Severity.WARNING, "minor": Severity.WARNING, "medium": Severity.WARNING,
    "low": Severity.NOTICE, "notice": Severity.NOTICE, "info": Severity.INFO, "none": Severity.INFO,
    "debug": Severity.DEBUG,
}  # fmt: skip


class _Alert(msgspec.Struct, rename="camel"):
    status: str
    labels: dict[str, str]
    starts_at: datetime
    annotations: dict[str, str] = {}
    ends_at: datetime | None = None
    generator_url: str = msgspec.field(name="generatorURL", default="")
    fingerprint: str = ""


class _Group(msgspec.Struct, rename="camel"):
    version: str
    alerts: list[msgspec.Raw]
    group_key: str = ""
    receiver: str = ""
    external_url: str = msgspec.field(name="externalURL", default="")
    truncated_alerts: int = 0


_GROUP = msgspec.json.Decoder(_Group)
_ALERT = msgspec.json.Decoder(_Alert)


class Alertmanager:
    """The input: each alert of a group is one event, told once for each of its states."""

    def read(self, posted: Posted) -> Sequence[Made]:
        """Return the events of a group of alerts.

        Raises:
            UnreadableError: It is no such group.
        """
        try:
            group = _GROUP.decode(posted.body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as exc:
            raise UnreadableError("", "bad_format", f"this is no group of alerts of Alertmanager: {exc}") from exc
        if group.version != VERSION:
            raise UnreadableError("/version", "unsupported", f"only version {VERSION} of the format is known")
        if len(group.alerts) > MAX_ALERTS:
            text = f"at most {MAX_ALERTS} alerts in one request: set max_alerts of the receiver"
            raise UnreadableError("/alerts", "too_many", text)
        return [Made(pointer=f"/alerts/{at}", event=_made(raw, group)) for at, raw in enumerate(group.alerts)]


def _made(raw: msgspec.Raw, group: _Group) -> CloudEvent | Fault:
    try:
        alert = _ALERT.decode(raw)
    except (msgspec.DecodeError, RecursionError) as exc:
        return Fault(pointer="", code="bad_format", message=str(exc))
    if alert.status not in {"firing", "resolved"}:
        return Fault(pointer="/status", code="unknown", message="one of firing, resolved")
    if alert.starts_at.tzinfo is None:
        return Fault(pointer="/startsAt", code="bad_format", message="a time with its zone is needed")
    return _event(alert, group)


def _event(alert: _Alert, group: _Group) -> CloudEvent:
    is_firing = alert.status == "firing"
    starts_at, ends_at = _text(alert.starts_at), _text(alert.ends_at)
    fingerprint = alert.fingerprint or _fingerprint(alert.labels)
    name = alert.labels.get("alertname", "")
    return {
        "specversion": "1.0",
        "id": f"{fingerprint[:64]}/{starts_at}/{alert.status}",
        "source": SOURCE,
        "type": TYPE + alert.status,
        "time": starts_at if is_firing else ends_at or starts_at,
        "subject": _cut(name, MAX_SUBJECT_CHARS) or None,
        "severity": (_severity(alert.labels) if is_firing else Severity.INFO).word,
        "labels": ",".join(f"{key}={value}" for key, value in _labels(alert.labels)),
        "data": {
            "status": alert.status, "fingerprint": fingerprint, "starts_at": starts_at, "ends_at": ends_at,
            "labels": _kept(alert.labels), "annotations": _kept(alert.annotations),
            "summary": _cut(alert.annotations.get("summary") or alert.annotations.get("description") or name, 512),
            "generator_url": _cut(alert.generator_url, 2048), "receiver": _cut(group.receiver, 256),
            "group_key": _cut(group.group_key, 1024), "external_url": _cut(group.external_url, 1024),
        },
    }  # fmt: skip


def _severity(labels: Mapping[str, str]) -> Severity:
    return _SEVERITIES.get(labels.get("severity", "").strip().lower(), Severity.WARNING)


def _labels(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return those that can be labels of events; the data has all."""
    return [pair for pair in sorted(labels.items()) if is_label_name(pair[0]) and is_label_value(pair[1])][:MAX_LABELS]


def _fingerprint(labels: Mapping[str, str]) -> str:
    """Return what tells one alert from another, for senders that do not say it."""
    return hashlib.sha256(msgspec.json.encode(sorted(labels.items()))).hexdigest()[:16]


def _text(moment: datetime | None) -> str | None:
    """Return a time in one form, whatever zone it was told in; Go's time zero means none."""
    if moment is None or moment.tzinfo is None or moment.year < 1970:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _kept(found: Mapping[str, str]) -> dict[str, str]:
    kept = {_cut(name, 128): _cut(text) for name, text in list(found.items())[:MAX_FIELDS]}
    if len(msgspec.json.encode(kept)) <= MAX_FIELDS_BYTES:
        return kept
    share = MAX_FIELDS_BYTES // _CHAR_BYTES // (2 * len(kept))
    return {_cut(name, share): _cut(text, share) for name, text in kept.items()}


def _cut(text: str, most: int = MAX_TEXT_CHARS) -> str:
    text = text.replace("\0", "")
    return text if len(text) <= most else text[: most - 1] + "…"
