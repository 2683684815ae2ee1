"""What every request that changes something has in common: rehearsal, the revision it was made from, its key.

A router whose changes take part is made by `APIRouter(route_class=ActRoute)`. For each route that is no GET

- `?dry_run=true` makes the change, looks at what it would have written, and undoes it: the answer is an `Effect`;
- `If-Match: <revision>` refuses with 409 `revision_changed` when the thing has moved on, and says what was done to it;
- `Idempotency-Key` lets a request that comes twice be done once: the second time it gets the answer of the first.

A route with a parameter `dry_run` of its own answers it by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, Header, Query, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from gwf.api.caller import actor_of
from gwf.api.names import Names
from gwf.api.principal import Required, principal_of
from gwf.api.problems import request_id_of
from gwf.audit.answers import AlreadyDoneError, AnswerStore, KeptAnswer, KeyReusedError
from gwf.audit.deed import Deed, Key, RehearsedError, RevisionError, on_behalf_of
from gwf.audit.model import MAX_WORD_CHARS, AuditEntry, Resource
from gwf.core.clock import Clock
from gwf.core.errors import GwfError, InputError
from gwf.identity.errors import PermissionMissingError
from gwf.identity.permissions import Permission
from gwf.identity.principal import Principal
from gwf.wire.effect import Effect

MAX_KEPT_CHARS = 256 * 1024  #: of an answer; a longer one is done once all the same, but not told again
MAX_MEANWHILE = 10  #: entries of a thing that a refusal tells
DENIED = "access.denied"  #: the action of an entry about a change that somebody may not make
REFUSAL_EVERY_S = 60.0
MAX_REFUSALS = 10_000  #: of all people and endpoints at a time
REPLAYED = "Idempotency-Replayed"

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_TOLD_ONCE = "gwf.told_once"
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A change that was made, looked at and undone."""

    entries: Sequence[AuditEntry]
    #: that the request needs; None = any login will do
    permission: Permission | None
    #: of the thing before; None = it has none
    revision: int | None


class Foresight(Protocol):
    """Says what a change means."""

    def effect(self, who: Principal, undone: Undone) -> Effect:
        """Return what a change would have done."""
        ...


class Acts:
    """What `ActRoute` works with; kept in the state of the application."""

    def __init__(self, answers: AnswerStore, foresight: Foresight, clock: Clock, *, names: Names | None = None) -> None:
        """Keep the parts; `names` says how people are called."""
        self._names = names
        self.answers = answers
        self.foresight = foresight
        self.clock = clock
        self._refusals = Refusals(clock)

    async def answered(self, key: Key) -> Response | None:
        """Return the answer that was given under a key; None when nothing was done under it.

        Raises:
            KeyReusedError: The key was used for another request.
            AlreadyDoneError: It was done, and its answer is not kept.
        """
        kept = await self.answers.find(key)
        return None if kept is None else _again(kept, key)

    async def keep(self, key: Key, response: Response, *, secret: bool) -> None:
        """Keep an answer, unless it holds a secret or is too long."""
        body = bytes(response.body)
        if secret or len(body) > MAX_KEPT_CHARS:
            return
        try:
            media_type = response.headers.get("content-type", "")
            await self.answers.keep(key, status=response.status_code, media_type=media_type, body=body.decode())
        except GwfError as exc:  # it is done and recorded under the key; whoever asks again is told so
            log.warning("answer_not_kept", extra={"request_id": key.request_id, "error": str(exc)})

    async def refused(self, request: Request, who: Principal, place: str, *, permission: Permission | None) -> None:
        """Put on record that somebody wanted a change that they may not make."""
        if not self._refusals.are_due(who.owner, place):
            return
        entry = AuditEntry(
            tenant=who.tenant,
            actor=actor_of(request, who),
            action=DENIED,
            resource=Resource(kind="endpoint", id=place[:MAX_WORD_CHARS]),
            at_ms=self.clock.now_ms(),
            request_id=request_id_of(request.scope),
            detail={"permission": None if permission is None else permission.value},
        )
        try:
            await self.answers.record(entry)
        except GwfError as exc:  # the refusal stands all the same
            log.warning("refusal_not_recorded", extra={"error_code": exc.code, "error": str(exc)})

    async def told(self, error: RevisionError, tenant: str) -> RevisionError:
        """Add to a refusal what was done to the thing since it was looked at."""
        limit = min(MAX_MEANWHILE, error.steps)
        if limit and error.resource is not None:
            error.meanwhile = await self.answers.last_changes(tenant, error.resource, limit=limit)
        if self._names is not None and error.meanwhile:
            known = await self._names.of(tenant, {(row.actor_kind, row.actor_id) for row in error.meanwhile})
            error.names = {ref: named.name for ref, named in known.items()}
        return error


class Refusals:
    """Lets the refusals of one person go on record so often and no oftener: whoever knocks cannot fill the audit."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nobody known."""
        self._clock = clock
        self._next_s: dict[str, float] = {}

    def are_due(self, owner: str, place: str) -> bool:
        """Tell whether a refusal goes on record: one of each kind in REFUSAL_EVERY_S."""
        now_s = self._clock.monotonic_s()
        if len(self._next_s) >= MAX_REFUSALS:
            self._next_s = {name: next_s for name, next_s in self._next_s.items() if next_s > now_s}
        name = f"{owner} {place}"
        if self._next_s.get(name, 0.0) > now_s or len(self._next_s) >= MAX_REFUSALS:
            return False
        self._next_s[name] = now_s + REFUSAL_EVERY_S
        return True


