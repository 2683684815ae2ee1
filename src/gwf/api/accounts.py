"""What a request shows of who sent it, and the port that recognises people and programs by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Protocol

from gwf.api.access import Recognised
from gwf.identity.local import LocalAccess
from gwf.identity.principal import LOCAL, LOCAL_BROWSER
from gwf.identity.secrets import csrf_word

SESSION_COOKIE = "gwf_session"
#: the same under TLS: browsers take it from this very host only
SECURE_COOKIE = f"__Host-{SESSION_COOKIE}"
MAX_SECRET_CHARS = 512  #: ours are shorter; more is no secret of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """The secrets that came with a request; at least one is given."""

    bearer: str = field(default="", repr=False)
    #: of a session
    cookie: str = field(default="", repr=False)


class Accounts(Protocol):
    """Knows people by their sessions and programs by their API tokens."""

    async def recognise(self, presented: Presented) -> Recognised | None:
        """Return who that is; None for a secret that is unknown, expired or revoked.

        Raises:
            UnavailableError: The database did not answer.
        """
        ...


def presented_in(headers: Mapping[str, str]) -> Presented | None:
    """Return the secrets in a request's headers (lower-case names), None when it has none."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    bearer = value.strip() if scheme.lower() == "bearer" else ""
    cookie = _session_in(headers.get("cookie", ""))
    if max(len(bearer), len(cookie)) > MAX_SECRET_CHARS or not (bearer or cookie):
        return None
    return Presented(bearer=bearer, cookie=cookie)


def session_in(headers: Mapping[str, str]) -> str:
    """Return the secret of the session that a request came with; "" when it came with a token, or with nothing."""
    presented = presented_in(headers)
    return "" if presented is None or presented.bearer else presented.cookie


def recognised_locally(local: LocalAccess, presented: Presented) -> Recognised | None:
    """Return the process's own user, by token or by the session of a link."""
    if presented.bearer:
        return Recognised(principal=LOCAL) if local.is_token(presented.bearer) else None
    if local.is_session(presented.cookie):
        return Recognised(principal=LOCAL_BROWSER, csrf=csrf_word(presented.cookie))
    return None


def _session_in(header: str) -> str:
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    found = cookies.get(SECURE_COOKIE) or cookies.get(SESSION_COOKIE)
    return found.value if found is not None else ""
