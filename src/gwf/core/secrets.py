"""What is a secret by its name or its form, and how it is masked in text."""

from __future__ import annotations

import functools
import itertools
import re

MASK = "******"

_WORD = (
    r"(?:pass(?:w(?:or)?d|phrase)?|pwd|secret|token|credentials?|auth|api[-_.]?key|access[-_.]?key|private[-_.]?key)"
)
# bounded on both sides: a search through a long word without end would hold up the whole process
TELLING = rf"[\w.\-]{{0,100}}{_WORD}[\w.\-]{{0,100}}|\b[as]k"
SECRET_NAME = re.compile(TELLING, re.IGNORECASE)

#: each keeps what its group `kept` matched
_INSIDE = (
    # what stands before the word is kept anyhow, so it is not looked for
    re.compile(rf"(?P<kept>(?:{_WORD}[\w.\-]{{0,100}}|\b[as]k)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+", re.IGNORECASE),
    re.compile(rf"(?P<kept>(?<!-)--?(?:{TELLING})\s+)[^\s\"']+", re.IGNORECASE),
    re.compile(r"(?P<kept>\b[a-z][\w+.\-]{0,30}://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE),
    re.compile(r"(?P<kept>\b(?:bearer|basic)\s+)[^\s\"']+", re.IGNORECASE),
)
#: keys that are known by their form
_FORMS = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]{16}|LTAI[0-9A-Za-z]{12,}|gh[pousr]_[0-9A-Za-z]{20,}|sk-[\w-]{16,}"
    r"|eyJ[\w-]{8,4096}\.[\w-]{8,}\.[\w-]*)"
)

_NAME_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS = frozenset(
    {
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "secrets",
        "token",
        "tokens",
        "credential",
        "credentials",
        "authorization",
        "cookie",
        "sk",
    }
)
_KEYS = frozenset({"api", "access", "private", "encryption", "signing", "master"})
#: a field that ends like this tells about a secret and is none
_ABOUT = frozenset({"id", "at", "s", "ms", "kind", "name", "count", "file", "path", "expired", "revoked"})


@functools.lru_cache(maxsize=4096)
def is_secret_field(name: str) -> bool:
    """Tell whether a field of this name, in snake case or camel case, holds a secret itself."""
    words = [word.lower() for word in _NAME_WORDS.findall(name[:200])]
    if not words or words[-1] in _ABOUT:
        return False
    pairs = itertools.pairwise(words)
    return not _SECRET_WORDS.isdisjoint(words) or any(last == "key" and first in _KEYS for first, last in pairs)


def masked_text(text: str) -> str:
    """Return `text` with every value masked that stands behind a telling name or has a telling form."""
    for pattern in _INSIDE:
        text = pattern.sub(rf"\g<kept>{MASK}", text)
    return _FORMS.sub(MASK, text)
