"""The request on whose behalf changes are made: done or only rehearsed, from which revision, under which key."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType

from gwf.audit.model import AuditEntry, AuditRow, Resource
from gwf.core.errors import ConflictError, InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a request is known by when it comes a second time."""

    tenant: str
    #: see `gwf.identity.principal.Principal.owner`
    owner: str
    #: SHA-256 of the key that the client chose
    hash: bytes = field(repr=False)
    #: SHA-256 over method, address and body: the same key for something else is a mistake
    fingerprint: bytes = field(repr=False)
    request_id: str
    at_ms: int


@dataclass(slots=True, kw_only=True)
class Deed:
    """What one request asks for beside its change. Where changes are made, `current` is it."""

    #: nothing is kept: the change is made, looked at and undone
    rehearsal: bool = False
    #: the revision that it was made from; None = whatever it is
    expected: int | None = None
    #: None = the request is not to be recognised again
    key: Key | None = None
    #: of what is changed, as it is before; None = it has none, or nothing was to be changed
    revision: int | None = None
    #: the request is under way; what it set going may change things later on its own behalf
    is_open: bool = True


class RevisionError(ConflictError):
    """Somebody changed the thing since it was looked at."""

    code = "revision_changed"

    #: the thing, and how far it has moved
    resource: Resource | None = None
    steps: int = 0
    #: what was done to it, newest first, once somebody has looked it up
    meanwhile: Sequence[AuditRow] = ()
    #: how people are called who did it, by kind and id
    names: Mapping[tuple[str, str], str] = MappingProxyType({})


class NoRevisionError(InputError):
    """A revision was named where there is none to compare it with."""

    code = "no_revision"


class RehearsedError(Exception):
    """Leaves a transaction so that it is undone, with the entries that it would have written. No fault of anybody."""

    def __init__(self, entries: tuple[AuditEntry, ...]) -> None:
        """Take the entries."""
        super().__init__()
        self.entries = entries


_current: ContextVar[Deed | None] = ContextVar("gwf_deed", default=None)


@contextmanager
def on_behalf_of(deed: Deed) -> Generator[None]:
    """Let all changes of the block be those of a request; background work that it begins is not."""
    token = _current.set(deed)
    try:
        yield
    finally:
        deed.is_open = False
        _current.reset(token)


def current() -> Deed | None:
    """Return the request on whose behalf a change is made; None = the centre's own."""
    deed = _current.get()
    return deed if deed is not None and deed.is_open else None


def check_revision(resource: Resource, revision: int) -> None:
    """Compare the stored revision of what is about to be changed with the one the request was made from.

    Raises:
        RevisionError: They differ.
    """
    deed = current()
    if deed is None:
        return
    deed.revision = revision
    if deed.expected is not None and deed.expected != revision:
        error = RevisionError(
            "it was changed meanwhile: look at it again",
            kind=resource.kind,
            id=resource.id,
            expected=deed.expected,
            revision=revision,
        )
        error.resource, error.steps = resource, max(0, revision - deed.expected)
        raise error


def close_change(entries: tuple[AuditEntry, ...]) -> Deed | None:
    """Say at the end of a transaction on whose behalf it was; it is undone when this raises.

    Raises:
        RehearsedError: It was only rehearsed.
        NoRevisionError: A revision was named, and nothing that was changed has one.
    """
    deed = current()
    if deed is None:
        return None
    if deed.expected is not None and entries and deed.revision is None:
        raise NoRevisionError("this has no revision to compare with: leave If-Match out", field="If-Match")
    if deed.rehearsal:
        raise RehearsedError(entries)
    return deed
