"""Rules about carrying files, which are decided on the host: what makes one, what it says, which one counts. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from gwf.control.config.model import Fault
from gwf.core.errors import TooLargeError
from gwf.core.settings.keytemplate import checked_key_template
from gwf.events.files import FileEvent, FileEventStatus
from gwf.rules.decision import RuleVersion, Urgency
from gwf.rules.facts import Facts, file_facts
from gwf.rules.faults import FaultyRuleError
from gwf.rules.matcher import All, Any, Compare, Matcher, Not, SeverityIs, TypeIs
from gwf.rules.model import Document, OnMatch, Rule, RuleAction
from gwf.rules.parse import read_rule
from gwf.rules.ruleset import RuleSet
from gwf.rules.template import Filling

MAX_CARRIED = 500  #: rules that travel to agents
FIRST, LAST = 1, 9  #: places in the queue of an agent that urgency stands for
#: what an agent knows of a file before it is carried
KNOWN_FIELDS = frozenset({"path", "name", "dir", "suffix", "size_bytes"})
_KEYS = ("store", "key", "ignore")
#: events by which an agent tells of a decision of its own
CARRIED_TYPES = frozenset({"gwf.file.routed", "gwf.file.skipped"})
#: what a host needs of a rule; descriptions and test cases stay at the centre
_DECIDING = ("name", "priority", "when", "then", "calendars")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """What a rule says about a file that is to be carried; None = as the tree that it lies in says."""

    rule: RuleVersion
    store: str | None
    #: template of the object's key, as `agent.watch[].key`
    key: str | None
    #: place in the queue, 0 = first
    priority: int | None
    #: it is not carried at all
    ignore: bool = False


def carrying_faults(rule: Rule) -> Iterator[Fault]:
    """Yield what keeps a rule about carrying from being decided on the host."""
    if not rule.carries:
        return
    for pointer, what in _unknown_at_edge(rule.when):
        yield Fault(
            pointer=pointer,
            code="not_at_edge",
            message=f"{what} is not known before a file is carried: ask for path, suffix, size, labels or time",
        )
    (action,) = rule.then
    for name, value in action.config.items():
        found = _fault_of(name, value, alone=len(action.config) == 1)
        if found is not None:
            code, message = found
            yield Fault(pointer=f"/then/0/config/{name}", code=code, message=message)


def _fault_of(name: str, value: Filling, *, alone: bool) -> tuple[str, str] | None:
    """Return code and message of what is wrong with one key of the config."""
    if name not in _KEYS:
        keys = ", ".join(_KEYS)
        return "unknown_key", f"how a file is carried has {keys}; with path it is a task that sends a file once more"
    if name == "ignore":
        good = value is True and alone
        return None if good else ("wrong_type", "ignore: true stands alone: the file is not carried")
    if not isinstance(value, str) or not value:
        return "wrong_type", "a text without places is needed; the key has {path}, {name}, … as agent.watch[].key"
    if name == "key":
        try:
            checked_key_template(value)
        except ValueError as exc:
            return "bad_template", f"this {exc}"
    return None


def _unknown_at_edge(when: Matcher) -> Iterator[tuple[str, str]]:
    match when:
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from _unknown_at_edge(part)
        case Not(part=part):
            yield from _unknown_at_edge(part)
        case TypeIs():
            yield f"{when.at}/type", "the type of an event"
        case SeverityIs():
            yield f"{when.at}/severity", "the severity of an event"
        case Compare() if when.field.name not in KNOWN_FIELDS and not when.field.name.startswith("labels."):
            yield f"{when.at}/field", when.field.name
        case _:
            return


def carried(rules: Iterable[Rule], documents: dict[RuleVersion, Document]) -> list[dict[str, object]]:
    """Return the rules about carrying of a set as they travel to agents, in the order in which they are asked.

    Raises:
        TooLargeError: There are more than MAX_CARRIED.
    """
    found = [rule for rule in rules if rule.at_host]
    if len(found) > MAX_CARRIED:
        raise TooLargeError("too many rules about carrying files are in force: join some", max_rules=MAX_CARRIED)
    return [
        {"id": rule.ref.rule_id, "version": rule.ref.version, "rule": _travelling(documents[rule.ref])}
        for rule in found
    ]


def _travelling(document: Document) -> str:
    """Return what decides of a rule, as JSON without `$`: a configuration would take `${…}` for a variable."""
    deciding = {key: document[key] for key in _DECIDING if key in document}
    text = json.dumps(deciding, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("$", "\\u0024")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What an agent told of how it decided about a file, and the same decision made again at the centre."""

    #: of the rules that the agent worked by
    set_no: int
    rule: RuleVersion
    #: the file as the agent saw it
    file: Facts


