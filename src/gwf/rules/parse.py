"""Reads a whole rule strictly from the document that people write. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from gwf.control.config.canonical import canonical
from gwf.core.errors import TooLargeError
from gwf.rules.conditions import ConditionReader
from gwf.rules.decision import RuleVersion, Urgency
from gwf.rules.faults import Faults, below, is_list, is_object
from gwf.rules.model import (
    EDGE_KINDS,
    MAX_ACTIONS,
    MAX_CALENDARS,
    MAX_DESCRIPTION_CHARS,
    MAX_DOCUMENT_BYTES,
    MAX_KEY_PARTS,
    MAX_NAME_CHARS,
    MAX_PRIORITY,
    MAX_TESTS,
    Document,
    KeyKind,
    Mode,
    OnMatch,
    Rule,
    RuleAction,
    RuleTest,
)
from gwf.rules.sample import read_sample
from gwf.rules.template import Filling, Template, read_filling, read_template
from gwf.rules.window import MAX_DATES, Calendars, days_of

KEYS = ("name", "description", "owner", "priority", "enabled", "on_match", "mode", "calendars", "when", "then", "tests")
_ACTION_KEYS = ("action", "name", "config", "key", "urgency", "run_on")
_KIND = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_KEYS: Mapping[KeyKind, tuple[str, ...]] = {
    KeyKind.EVENT: ("${source}", "${id}"),
    KeyKind.FILE: ("${agent_id}", "${path}", "${version}", "${size_bytes:-0}"),
    KeyKind.CONTENT: ("${sha256}",),
}
DRAFT = RuleVersion("draft", 0)


def read_rule(document: object, ref: RuleVersion = DRAFT) -> Rule:
    """Return the rule that a document says.

    Raises:
        FaultyRuleError: Something in it is wrong; it has all faults.
        TooLargeError: It has more than MAX_DOCUMENT_BYTES.
        InputError: It is no JSON.
    """
    faults = Faults()
    found = faults.mapping(document, "", "a rule")
    faults.raise_any()
    size = len(canonical(found or {}))
    if size > MAX_DOCUMENT_BYTES:
        raise TooLargeError("the rule is too large", max_bytes=MAX_DOCUMENT_BYTES, bytes=size)
    rule = _rule(found or {}, ref, faults)
    faults.raise_any()
    return rule


def _rule(found: Mapping[str, object], ref: RuleVersion, faults: Faults) -> Rule:
    faults.keys(found, "", KEYS)
    for key in ("name", "when", "then"):
        if key not in found:
            faults.add("", "missing", f"{key} is missing")
    for key, most in (("description", MAX_DESCRIPTION_CHARS), ("owner", MAX_NAME_CHARS)):
        if key in found:
            faults.text(found[key], below("", key), most=most, least=0)
    calendars = _calendars(found, faults)
    when = ConditionReader(faults, calendars).read(found.get("when", {"all": []}), "/when")
    priority = faults.number(found.get("priority", 0), "/priority", least=-MAX_PRIORITY, most=MAX_PRIORITY)
    on_match = faults.choice(found.get("on_match", OnMatch.CONTINUE.value), "/on_match", [*OnMatch])
    mode = faults.choice(found.get("mode", Mode.ACT.value), "/mode", [*Mode])
    return Rule(
        ref=ref,
        name=_name(found, faults),
        priority=priority or 0,
        enabled=faults.flag(found.get("enabled", True), "/enabled"),
        on_match=OnMatch(on_match or OnMatch.CONTINUE),
        when=when,
        then=_actions(found.get("then", []), faults),
        tests=_tests(found.get("tests", []), faults),
        mode=Mode(mode or Mode.ACT),
        source=cast("Document", found),
    )


def _name(found: Mapping[str, object], faults: Faults) -> str:
    name = faults.text(found["name"], "/name", most=MAX_NAME_CHARS) if "name" in found else None
    if name is not None and (name != name.strip() or not name.isprintable()):
        faults.add("/name", "bad_name", "a name stands on one line, without blanks around it")
    return name or ""


def _calendars(found: Mapping[str, object], faults: Faults) -> Calendars:
    if "calendars" not in found:
        return {}
    given = faults.mapping(found["calendars"], "/calendars", "the calendars") or {}
    if len(given) > MAX_CALENDARS:
        faults.add("/calendars", "too_many", f"at most {MAX_CALENDARS} calendars")
    calendars: dict[str, frozenset[int]] = {}
    for name, dates in given.items():
        at = below("/calendars", name)
        if not _WORD.fullmatch(name):
            faults.add(at, "bad_name", "a calendar is named with a-z, 0-9, - and _, such as holidays")
        days = set[int]()
        for where, text in faults.texts(dates, at, most=MAX_DATES, chars=30, what="date such as 2026-10-01"):
            some = days_of(text)
            if some is None:
                faults.add(where, "bad_date", "a date is 2026-10-01, several are 2026-10-01/2026-10-07")
            else:
                days.update(some)
        if len(days) > MAX_DATES:
            faults.add(at, "too_many", f"at most {MAX_DATES} days")
        calendars[name] = frozenset(days)
    return calendars


def _actions(value: object, faults: Faults) -> tuple[RuleAction, ...]:
    if not is_list(value):
        faults.add("/then", "wrong_type", "a list of actions is needed; it may be empty: then matches are only noted")
        return ()
    if len(value) > MAX_ACTIONS:
        faults.add("/then", "too_many", f"at most {MAX_ACTIONS} actions")
        return ()
    actions = tuple(_action(item, f"/then/{number}", faults, number=number) for number, item in enumerate(value))
    names = [action.name for action in actions]
    for number, name in enumerate(names):
        if name in names[:number]:
            faults.add(f"/then/{number}/name", "not_unique", f"another action of this rule is called {name!r}")
    return actions


def _action(value: object, at: str, faults: Faults, *, number: int) -> RuleAction:
    found = faults.mapping(value, at, "an action") or {}
    faults.keys(found, at, _ACTION_KEYS)
    kind = found.get("action")
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        faults.add(below(at, "action"), "bad_action", "say what is done in capitals, such as WEBHOOK or NOTIFY")
    name = found.get("name", str(number))
    if not isinstance(name, str) or not _WORD.fullmatch(name):
        faults.add(below(at, "name"), "bad_name", "an action is named with a-z, 0-9, - and _, such as register")
    config = found.get("config", {})
    filling = read_filling(config, below(at, "config"), faults) if is_object(config) else None
    if not isinstance(filling, dict):
        faults.add(below(at, "config"), "wrong_type", "the config of an action is an object")
    urgency = faults.choice(found.get("urgency", "normal"), below(at, "urgency"), [one.word for one in Urgency])
    where = "agent" if kind in EDGE_KINDS else "centre"
    run_on = faults.choice(found.get("run_on", where), below(at, "run_on"), ("agent", "centre"))
    return RuleAction(
        kind=str(kind),
        config=_object(filling),
        key=_key(found.get("key", KeyKind.EVENT.value), below(at, "key"), faults),
        urgency=Urgency[(urgency or "normal").upper()],
        on_agent=run_on == "agent",
        name=str(name),
    )


def _object(filling: Filling) -> Mapping[str, Filling]:
    return filling if isinstance(filling, dict) else {}


def _key(value: object, at: str, faults: Faults) -> tuple[Template, ...]:
    if isinstance(value, str):
        word = faults.choice(value, at, [*KeyKind])
        return tuple(read_template(text, at, faults) for text in _KEYS[KeyKind(word)]) if word is not None else ()
    if not is_list(value):
        faults.add(at, "wrong_type", f"one of {', '.join(KeyKind)}, or a list of templates, is needed")
        return ()
    texts = faults.texts(value, at, most=MAX_KEY_PARTS, chars=1_000, what="template such as ${path}")
    return tuple(read_template(text, where, faults) for where, text in texts)


def _tests(value: object, faults: Faults) -> tuple[RuleTest, ...]:
    if not is_list(value):
        faults.add("/tests", "wrong_type", "a list of test cases is needed")
        return ()
    if len(value) > MAX_TESTS:
        faults.add("/tests", "too_many", f"at most {MAX_TESTS} test cases")
        return ()
    return tuple(_test(item, f"/tests/{number}", faults, number=number) for number, item in enumerate(value))


def _test(value: object, at: str, faults: Faults, *, number: int) -> RuleTest:
    found = faults.mapping(value, at, "a test case") or {}
    faults.keys(found, at, ("name", "event", "expect"))
    name = faults.text(found.get("name", f"case {number + 1}"), below(at, "name"), most=MAX_NAME_CHARS)
    facts = read_sample(found.get("event"), below(at, "event"), faults)
    place = below(at, "expect")
    expect = faults.mapping(found.get("expect"), place, "what is expected") or {}
    faults.keys(expect, place, ("matched", "actions"))
    if "matched" not in expect:
        faults.add(place, "missing", "say matched: true or matched: false")
    matched = faults.flag(expect.get("matched", True), below(place, "matched"))
    actions = None
    if "actions" in expect:
        listed = expect["actions"]
        kinds = (
            faults.texts(listed, below(place, "actions"), most=MAX_ACTIONS, chars=40, what="action") if listed else []
        )
        actions = tuple(kind for _, kind in kinds)
    return RuleTest(name=name or "", facts=facts, matched=matched, actions=actions)
