"""Documents that are kept in versions, as rules and flows are: what each act makes of them. Pure."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Self, TypeVar

from gwf.audit.changes import field_changes
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.rules.model import Document

#: names one version: id and number
RefT = TypeVar("RefT", bound=tuple[str, int])


class VersionState(enum.StrEnum):
    """Where a version stands."""

    #: may still be written; nothing goes by it
    DRAFT = "draft"
    #: in force
    PUBLISHED = "published"
    #: was in force
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head(ABC, Generic[RefT]):
    """A document over all its versions."""

    tenant: str
    #: of its newest version
    name: str
    #: version that somebody works on; None = nobody
    draft: int | None
    #: version in force; None = none
    published: int | None
    last_version: int
    created_at_ms: int
    updated_at_ms: int
    #: grows with each change; a change names the one it was made from
    revision: int = 1

    @abstractmethod
    def at(self, version: int) -> RefT:
        """Return the name of one of its versions."""

    @property
    def state(self) -> VersionState:
        """In force, perhaps with a draft beside it; else a draft, else not in force any more."""
        if self.published is not None:
            return VersionState.PUBLISHED
        return VersionState.DRAFT if self.draft is not None else VersionState.RETIRED

    @property
    def shown_version(self) -> int:
        """The version that lists show: the draft, else the one in force, else the last one."""
        return self.draft or self.published or self.last_version

    @property
    def shown(self) -> RefT:
        """The version that lists show."""
        return self.at(self.shown_version)

    @property
    def in_force(self) -> RefT | None:
        """The version in force; None = none is."""
        return None if self.published is None else self.at(self.published)

    def facts(self) -> dict[str, object]:
        """Return what an audit entry compares."""
        return {"name": self.name, "draft": self.draft, "published": self.published}

    def written(self, name: str, *, now_ms: int) -> Self:
        """Return it with a draft of this name: the one that there is, else the next version."""
        version = self.draft or self.last_version + 1
        last = max(version, self.last_version)
        return self._moved(now_ms, name=name, draft=version, last_version=last)

    def put_into_force(self, version: int, name: str, *, now_ms: int) -> Self:
        """Return it with a version in force; another one that is a draft stays, and with it the name."""
        draft = None if self.draft == version else self.draft
        last = max(version, self.last_version)
        name = name if draft is None else self.name
        return self._moved(now_ms, draft=draft, published=version, last_version=last, name=name)

    def retired(self, *, now_ms: int) -> Self:
        """Return it with nothing in force."""
        return self._moved(now_ms, published=None)

    def without_draft(self, name: str, *, now_ms: int) -> Self:
        """Return it without its draft, named as the version that is left."""
        return self._moved(now_ms, draft=None, name=name)

    def _moved(self, now_ms: int, **changes: object) -> Self:
        return replace(self, updated_at_ms=now_ms, revision=self.revision + 1, **changes)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Generic[RefT]):
    """One version of a document, which never changes once it was published."""

    ref: RefT
    tenant: str
    state: VersionState
    document: Document
    author: str
    reason: str
    created_at_ms: int
    updated_at_ms: int
    published_at_ms: int | None = None
    retired_at_ms: int | None = None

    @property
    def name(self) -> str:
        """The name that this version gives the whole."""
        return str(self.document.get("name", ""))

    def put_into_force(self, *, now_ms: int) -> Self:
        """Return it as it is once it is in force."""
        return replace(self, state=VersionState.PUBLISHED, published_at_ms=now_ms, updated_at_ms=now_ms)

    def retired(self, *, now_ms: int) -> Self:
        """Return it as it is once it is not in force any more."""
        return replace(self, state=VersionState.RETIRED, retired_at_ms=now_ms)


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does what, for the record."""

    by: Caller
    action: str
    #: facts beside the change
    detail: Mapping[str, object] = field(default_factory=dict[str, object])


def entry(
    resource: Resource,
    heads: tuple[Head[Any] | None, Head[Any]],
    documents: tuple[Document, Document],
    *,
    deed: Deed,
    at_ms: int,
) -> AuditEntry:
    """Return the record of a change: head and document of the resource, before and after."""
    (before, after), (old, new) = heads, documents
    head = field_changes(None if before is None else before.facts(), after.facts())
    return AuditEntry(
        tenant=after.tenant,
        actor=deed.by.actor,
        action=deed.action,
        resource=resource,
        at_ms=at_ms,
        reason=deed.by.reason,
        request_id=deed.by.request_id,
        changes=(*head, *field_changes({resource.kind: dict(old)}, {resource.kind: dict(new)})),
        detail=deed.detail,
    )
