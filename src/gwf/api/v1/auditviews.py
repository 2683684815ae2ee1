"""Entries of the audit in the shape that the API sends, with the names that people know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gwf.api.names import Named, Ref, name_of
from gwf.api.recorded import changes_of, detail_of
from gwf.audit.model import AuditRow
from gwf.core.clock import utc_text
from gwf.wire.audit import AuditActor, AuditResource, AuditView


def named_in(rows: Iterable[AuditRow]) -> set[Ref]:
    """Return the things that rows name by ids."""
    return {ref for row in rows for ref in ((row.actor_kind, row.actor_id), (row.resource_kind, row.resource_id))}


def entry_view(row: AuditRow, known: Mapping[Ref, Named]) -> AuditView:
    """Return an entry as it is sent."""
    actor, resource = (row.actor_kind, row.actor_id), (row.resource_kind, row.resource_id)
    return AuditView(
        seq=row.seq,
        at=utc_text(row.at_ms),
        actor=AuditActor(kind=row.actor_kind, id=row.actor_id, address=row.address, name=name_of(known, actor)),
        action=row.action,
        resource=AuditResource(
            kind=row.resource_kind,
            id=row.resource_id,
            name=name_of(known, resource),
            facts=dict(known[resource].facts) if resource in known else {},
        ),
        reason=row.reason,
        request_id=row.request_id,
        changes=changes_of(row),
        detail=detail_of(row),
        hash=row.hash.hex(),
    )
