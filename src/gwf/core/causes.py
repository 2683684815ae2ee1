"""Reduces the message of a failure to its cause: what many failures have in common. Pure."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

MAX_CAUSE = 200  #: letters of a cause

#: values of an error's context that tell causes apart; all others name one file, request or moment
_TELLING = frozenset({"status", "code", "errno", "error_code"})
_CONTEXT = re.compile(r" \((?=[a-z_]+=)")
_PAIR = re.compile(r"""([a-z_]+)=('(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?|[^\s)]+)""")
_NOISE = (
    (re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\",)]+", re.IGNORECASE), "<url>"),
    (re.compile(r"(?<![\w.])(?:/[^\s'\",:)]+)+"), "<path>"),
    (re.compile(r"'[^']*'|\"[^\"]*\""), "<text>"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-z]{8,}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"(?<!answered )(?<!\d)\d+(?:[.,:]\d+)*"), "<n>"),  # the status of an answer tells causes apart
)


@lru_cache(maxsize=10_000)
def cause_of(message: str) -> str:
    """Return a message without paths, keys, addresses, ids and numbers; status and error code of the answer stay."""
    found = _CONTEXT.search(message)
    text, context = (message, "") if found is None else (message[: found.start()], message[found.end() :])
    for pattern, word in _NOISE:
        text = pattern.sub(word, text)
    kept = [f"{name}={value.strip(chr(39) + chr(34))}" for name, value in _PAIR.findall(context) if name in _TELLING]
    return " ".join([" ".join(text.split()), *kept])[:MAX_CAUSE]


@lru_cache(maxsize=10_000)
def cause_id(error_class: str | None, message: str | None) -> str:
    """Return a short name of class and cause that is the same on every host and after every restart."""
    text = f"{error_class or ''}\0{cause_of(message or '')}"
    return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=6).hexdigest()
