"""The opaque place where a list of newest things goes on."""

from __future__ import annotations

import base64
import binascii
import json

from gwf.core.errors import InputError

MAX_CHARS = 500  #: a longer cursor is none of ours


class CursorError(InputError):
    """The cursor is none of ours."""

    code = "invalid_cursor"


def write_cursor(at_ms: int, id_: str) -> str:
    """Return the cursor behind the thing made at this moment."""
    return base64.urlsafe_b64encode(json.dumps([at_ms, id_]).encode()).rstrip(b"=").decode()


def read_cursor(text: str | None) -> tuple[int, str] | None:
    """Return the place that a cursor stands for; None for the beginning.

    Raises:
        CursorError: It is none of ours.
    """
    if text is None:
        return None
    try:
        value: object = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as exc:
        raise CursorError("the cursor is none of ours: take next_cursor of the page before") from exc
    match value:
        case [int() as at_ms, str() as id_] if 0 <= at_ms < 2**53 and len(id_) <= 200:
            return at_ms, id_
        case _:
            raise CursorError("the cursor is none of ours: take next_cursor of the page before")
