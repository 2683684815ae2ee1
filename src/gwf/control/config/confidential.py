"""Takes secrets out of a document before it is written: references stand in their place. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gwf.control.config.canonical import pointer
from gwf.control.config.model import Document, Fault
from gwf.core.settings.addresses import user_info_of
from gwf.core.settings.draft import Loc, is_block, is_list, value_at
from gwf.core.settings.effective import MASK, mask
from gwf.core.settings.references import holds_reference, reference_of, reference_to
from gwf.core.settings.schema import Kind, shape_at

#: what a host puts in by itself; a default would stand there in clear
_OF_THE_HOST = re.compile(r"(?<!\$)\$\{[A-Za-z_][A-Za-z0-9_]*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A value that is kept apart."""

    id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Separated:
    """A document without secrets, and those that were in it."""

    document: Document
    #: new ones; those that stay as they were are not among them
    secrets: tuple[Secret, ...]
    faults: tuple[Fault, ...]


def separated(
    document: Document, before: Document, known: Mapping[str, str], *, new_id: Callable[[], str]
) -> Separated:
    """Return a document with a reference for each secret.

    Args:
        document: As somebody sent it. A value as we show it, masked, means: as it was.
        before: The version that this one follows, with its references.
        known: The secrets that `before` refers to and that can be read, by id.
        new_id: Makes the id of a secret.
    """
    work = _Separation(dict(before), known, new_id)
    tree = {key: work.value(value, (key,)) for key, value in document.items()}
    return Separated(document=tree, secrets=tuple(work.secrets), faults=tuple(work.faults))


@dataclass(slots=True)
class _Separation:
    before: dict[str, object]
    known: Mapping[str, str]
    new_id: Callable[[], str]
    secrets: list[Secret] = field(default_factory=list[Secret])
    faults: list[Fault] = field(default_factory=list[Fault])

    def value(self, value: object, loc: Loc) -> object:
        if is_block(value):
            return {key: self.value(inner, (*loc, key)) for key, inner in value.items()}
        if is_list(value):
            return [self.value(inner, (*loc, at)) for at, inner in enumerate(value)]
        return self._text(value, loc) if isinstance(value, str) else value

    def _text(self, text: str, loc: Loc) -> str:
        old = value_at(self.before, loc)
        if isinstance(old, str) and text in (old, mask(old, loc)):
            return old
        if holds_reference(text):
            self._refuse(loc, "unknown_reference", "is no secret of this place: write the value itself")
            return text
        shape = shape_at(loc)
        whole = shape is not None and shape.kind is Kind.SECRET
        secret = text if whole else user_info_of(text)
        if MASK in secret:
            self._refuse(loc, "nothing_to_keep", "is masked, and there is no such value to keep: write it out")
            return text
        if not _OF_THE_HOST.sub("", secret).strip(":"):
            return text
        reference = self._reference(secret, old)
        return reference if whole else text.replace(f"://{secret}@", f"://{reference}@", 1)

    def _reference(self, secret: str, old: object) -> str:
        same = reference_of(old) if isinstance(old, str) else None
        if same is not None and self.known.get(same) == secret:
            return reference_to(same)
        kept = Secret(id=self.new_id(), text=secret)
        self.secrets.append(kept)
        return reference_to(kept.id)

    def _refuse(self, loc: Loc, code: str, what: str) -> None:
        self.faults.append(Fault(pointer=pointer(loc), code=code, message=what))
