"""Which documents of alerts name which others, so that none in force names what is not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from gwf.alerts.documents.faults import DocFaults
from gwf.alerts.documents.record import DocKind, StoredDoc
from gwf.rules.faults import is_list, is_object
from gwf.rules.model import Document

CHANNEL = "channel"
_ALLOWED = {
    CHANNEL: "channel",
    DocKind.CHAIN.value: "chain in force",
    DocKind.SCHEDULE.value: "channel or schedule in force",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place where a document names another thing."""

    pointer: str
    name: str
    #: what it may be: `channel`, `chain`, or `schedule`, which a channel may be as well
    target: str


def links(kind: DocKind, document: Document) -> Iterator[Link]:
    """Yield what a document names; it is one that can be read."""
    match kind:
        case DocKind.RULE:
            yield from _named(document.get("chain"), "/chain", DocKind.CHAIN.value)
        case DocKind.CHAIN:
            yield from _of_levels(document, "levels")
            yield from _of_levels(document, "off_hours")
        case DocKind.SCHEDULE:
            yield from _named(document.get("channel"), "/channel", CHANNEL)
            yield from _named(document.get("otherwise"), "/otherwise", DocKind.SCHEDULE.value)
            for place, person in _items(document.get("people"), "/people"):
                yield from _named(_part(person, "channel"), f"{place}/channel", CHANNEL)
        case DocKind.INHIBITION:
            return


def _of_levels(document: Document, key: str) -> Iterator[Link]:
    for place, level in _items(document.get(key), f"/{key}"):
        for at, name in _items(_part(level, "receivers"), f"{place}/receivers"):
            yield from _named(name, at, DocKind.SCHEDULE.value)


def check_links(kind: DocKind, document: Document, in_force: Sequence[StoredDoc], *, channels: Collection[str]) -> None:
    """Look whether all that a document names is there.

    Raises:
        FaultyAlertDocumentError: Something is not; `faults` names all of it and what there is.
    """
    chains = {one.name for one in in_force if one.kind is DocKind.CHAIN}
    schedules = {one.name for one in in_force if one.kind is DocKind.SCHEDULE}
    known = {
        CHANNEL: set(channels),
        DocKind.CHAIN.value: chains,
        DocKind.SCHEDULE.value: {*channels, *schedules},
    }
    faults = DocFaults()
    if kind is DocKind.SCHEDULE and document.get("name") in channels:
        faults.add(
            "/name", "name_taken", "a channel is called so: a receiver would mean both", name=str(document["name"])
        )
    for link in links(kind, document):
        if link.name not in known[link.target]:
            there = ", ".join(sorted(known[link.target])) or "none"
            what = f"there is no {_ALLOWED[link.target]} called {link.name!r}; there are: {there}"
            faults.add(link.pointer, "unknown_name", what, name=link.name, known=there)
    faults.raise_any()


def users_of(kind: DocKind, name: str, in_force: Sequence[StoredDoc]) -> Sequence[StoredDoc]:
    """Return the documents in force that name this one."""
    return [
        one
        for one in in_force
        if any(link.name == name and link.target == kind.value for link in links(one.kind, one.document))
    ]


def _items(value: object, at: str) -> Iterator[tuple[str, object]]:
    if is_list(value):
        yield from ((f"{at}/{number}", item) for number, item in enumerate(value))
    elif value is not None:
        yield at, value


def _part(value: object, key: str) -> object:
    return value.get(key) if is_object(value) else None


def _named(value: object, at: str, target: str) -> Iterator[Link]:
    if isinstance(value, str) and value:
        yield Link(pointer=at, name=value, target=target)
