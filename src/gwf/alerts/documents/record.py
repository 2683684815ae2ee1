"""Documents of alerts as they are kept: kinds, heads and versions. Pure values."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

from gwf.rules.versioned import Head, Version


class DocKind(enum.StrEnum):
    """What a document says; the word stands in the audit."""

    #: which events are trouble
    RULE = "alert_rule"
    #: who is told, and who next
    CHAIN = "chain"
    #: who is on call
    SCHEDULE = "schedule"
    #: which alerts keep others back
    INHIBITION = "inhibition"

    @property
    def prefix(self) -> str:
        """How ids of this kind begin."""
        return {"alert_rule": "alr", "chain": "chn", "schedule": "sch", "inhibition": "inh"}[self.value]

    @property
    def words(self) -> str:
        """How messages call it."""
        return "alert rule" if self is DocKind.RULE else self.value


class Shelf(NamedTuple):
    """All documents of a kind that one tenant has."""

    tenant: str
    kind: DocKind


class DocVersion(NamedTuple):
    """One version of a document."""

    doc_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocHead(Head[DocVersion]):
    """A document over all its versions."""

    kind: DocKind
    doc_id: str

    def at(self, version: int) -> DocVersion:
        """Return the name of one of its versions."""
        return DocVersion(self.doc_id, version)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDoc(Version[DocVersion]):
    """One version of a document."""

    kind: DocKind
