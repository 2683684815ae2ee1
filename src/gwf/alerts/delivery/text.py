"""Writes messages: one notice by the template of its kind, several as a digest that names what it folds. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from gwf.alerts.delivery.model import ChannelRules, Message, OutboxNotice, Part, message_id_of
from gwf.alerts.delivery.template import MessageTemplate
from gwf.alerts.delivery.words import DEFAULTS, KIND_WORDS, MORE, SEVERAL, SEVERITY_WORDS
from gwf.alerts.life.model import NoticeKind
from gwf.core.text import one_line
from gwf.events.model import Severity
from gwf.rules.window import local_time

MAX_TITLE_CHARS = 200
MAX_LINE_CHARS = 240
MAX_RULES = 5  #: that a digest counts one by one
_FRAME_BYTES = 1_200  #: of a digest, around the lines: times, rules, people, link
_SIGNS = {Severity.CRITICAL: "🔴", Severity.ERROR: "🟠", Severity.WARNING: "🟡"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the messages of a tenant and channel are written."""

    zone: ZoneInfo
    #: address of the console; "" = messages have no links
    console_url: str = ""
    #: written by people, by kind
    templates: Mapping[str, MessageTemplate] = field(default_factory=dict[str, MessageTemplate])


def written(
    parts: Sequence[Part], channel: ChannelRules, style: Style, *, now_ms: int
) -> tuple[Message, Sequence[Part]]:
    """Return a message, and the parts it tells: one that is urgent leaves out none, so it takes what it can name."""
    if len(parts) == 1:
        return _single(parts[0], channel, style, now_ms=now_ms), parts
    lines, named = _lines([_digest_line(part.notice, channel) for part in parts], channel.max_text_bytes - _FRAME_BYTES)
    taken = parts[:named] if parts[0].notice.is_urgent else parts
    if len(taken) == 1:
        return _single(taken[0], channel, style, now_ms=now_ms), taken
    if len(taken) > named:
        lines.append(MORE[channel.language].format(count=len(taken) - named))
    worst = max(part.notice.severity for part in taken)
    values = {
        "count": str(len(taken)),
        "severity": worst.word,
        "severity_word": SEVERITY_WORDS[channel.language][worst.word],
        "rules": _rules(taken),
        "notices": "\n".join(lines),
        "people": ", ".join(_each(taken, "people")),
        "since": shown_time(min(part.notice.at_ms for part in taken), style),
        "time": shown_time(now_ms, style),
        "link": f"{style.console_url}/alerts" if style.console_url else "",
    }
    title, text = _template("digest", channel, style).filled(values)
    return _message(taken, (title, text), worst, now_ms=now_ms), taken


def notice_values(
    notice: OutboxNotice, channel: ChannelRules, style: Style, *, people: Sequence[str]
) -> dict[str, str]:
    """Return what the places of a template stand for."""
    body, words = notice.body, SEVERITY_WORDS[channel.language]
    alerts: Sequence[Mapping[str, Any]] = body.get("alerts") or ()
    lines = [_alert_line(alert, style) for alert in alerts]
    named, count = _lines(lines, channel.max_text_bytes - _FRAME_BYTES)
    more = int(body.get("new", 0)) + int(body.get("ended", 0)) - count
    if more > 0:
        named.append(MORE[channel.language].format(count=more))
    alert_id = str(alerts[0].get("alert_id", "")) if alerts else ""
    return {
        "kind": notice.kind.value,
        "kind_word": KIND_WORDS[channel.language][notice.kind.value],
        "severity": notice.severity.word,
        "severity_word": words[notice.severity.word],
        "rule": one_line(str(body.get("rule_name") or body.get("rule_id") or "")),
        "title": _titles(notice, channel),
        "group": _group(notice),
        "new": str(body.get("new", 0)),
        "ended": str(body.get("ended", 0)),
        "others": str(body.get("others", 0)),
        "alerts": "\n".join(named),
        "level": str(notice.level + 1),
        "people": ", ".join(people),
        "time": shown_time(notice.at_ms, style),
        "link": f"{style.console_url}/alerts/{alert_id}" if style.console_url and alert_id else "",
    }


