"""POST /api/config: changes of the configuration from the Go version's console."""

from __future__ import annotations

from starlette.responses import Response

from gwf.api.lanes import Kind
from gwf.api.legacy.decode import decode
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.ports import GoConfigSource
from gwf.core.errors import ConfigError, InputError
from gwf.identity.permissions import Permission
from gwf.wire.goconfig import GoConfigChange


def config_route(config: GoConfigSource) -> LegacyRoute:
    """Return the route; the answer comes when the change is in force."""

    def change(request: LegacyRequest) -> Response:
        wish = _wish(request.body)
        try:
            snapshot = config.change(wish, author=request.author)
        except ConfigError as exc:
            raise LegacyError(400, "; ".join(exc.problems) or exc.message) from exc
        except InputError as exc:
            reason = exc.context.get("reason")
            raise LegacyError(400, f"{exc.message}: {reason}" if reason else exc.message) from exc
        return json_answer({"config": snapshot, "ok": True})

    return LegacyRoute(
        path="/api/config", methods={"POST": change}, kind=Kind.CHANGE, needs={"POST": Permission.EDGE_CONFIG}
    )


def _wish(body: bytes) -> GoConfigChange:
    fields = decode(body)
    return GoConfigChange(
        watch_dir=fields.text("watchDir"),
        file_ext=fields.text("fileExt"),
        silence=fields.text("silence"),
        workers=fields.number("uploadWorkers"),
        queue_size=fields.number("uploadQueueSize"),
        retry_delays=fields.text("uploadRetryDelays"),
        retry_enabled=fields.flag("uploadRetryEnabled"),
        system_enabled=fields.flag("systemResourceEnabled"),
    )
