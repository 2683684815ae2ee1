"""Sets and drops the cookies of a session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from gwf.api.accounts import SECURE_COOKIE, SESSION_COOKIE

#: not HttpOnly: our page sends its value back in the header X-Gwf-Csrf
CSRF_COOKIE = "gwf_csrf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookies:
    """How the cookies of a session are set."""

    #: seconds that a session lasts at most
    lasts_s: int
    #: browsers reach us under TLS although a proxy speaks plain HTTP to us
    behind_tls: bool = False

    def put(self, request: Request, response: Response, *, secret: str, csrf: str) -> None:
        """Give the browser a session."""
        secure = self._is_secure(request)
        name = SECURE_COOKIE if secure else SESSION_COOKIE
        response.set_cookie(name, secret, max_age=self.lasts_s, httponly=True, secure=secure, samesite="lax")
        response.set_cookie(CSRF_COOKIE, csrf, max_age=self.lasts_s, secure=secure, samesite="lax")

    def drop(self, request: Request, response: Response) -> None:
        """Let the browser forget its session."""
        secure = self._is_secure(request)
        for name in (SECURE_COOKIE, SESSION_COOKIE) if secure else (SESSION_COOKIE,):
            response.delete_cookie(name, httponly=True, secure=secure, samesite="lax")
        response.delete_cookie(CSRF_COOKIE, secure=secure, samesite="lax")

    def _is_secure(self, request: Request) -> bool:
        return self.behind_tls or request.url.scheme == "https"
