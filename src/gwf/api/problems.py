"""The one table from an error to its HTTP status, and the response made of it."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gwf.api.bodies import BadBodyError, UnsupportedBodyError
from gwf.api.principal import principal_of
from gwf.api.recorded import changes_of
from gwf.audit.deed import RevisionError
from gwf.audit.model import AuditRow
from gwf.control.config.check import FaultyDocumentError
from gwf.control.fleet.errors import AgentRefusedError
from gwf.control.selectors import SelectorError
from gwf.core.clock import utc_text
from gwf.core.errors import (
    ConfigError,
    ConflictError,
    CorruptDataError,
    DeniedError,
    GwfError,
    InputError,
    LocalIoError,
    NotFoundError,
    OverloadedError,
    TooLargeError,
    UnavailableError,
)
from gwf.core.text import in_words
from gwf.identity.errors import LoginRequiredError
from gwf.identity.permissions import Permission
from gwf.tasks.worker.catalog import FaultyTaskError
from gwf.wire.problem import Problem, ProblemChange, ProblemField

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

#: the nearest ancestor of an error decides
STATUS_OF: Mapping[type[GwfError], int] = {
    InputError: 400,
    NotFoundError: 404,
    ConflictError: 409,
    TooLargeError: 413,
    UnsupportedBodyError: 415,
    LoginRequiredError: 401,
    AgentRefusedError: 401,
    DeniedError: 403,
    OverloadedError: 429,
    UnavailableError: 503,
    LocalIoError: 503,
    CorruptDataError: 500,
    GwfError: 500,
}

#: codes of refusals that come from HTTP itself
CODE_OF_STATUS: Mapping[int, str] = {
    400: "invalid_request",
    401: "login_required",
    403: "denied",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    422: "invalid_request",
    500: "internal",
}


def status_of(error: GwfError) -> int:
    """Return the HTTP status of an error of ours."""
    return next(STATUS_OF[family] for family in type(error).__mro__ if family in STATUS_OF)


def request_id_of(scope: Mapping[str, Any]) -> str:
    """Return the id the guard gave to this request."""
    state: Mapping[str, str] = scope.get("state", {})
    return state.get("request_id", "")


def problem_response(
    scope: Mapping[str, Any],
    status: int,
    detail: str,
    *,
    code: str | None = None,
    params: Mapping[str, object] | None = None,
    fields: Sequence[ProblemField] = (),
) -> Response:
    """Return the RFC 9457 answer for a request that failed; `params["retry_after"]` is seconds to wait."""
    return _sent(_problem(scope, status, detail, code=code, params=params or {}, fields=fields))


def _problem(
    scope: Mapping[str, Any],
    status: int,
    detail: str,
    *,
    code: str | None,
    params: Mapping[str, object],
    fields: Sequence[ProblemField],
) -> Problem:
    named = code or CODE_OF_STATUS.get(status, "http_error")
    values = dict(params)
    wait = values.pop("retry_after", None)
    return Problem(
        type=f"urn:gwf:problem:{named}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=named,
        params={name: in_words(value) for name, value in values.items()},
        request_id=request_id_of(scope),
        retry_after=wait if isinstance(wait, float) else None,
        errors=list(fields),
    )


def _sent(problem: Problem) -> Response:
    wait = problem.retry_after
    headers = None if wait is None else {"Retry-After": str(math.ceil(wait))}
    return Response(problem.model_dump_json(), problem.status, headers, MEDIA_TYPE)


def _on_gwf_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, GwfError):
        raise error
    status = status_of(error)
    if status >= 500:
        log.warning(
            "request_failed",
            extra={"request_id": request_id_of(request.scope), "error_code": error.code, "error": str(error)},
        )
    params = {**error.context, "retry_after": error.retry_after_s}
    fields = _fields_of(error, "query" if request.method == "GET" else "body")
    problem = _problem(request.scope, status, error.message, code=error.code, params=params, fields=fields)
    if isinstance(error, RevisionError):
        who = principal_of(request)
        sees_all = who is not None and who.may(Permission.AUDIT_READ)
        done = [_meanwhile(row, error.names, sees_all=sees_all) for row in error.meanwhile]
        problem = problem.model_copy(update={"meanwhile": done})
    return _sent(problem)


def _meanwhile(row: AuditRow, names: Mapping[tuple[str, str], str], *, sees_all: bool) -> ProblemChange:
    who = names.get((row.actor_kind, row.actor_id)) or f"{row.actor_kind}:{row.actor_id}"
    return ProblemChange(
        at=utc_text(row.at_ms),
        action=row.action,
        actor=who if sees_all else None,
        changes=changes_of(row),
    )


def _fields_of(error: GwfError, part: str) -> list[ProblemField]:
    """Return which parts of a request were wrong, as far as an error names them."""
    if isinstance(error, FaultyDocumentError):
        return [
            ProblemField(pointer=f"/body{fault.pointer}", code=fault.code, message=fault.message)
            for fault in error.faults
        ]
    if isinstance(error, ConfigError):
        return [ProblemField(pointer="/body", code=error.code, message=problem) for problem in error.problems]
    if isinstance(error, FaultyTaskError):
        return [
            ProblemField(pointer=f"/body{fault.pointer}", code=fault.code, message=fault.message)
            for fault in error.faults
        ]
    if isinstance(error, BadBodyError):
        return [error.field]
    name = "selector" if isinstance(error, SelectorError) else error.context.get("field")
    if not isinstance(name, str):
        return []
    return [ProblemField(pointer=f"/{part}/{name}", code=error.code, message=error.message)]


def _on_bad_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = [
        ProblemField(
            pointer="/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in fault["loc"]),
            code=str(fault["type"]),
            message=str(fault["msg"]),
        )
        for fault in error.errors()
    ]
    return problem_response(request.scope, 422, "the request does not fit the API", fields=fields)


def _on_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    response = problem_response(request.scope, error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


def answer_of(request: Request, error: GwfError | HTTPException) -> Response:
    """Return the answer to a request that ended with an error raised on purpose."""
    return _on_http_error(request, error) if isinstance(error, HTTPException) else _on_gwf_error(request, error)


def install_problems(app: FastAPI) -> None:
    """Make every error raised below `app` a problem; what nobody raised on purpose is the guard's."""
    app.add_exception_handler(GwfError, _on_gwf_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(HTTPException, _on_http_error)
