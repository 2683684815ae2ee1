"""Overrides of a schedule as they stand in its document: one added, one taken out, old ones forgotten. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.alerts.documents.reading import read_schedule
from gwf.alerts.oncall import Override
from gwf.control.config.check import FaultyDocumentError
from gwf.core.clock import utc_text
from gwf.core.errors import NotFoundError
from gwf.events.model import JsonValue
from gwf.rules.model import Document

KEPT_MS = 90 * 86_400_000  #: after their end


def with_override(document: Document, override: Override, *, now_ms: int) -> Document:
    """Return a schedule with one more override, which counts before the others; long past ones are left out."""
    entry: Mapping[str, JsonValue] = {
        "from": utc_text(override.begins_at_ms),
        "to": utc_text(override.ends_at_ms),
        "person": override.person,
    }
    return {**document, "overrides": [*_recent(document, now_ms), dict(entry)]}


def without_override(document: Document, gone: JsonValue) -> Document:
    """Return a schedule without an override, as it stands in a document."""
    return {**document, "overrides": [one for one in _listed(document) if one != gone]}


def override_at(document: Document, place: int, person: str) -> JsonValue:
    """Return an override as it stands in a document.

    Raises:
        NotFoundError: There is none at this place, or it is another person's.
    """
    found = _listed(document)
    one = found[place] if place < len(found) else None
    if not isinstance(one, dict) or one.get("person") != person:
        raise NotFoundError("the schedule has no such override: look at it again", place=place, person=person)
    return one


def _listed(document: Document) -> list[JsonValue]:
    found: JsonValue = document.get("overrides")
    if found is None:
        return []
    return [*found] if isinstance(found, list) else [found]


def _recent(document: Document, now_ms: int) -> list[JsonValue]:
    """Return the overrides that are not long past; of a draft that cannot be read all."""
    try:
        read = read_schedule(document).overrides
    except FaultyDocumentError:
        return _listed(document)
    return [one for one, known in zip(_listed(document), read, strict=True) if known.ends_at_ms > now_ms - KEPT_MS]
