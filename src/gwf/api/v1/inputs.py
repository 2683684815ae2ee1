"""POST /api/v1/inputs/…: takes what other systems post in their own ways: Alertmanager, webhooks, plug-ins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from gwf.api.bodies import declared_bytes, read_body
from gwf.api.centre import HotRoute
from gwf.api.principal import Permission, Principal, permitted, principal_of
from gwf.api.problems import problem_response
from gwf.core.clock import utc_text
from gwf.core.errors import DeniedError, NotFoundError, OverloadedError, UnavailableError
from gwf.events.model import Event
from gwf.identity.errors import LoginRequiredError
from gwf.identity.principal import PrincipalKind
from gwf.ingest.cloudevents import Fault
from gwf.ingest.inputs.alertmanager import Alertmanager
from gwf.ingest.inputs.contract import Posted, UnreadableError, WebInput
from gwf.ingest.inputs.intake import Intake, Taken, told
from gwf.ingest.inputs.mapping import Webhook
from gwf.ingest.inputs.metrics import Fate
from gwf.ingest.inputs.plugins import PluginInput
from gwf.ingest.model import MAX_BODY_BYTES
from gwf.wire.edge import Wire
from gwf.wire.events import EventsTakenView, InputTrialView, MadeEventView, RejectedItem, SeverityName
from gwf.wire.problem import ProblemField

MAX_SHOWN = 100  #: rejected events that a problem lists
STRANGERS = 8  #: bodies at a time of senders who are known only by the signature of the whole body
STRANGER_S = 15.0  #: how long such a body may take
_SLOW_DOWN_S = 5.0


class BadSignatureError(DeniedError):
    """A webhook that is signed came without the right signature."""

    code = "bad_signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputParts:
    """The inputs that read what is posted."""

    intake: Intake
    webhooks: Mapping[str, Webhook]
    plugins: Mapping[str, PluginInput]


class Inputs:
    """The endpoints."""

    def __init__(self, parts: InputParts) -> None:
        """Hand what is posted to these."""
        self._parts = parts
        self._intake = parts.intake
        self._alertmanager = Alertmanager()
        self._strangers = asyncio.Semaphore(STRANGERS)

    async def alertmanager(self, request: Request) -> Response:
        """Store the alerts of a group.

        Raises:
            GwfError: Nothing was taken; the problem says why.
        """
        return await self._read(request, _known(request), ("alertmanager", self._alertmanager))

    async def plugin(self, request: Request) -> Response:
        """Store what an input of a package makes of a body.

        Raises:
            GwfError: Nothing was taken; the problem says why.
        """
        who = _known(request)
        name = request.path_params["name"]
        plugin = self._parts.plugins.get(name)
        if plugin is None or plugin.web is None:
            raise NotFoundError("no input of a package is called so: see server.inputs.plugins", input=name)
        return await self._read(request, who, (f"plugin/{name}", plugin.web))

    async def webhook(self, request: Request) -> Response:
        """Store what the settings of a webhook make of a body.

        Raises:
            GwfError: Nothing was taken; the problem says why.
        """
        name = request.path_params["name"]
        webhook = self._parts.webhooks.get(name)
        if webhook is not None and webhook.is_signed and not _is_trial(request):
            return await self._signed(request, name, webhook)
        who = _known(request)
        if webhook is None:
            raise NotFoundError("no webhook is called so: see server.inputs.webhooks", input=name)
        return await self._read(request, who, (f"webhook/{name}", webhook), max_bytes=webhook.max_body_bytes)

    async def _signed(self, request: Request, name: str, webhook: Webhook) -> Response:
        if self._strangers.locked():
            raise UnavailableError("too many bodies without a token are read now", retry_after_s=_SLOW_DOWN_S)
        async with self._strangers:
            try:
                async with asyncio.timeout(STRANGER_S):
                    body = await read_body(request, max_bytes=webhook.max_body_bytes)
            except TimeoutError:
                raise UnavailableError("the body did not come in time", most_s=STRANGER_S) from None
        posted = Posted(body=body, headers=dict(request.headers))
        if not webhook.is_authentic(posted):
            problem = "the body is not signed with the key of this webhook"
            self._intake.count(f"webhook/{name}", webhook.tenant, Fate.DENIED)
            self._intake.news.fail(f"webhook/{name}", webhook.tenant, problem)
            raise BadSignatureError(problem, input=name)
        with self._room(len(body), f"webhook/{name}", webhook.tenant):
            return await self._take(request, (f"webhook/{name}", webhook), tenant=webhook.tenant, posted=posted)

    async def _read(
        self, request: Request, who: Principal, to: tuple[str, WebInput], *, max_bytes: int = MAX_BODY_BYTES
    ) -> Response:
        with self._room(min(max_bytes, declared_bytes(request) or max_bytes), to[0], who.tenant):
            body = await read_body(request, max_bytes=max_bytes)
            posted = Posted(body=body, headers=dict(request.headers))
            return await self._take(request, to, tenant=who.tenant, posted=posted)

    async def _take(self, request: Request, to: tuple[str, WebInput], *, tenant: str, posted: Posted) -> Response:
        name, reader = to
        try:
            made = reader.read(posted)
        except UnreadableError as exc:
            fault = exc.fault
            self._intake.count(name, tenant, Fate.REJECTED)
            self._intake.news.fail(name, tenant, told(fault.pointer, fault.message))
            field = ProblemField(pointer="/body" + fault.pointer, code=fault.code, message=fault.message)
            return problem_response(request.scope, 422, fault.message, code="bad_body", fields=[field])
        if _is_trial(request):
            return _trial(*self._intake.checked(tenant, made))
        return _answer(request, await self._intake.take(name, tenant, made))

    @contextmanager
    def _room(self, size_bytes: int, name: str, tenant: str) -> Generator[None]:
        """Hold room for a body; what is told of a full house is what every sender knows to come again for."""
        try:
            with self._intake.ingest.admitted(size_bytes):
                yield
        except OverloadedError as exc:  # Alertmanager sends again after a 503, and gives up at a 429
            problem = "too much waits to be stored; send it again later"
            self._intake.news.fail(name, tenant, problem)
            raise UnavailableError(problem, retry_after_s=exc.retry_after_s) from exc


def _known(request: Request) -> Principal:
    """Return who may send events in; whoever merely asks from this host has to say who he is."""
    who = principal_of(request)
    if who is None or who.kind is PrincipalKind.ANONYMOUS:
        raise LoginRequiredError("send an API token with the scope events:write as Bearer")
    return permitted(request, Permission.EVENTS_WRITE)


def _is_trial(request: Request) -> bool:
    return request.query_params.get("dry_run", "").lower() in {"true", "1"}


def _items(rejected: Sequence[tuple[str, Fault]]) -> list[RejectedItem]:
    return [
        RejectedItem(pointer="/body" + pointer, code=fault.code, message=fault.message) for pointer, fault in rejected
    ]


def _trial(events: Sequence[Event], rejected: Sequence[tuple[str, Fault]]) -> Response:
    shown = [
        MadeEventView(
            id=event.id, source=event.source, type=event.type, time=utc_text(event.at_ms), subject=event.subject,
            labels=dict(event.labels), severity=cast("SeverityName", event.severity.word), data=event.data,
        )
        for event in events[:MAX_SHOWN]
    ]  # fmt: skip
    view = InputTrialView(events=shown, rejected=_items(rejected)[:MAX_SHOWN])
    return Response(view.model_dump_json(), media_type="application/json")


def _answer(request: Request, taken: Taken) -> Response:
    rejected = _items(taken.rejected)
    if rejected and not (taken.accepted or taken.duplicates):
        fields = [ProblemField(pointer=one.pointer, code=one.code, message=one.message) for one in rejected]
        return problem_response(
            request.scope, 422, "no event of this request can be taken", params={"rejected": len(rejected)},
            fields=fields[:MAX_SHOWN],
        )  # fmt: skip
    view = EventsTakenView(accepted=taken.accepted, duplicates=taken.duplicates, rejected=rejected[:MAX_SHOWN])
    return Response(view.model_dump_json(), media_type="application/json")


def input_routes(parts: InputParts) -> Sequence[HotRoute]:
    """Return the routes that take what other systems post."""
    inputs = Inputs(parts)

    async def post_alertmanager(request: Request) -> Response:
        return await inputs.alertmanager(request)

    async def post_webhook(request: Request) -> Response:
        return await inputs.webhook(request)

    async def post_plugin_input(request: Request) -> Response:
        return await inputs.plugin(request)

    return [
        _route("/api/v1/inputs/alertmanager", post_alertmanager, _ALERTMANAGER),
        _route("/api/v1/inputs/webhook/{name}", post_webhook, _WEBHOOK),
        _route("/api/v1/inputs/plugin/{name}", post_plugin_input, _PLUGIN),
    ]


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]], words: tuple[str, str]) -> HotRoute:
    parameters: list[dict[str, Any]] = [
        {
            "name": "dry_run", "in": "query", "schema": {"type": "boolean", "default": False},
            "description": "answer with the events that would be made; store nothing",
        }
    ]  # fmt: skip
    if "{name}" in path:
        name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}}
        parameters.insert(0, name)
    return HotRoute(
        path=path,
        method="POST",
        endpoint=endpoint,
        permission=Permission.EVENTS_WRITE,
        operation={
            "tags": ["events"],
            "summary": words[0],
            "description": words[1],
            "parameters": parameters,
            "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
        },
        responses=_RESPONSES,
        schemas=_schemas(EventsTakenView, InputTrialView),
        max_body_bytes=MAX_BODY_BYTES,
    )


def _schemas(*models: type[Wire]) -> dict[str, object]:
    found: dict[str, object] = {}
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found


_ALERTMANAGER = (
    "Take alerts of Prometheus Alertmanager",
    (
        "The receiver's webhook, version 4 of its format, with an API token as http_config.authorization. Each state "
        "of an alert (fingerprint, startsAt, status) is one event prometheus.alert.firing or prometheus.alert.resolved."
    ),
)
_WEBHOOK = (
    "Take what another system posts",
    (
        "Events are made as server.inputs.webhooks says. With an API token, or, where the settings have a key, with "
        "the signature of the body (HMAC-SHA-256) alone."
    ),
)
_PLUGIN = (
    "Take what an input of a package reads",
    "As server.inputs.plugins says; the package makes events of the body.",
)
_RESPONSES: dict[str, Any] = {
    "200": {
        "description": "What came of it, or with `dry_run` what would",
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/EventsTakenView"},
                        {"$ref": "#/components/schemas/InputTrialView"},
                    ]
                }
            }
        },
    }
}
