"""The body of every failed request of the versioned API (RFC 9457)."""

from __future__ import annotations

from pydantic import Field, JsonValue

from gwf.wire.edge import Wire


class ProblemField(Wire):
    """One part of the request that was wrong."""

    #: JSON pointer into the request: /query/limit, /path/file_id, /body/name
    pointer: str
    #: stable, for example greater_than_equal, missing, literal_error
    code: str
    message: str


class ProblemChange(Wire):
    """Something that was done to a thing since it was looked at."""

    at: str
    #: for example agent.drain
    action: str
    #: who did it, as people know them; None = you may not see the audit
    actor: str | None
    #: each with path, before, after, as in the audit
    changes: list[dict[str, JsonValue]]


class Problem(Wire):
    """What went wrong: a stable code for programs, English text for people, an id for the log."""

    #: urn:gwf:problem:<code>
    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, str]
    request_id: str
    #: seconds until asking again makes sense; None = not known
    retry_after: float | None
    errors: list[ProblemField]
    #: with the code revision_changed: what others did meanwhile, newest first
    meanwhile: list[ProblemChange] = Field(default_factory=list[ProblemChange])
