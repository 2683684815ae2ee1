"""Decides from a request's headers whether it may come in."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from gwf.api.listen import host_name
from gwf.api.options import ApiOptions

#: asked by supervisors and load balancers, which have no login
OPEN_PATHS = frozenset({"/live", "/ready"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is turned away."""

    status: int
    code: str
    detail: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])


def refusal_of(options: ApiOptions, *, method: str, path: str, headers: Mapping[str, str]) -> Refusal | None:
    """Return why this request may not come in, None if it may; `headers` have lower-case names."""
    if path in OPEN_PATHS and method in _READING:
        return None
    if options.token is not None:
        if not _token_fits(headers.get("authorization", ""), options.token.get_secret_value()):
            return Refusal(status=401, code="login_required", detail="send the token as Bearer or as Basic password")
    elif not options.knows_host(headers.get("host", "")):
        return Refusal(
            status=403,
            code="host_not_allowed",
            detail="this name is not known here; add it to api.allowed_hosts",
            params={"host": headers.get("host", "")},
        )
    if method not in _READING and not _same_origin(headers):
        return Refusal(status=403, code="cross_origin", detail="changes are accepted from this site's own pages only")
    return None


def _token_fits(header: str, token: str) -> bool:
    scheme, _, value = header.partition(" ")
    given = value.strip().encode("latin-1", "replace")  # header text stands for bytes
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).partition(b":")[2]
        except binascii.Error:
            return False
    elif scheme.lower() != "bearer":
        return False
    # digests have one length, so the comparison tells nothing about the token's
    return hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(token.encode()).digest())


def _same_origin(headers: Mapping[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    # programs send neither header; browsers always send one of them with a change
    return origin is None or host_name(origin.partition("://")[2]) == host_name(headers.get("host", ""))
