"""Says which configurations do harm to a simulated host, and how. Pure."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.core.errors import InputError
from gwf.core.settings.compare import ABSENT, value_of
from gwf.core.units import parse_duration_s

_RULE = re.compile(r"(?P<pointer>(?:/[^/=\s]+)+)=(?P<value>.+?):(?P<harm>[a-z]+)(?::(?P<after>[^:]+))?")


class Harm(enum.StrEnum):
    """What a poison does."""

    #: the host refuses it when it checks it
    REJECT = "reject"
    #: a store of the host fails from some time after it came into force
    SICK = "sick"
    #: the host is not heard any more from some time after it came into force
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """A value that does harm wherever it is in force."""

    #: keys that lead to it
    place: tuple[str, ...]
    value: object
    harm: Harm
    #: seconds from coming into force to the harm
    after_s: float = 0.0

    def is_in(self, document: Mapping[str, object]) -> bool:
        """Tell whether a document has it."""
        found = value_of(document, self.place)
        return found is not ABSENT and isinstance(found, bool) == isinstance(self.value, bool) and found == self.value


def poison_in(document: Mapping[str, object], poisons: Iterable[Poison]) -> Poison | None:
    """Return the first poison of a document, or None."""
    return next((poison for poison in poisons if poison.is_in(document)), None)


def read_poison(text: str) -> Poison:
    """Return what `/agent/retry/base=13:sick:2s` says: pointer, JSON value, harm, and after which time.

    Raises:
        InputError: It says nothing of the kind.
    """
    match = _RULE.fullmatch(text.strip())
    if match is None:
        raise InputError("a poison is POINTER=VALUE:HARM[:TIME], such as /agent/retry/base=13:sick:2s", poison=text)
    try:
        value = json.loads(match["value"])
    except ValueError as exc:
        raise InputError("the value of a poison is JSON", poison=text, value=match["value"]) from exc
    try:
        harm = Harm(match["harm"])
    except ValueError as exc:
        raise InputError(
            "a poison does one of these harms", poison=text, harm=match["harm"], allowed=", ".join(Harm)
        ) from exc
    try:
        after_s = parse_duration_s(match["after"] or 0)
    except ValueError as exc:
        raise InputError(f"the time of a poison {exc}", poison=text) from exc
    place = tuple(part.replace("~1", "/").replace("~0", "~") for part in match["pointer"][1:].split("/"))
    return Poison(place=place, value=value, harm=harm, after_s=after_s)


def read_poisons(texts: Sequence[str]) -> tuple[Poison, ...]:
    """Return what several texts say. Raises as `read_poison`."""
    return tuple(map(read_poison, texts))
