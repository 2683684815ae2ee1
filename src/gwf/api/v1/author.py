"""Who wants a change: the header that says so, made fit for one line of a log."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Author = Annotated[str, Header(alias="X-Gwf-Author", max_length=200, description="who wants it, for the record")]


def word(text: str) -> str:
    """Return a text without control characters and outer blanks."""
    return _CONTROL.sub(" ", text).strip()