def _single(part: Part, channel: ChannelRules, style: Style, *, now_ms: int) -> Message:
    values = notice_values(part.notice, channel, style, people=part.people)
    filled = _template(part.notice.kind.value, channel, style).filled(values)
    return _message([part], filled, part.notice.severity, now_ms=now_ms)


def _message(parts: Sequence[Part], filled: tuple[str, str], severity: Severity, *, now_ms: int) -> Message:
    title, text = filled
    over = all(part.notice.kind is NoticeKind.RESOLVED for part in parts)
    return Message(
        message_id=message_id_of(parts),
        tenant=parts[0].notice.tenant,
        channel=parts[0].channel,
        urgent=parts[0].notice.is_urgent,
        title=one_line(title)[:MAX_TITLE_CHARS] or "GWF",
        text=text,
        severity=Severity.INFO if over else severity,
        created_at_ms=now_ms,
        parts=len(parts),
        mobiles=_each(parts, "mobiles"),
        emails=_each(parts, "emails"),
    )


def _template(kind: str, channel: ChannelRules, style: Style) -> MessageTemplate:
    return style.templates.get(kind) or DEFAULTS[channel.language][kind]


def _title(notice: OutboxNotice) -> str:
    alerts = notice.body.get("alerts") or ()
    first = str(alerts[0].get("title", "")) if alerts else ""
    return one_line(first or str(notice.body.get("rule_name", "")))[:MAX_LINE_CHARS]


def _titles(notice: OutboxNotice, channel: ChannelRules) -> str:
    """Return the title of the worst alert, and how many there are with it."""
    told = int(notice.body.get("new", 0)) + int(notice.body.get("ended", 0)) or int(notice.body.get("others", 0))
    title = _title(notice)
    return title if told < 2 else SEVERAL[channel.language].format(title=title, count=told, more=told - 1)


def _group(notice: OutboxNotice) -> str:
    labels: Mapping[str, object] = notice.body.get("group_labels") or {}
    return one_line(", ".join(f"{name}={value}" for name, value in sorted(labels.items())))


def _alert_line(alert: Mapping[str, Any], style: Style) -> str:
    severity = Severity[str(alert.get("severity", "info")).upper()]
    sign = "✅" if alert.get("status") == "resolved" else _SIGNS.get(severity, "🔵")
    count = int(alert.get("count") or 1)
    times = f" ×{count}" if count > 1 else ""
    since = shown_time(int(alert.get("started_at_ms") or 0), style)
    return f"- {sign} {one_line(str(alert.get('title', '')))[:MAX_LINE_CHARS]}{times} ({since})"


def _digest_line(notice: OutboxNotice, channel: ChannelRules) -> str:
    is_over = notice.kind is NoticeKind.RESOLVED
    sign = "✅" if is_over else _SIGNS.get(notice.severity, "🔵")
    word = "" if notice.kind is NoticeKind.FIRING else f"[{KIND_WORDS[channel.language][notice.kind.value]}] "
    more = int(notice.body.get("new", 0)) + int(notice.body.get("ended", 0)) - 1
    group = _group(notice)
    where = f" · {group}" if group and group not in _title(notice) else ""
    text = f"- {sign} {word}{_title(notice)}{where}"[:MAX_LINE_CHARS]
    return f"{text} (+{more})" if more > 0 else text


def _lines(lines: Sequence[str], max_bytes: int) -> tuple[list[str], int]:
    """Return the lines that fit, at least one, and how many they are."""
    found: list[str] = []
    size = 0
    for line in lines:
        size += len(line.encode()) + 1
        if found and size > max_bytes:
            break
        found.append(line)
    return found, len(found)


def _rules(parts: Sequence[Part]) -> str:
    counts = Counter(one_line(str(part.notice.body.get("rule_name") or "?")) for part in parts)
    shown = [f"{name[:60]} ×{count}" for name, count in counts.most_common(MAX_RULES)]
    left = len(counts) - len(shown)
    return ", ".join(shown) + (f" … +{left}" if left > 0 else "")


def _each(parts: Sequence[Part], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for part in parts for value in getattr(part, name)))


def shown_time(at_ms: int, style: Style) -> str:
    """Return a moment as messages tell it."""
    return local_time(at_ms, style.zone).strftime("%Y-%m-%d %H:%M:%S")
