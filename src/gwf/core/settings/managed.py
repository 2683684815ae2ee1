"""Lays the part of a configuration that a centre decides over what this host says itself, within what it allows."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gwf.core.errors import ConfigError
from gwf.core.settings.addresses import file_path
from gwf.core.settings.centre import CentreSettings
from gwf.core.settings.complete import real_path
from gwf.core.settings.draft import Draft, Loc, is_block, is_list
from gwf.core.settings.effective import revealed
from gwf.core.settings.environ import apply_environ
from gwf.core.settings.legacy.keys import COMPOSE_VARIABLES
from gwf.core.settings.load import LoadedSettings, settled
from gwf.core.settings.logplaces import bind_logs
from gwf.core.settings.model import Settings
from gwf.core.settings.part import MANAGED
from gwf.core.settings.placeholders import resolve

#: where a store is and how it is entered: given here, all of it is decided here
PLACE_OF_STORE = (
    "url", "endpoint", "region", "access_key", "secret_key", "session_token", "path_style", "ca_file", "proxy",
)  # fmt: skip
CREDENTIALS = ("access_key", "secret_key", "session_token")

_VARIABLE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)")
_UNUSABLE = "the configuration of the centre is not usable here"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFault:
    """One thing that is wrong with a part, or that this host does not allow."""

    loc: Loc
    #: local_only · path_not_allowed · variable_not_allowed · invalid_value
    code: str
    text: str


class PartRefusedError(ConfigError):
    """A part is refused as a whole; `faults` lists everything that is wrong with it."""

    code = "config_part_refused"

    def __init__(self, message: str, *, faults: tuple[PartFault, ...] = ()) -> None:
        """Carry all faults at once."""
        super().__init__(message, problems=tuple(fault.text for fault in faults))
        self.faults = faults


@dataclass(slots=True, kw_only=True)
class Laid(Draft):
    """A draft that keeps place and code of each problem."""

    code: str = "invalid_value"
    faults: list[PartFault] = field(default_factory=list[PartFault])

    def problem(self, loc: Loc, text: str, *, shown: str = "") -> None:
        """Add one problem, as a line and by its place."""
        Draft.problem(self, loc, text, shown=shown)
        self.faults.append(PartFault(loc=loc, code=self.code, text=self.problems[-1]))


def laid_on(base: LoadedSettings, part: Mapping[str, object], centre: CentreSettings) -> Settings:
    """Return what the sources of this host and the part of the centre amount to.

    Blocks are merged key by key, every other value of the part replaces the one of the host. Variables of the host
    (`GWF_…`) stand above both.

    Raises:
        PartRefusedError: The part is wrong, or touches what only this host decides; nothing of it is taken.
    """
    draft = Laid(tree=copy.deepcopy(dict(part)))
    for loc, code, text in _not_allowed(draft.tree, base.settings, centre):
        draft.code = code
        draft.problem(loc, text)
    _stop_at_faults(draft)
    draft.code = "invalid_value"
    allowed = {name: base.environ[name] for name in centre.allow_env if name in base.environ}
    resolve(draft, allowed)
    draft.tree = merged(revealed(base.settings), draft.tree)
    apply_environ(draft, {name: text for name, text in base.environ.items() if name not in COMPOSE_VARIABLES})
    for loc, text in _paths_not_allowed(draft.tree, base.settings, centre):
        draft.code = "path_not_allowed"
        draft.problem(loc, text)
    for loc, text in bind_logs(draft.tree, base.settings, centre):
        draft.code = "path_not_allowed"
        draft.problem(loc, text)
    _stop_at_faults(draft)
    draft.code = "invalid_value"
    try:
        return settled(draft)
    except ConfigError as exc:
        located = {fault.text for fault in draft.faults}
        rest = tuple(PartFault(loc=(), code="invalid_value", text=text) for text in exc.problems if text not in located)
        raise PartRefusedError(_UNUSABLE, faults=(*draft.faults, *rest)) from exc


def merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Return two blocks as one, key by key; every other value, a list too, is taken whole from `above`."""
    result = dict(below)
    for key, value in above.items():
        there = result.get(key)
        if value is not None:
            result[key] = merged(there, value) if is_block(value) and is_block(there) else value
    return result


def _stop_at_faults(draft: Laid) -> None:
    if draft.faults:
        raise PartRefusedError(_UNUSABLE, faults=tuple(draft.faults))


def _not_allowed(part: dict[str, object], host: Settings, centre: CentreSettings) -> Iterator[tuple[Loc, str, str]]:
    for place in local_places(part, ()):
        yield place, "local_only", "belongs to this host: only its own configuration decides it"
    yield from _store_places(part.get("stores"), host)
    for loc, name in _variables(part, ()):
        if name not in centre.allow_env:
            text = f"uses the variable {name}, which this host does not lend: name it in agent.centre.allow_env here"
            yield loc, "variable_not_allowed", text


def local_places(block: Mapping[str, object], place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the places of a part that a centre may not decide."""
    for key, value in block.items():
        here = (*place, key)
        if any(here[: len(managed)] == managed for managed in MANAGED):
            continue
        if is_block(value) and any(managed[: len(here)] == here for managed in MANAGED):
            yield from local_places(value, here)
        else:
            yield here


def _store_places(stores: object, host: Settings) -> Iterator[tuple[Loc, str, str]]:
    """Yield what would lead credentials of this host elsewhere, or replace them."""
    for name, given in stores.items() if is_block(stores) else ():
        known = host.stores.get(name)
        if known is None or not is_block(given) or all(getattr(known, key) is None for key in CREDENTIALS):
            continue
        for key in PLACE_OF_STORE:
            if key in given:
                text = f"this host has credentials of its own for store {name!r}, and so decides where they are used"
                yield ("stores", name, key), "local_only", text


def _variables(value: object, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if isinstance(value, str):
        yield from ((loc, match[1]) for match in _VARIABLE.finditer(value) if match[1])
    inside = value.items() if is_block(value) else enumerate(value) if is_list(value) else ()
    for part, inner in inside:
        yield from _variables(inner, (*loc, part))


def _paths_not_allowed(tree: dict[str, object], host: Settings, centre: CentreSettings) -> Iterator[tuple[Loc, str]]:
    """Yield directories that the host does not let a centre watch or write into; what it names itself is fine."""
    given = [real_path(path) for path in centre.allow_paths]
    watchable = [*given, *(real_path(watch.path) for watch in host.agent.watch)]
    hint = "allow it in agent.centre.allow_paths of this host"
    agent = tree.get("agent")
    watches = agent.get("watch") if is_block(agent) else None
    for at, watch in enumerate(watches) if is_list(watches) else ():
        path = watch.get("path") if is_block(watch) else None
        if isinstance(path, str) and not _is_in(path, watchable):
            yield ("agent", "watch", at, "path"), f"{path} may not be watched for the centre: {hint}"
    own = [real_path(file_path(store.url)) for store in host.stores.values() if _is_directory(store.url)]
    stores = tree.get("stores")
    for name, store in stores.items() if is_block(stores) else ():
        url = store.get("url") if is_block(store) else None
        if isinstance(url, str) and _is_directory(url) and not _is_in(str(file_path(url)), [*given, *own]):
            yield ("stores", name, "url"), f"{url} may not be written to for the centre: {hint}"


def _is_directory(url: str) -> bool:
    try:
        return urlsplit(url).scheme == "file"
    except ValueError:  # told by the check of values
        return False


def _is_in(path: str, allowed: list[Path]) -> bool:
    if not path.startswith("/"):
        return False
    real = real_path(Path(path))
    return any(real.is_relative_to(directory) for directory in allowed)
