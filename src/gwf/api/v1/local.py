"""/api/v1/login-links and /api/v1/login/{code}: how a browser on this host is logged in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from gwf.api.cookies import Cookies
from gwf.api.principal import Permission, require
from gwf.core.errors import ConflictError
from gwf.identity.local import LINK_S, LocalAccess
from gwf.identity.principal import PrincipalKind
from gwf.identity.secrets import csrf_word
from gwf.wire.identity import LoginLink

LOGIN_PATH = "/api/v1/login/"
_TOO_OLD = """\
This link was used already, or is too old. Run: gwf login
这个登录链接已用过或已过期。请运行：gwf login
"""


def local_routes(local: LocalAccess, cookies: Cookies, *, url_prefix: str = "") -> APIRouter:
    """Return the routes of `local`; pages are below `url_prefix`."""
    router = APIRouter(tags=["account"])

    @router.post(
        "/login-links",
        status_code=201,
        summary="Make a link that logs a browser in once, with all rights; for the owner of the process",
        dependencies=[require(Permission.USERS_MANAGE)],
    )
    async def create_login_link(request: Request) -> LoginLink:
        who = request.scope["state"]["principal"]
        if who.kind not in {PrincipalKind.LOCAL, PrincipalKind.OPERATOR}:
            raise ConflictError("links are for the owner of the process: log in by name and password")
        return LoginLink(path=f"{url_prefix}{LOGIN_PATH}{local.new_link()}", expires_in_s=LINK_S)

    @router.get(
        "/login/{code}",
        summary="Open a link: sets the cookie of a session and shows the page",
        response_class=RedirectResponse,
        status_code=303,
        responses={401: {"description": "the link was used, or is too old", "content": {"text/plain": {}}}},
    )
    async def open_login_link(code: Annotated[str, Path(max_length=200)], request: Request) -> Response:
        secret = local.open_link(code)
        if secret is None:
            return PlainTextResponse(_TOO_OLD, 401)
        response = RedirectResponse(f"{url_prefix}/", 303)
        cookies.put(request, response, secret=secret, csrf=csrf_word(secret))
        return response

    return router
