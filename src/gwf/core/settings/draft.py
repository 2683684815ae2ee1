"""A configuration while it is put together: values as read, where each came from, what is wrong so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeGuard

Loc = tuple[str | int, ...]
"""Place of a value: keys and list positions from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a person should know although it is no error.

    `value` and `now` are filled for settings taken over from another format: as it was written there
    (masked if secret) and the key that it became here, "" when it was left out.
    """

    key: str
    text: str
    value: str = ""
    now: str = ""


@dataclass(slots=True, kw_only=True)
class Draft:
    """Values of all sources laid over each other; problems and notes gathered on the way."""

    tree: dict[str, object] = field(default_factory=dict[str, object])
    #: text such as `gwf.yaml line 12` or `GWF_LISTEN`, by place
    origins: dict[Loc, str] = field(default_factory=dict[Loc, str])
    problems: list[str] = field(default_factory=list[str])
    #: places that a problem was told about
    faulty: set[Loc] = field(default_factory=set[Loc])
    notes: list[Note] = field(default_factory=list[Note])

    def origin(self, loc: Loc) -> str:
        """Return where the value at `loc`, or the nearest block around it, came from; "" when nowhere."""
        for length in range(len(loc), 0, -1):
            if found := self.origins.get(loc[:length]):
                return found
        return ""

    def problem(self, loc: Loc, text: str, *, shown: str = "") -> None:
        """Add one line: key, value as shown, what is wrong, and the source to mend."""
        self.faulty.add(loc)
        value = f" = {shown}" if shown else ""
        origin = self.origin(loc)
        source = f"  [{origin}]" if origin else ""
        self.problems.append(f"{dotted(loc)}{value}: {text}{source}")

    def put(self, loc: Loc, value: object, origin: str) -> None:
        """Set the value at `loc`, making blocks on the way; a value that is no block there gives way."""
        block = self.tree
        for key in loc[:-1]:
            inner = block.get(str(key))
            if not is_block(inner):
                inner = block[str(key)] = {}
            block = inner
        block[str(loc[-1])] = value
        for place in [place for place in self.origins if place[: len(loc)] == loc]:
            del self.origins[place]
        self.mark(loc, value, origin)

    def mark(self, loc: Loc, value: object, origin: str) -> None:
        """Note where the value at `loc` and all inside it came from."""
        self.origins[loc] = origin
        inside = value.items() if is_block(value) else enumerate(value) if is_list(value) else ()
        for part, inner in inside:
            self.mark((*loc, part), inner, origin)


def is_block(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether `value` is a mapping of keys."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Tell whether `value` is a list."""
    return isinstance(value, list)


def dotted(loc: Loc) -> str:
    """Return a place as people write it: `agent.watch[0].silence`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")


def value_at(tree: dict[str, object], loc: Loc) -> object:
    """Return the value at `loc`, or None where there is none."""
    value: object = tree
    for part in loc:
        if is_block(value):
            value = value.get(str(part))
        elif is_list(value) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value
