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
from gwf.identity.principal import OPERATOR, Principal
from gwf.wire.me import LoginWay

#: asked by supervisors and load balancers, which have no login
OPEN_PATHS = frozenset({"/live", "/ready"})
#: header that goes with the cookie of a session when something is changed
CSRF_HEADER = "X-Gwf-Csrf"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: of the Go version: its clients send what they look for in a body
_READ_BY_POST = frozenset({"/api/file-log"})
_SELF_SHOWN = frozenset({"/api/v1/login", "/api/v1/agents/register", "/api/v1/agents/heartbeat"})
_SELF_SHOWN_BELOW = ("/api/v1/login/", "/api/v1/agents/self/")
#: what other systems post: a signature of the body may let it in, which only the endpoint can see
_SIGNED_BELOW = "/api/v1/inputs/webhook/"
_LOCAL_LOGIN = (
    "changes need a login: the gwf command logs in by itself with the token in data_dir/local.token, "
    "a browser by the link that `gwf login` prints, other programs by api.token"
)
_ACCOUNT_LOGIN = (
    "send an API token (gwft_…, from `gwf token create`) as Bearer or as Basic password, "
    "or log in with POST /api/v1/login"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, as far as access is decided by it."""

    method: str
    path: str
    #: by lower-case name
    headers: Mapping[str, str]

    @property
    def changing(self) -> bool:
        """True when it may change something."""
        return self.method not in _READING

    @property
    def legacy(self) -> bool:
        """True for an address of the Go version's interface."""
        return is_legacy(self.path)

    @property
    def in_api(self) -> bool:
        """True for anything but pages."""
        return self.legacy or self.path == "/api" or self.path.startswith("/api/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Who sent a request."""

    principal: Principal
    #: the word that a change must carry in CSRF_HEADER; "" when no browser sends these credentials by itself
    csrf: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is turned away."""

    status: int
    code: str
    detail: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])


def refusal_of(options: ApiOptions, asked: Asked, who: Recognised | None = None) -> Refusal | None:
    """Return why this request may not come in, None if it may; `who` is who sent it, if that is known.

    Legacy addresses may be used by pages of the origins that are named for them, and with
    `legacy_api.anonymous` without login; all else comes from our own pages or from programs.
    """
    if asked.path in OPEN_PATHS and not asked.changing:
        return None
    origin = _wrong_origin(options, asked)
    if origin is not None or (asked.legacy and asked.method == "OPTIONS"):  # browsers ask first, without a login
        return origin
    if who is not None:
        return _wrong_page(asked, who)
    return _stranger(options, asked)


def recognised_by_token(options: ApiOptions, headers: Mapping[str, str]) -> Recognised | None:
    """Return whoever holds `api.token`."""
    if options.token is None or not _token_fits(headers.get("authorization", ""), options.token.get_secret_value()):
        return None
    return Recognised(principal=OPERATOR)


def _stranger(options: ApiOptions, asked: Asked) -> Refusal | None:
    if asked.legacy and options.anonymous_legacy:
        return _wrong_host(options, asked.headers)
    if shows_itself(asked.path) or (asked.method == "POST" and asked.path.startswith(_SIGNED_BELOW)):
        return None  # the endpoint asks for credentials of its own
    if options.accounts and options.token is None and not (options.reads_freely or asked.in_api):
        return None  # a page, which has no secrets: people log in on it
    if not options.reads_freely:
        return _login_required(options, asked.headers)
    host = _wrong_host(options, asked.headers)
    if host is not None or not asked.changing or asked.path in _READ_BY_POST:
        return host
    if asked.legacy and options.legacy_changes:
        return None
    return Refusal(status=401, code="login_required", detail=_LOCAL_LOGIN)


def shows_itself(path: str) -> bool:
    """Tell whether an endpoint looks at credentials itself: logging in, and what agents call."""
    return path in _SELF_SHOWN or path.startswith(_SELF_SHOWN_BELOW)


def _wrong_origin(options: ApiOptions, asked: Asked) -> Refusal | None:
    origin = asked.headers.get("origin", "")
    if asked.legacy:
        if _is_own_page(asked.headers) or (origin and options.cors.allows(origin, changing=asked.changing)):
            return None
        # without Origin a browser lets no page read the answer
        if origin or asked.changing:
            return Refusal(status=403, code="origin_not_allowed", detail="origin not allowed")
        return None
    if asked.changing and not _is_own_page(asked.headers):
        return Refusal(status=403, code="cross_origin", detail="changes are accepted from this site's own pages only")
    return None


def _wrong_page(asked: Asked, who: Recognised) -> Refusal | None:
    """Return why a change by session is refused: only our own pages know the word that goes with the cookie."""
    if not who.csrf or not asked.changing:
        return None
    given = asked.headers.get(CSRF_HEADER.lower(), "")
    if hmac.compare_digest(given.encode(), who.csrf.encode()):
        return None
    return Refusal(
        status=403, code="csrf_missing", detail="a change by session needs the header X-Gwf-Csrf with its word, see /me"
    )


def _is_own_page(headers: Mapping[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    # programs send neither header; browsers always send one of them with a change
    return origin is None or same_place(origin, headers.get("host", ""))


def login_ways(options: ApiOptions, *, has_local: bool = True) -> list[LoginWay]:
    """Return how somebody may log in at a port."""
    ways: list[LoginWay] = []
    if options.accounts:
        ways.append("password")
    if options.token is not None:
        ways.append("token")
    return [*ways, "link"] if has_local else ways


def _login_required(options: ApiOptions, headers: Mapping[str, str]) -> Refusal:
    how = _ACCOUNT_LOGIN if options.accounts else "send the token as Bearer or as Basic password"
    # one text for every token that does not fit: it tells no more than the refusal itself
    sent = "the token is wrong, or not sent in this form: " if headers.get("authorization") else ""
    params = {"login": ",".join(login_ways(options))}
    return Refusal(status=401, code="login_required", detail=sent + how, params=params)


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
