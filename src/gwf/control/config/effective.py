"""Lays the versions of an agent's layers over each other and keeps where each value came from. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field

from gwf.control.config.canonical import hash_of, pointer
from gwf.control.config.model import ConfigVersion, Effective, Origin, VersionId
from gwf.core.settings.compare import Place
from gwf.core.settings.draft import is_block


def effective(versions: Iterable[ConfigVersion], lacks: Iterable[Place] = ()) -> Effective:
    """Return what versions amount to, the lowest layer first; without the places that the agent does not know.

    A block is merged key by key. Any other value, a list too, replaces the one below it as a whole. `null` takes the
    value below it away, so that the agent's own file or the default counts.
    """
    pile, ids = _Pile(), list[VersionId]()
    for version in versions:
        pile.add(version)
        ids.append(version.id)
    for place in lacks:
        pile.leave_out(place)
    pointers = {pointer(place): origin for place, origin in sorted(pile.origins.items())}
    return Effective(document=pile.document, hash=hash_of(pile.document), versions=tuple(ids), origins=pointers)


@dataclass(slots=True)
class _Pile:
    document: dict[str, object] = field(default_factory=dict[str, object])
    origins: dict[Place, Origin] = field(default_factory=dict[Place, Origin])

    def add(self, version: ConfigVersion) -> None:
        origin = Origin(layer=version.layer, version=version.id)
        self._block(self.document, dict(version.document), (), origin=origin)

    def leave_out(self, place: Place) -> None:
        """Take a place out, and blocks around it that nothing else stands in."""
        block: object = self.document
        for key in place[:-1]:
            block = block.get(key) if is_block(block) else None
        if is_block(block) and place[-1] in block:
            del block[place[-1]]
            self._forget(place)
            if not block and len(place) > 1:
                self.leave_out(place[:-1])

    def _block(self, below: dict[str, object], above: dict[str, object], place: Place, *, origin: Origin) -> None:
        for key, value in above.items():
            here = (*place, key)
            there = below.get(key)
            if value is None:
                below.pop(key, None)
                self._forget(here)
            elif is_block(value):
                if not is_block(there):
                    self._forget(here)
                    there = below[key] = {}
                self._block(there, value, here, origin=origin)
                self._mark_empty(there, here, origin)
            else:
                self._forget(here)
                below[key] = copy.deepcopy(value)
                self.origins[here] = origin

    def _mark_empty(self, block: dict[str, object], place: Place, origin: Origin) -> None:
        """Keep the rule that every value has an origin: `{}` is one as long as nothing stands in it."""
        if block:
            self.origins.pop(place, None)
        else:
            self.origins[place] = origin

    def _forget(self, place: Place) -> None:
        for inner in [known for known in self.origins if known[: len(place)] == place]:
            del self.origins[inner]
