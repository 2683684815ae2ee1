"""What robots of chats, and receivers of webhooks, are sent, and what their answers mean. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gwf.core.errors import ErrorClass
from gwf.rules.faults import is_object
from gwf.tasks.actions.notify import Notice

MAX_TEXT_BYTES = 18_000  #: of a message; DingTalk and Feishu take 20,000 bytes, WeCom 4,096 of markdown
MAX_WECOM_BYTES = 4_000
_SIGNS = {"info": "🟢", "warn": "🟡", "crit": "🔴"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One request."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a receiver did not take a message."""

    reason: str
    error_class: ErrorClass
    retryable: bool
    retry_after_s: float | None = None


def dingtalk(notice: Notice, url: str, *, secret: str | None, mobiles: Sequence[str], now_ms: int) -> Message:
    """Return a markdown message of a DingTalk robot; with a secret its address is signed."""
    calls = "".join(f" @{mobile}" for mobile in mobiles)
    text = cut(f"### {_SIGNS[notice.severity]} {notice.title}\n\n{notice.text}{calls}", MAX_TEXT_BYTES)
    body: dict[str, object] = {"msgtype": "markdown", "markdown": {"title": notice.title, "text": text}}
    if mobiles:
        body["at"] = {"atMobiles": list(mobiles), "isAtAll": False}
    if secret is not None:
        digest = hmac.digest(secret.encode(), f"{now_ms}\n{secret}".encode(), hashlib.sha256)
        url = with_query(url, timestamp=str(now_ms), sign=base64.b64encode(digest).decode())
    return Message(url=url, body=_json(body))


def wecom(notice: Notice, url: str) -> Message:
    """Return a markdown message of a WeCom robot."""
    text = cut(f"### {_SIGNS[notice.severity]} {notice.title}\n{notice.text}", MAX_WECOM_BYTES)
    return Message(url=url, body=_json({"msgtype": "markdown", "markdown": {"content": text}}))


def feishu(notice: Notice, url: str, *, secret: str | None, now_ms: int) -> Message:
    """Return a text message of a Feishu robot; with a secret its body is signed."""
    text = cut(f"{_SIGNS[notice.severity]} {notice.title}\n{notice.text}", MAX_TEXT_BYTES)
    body: dict[str, object] = {"msg_type": "text", "content": {"text": text}}
    if secret is not None:
        at_s = now_ms // 1000
        digest = hmac.digest(f"{at_s}\n{secret}".encode(), b"", hashlib.sha256)
        body |= {"timestamp": str(at_s), "sign": base64.b64encode(digest).decode()}
    return Message(url=url, body=_json(body))


def slack(notice: Notice, url: str) -> Message:
    """Return a message of a Slack incoming webhook; what Slack reads as markup is escaped."""
    plain = f"{notice.title}\n{notice.text}"
    for sign, escape in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        plain = plain.replace(sign, escape)
    return Message(url=url, body=_json({"text": cut(f"{_SIGNS[notice.severity]} {plain}", MAX_TEXT_BYTES)}))


def plain_json(notice: Notice, url: str, *, key: str) -> Message:
    """Return a notice as JSON, for receivers of one's own."""
    body = {"id": key, "title": notice.title, "text": notice.text, "severity": notice.severity}
    return Message(url=url, body=_json(body))


def refusal_of(status: int, body: bytes, *, retry_after_s: float | None) -> Refusal | None:
    """Return why a receiver did not take a message, None when it did.

    Robots answer 200 and say in the body how it went: `errcode` (DingTalk, WeCom) or `code` (Feishu), 0 = taken.
    """
    if status != 200 and not 201 <= status < 300:
        throttled = status == 429
        kind = (
            ErrorClass.THROTTLED
            if throttled
            else _KINDS.get(status, ErrorClass.SERVER if status >= 500 else ErrorClass.CONFIG)
        )
        again = throttled or status >= 500 or status == 408
        return Refusal(reason=f"answered {status}", error_class=kind, retryable=again, retry_after_s=retry_after_s)
    code, said = _verdict(body)
    if code in (None, 0):
        return None
    if code in _TOO_FAST:
        return Refusal(reason=f"errcode {code}: {said}", error_class=ErrorClass.THROTTLED, retryable=True,
                       retry_after_s=60.0)  # fmt: skip
    if code in _BUSY:
        return Refusal(reason=f"errcode {code}: {said}", error_class=ErrorClass.SERVER, retryable=True)
    return Refusal(reason=f"errcode {code}: {said}", error_class=ErrorClass.CONFIG, retryable=False)


#: the robot sent too much: DingTalk 130101 and 410100, WeCom 45009, Feishu 9499 and 11232
_TOO_FAST = frozenset({130101, 410100, 45009, 9499, 11232})
_BUSY = frozenset({-1})  #: the service is busy (DingTalk, WeCom)
_KINDS = {401: ErrorClass.AUTH, 403: ErrorClass.AUTH, 404: ErrorClass.NOT_FOUND, 408: ErrorClass.TIMEOUT}


def with_query(url: str, **values: str) -> str:
    """Return a URL with further values in its query; one that is there is replaced."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in values]
    return urlunsplit(parts._replace(query=urlencode([*query, *values.items()])))


def cut(text: str, most_bytes: int) -> str:
    """Return a text of at most so many bytes, cut between characters."""
    raw = text.encode()
    return text if len(raw) <= most_bytes else raw[: most_bytes - 3].decode("utf-8", "ignore") + "…"


def _verdict(body: bytes) -> tuple[int | None, str]:
    try:
        answer: object = json.loads(body)
    except ValueError:
        return None, ""  # Slack answers "ok"
    if not is_object(answer):
        return None, ""
    code = next((answer[name] for name in ("errcode", "code", "StatusCode") if isinstance(answer.get(name), int)), None)
    said = next((answer[name] for name in ("errmsg", "msg", "StatusMessage") if isinstance(answer.get(name), str)), "")
    return (code if isinstance(code, int) else None), str(said)[:200]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
