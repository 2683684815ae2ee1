"""Entries of the audit in the shape that the API sends, with the names that people know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gwf.api.names import Named, Ref, name_of
from gwf.api.recorded import changes_of, detail_of
from gwf.audit.model import AuditRow
from gwf.core.clock import utc_text
from gwf.wire.audit import AuditActor, AuditResource, AuditView

#: what an id in a change is of, by the last word of the change's path
_KINDS: Mapping[str, tuple[str, ...]] = {
    "version": ("config_version",),
    "parent": ("config_version",),
    "layer": ("config_layer",),
    "rollout": ("rollout",),
    "group": ("group",),
    "groups": ("group",),
    "subject": ("group", "agent"),
    "agent": ("agent",),
    "user": ("user",),
}


def named_in(rows: Iterable[AuditRow]) -> set[Ref]:
    """Return the things that rows name by ids."""
    found: set[Ref] = set()
    for row in rows:
        found |= {(row.actor_kind, row.actor_id), (row.resource_kind, row.resource_id), *_in_changes(row)}
    return found


def _in_changes(row: AuditRow) -> Iterator[Ref]:
    for change in changes_of(row):
        words = str(change.get("path", "")).strip("/").split("/")
        kinds = _KINDS.get(words[-1], ()) or _KINDS.get(words[-2] if len(words) > 1 else "", ())
        for side in ("before", "after"):
            value = change.get(side)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str):
                    yield from ((kind, one) for kind in kinds)


def _names(row: AuditRow, known: Mapping[Ref, Named]) -> dict[str, str]:
    refs = [ref for ref in _in_changes(row) if ref in known]
    return {ref[1]: known[ref].name for ref in refs if known[ref].name or known[ref].facts.get("layer_kind") == "base"}


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
        names=_names(row, known),
        detail=detail_of(row),
        hash=row.hash.hex(),
    )
