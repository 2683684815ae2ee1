"""Checks the part of a configuration that a centre decides, away from the host that will work by it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from gwf.core.settings.compare import Place
from gwf.core.settings.complete import complete
from gwf.core.settings.draft import Draft, Loc, dotted, is_block, is_list, value_at
from gwf.core.settings.keytemplate import labels_used
from gwf.core.settings.logrules import log_rule_problems
from gwf.core.settings.model import Settings
from gwf.core.settings.problems import explain, nearest, without_faults
from gwf.core.settings.rules import check
from gwf.core.settings.schema import BLOCKS, shape_at

MANAGED: tuple[Place, ...] = (
    ("stores",),
    ("log", "level"),
    ("agent", "watch"),
    ("agent", "rules"),
    ("agent", "actions", "at_once"),
    ("agent", "actions", "max_attempts"),
    ("agent", "actions", "timeout"),
    ("agent", "reconcile_interval"),
    ("agent", "transfer"),
    ("agent", "retry"),
    ("agent", "breaker"),
    ("agent", "high_water"),
    ("agent", "logs", "enabled"),
    ("agent", "logs", "paths"),
    ("agent", "logs", "poll"),
    ("agent", "logs", "start_from_end"),
    ("agent", "logs", "join"),
    ("agent", "logs", "suppress"),
    ("agent", "logs", "ruleset"),
)
"""Places that a centre may decide. All others belong to the host: who it is, what it runs, who may talk to it."""

LATER: tuple[Place, ...] = (("agent", "rules"), ("agent", "logs"))
"""Managed places that agents of earlier builds refuse: one that knows them says so in its heartbeats."""

MAX_ROUNDS = 5  #: validations of what is left after values that cannot be judged were taken out

_DEFAULTED = re.compile(r"(?<!\$)\$\{[A-Za-z_][A-Za-z0-9_]*:-(?P<default>[^}]*)\}")
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}")
_OPEN = "${"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartProblem:
    """One thing that is wrong with a part."""

    loc: Loc
    #: local_only · invalid_value
    code: str
    #: names the key and says what to do
    text: str


def part_problems(document: Mapping[str, object], *, labels: Mapping[str, str] | None = None) -> list[PartProblem]:
    """Return every fault of a part that can be told without its host; empty = usable as far as can be known here.

    What only the host knows is taken as it is: the values of `${NAME}`, stores and scripts that its own file names,
    whether files and directories exist. So are references to secrets that are kept apart.

    Args:
        document: Setting keys as a file has them.
        labels: Of the agent, for key templates that use them; None = any label may be used.
    """
    found = _Found(tree=copy.deepcopy(dict(document)))
    _refuse_local(found)
    found.code = "invalid_value"
    found.tree = _known_values(found.tree)
    _stand_in(found.tree, labels)
    settings = _validated(found)
    if settings is not None:
        check(complete(settings)[0], found, on_host=False)
        for loc, text in log_rule_problems(settings.agent.logs):
            found.problem(loc, text)
    return list(dict.fromkeys(found.list))


@dataclass(slots=True, kw_only=True)
class _Found(Draft):
    """A draft that keeps the place of each problem."""

    code: str = "local_only"
    list: list[PartProblem] = field(default_factory=list[PartProblem])

    def problem(self, loc: Loc, text: str, *, shown: str = "") -> None:
        Draft.problem(self, loc, text, shown=shown)
        self.list.append(PartProblem(loc=loc, code=self.code, text=self.problems[-1]))


def _refuse_local(found: _Found) -> None:
    for place in _local_places(found.tree, ()):
        shape = shape_at(place)
        if shape is None:
            parent = shape_at(place[:-1])
            keys = list(parent.section.model_fields) if parent is not None and parent.section is not None else []
            found.code, text = "invalid_value", f"unknown key{nearest(place[-1], keys)}"
        else:
            found.code, text = "local_only", "belongs to the host: only its own configuration file decides it"
        found.problem(place, text)
        block = value_at(found.tree, place[:-1])
        if is_block(block):
            block.pop(place[-1], None)


def _local_places(block: dict[str, object], place: Place) -> list[Place]:
    found: list[Place] = []
    for key, value in block.items():
        here = (*place, key)
        if any(here[: len(managed)] == managed for managed in MANAGED):
            continue
        if is_block(value) and any(managed[: len(here)] == here for managed in MANAGED):
            found += _local_places(value, here)
        elif value is not None or not any(managed[: len(here)] == here for managed in MANAGED):
            found.append(here)
    return found


def _known_values(tree: dict[str, object]) -> dict[str, object]:
    """Return the tree with defaults in place of variables, and without what only a host can fill in."""
    known = _known(tree, ())
    return known if is_block(known) else {}


def _known(value: object, loc: Loc) -> object:
    if is_block(value):
        inside = {key: _known(inner, (*loc, key)) for key, inner in value.items()}
        return {key: inner for key, inner in inside.items() if inner is not None}
    if is_list(value):
        return [_known(item, (*loc, at)) for at, item in enumerate(value)]
    if not isinstance(value, str) or _OPEN not in value:
        return value
    text = _DEFAULTED.sub(lambda match: match["default"], value)
    shape = shape_at(loc)
    return None if shape is not None and shape.kind in BLOCKS else text


def _stand_in(tree: dict[str, object], labels: Mapping[str, str] | None) -> None:
    """Put in what the host's own file may hold, so that the rest can be judged."""
    used: set[str] = set()
    for watch in _blocks(value_at(tree, ("agent", "watch"))):
        _add(tree, ("stores", watch.get("store", "default")), {"url": "memory://"})
        for step in _blocks(watch.get("after")):
            _add(tree, ("agent", "actions", "scripts", step.get("script")), {"command": ["/bin/true"]})
        used.update(_labels_of(watch.get("key")))
    logs = value_at(tree, ("agent", "logs"))
    if is_block(logs) and logs.get("enabled") is True:
        logs.setdefault("paths", ["/var/log/app.log"])
        _add(tree, ("agent", "logs", "ruleset", "rules"), [{"level": "ignore", "keywords": ["x"]}])
    facts = labels if labels is not None else dict.fromkeys(used, "x")
    for name in used & set(facts):
        _add(tree, ("agent", "labels", name), facts[name])


def _add(tree: dict[str, object], place: tuple[object, ...], value: object) -> None:
    block = tree
    for key in place[:-1]:
        inner = block.setdefault(str(key), {})
        if not is_block(inner):
            return
        block = inner
    if isinstance(place[-1], str) and place[-1]:
        block.setdefault(place[-1], value)


def _blocks(value: object) -> Iterator[dict[str, object]]:
    if is_list(value):
        yield from (item for item in value if is_block(item))


def _labels_of(template: object) -> frozenset[str]:
    return frozenset(labels_used(template)) if isinstance(template, str) else frozenset()


def _validated(found: _Found) -> Settings | None:
    tree, told = found.tree, False
    for _ in range(MAX_ROUNDS):
        try:
            return Settings.model_validate(tree)
        except ValidationError as exc:
            faults = exc.errors(include_url=False)
            if not told:
                explain(found, [fault for fault in faults if not _is_open(tree, fault["loc"])])
                told = True
            tree = without_faults(tree, faults)
    return None


def _is_open(tree: dict[str, object], loc: Loc) -> bool:
    """Tell whether a value holds a variable that only the host can fill in."""
    value = value_at(tree, loc)
    return isinstance(value, str) and _VARIABLE.search(value) is not None


def managed_text() -> str:
    """Return the managed places as people read them."""
    return ", ".join(dotted(place) for place in MANAGED)
