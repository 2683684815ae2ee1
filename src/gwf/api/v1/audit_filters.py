"""Which entries of the audit are asked for, as every list, sum and file of them takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query

from gwf.api.principal import Permission, Principal, require
from gwf.audit.ports import AuditFilter

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Words = Annotated[list[str], Query(max_length=50, description="may be repeated")]
Reader = Annotated[Principal, require(Permission.AUDIT_READ)]
Instant = Annotated[datetime | None, Query(description="RFC 3339; without a zone it is UTC")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which entries are asked for: as the store takes it, and as it was said."""

    wanted: AuditFilter
    said: dict[str, object]


def _asked(
    *,
    actor_kind: Words = [],  # noqa: B006  # FastAPI copies defaults
    actor: Annotated[str, Query(max_length=200, description="id of who acted")] = "",
    action: Annotated[
        list[str], Query(max_length=50, description="whole, or `agent.` for all about agents; may be repeated")
    ] = [],  # noqa: B006
    resource_kind: Words = [],  # noqa: B006
    resource: Annotated[str, Query(max_length=200, description="id of what was acted upon")] = "",
    field: Annotated[
        str, Query(max_length=200, description="last parts of a changed field: `workers` or `transfer/workers`")
    ] = "",
    changed: Annotated[bool, Query(description="only entries that changed a field")] = False,
    value: Annotated[str, Query(max_length=200, description="a whole value before or after: `32`, `oss-sh`")] = "",
    address: Annotated[
        str, Query(max_length=100, description="of who asked: whole, or a beginning such as `10.12.`")
    ] = "",
    since: Instant = None,
    until: Instant = None,
    q: Annotated[str, Query(max_length=200, description="part of any text of an entry")] = "",
) -> Asked:
    said = {
        "actor_kind": actor_kind, "actor": actor, "action": action, "resource_kind": resource_kind,
        "resource": resource, "field": field, "changed": changed, "value": value,
        "address": address, "since": _said(since), "until": _said(until), "q": q,
    }  # fmt: skip
    wanted = AuditFilter(
        actor_kinds=frozenset(actor_kind) - {""}, actor_id=actor, actions=frozenset(action) - {""},
        resource_kinds=frozenset(resource_kind) - {""}, resource_id=resource, field=field, with_changes=changed,
        value=value, address=address, since_ms=milliseconds(since), until_ms=milliseconds(until), text=q,
    )  # fmt: skip
    return Asked(wanted=wanted, said={name: value for name, value in said.items() if value})


Filters = Annotated[Asked, Depends(_asked)]


def milliseconds(at: datetime | None) -> int | None:
    """Return an instant of a query in ms UTC; None = none was given."""
    if at is None:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(milliseconds=1)


def _said(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
