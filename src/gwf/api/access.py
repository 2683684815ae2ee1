"""Decides from a request's headers whether it may come in."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from gwf.api.legacy.paths import is_legacy
from gwf.api.listen import host_name, is_ip, same_place
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
    """Return why this request may not come in, None if it may; `headers` have lower-case names.

    Legacy addresses may be used by pages of the origins that are named for them, and with
    `legacy_api.anonymous` without the token; all else comes from our own pages or from programs.
    """
    if path in OPEN_PATHS and method in _READING:
        return None
    legacy = is_legacy(path)
    origin = _wrong_origin(options, method=method, headers=headers, legacy=legacy)
    if origin is not None or (legacy and method == "OPTIONS"):  # browsers ask first, without a login
        return origin
    if options.token is not None and not (legacy and options.anonymous_legacy):
        return _wrong_token(options.token.get_secret_value(), headers)
    return _wrong_host(options, headers)


def _wrong_origin(options: ApiOptions, *, method: str, headers: Mapping[str, str], legacy: bool) -> Refusal | None:
    changing = method not in _READING
    origin = headers.get("origin", "")
    if legacy:
        if _is_own_page(headers) or (origin and options.cors.allows(origin, changing=changing)):
            return None
        # without Origin a browser lets no page read the answer
        if origin or changing:
            return Refusal(status=403, code="origin_not_allowed", detail="origin not allowed")
        return None
    if changing and not _is_own_page(headers):
        return Refusal(status=403, code="cross_origin", detail="changes are accepted from this site's own pages only")
    return None


def _is_own_page(headers: Mapping[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    # programs send neither header; browsers always send one of them with a change
    return origin is None or same_place(origin, headers.get("host", ""))


def _wrong_token(token: str, headers: Mapping[str, str]) -> Refusal | None:
    if _token_fits(headers.get("authorization", ""), token):
        return None
    how = "send the token as Bearer or as Basic password"
    # one text for every token that does not fit: it tells no more than the refusal itself
    sent = "the token is wrong, or not sent in this form: " if headers.get("authorization") else ""
    return Refusal(status=401, code="login_required", detail=sent + how)


def _wrong_host(options: ApiOptions, headers: Mapping[str, str]) -> Refusal | None:
    host = headers.get("host", "")
    # an address cannot be made to point elsewhere, a name can
    if options.knows_host(host) or (options.anonymous_legacy and is_ip(host_name(host))):
        return None
    return Refusal(
        status=403,
        code="host_not_allowed",
        detail="this name is not known here; add it to api.allowed_hosts",
        params={"host": host},
    )


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
