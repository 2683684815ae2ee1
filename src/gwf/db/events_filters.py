"""Decides which index a list of events uses and which conditions remain. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gwf.db.timeline_sql import Probe, Wish, begins, like
from gwf.events.files import FileEventStatus
from gwf.events.ports import EventFilter, FileEventFilter, PageWish

MAX_PROBES = 400  #: beginnings of one index that are looked up before their rows are merged; SQLite joins no 501
MAX_ARRAY_PROBES = 2_000  #: the same where they come in arrays, as on PostgreSQL
GLANCE_FROM = 8  #: from so many beginnings on a page is looked for in the newest rows first
FILES, EVENTS = "file_events", "events"
#: of a list that looks up another index than one by tenant: written so that no planner takes one by tenant instead
_TENANT = "tenant_id || '' = :tenant"
_NO_WILDCARD = "\\"
_TEXTS = ("path", "key", "message")  #: of a file event, that a text is looked for in


def file_wish(
    wanted: FileEventFilter, label_sets: Sequence[int] | None, page: PageWish, *, most: int = MAX_PROBES
) -> Wish:
    """Return what a list of file events shows; `label_sets` are those whose labels are wanted, None = all.

    `most` label sets are looked up one by one.
    """
    return _file_wish(wanted, label_sets, page, probes=_file_probes(wanted, label_sets, most))


def file_glance(
    wanted: FileEventFilter, label_sets: Sequence[int] | None, page: PageWish, *, most: int = MAX_PROBES
) -> Wish | None:
    """Return the same list over the newest rows only, None where that is no shorter way.

    Labels of many hosts are found in few of the newest rows. To look each of their sets up costs more than that, and
    where the newest rows hold too few of them the sets are few, or rare.
    """
    if wanted.file_ref is not None or wanted.agents or len(_file_probes(wanted, label_sets, most)) < GLANCE_FROM:
        return None
    probes = _by_status(wanted) if len(wanted.statuses) == 1 else [_of_tenant(wanted.tenant)]
    return _file_wish(wanted, label_sets, page, probes=probes)


def _file_wish(
    wanted: FileEventFilter, label_sets: Sequence[int] | None, page: PageWish, *, probes: Sequence[Probe]
) -> Wish:
    held = set(probes[0].equals)
    wish = Wish(table=FILES, span=wanted.span, page=page, probes=probes)
    if "tenant_id" not in held:
        wish.add(_TENANT, "tenant_id", tenant=wanted.tenant)
    if "status" not in held:
        wish.one_of("status", [int(status) for status in wanted.statuses])
    if "agent_id" not in held:
        wish.one_of("agent_id", wanted.agents)
    if "label_set_id" not in held and label_sets is not None:
        wish.one_of("label_set_id", label_sets)
    wish.one_of("store", wanted.stores)
    wish.one_of("error_class", wanted.error_classes)
    if wanted.gen is not None:
        wish.add("gen = :gen", "gen", gen=wanted.gen)
    if wanted.path_prefix is not None:
        wish.add("substr(path, 1, :prefix_length) = :prefix", "path", prefix=wanted.path_prefix,
                 prefix_length=len(wanted.path_prefix))  # fmt: skip
    if wanted.text is not None:
        wish.add(_contains(*_TEXTS), *_TEXTS, text=like(wanted.text.lower()))
    return wish


def event_wish(wanted: EventFilter, label_sets: Sequence[int] | None, page: PageWish) -> Wish:
    """Return what a list of events shows; `label_sets` are those whose labels are wanted, None = all."""
    probes = _event_probes(wanted)
    held = set(probes[0].equals)
    wish = Wish(table=EVENTS, span=wanted.span, page=page, probes=probes)
    if "tenant_id" not in held:
        wish.add(_TENANT, "tenant_id", tenant=wanted.tenant)
    if "agent_id" not in held:
        wish.one_of("agent_id", wanted.agents)
    if "type" not in held and wanted.types:
        _add_types(wish, wanted.types)
    wish.one_of("source", wanted.sources)
    if label_sets is not None:
        wish.one_of("label_set_id", label_sets)
    if wanted.min_severity is not None:
        wish.add("severity >= :severity", "severity", severity=int(wanted.min_severity))
    if wanted.text is not None:
        wish.add(_contains("subject", "type", "data"), "subject", "type", "data", text=like(wanted.text.lower()))
    return wish


def _file_probes(wanted: FileEventFilter, label_sets: Sequence[int] | None, most: int) -> list[Probe]:
    if wanted.file_ref is not None:
        return [Probe(index="file_events_file_ref_at_ms_row_id_index", equals={"file_ref": wanted.file_ref})]
    if label_sets is not None:
        statuses = [int(status) for status in wanted.statuses or FileEventStatus]
        if len(label_sets) * len(statuses) <= most:
            index = "file_events_label_set_id_status_at_ms_row_id_index"
            return [
                Probe(index=index, equals={"label_set_id": label_set, "status": status})
                for label_set in label_sets
                for status in statuses
            ]
    if 0 < len(wanted.agents) <= MAX_PROBES:
        index = "file_events_agent_id_at_ms_row_id_index"
        return [Probe(index=index, equals={"agent_id": agent}) for agent in dict.fromkeys(wanted.agents)]
    return _by_status(wanted) if wanted.statuses else [_of_tenant(wanted.tenant)]


def _by_status(wanted: FileEventFilter) -> list[Probe]:
    index = "file_events_tenant_id_status_at_ms_row_id_index"
    return [
        Probe(index=index, equals={"tenant_id": wanted.tenant, "status": int(status)})
        for status in dict.fromkeys(wanted.statuses)
    ]


def _of_tenant(tenant: str) -> Probe:
    return Probe(index="file_events_tenant_id_at_ms_row_id_index", equals={"tenant_id": tenant})


def _event_probes(wanted: EventFilter) -> list[Probe]:
    tenant = wanted.tenant
    if 0 < len(wanted.agents) <= MAX_PROBES:
        index = "events_agent_id_at_ms_row_id_index"
        return [Probe(index=index, equals={"agent_id": agent}) for agent in dict.fromkeys(wanted.agents)]
    if wanted.types and not any(name.endswith("*") for name in wanted.types):
        index = "events_tenant_id_type_at_ms_row_id_index"
        return [Probe(index=index, equals={"tenant_id": tenant, "type": name}) for name in dict.fromkeys(wanted.types)]
    return [Probe(index="events_tenant_id_at_ms_row_id_index", equals={"tenant_id": tenant})]


def _add_types(wish: Wish, types: Sequence[str]) -> None:
    parts: list[str] = []
    for at, name in enumerate(types):
        if name.endswith("*"):
            parts.append(f"type LIKE :type_{at} ESCAPE '{_NO_WILDCARD}'")
            wish.parameters[f"type_{at}"] = begins(name[:-1])
        else:
            parts.append(f"type = :type_{at}")
            wish.parameters[f"type_{at}"] = name
    wish.conditions.append(f"({' OR '.join(parts)})")


def _contains(*columns: str) -> str:
    return "(" + " OR ".join(f"lower({column}) LIKE :text ESCAPE '{_NO_WILDCARD}'" for column in columns) + ")"
