"""The outermost layer: request id, access, security headers, and the last net for bugs."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gwf.api.access import Asked, Recognised, Refusal, recognised_by_token, refusal_of, shows_itself
from gwf.api.accounts import Accounts, presented_in, recognised_locally
from gwf.api.legacy.cors import allow_headers
from gwf.api.legacy.encode import error_answer
from gwf.api.options import ApiOptions
from gwf.api.problems import problem_response
from gwf.core.errors import GwfError
from gwf.core.log import log_context
from gwf.identity.local import LocalAccess
from gwf.identity.principal import ANONYMOUS, Principal

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_POLICY = "Content-Security-Policy"
SECURITY_HEADERS = {
    _POLICY: (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_USUAL = [(name.lower().encode("ascii"), text.encode("ascii")) for name, text in SECURITY_HEADERS.items()]
_USUAL.append((b"cache-control", b"no-store"))


class Guard:
    """ASGI layer around everything the port serves."""

    def __init__(
        self,
        app: ASGIApp,
        options: Callable[[], ApiOptions],
        *,
        accounts: Accounts | None = None,
        local: LocalAccess | None = None,
    ) -> None:
        """Stand in front of `app`; `options` are asked for with every request, because they may change.

        `accounts` recognise people and programs, where the process knows any; `local` those of its own user.
        """
        self._app = app
        self._options = options
        self._accounts = accounts
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        wished = headers.get("x-request-id", "")
        request_id = wished if _REQUEST_ID.fullmatch(wished) else secrets.token_hex(8)
        options = self._options()
        inner: Scope = {**scope, "path": _own_path(options.url_prefix, scope["path"]), "root_path": ""}
        inner["state"] = {**scope.get("state", {}), "request_id": request_id}
        if (client := scope.get("client")) is not None:
            inner["client"] = (options.proxies.source(client[0], headers.get("x-forwarded-for", "")), client[1])
        asked = Asked(method=scope["method"], path=inner["path"], headers=headers)
        legacy = asked.legacy
        reply = _Reply(send, request_id)
        try:
            who = await self._who(options, asked)
        except GwfError as exc:
            log.warning("login_unavailable", extra={"request_id": request_id, "error": str(exc)})
            await problem_response(inner, 503, "logins cannot be checked now", code=exc.code)(inner, receive, reply)
            return
        refusal = refusal_of(options, asked, who)
        if refusal is None:
            inner["state"]["principal"] = _principal(options, who)
        origin = "" if refusal is not None and refusal.code == "origin_not_allowed" else headers.get("origin", "")
        reply.more = allow_headers(origin) if legacy else {}
        if refusal is None:
            await self._run(inner, receive, reply)
            return
        response = _refused(inner, refusal, legacy=legacy)
        if refusal.status == 401:  # Basic makes a browser ask for a password, which only `api.token` is
            how = 'Basic realm="gwf", charset="UTF-8"' if options.token is not None else 'Bearer realm="gwf"'
            response.headers["WWW-Authenticate"] = how
        await response(inner, receive, reply)

    async def _who(self, options: ApiOptions, asked: Asked) -> Recognised | None:
        known = recognised_by_token(options, asked.headers)
        if known is not None or shows_itself(asked.path):
            return known
        presented = presented_in(asked.headers)
        if presented is None:
            return None
        if self._local is not None and (own := recognised_locally(self._local, presented)) is not None:
            return own
        return None if self._accounts is None else await self._accounts.recognise(presented)

    async def _run(self, scope: Scope, receive: Receive, reply: _Reply) -> None:
        try:
            with log_context(request_id=reply.request_id):
                await self._app(scope, receive, reply)
        except Exception:
            log.exception("request_crashed", extra={"request_id": reply.request_id, "path": scope["path"]})
            if reply.started:
                raise
            await problem_response(scope, 500, "a fault of the server; the log has this request id")(
                scope, receive, reply
            )


def _own_path(prefix: str, path: str) -> str:
    if prefix and (path == prefix or path.startswith(prefix + "/")):
        return path[len(prefix) :] or "/"
    return path  # the proxy has cut the prefix, or somebody asks past it


def _principal(options: ApiOptions, who: Recognised | None) -> Principal | None:
    if who is not None:
        return who.principal
    return ANONYMOUS if options.reads_freely else None


def _refused(scope: Scope, refusal: Refusal, *, legacy: bool) -> Response:
    if legacy:
        return error_answer(refusal.status, refusal.detail)
    return problem_response(scope, refusal.status, refusal.detail, code=refusal.code, params=refusal.params)


class _Reply:
    """Adds our headers to the first message of an answer."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.more: Mapping[str, str] = {}
        self.request_id = request_id
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers.update(self.more)
            if (own := headers.get(_POLICY)) is not None:  # a page names a script that stands in it
                headers[_POLICY] = f"{own}; {SECURITY_HEADERS[_POLICY]}"
            known = {name for name, _ in headers.raw}
            headers.raw.append((b"x-request-id", self.request_id.encode("ascii")))
            headers.raw.extend(pair for pair in _USUAL if pair[0] not in known)
        await self._send(message)
