"""Rules about carrying files, which are decided on the host: what makes one, what it says, which one counts. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gwf.control.config.model import Fault
from gwf.core.settings.keytemplate import checked_key_template
from gwf.rules.decision import RuleVersion, Urgency
from gwf.rules.facts import Facts
from gwf.rules.faults import FaultyRuleError
from gwf.rules.matcher import All, Any, Compare, Matcher, Not, SeverityIs, TypeIs
from gwf.rules.model import Document, Rule, RuleAction
from gwf.rules.parse import read_rule
from gwf.rules.ruleset import RuleSet

MAX_CARRIED = 500  #: rules that travel to agents
FIRST, LAST = 1, 9  #: places in the queue of an agent that urgency stands for
#: what an agent knows of a file before it is carried
KNOWN_FIELDS = frozenset({"path", "name", "dir", "suffix", "size_bytes"})
_KEYS = ("store", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """What a rule says about a file that is to be carried; None = as the tree that it lies in says."""

    rule: RuleVersion
    store: str | None
    #: template of the object's key, as `agent.watch[].key`
    key: str | None
    #: place in the queue, 0 = first
    priority: int | None


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
        at = f"/then/0/config/{name}"
        if name not in _KEYS:
            message = (
                f"how a file is carried has {', '.join(_KEYS)}; with path it is a task that sends a file once more"
            )
            yield Fault(pointer=at, code="unknown_key", message=message)
        elif not isinstance(value, str) or not value:
            message = "a text without places is needed; the key has {path}, {name}, … as agent.watch[].key"
            yield Fault(pointer=at, code="wrong_type", message=message)
        elif name == "key":
            try:
                checked_key_template(value)
            except ValueError as exc:
                yield Fault(pointer=at, code="bad_template", message=f"this {exc}")


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
    """Return the rules about carrying of a set as they travel to agents, in the order in which they are asked."""
    return [
        {
            "id": rule.ref.rule_id,
            "version": rule.ref.version,
            "rule": json.dumps(documents[rule.ref], ensure_ascii=False, separators=(",", ":"), sort_keys=True),
        }
        for rule in rules
        if rule.carries and rule.enabled
    ][:MAX_CARRIED]


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
    store, key = (_text(action, name) for name in _KEYS)
    place = {Urgency.HIGH: FIRST, Urgency.LOW: LAST}.get(action.urgency)
    return Carrying(rule=rule.ref, store=store, key=key, priority=place)


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
