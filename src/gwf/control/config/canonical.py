"""The one form of a document as bytes, and its hash. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from gwf.core.errors import InputError

_PREFIX = "sha256:"


def canonical(document: Mapping[str, object]) -> bytes:
    """Return the document as JSON: keys sorted, no white space, UTF-8. Equal documents give equal bytes.

    Raises:
        InputError: It holds something that is no JSON value, such as NaN or half of a surrogate pair.
    """
    try:
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()
    except (TypeError, ValueError, RecursionError) as exc:
        raise InputError("the document holds a value that JSON does not know", reason=str(exc)) from exc


def hash_of(document: Mapping[str, object]) -> str:
    """Return `sha256:` and 64 hexadecimal digits that name the content of a document.

    Raises:
        InputError: As `canonical`.
    """
    return _PREFIX + hashlib.sha256(canonical(document)).hexdigest()


def pointer(place: Iterable[str | int]) -> str:
    """Return a place as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
