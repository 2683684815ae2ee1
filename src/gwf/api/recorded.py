"""Reads the fields of an audit row that are kept as text."""

from __future__ import annotations

from pydantic import JsonValue, TypeAdapter, ValidationError

from gwf.audit.model import AuditRow

_CHANGES = TypeAdapter(list[dict[str, JsonValue]])
_DETAIL = TypeAdapter(dict[str, JsonValue])


def changes_of(row: AuditRow) -> list[dict[str, JsonValue]]:
    """Return the changes of a row; what somebody made unreadable is shown as it is, the check names it."""
    try:
        return _CHANGES.validate_json(row.changes)
    except ValidationError:
        return [{"path": "/", "after": f"unreadable: {row.changes[:200]}"}]


def detail_of(row: AuditRow) -> dict[str, JsonValue]:
    """Return the facts beside the change of a row."""
    try:
        return _DETAIL.validate_json(row.detail)
    except ValidationError:
        return {"unreadable": row.detail[:200]}
