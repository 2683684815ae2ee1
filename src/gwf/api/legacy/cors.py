"""Which other origins may use the legacy interface, and the headers that tell browsers so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ANY = "*"

#: sent with every legacy answer; the Go version left PUT out although one of its endpoints needs it
ALLOW_HEADERS: Mapping[str, str] = {
    "Access-Control-Allow-Headers": "Content-Type,Authorization",
    "Access-Control-Allow-Methods": "GET,POST,OPTIONS",
}


class CorsPolicy:
    """The list of other origins; the own one is always allowed, whoever asks decides what is own."""

    def __init__(self, origins: Sequence[str]) -> None:
        """Allow `origins`, compared as they are written; `*` lets every origin read."""
        self._named = frozenset(origins) - {ANY}
        self._any = ANY in origins

    def allows(self, origin: str, *, changing: bool) -> bool:
        """Return whether pages of `origin` may send this; what changes something needs a name in the list."""
        return origin in self._named or (self._any and not changing)


def allow_headers(origin: str) -> dict[str, str]:
    """Return the headers for an allowed request; `origin` is "" when it named none."""
    if not origin:
        return dict(ALLOW_HEADERS)
    return {**ALLOW_HEADERS, "Access-Control-Allow-Origin": origin, "Vary": "Origin"}