def told_carried(facts: Facts) -> Carried | None:
    """Return what an event says about a decision made at the host; None = it tells of none."""
    data = cast("Mapping[str, object]", facts.data or {})
    match data:
        case {"rule_id": str() as rule_id, "version": int() as version, "set_no": int() as set_no}:
            path = facts.path or str(data.get("path", ""))
            size = facts.size_bytes if facts.file is not None else data.get("size_bytes")
        case _:
            return None
    if not path or facts.type not in CARRIED_TYPES:
        return None
    about = FileEvent("", facts.ref.tenant, "", 0, facts.at_ms, FileEventStatus.DONE, 0, 0, 1, path,
                      size_bytes=size if isinstance(size, int) else None)  # fmt: skip
    file = file_facts(facts.ref.row_id, about, facts.labels)
    return Carried(set_no=set_no, rule=RuleVersion(rule_id, version), file=file)


def carriers(rules: Iterable[Rule]) -> RuleSet:
    """Return the rules of a set as hosts ask them: those about carrying alone, of which the first match decides."""
    return RuleSet(replace(rule, on_match=OnMatch.STOP) for rule in rules if rule.at_host)


class EdgeRules:
    """The rules about carrying that an agent works by; equal ones give equal decisions."""

    def __init__(self, set_no: int, rules: Sequence[tuple[RuleVersion, str]]) -> None:
        """Read rules, each with its document as JSON.

        Raises:
            FaultyRuleError: One is no such rule; the pointers begin with its place.
        """
        self.set_no = set_no
        read = [_read(place, ref, text) for place, (ref, text) in enumerate(rules)]
        self._set = RuleSet(read)
        self.all = {rule.ref: carrying_of(rule) for rule in read}

    def first(self, facts: Facts) -> Carrying | None:
        """Return what the first rule that matches says; None = none does."""
        matching = self._set.matching(facts)
        return self.all[matching[0].ref] if matching else None


def carrying_of(rule: Rule) -> Carrying:
    """Return what a rule about carrying says."""
    (action,) = rule.then
    store, key = _text(action, "store"), _text(action, "key")
    place = {Urgency.HIGH: FIRST, Urgency.LOW: LAST}.get(action.urgency)
    ignore = action.config.get("ignore") is True
    return Carrying(rule=rule.ref, store=store, key=key, priority=place, ignore=ignore)


def _text(action: RuleAction, name: str) -> str | None:
    value = action.config.get(name)
    return value if isinstance(value, str) else None


def _read(place: int, ref: RuleVersion, text: str) -> Rule:
    at = f"/{place}/rule"
    try:
        rule = read_rule(json.loads(text), ref)
    except ValueError as exc:
        if isinstance(exc, FaultyRuleError):
            raise
        raise FaultyRuleError(
            "a rule is no JSON", faults=(Fault(pointer=at, code="no_json", message=str(exc)),)
        ) from exc
    faults = tuple(carrying_faults(rule))
    if not rule.carries:
        faults = (Fault(pointer=at, code="no_carrying", message="only rules about carrying travel to agents"),)
    if faults:
        raise FaultyRuleError("a rule about carrying cannot be used", faults=faults)
    return rule
