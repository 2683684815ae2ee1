"""Turns a native document into settings: one that is whole, or one that a person sent to a running process."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gwf.core.errors import ConfigError
from gwf.core.settings.compare import ABSENT, Place, laid_over, value_of
from gwf.core.settings.compare import Difference as Change
from gwf.core.settings.draft import Draft, Loc, dotted, is_block, is_list
from gwf.core.settings.effective import MASK, effective, revealed
from gwf.core.settings.environ import apply_environ
from gwf.core.settings.legacy.keys import COMPOSE_VARIABLES
from gwf.core.settings.legacy.source import is_legacy
from gwf.core.settings.load import settled
from gwf.core.settings.model import Settings
from gwf.core.settings.placeholders import resolve

_UNUSABLE = "configuration is not usable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a sent document amounts to."""

    settings: Settings
    #: one line for each key in it that has no effect, and why
    ignored: tuple[str, ...]


def settings_of(document: Mapping[str, object]) -> Settings:
    """Return the settings of a whole document; nothing is read or replaced on the way.

    Raises:
        ConfigError: Something is wrong; `problems` lists every fault.
    """
    return settled(Draft(tree=copy.deepcopy(dict(document))))


def read_document(
    document: Mapping[str, object], *, current: Settings, environ: Mapping[str, str], kept: Iterable[Place]
) -> Given:
    """Return the settings of a document that stands for a configuration file.

    Placeholders are replaced and variables laid over it, as for a file. A value as we show it (`******`) means: as it
    is now. A place of `kept` that the document does not mention stays as it is; all other keys it leaves out are
    defaults.

    Raises:
        ConfigError: Something is wrong; `problems` lists every fault.
    """
    if is_legacy(document):
        what = "this is a configuration of the Go version: it is read from its file only, at a start or by SIGHUP"
        raise ConfigError(_UNUSABLE, problems=(what,))
    clear = revealed(current)
    draft = Draft(tree=copy.deepcopy(dict(document)))
    _unmask(draft, clear=clear, shown=effective(current))
    stays = [Change(place=place, old=ABSENT, new=value_of(clear, place)) for place in kept]
    draft.tree = laid_over(draft.tree, [item for item in stays if value_of(draft.tree, item.place) is ABSENT])
    ours = {name: text for name, text in environ.items() if name not in COMPOSE_VARIABLES}
    resolve(draft, ours)
    before = copy.deepcopy(draft.tree)
    apply_environ(draft, ours)
    return Given(settings=settled(draft), ignored=tuple(_overruled(draft, before)))


def _unmask(draft: Draft, *, clear: dict[str, object], shown: dict[str, object]) -> None:
    def unmasked(value: object, loc: Loc) -> object:
        if is_block(value):
            return {key: unmasked(inner, (*loc, key)) for key, inner in value.items()}
        if is_list(value):
            return [unmasked(inner, (*loc, at)) for at, inner in enumerate(value)]
        if not isinstance(value, str) or MASK not in value:
            return value
        place = tuple(str(part) for part in loc)
        if value_of(shown, place) == value:
            return value_of(clear, place)
        draft.problem(loc, "is masked, and there is no such value to keep: write it out", shown=MASK)
        return None

    draft.tree = {key: unmasked(value, (key,)) for key, value in draft.tree.items()}


def _overruled(draft: Draft, before: dict[str, object]) -> Iterator[str]:
    """Yield a line for each value that a variable replaced by another one."""
    for loc, variable in draft.origins.items():
        place = tuple(part for part in loc if isinstance(part, str))
        if len(place) != len(loc) or not loc:
            continue
        given, now = value_of(before, place), value_of(draft.tree, place)
        if given is not ABSENT and str(given) != str(now) and not is_block(now):
            yield f"{dotted(loc)}: the variable {variable} decides"
