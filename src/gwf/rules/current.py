"""Versioned documents as they are now: each with the version that is shown and the one in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from gwf.rules.versioned import Head, Version

Ref_contra = TypeVar("Ref_contra", bound=tuple[str, int], contravariant=True)
Version_co = TypeVar("Version_co", bound=Version[Any], covariant=True)
HeadT = TypeVar("HeadT", bound=Head[Any])
VersionT = TypeVar("VersionT", bound=Version[Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Current(Generic[HeadT, VersionT]):
    """A document and the versions that matter now."""

    head: HeadT
    #: the draft, else the one in force, else the last one
    shown: VersionT
    #: in force; None = none
    published: VersionT | None


class VersionReads(Protocol[Ref_contra, Version_co]):
    """Stored versions at one moment."""

    async def versions_of(self, tenant: str, refs: Sequence[Ref_contra]) -> Sequence[Version_co]:
        """Return those of some versions that there are."""
        ...


async def current_of(
    reads: VersionReads[Any, VersionT], tenant: str, heads: Sequence[HeadT]
) -> list[Current[HeadT, VersionT]]:
    """Return documents with the versions that matter now, in the same order.

    Raises:
        UnavailableError: The database did not answer.
    """
    wanted = {ref for head in heads for ref in (head.shown, head.in_force) if ref is not None}
    stored = {one.ref: one for one in await reads.versions_of(tenant, sorted(wanted))}
    return [
        Current(
            head=head,
            shown=stored[head.shown],
            published=None if head.in_force is None else stored[head.in_force],
        )
        for head in heads
    ]
