"""Reads rules about lines strictly: all that is wrong is told with its place. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.alerts.logs.model import (
    DEFAULT_WINDOW,
    MAX_RULES,
    MAX_WORD_CHARS,
    MAX_WORDS,
    Escalation,
    Level,
    LogRule,
    LogRuleset,
)
from gwf.core.units import DURATION_HINT, parse_duration_s
from gwf.rules.faults import Faults, below, is_list
from gwf.rules.pattern import PatternError, searcher

RULES_NEEDED = "no_rules"  #: codes of faults that the Go version's interface has words for
WORDS_NEEDED = "no_words"
BAD_LEVEL = "bad_level"
BAD_WINDOW = "bad_window"
BAD_THRESHOLD = "bad_threshold"

_LEVELS = {level.value: level for level in Level}
_SET_KEYS = ("version", "defaults", "escalation", "rules")
_RULE_KEYS = (
    "id", "title", "level", "keywords", "patterns", "excludes", "suppress_window", "match_case", "notify",
)  # fmt: skip
_ESCALATION_KEYS = (
    "enabled", "level", "window", "threshold", "suppress_window", "rule_id", "title", "message",
)  # fmt: skip


def read_ruleset(document: object) -> LogRuleset:
    """Return the rules of a document in normal form: blanks removed, ids and titles given.

    Raises:
        FaultyRuleError: Something is wrong; `faults` lists all of it.
    """
    faults = Faults()
    whole = _Part(faults, document, "", what="a set of rules", keys=_SET_KEYS)
    defaults = whole.part("defaults", ("suppress_window", "match_case"))
    ruleset = LogRuleset(
        version=whole.number("version", most=2**31) or 1,
        suppress_window=defaults.window("suppress_window") or DEFAULT_WINDOW,
        match_case=defaults.flag("match_case"),
        escalation=_escalation(whole.part("escalation", _ESCALATION_KEYS)),
        rules=_rules(faults, whole.found.get("rules")),
    )
    faults.raise_any()
    return ruleset


def document_of(ruleset: LogRuleset) -> dict[str, object]:
    """Return the document of a set; what is left to defaults is left out, except where the Go version has texts."""
    escalation = ruleset.escalation
    return {
        "version": ruleset.version,
        "defaults": _given({"suppress_window": ruleset.suppress_window, "match_case": ruleset.match_case}),
        "escalation": _given({
            "enabled": escalation.enabled, "level": escalation.level, "window": escalation.window,
            "threshold": escalation.threshold, "suppress_window": escalation.suppress_window,
            "rule_id": escalation.rule_id, "title": escalation.title, "message": escalation.message,
        }),
        "rules": [_rule_document(rule) for rule in ruleset.rules],
    }  # fmt: skip


def _rule_document(rule: LogRule) -> dict[str, object]:
    document: dict[str, object] = {
        "id": rule.id, "title": rule.title, "level": rule.level.value, "keywords": list(rule.keywords),
        "excludes": list(rule.excludes), "suppress_window": rule.suppress_window, "match_case": rule.match_case,
        "notify": rule.notify,
    }  # fmt: skip
    if rule.patterns:
        document["patterns"] = list(rule.patterns)
    return _given(document)


def _given(document: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in document.items() if value is not None}


class _Part:
    """An object of the document; each reader returns what means "not given" where a value is wrong, and says so."""

    def __init__(self, faults: Faults, value: object, at: str, *, what: str, keys: tuple[str, ...]) -> None:
        self.faults = faults
        self.at = at
        self.found = faults.mapping(value, at, what) or {}
        faults.keys(self.found, at, keys)

    def part(self, key: str, keys: tuple[str, ...]) -> _Part:
        value = self.found.get(key)
        return _Part(self.faults, {} if value is None else value, self.place(key), what=key, keys=keys)

    def place(self, key: str) -> str:
        return below(self.at, key)

    def text(self, key: str) -> str:
        value = self.found.get(key)
        if value is None:
            return ""
        return (self.faults.text(value, self.place(key), most=MAX_WORD_CHARS, least=0) or "").strip()

    def flag(self, key: str) -> bool | None:
        value = self.found.get(key)
        return None if value is None else self.faults.flag(value, self.place(key))

    def number(self, key: str, *, most: int) -> int:
        return self.faults.number(self.found.get(key) or 0, self.place(key), least=0, most=most) or 0

    def words(self, key: str) -> tuple[str, ...]:
        if not self.found.get(key):
            return ()
        texts = [
            self.faults.text(item, place, most=MAX_WORD_CHARS, least=0) or ""
            for place, item in self.faults.items(self.found[key], self.place(key), most=MAX_WORDS, what="word")
        ]
        return tuple(word for text in texts if (word := text.strip()))

    def window(self, key: str) -> str:
        text = self.text(key)
        if not text:
            return ""
        try:
            seconds = parse_duration_s(text)
        except ValueError as exc:
            self.faults.add(self.place(key), BAD_WINDOW, f"{key} {exc}", text=text, want=DURATION_HINT)
            return ""
        if seconds <= 0:
            self.faults.add(self.place(key), BAD_WINDOW, f"{key} must be longer than nothing", text=text)
        return text

    def level(self, *, blank_is_none: bool = False) -> Level | None:
        value = self.found.get("level")
        word = value.strip().lower() if isinstance(value, str) else ""
        if word in _LEVELS:
            return _LEVELS[word]
        if not (blank_is_none and value in (None, "")):
            shown = value if isinstance(value, str) else ""
            allowed = ", ".join(Level)
            what = f"one of {allowed} is needed"
            self.faults.add(self.place("level"), BAD_LEVEL, what, level=shown, allowed=allowed)
        return None

    def patterns(self) -> tuple[str, ...]:
        patterns = self.words("patterns")
        for number, pattern in enumerate(patterns):
            place = f"{self.place('patterns')}/{number}"
            try:
                means_all = searcher(pattern)("")
            except PatternError as exc:
                self.faults.add(place, "bad_regex", f"this is no regular expression: {exc}")
                continue
            if means_all:
                self.faults.add(place, "matches_all", "this matches every line, also an empty one")
        return patterns


def _rules(faults: Faults, value: object) -> tuple[LogRule, ...]:
    if not is_list(value):
        faults.add("/rules", RULES_NEEDED if value is None else "wrong_type", "a list of rules is needed")
        return ()
    if not value:
        faults.add("/rules", RULES_NEEDED, "name at least one rule")
    if len(value) > MAX_RULES:
        faults.add("/rules", "too_many", f"at most {MAX_RULES}, these are {len(value)}", most=str(MAX_RULES))
        return ()
    return tuple(
        _rule(_Part(faults, item, f"/rules/{number}", what="a rule", keys=_RULE_KEYS), number)
        for number, item in enumerate(value)
    )


def _rule(part: _Part, number: int) -> LogRule:
    rule_id = part.text("id") or f"rule-{number + 1}"
    rule = LogRule(
        id=rule_id,
        title=part.text("title") or rule_id,
        level=part.level() or Level.IGNORE,
        keywords=part.words("keywords"),
        patterns=part.patterns(),
        excludes=part.words("excludes"),
        suppress_window=part.window("suppress_window"),
        match_case=part.flag("match_case"),
        notify=part.flag("notify"),
    )
    if part.found and not rule.keywords and not rule.patterns:
        what = f"rule {rule_id}: name at least one keyword or pattern"
        part.faults.add(part.place("keywords"), WORDS_NEEDED, what, rule=rule_id)
    return rule


def _escalation(part: _Part) -> Escalation:
    escalation = Escalation(
        enabled=part.flag("enabled"),
        level=part.level(blank_is_none=True) or "",
        window=part.window("window"),
        threshold=part.number("threshold", most=10**9),
        suppress_window=part.window("suppress_window"),
        rule_id=part.text("rule_id"),
        title=part.text("title"),
        message=part.text("message"),
    )
    if escalation.is_on and escalation.threshold < 1:
        part.faults.add(part.place("threshold"), BAD_THRESHOLD, "say how many lines it takes, at least 1")
    if escalation.is_on and not escalation.window:
        part.faults.add(part.place("window"), BAD_WINDOW, "say within how long, such as 5m", text="")
    return escalation