async def _parameters(
    *,
    dry_run: Annotated[bool, Query(description="change nothing: answer 200 with an `Effect`")] = False,
    if_match: Annotated[
        str | None, Header(max_length=40, description="revision that it was made from: refuse when it moved on")
    ] = None,
    idempotency_key: Annotated[
        str | None, Header(min_length=8, max_length=200, description="do it once, however often this comes in 24 hours")
    ] = None,
) -> None:
    """Describe and check what `ActRoute` reads; nothing else is done with it."""


async def _own_parameters(
    *,
    if_match: Annotated[
        str | None, Header(max_length=40, description="revision that it was made from: refuse when it moved on")
    ] = None,
    idempotency_key: Annotated[
        str | None, Header(min_length=8, max_length=200, description="do it once, however often this comes in 24 hours")
    ] = None,
) -> None:
    """As `_parameters`, for a route that answers `dry_run` itself."""


class ActRoute(APIRoute):
    """A route; those that change something take part in what this module is about."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        """Add parameters to routes that change something."""
        self._rehearses = False
        if not set(given.get("methods") or ()) <= _READING:
            self._rehearses = "dry_run" not in inspect.signature(endpoint).parameters
            wanted = _parameters if self._rehearses else _own_parameters
            dependencies = [one for one in given.get("dependencies") or () if one.dependency is not wanted]
            given["dependencies"] = [*dependencies, Depends(wanted)]
        super().__init__(path, endpoint, **given)

    def get_route_handler(self) -> _Handler:
        """Return the handler of requests."""
        handler = super().get_route_handler()
        if set(self.methods or ()) <= _READING:
            return handler

        async def act(request: Request) -> Response:
            return await self._act(request, handler)

        return act

    async def _act(self, request: Request, handler: _Handler) -> Response:
        who = principal_of(request)
        acts: Acts | None = request.app.state.acts
        if who is None or acts is None:
            return await handler(request)
        deed = Deed(rehearsal=self._rehearses and _is_rehearsal(request), expected=_expected(request))
        if not deed.rehearsal:
            deed.key = await _key(request, who, acts.clock)
        if deed.key is not None and (known := await acts.answered(deed.key)) is not None:
            return known
        try:
            with on_behalf_of(deed):
                response = await handler(request)
        except RehearsedError as rehearsed:
            undone = Undone(entries=rehearsed.entries, permission=self._permission(), revision=deed.revision)
            effect = acts.foresight.effect(who, undone)
            return Response(effect.model_dump_json(), media_type="application/json")
        except RevisionError as error:
            raise await acts.told(error, who.tenant) from error
        except PermissionMissingError:
            await acts.refused(
                request,
                who,
                f"{request.method} /api/v1{self.path.removeprefix('/api/v1')}",
                permission=self._permission(),
            )
            raise
        if deed.key is not None:
            secret = request.scope["state"].get(_TOLD_ONCE, False)
            await acts.keep(deed.key, response, secret=secret)
        return response

    def _permission(self) -> Permission | None:
        asked = (one.call for one in self.dependant.dependencies)
        return next((call.permission for call in asked if isinstance(call, Required)), None)


def keep_secret(request: Request) -> None:
    """Say that the answer of a request holds a secret: it is told this once and kept nowhere."""
    request.scope["state"][_TOLD_ONCE] = True


def _is_rehearsal(request: Request) -> bool:
    return request.query_params.get("dry_run", "").lower() in {"true", "1", "on", "yes", "t", "y"}


def _expected(request: Request) -> int | None:
    """Return the revision of If-Match.

    Raises:
        InputError: It is none.
    """
    text = request.headers.get("if-match")
    if text is None or text.strip() == "*":
        return None
    number = text.strip().removeprefix("W/").strip('"')
    if not number.isdecimal() or len(number) > 15:
        raise InputError("If-Match is the revision of the thing, a whole number", field="If-Match")
    return int(number)


async def _key(request: Request, who: Principal, clock: Clock) -> Key | None:
    text = request.headers.get("idempotency-key")
    if text is None:
        return None
    given = text.encode("utf-8", "backslashreplace")
    address = f"{request.method} {request.url.path}?{request.url.query}\n"
    return Key(
        tenant=who.tenant,
        owner=who.owner,
        hash=hashlib.sha256(given).digest(),
        # bodies hold passwords: without the key, which is not kept, none can be guessed from what is
        fingerprint=hmac.digest(given, address.encode() + await request.body(), "sha256"),
        request_id=request_id_of(request.scope),
        at_ms=clock.now_ms(),
    )


def _again(kept: KeptAnswer, key: Key) -> Response:
    if kept.fingerprint != key.fingerprint:
        raise KeyReusedError(
            "this Idempotency-Key was used for another request: take a new one", field="Idempotency-Key"
        )
    if kept.status is None:
        raise AlreadyDoneError("this was done before, and its answer is not kept: look at the thing itself")
    headers = {REPLAYED: "true"}
    if kept.media_type:
        headers["Content-Type"] = kept.media_type
    return Response(kept.body or None, kept.status, headers)
