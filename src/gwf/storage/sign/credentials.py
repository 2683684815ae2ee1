"""Who signs, and the shape of a request that a signature covers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import quote

import msgspec

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An access key. Its repr shows no secret."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


class Unsigned(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a signature covers."""

    method: str
    #: percent-encoded path as sent
    path: str
    #: unencoded key and bucket for services that sign these instead of the path
    bucket: str
    key: str
    #: unencoded query
    query: Pairs
    #: lower-case header names with their values
    headers: dict[str, str]


def encode_path(text: str) -> str:
    """Return `text` percent-encoded except for slashes and unreserved characters."""
    return quote(text, safe="/~")


@lru_cache(maxsize=8)
def stamp(at_s: int) -> str:
    """Return an instant as 20260102T030405Z."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at_s))


@lru_cache(maxsize=8)
def http_date(at_s: int) -> str:
    """Return an instant as HTTP writes it."""
    return formatdate(at_s, usegmt=True)


def encode_query(query: Pairs, *, bare: bool = False) -> str:
    """Return a query sorted and encoded as signatures want it; `bare` leaves out the `=` before nothing."""
    if not query:
        return ""
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in query)
    return "&".join(name if bare and not value else f"{name}={value}" for name, value in pairs)
