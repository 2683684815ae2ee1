"""Who wants a change: the header that says so, made fit for one line of a log."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Request

from gwf.api.principal import principal_of
from gwf.identity.principal import PrincipalKind

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_Named = Annotated[
    str,
    Header(alias="X-Gwf-Author", max_length=200, description="who wants it; those who log in are known"),
]


async def _author(request: Request, named: _Named = "api") -> str:
    """Return who wants a change: whoever logged in, else as the request says."""
    who = principal_of(request)
    if who is not None and who.kind in {PrincipalKind.USER, PrincipalKind.TOKEN}:
        return f"{who.kind.value}:{who.name}"
    return named


Author = Annotated[str, Depends(_author)]


def word(text: str) -> str:
    """Return a text without control characters and outer blanks."""
    return _CONTROL.sub(" ", text).strip()
