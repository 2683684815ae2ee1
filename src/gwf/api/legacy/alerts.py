"""GET /api/alerts, and the settings and rules of log alerts, as the Go version's console uses them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from gwf.api.lanes import Kind
from gwf.api.legacy.decode import decode
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.ports import GoAlertSource
from gwf.core.errors import ConfigError, InputError
from gwf.identity.permissions import Permission
from gwf.wire.goalerts import GoAlertChange

NEVER_ON = "告警未启用"  #: answered with 200: the console shows nothing but the status of other answers
_NEEDS = {"GET": Permission.EDGE_READ, "POST": Permission.EDGE_CONFIG}


def alert_routes(alerts: GoAlertSource) -> tuple[LegacyRoute, LegacyRoute, LegacyRoute]:
    """Return the routes; a change is answered when it is in force."""

    def listed(_: LegacyRequest) -> Response:
        found = alerts.alerts()
        return json_answer({"error": NEVER_ON, "ok": False} if found is None else found)

    def config(_: LegacyRequest) -> Response:
        return json_answer({"config": alerts.config(), "ok": True})

    def change(request: LegacyRequest) -> Response:
        fields = decode(request.body)
        wish = GoAlertChange(
            enabled=fields.flag("enabled") or False,
            suppress=fields.flag("suppressEnabled"),
            log_paths=fields.text("logPaths") or "",
            poll_interval=fields.text("pollInterval") or "",
            start_from_end=fields.flag("startFromEnd") or False,
        )
        return json_answer({"config": _put(lambda: alerts.change(wish, author=request.author)), "ok": True})

    def rules(_: LegacyRequest) -> Response:
        return json_answer({"ok": True, "rules": alerts.rules()})

    def change_rules(request: LegacyRequest) -> Response:
        document = decode(request.body).plain("rules")
        if document is None:
            raise LegacyError(400, "rules is required")
        return json_answer({"ok": True, "rules": _put(lambda: alerts.change_rules(document, author=request.author))})

    return (
        LegacyRoute(path="/api/alerts", methods={"GET": listed}, needs=_NEEDS),
        LegacyRoute(path="/api/alert-config", methods={"GET": config, "POST": change}, kind=Kind.CHANGE, needs=_NEEDS),
        LegacyRoute(
            path="/api/alert-rules", methods={"GET": rules, "POST": change_rules}, kind=Kind.CHANGE, needs=_NEEDS
        ),
    )


def _put(change: Callable[[], dict[str, object]]) -> dict[str, object]:
    try:
        return change()
    except ConfigError as exc:
        raise LegacyError(400, "; ".join(exc.problems) or exc.message) from exc
    except InputError as exc:
        reason = exc.context.get("reason")
        raise LegacyError(400, f"{exc.message}: {reason}" if reason else exc.message) from exc
