"""POST /api/auto-upload and /api/manual-upload: whether a path is sent by itself, and one file now."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from gwf.api.lanes import Kind
from gwf.api.legacy.decode import INVALID, decode
from gwf.api.legacy.encode import json_answer
from gwf.api.legacy.failure import LegacyError
from gwf.api.legacy.frame import LegacyRequest, LegacyRoute
from gwf.api.legacy.refused_paths import path_error
from gwf.api.ports import PathActions
from gwf.core.errors import GwfError, InputError, UnavailableError
from gwf.identity.permissions import Permission

_NEEDS = {"POST": Permission.EDGE_OPERATE}


def upload_routes(actions: PathActions, changed: Callable[[], None]) -> tuple[LegacyRoute, LegacyRoute]:
    """Return both routes; `changed` is called after each change that a dashboard shows."""

    def auto(request: LegacyRequest) -> Response:
        fields = decode(request.body)
        path, enabled = fields.required_text("path"), fields.flag("enabled") or False
        try:
            actions.switch(path, enabled=enabled, author=request.author)
        except InputError as exc:
            raise LegacyError(400, exc.message) from exc
        changed()
        return json_answer({"ok": True, "path": path, "status": enabled})

    def manual(request: LegacyRequest) -> Response:
        path = decode(request.body).required_text("path")
        if not path.strip():
            raise LegacyError(400, INVALID)
        try:
            clean = actions.send_now(path, author=request.author)
        except UnavailableError as exc:
            raise LegacyError(400, f"persist queue enqueue failed: {exc.message}") from exc
        except GwfError as exc:
            raise path_error(exc) from exc
        changed()
        return json_answer({"ok": True, "path": clean})

    return (
        LegacyRoute(path="/api/auto-upload", methods={"POST": auto}, kind=Kind.CHANGE, needs=_NEEDS),
        LegacyRoute(path="/api/manual-upload", methods={"POST": manual}, kind=Kind.CHANGE, needs=_NEEDS),
    )
