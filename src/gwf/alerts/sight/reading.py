"""Reads rules of alerts strictly: what is wrong is told with its place and what is allowed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gwf.alerts.life.model import Policy
from gwf.alerts.sight.cases import read_cases
from gwf.alerts.sight.model import AlertRule, Threshold
from gwf.core.labels import is_label_name
from gwf.core.units import parse_duration_s
from gwf.events.model import SEVERITY_OF_WORD, Severity
from gwf.rules.conditions import ConditionReader
from gwf.rules.facts import Field, fields_hint, find_field
from gwf.rules.faults import Faults, below
from gwf.rules.template import Template, read_template

CASES = "tests"  #: key of the test cases, which nothing that runs needs
KEYS = (
    "name", "enabled", "when", "clear", "by", "severity", "title", "labels", "threshold", "absent", "group_by", "wait",
    "interval", "repeat", "resolve_after", "chain", CASES,
)  # fmt: skip
OF_EVENT = "event"  #: word for the severity of the event itself
MAX_BY = 10
MAX_LABELS = 30
MAX_COUNT = 10_000  #: of a threshold: so many moments are remembered for each thing
LONGEST_S = 7 * 86_400.0
_CHAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def read_alert_rule(document: object, *, rule_id: str, version: int) -> AlertRule:
    """Return a rule as it is asked.

    Raises:
        FaultyRuleError: Something is wrong; `faults` lists all of it.
    """
    faults = Faults()
    found = faults.mapping(document, "", "a rule of alerts") or {}
    faults.keys(found, "", KEYS)
    for key in ("name", "when", "title"):
        if key not in found:
            faults.add("", "missing", f"{key} is missing")
    rule = _Reader(faults, found).rule(rule_id, version)
    faults.raise_any()
    return rule


class _Reader:
    def __init__(self, faults: Faults, found: Mapping[str, object]) -> None:
        self._faults = faults
        self._found = found

    def rule(self, rule_id: str, version: int) -> AlertRule:
        faults, found = self._faults, self._found
        threshold, absent_s = self._threshold(), self._duration(found, "", "absent")
        if threshold is not None and absent_s is not None:
            faults.add("/absent", "not_both", "a rule counts events or misses them: leave threshold or absent out")
        by = self._by()
        return AlertRule(
            id=rule_id,
            version=version,
            name=(faults.text(found.get("name", "-"), "/name", most=200) or "").strip(),
            enabled=faults.flag(found.get("enabled", True), "/enabled"),
            when=ConditionReader(faults, {}).read(found.get("when", {"all": []}), "/when"),
            clear=ConditionReader(faults, {}).read(found["clear"], "/clear") if "clear" in found else None,
            by=by,
            severity=self._severity(),
            title=self._template(found.get("title", "-"), "/title"),
            labels=self._labels(),
            threshold=threshold,
            absent_s=absent_s,
            policy=self._policy({label_of(one) for one in by}),
            cases=read_cases(found.get(CASES, []), faults),
        )

    def _by(self) -> tuple[Field, ...]:
        fields: list[Field] = []
        if self._found.get("by"):
            for at, name in self._faults.texts(self._found["by"], "/by", most=MAX_BY, chars=200, what="field"):
                field = find_field(name)
                if field is None:
                    hint = fields_hint(in_run=False)
                    what = f"{name!r} is no field; there are {hint}"
                    self._faults.add(at, "unknown_field", what, name=name, known=hint)
                else:
                    fields.append(field)
        return tuple(fields)

    def _severity(self) -> Severity | None:
        word = self._faults.choice(self._found.get("severity", OF_EVENT), "/severity", [*SEVERITY_OF_WORD, OF_EVENT])
        return None if word is None else SEVERITY_OF_WORD.get(word)

    def _template(self, value: object, at: str) -> Template:
        return read_template(self._faults.text(value, at, most=1_000) or "-", at, self._faults)

    def _labels(self) -> tuple[tuple[str, Template], ...]:
        given = self._faults.mapping(self._found.get("labels", {}), "/labels", "labels") or {}
        if len(given) > MAX_LABELS:
            self._faults.add("/labels", "too_many", f"at most {MAX_LABELS}", most=str(MAX_LABELS))
        for name in given:
            if not is_label_name(name):
                self._faults.add(below("/labels", name), "bad_name", "a label is named as in team or app.kubernetes")
        return tuple((name, self._template(text, below("/labels", name))) for name, text in given.items())

    def _threshold(self) -> Threshold | None:
        if "threshold" not in self._found:
            return None
        at = "/threshold"
        found = self._faults.mapping(self._found[at[1:]], at, "a threshold") or {}
        self._faults.keys(found, at, ("count", "within"))
        for key in ("count", "within"):
            if key not in found:
                self._faults.add(at, "missing", f"{key} is missing")
        count = self._faults.number(found.get("count", 1), f"{at}/count", least=1, most=MAX_COUNT)
        within_s = self._duration(found, at, "within")
        return Threshold(count=count or 1, within_s=within_s or 1.0)

    def _duration(self, found: Mapping[str, object], at: str, key: str) -> float | None:
        """Return a time above 0; None where the key is missing or null, or its value is wrong."""
        value = found.get(key)
        if value is None:
            return None
        try:
            seconds = parse_duration_s(value)
        except ValueError as exc:
            self._faults.add(below(at, key), "bad_duration", f"{key} {exc}")
            return None
        if not 0 < seconds <= LONGEST_S:
            self._faults.add(below(at, key), "out_of_range", f"{key} is above 0 and at most 7d", least="0", most="7d")
        return seconds

    def _policy(self, known: set[str]) -> Policy:
        found, usual = self._found, Policy()
        names = known | set(self._faults.mapping(found.get("labels", {}), "/labels", "labels") or {})
        group_by: list[str] = []
        if found.get("group_by"):
            for at, name in self._faults.texts(found["group_by"], "/group_by", most=MAX_BY, chars=200, what="label"):
                group_by.append(name)
                if name not in names:
                    what = f"the alert has no label {name!r}; it has {', '.join(sorted(names)) or 'none'}"
                    self._faults.add(at, "unknown_label", what, name=name, known=", ".join(sorted(names)))
        chain = self._faults.text(found.get("chain", ""), "/chain", most=64, least=0) or ""
        if chain and not _CHAIN.fullmatch(chain):
            self._faults.add("/chain", "bad_name", "a chain is named with a-z, 0-9, - and _, such as night-shift")
        repeat = self._duration(found, "", "repeat") if "repeat" in found else usual.repeat_s
        return Policy(
            group_by=tuple(group_by),
            wait_s=self._duration(found, "", "wait") or usual.wait_s,
            interval_s=self._duration(found, "", "interval") or usual.interval_s,
            repeat_s=repeat,
            resolve_after_s=self._duration(found, "", "resolve_after"),
            chain=chain,
        )


def label_of(field: Field) -> str:
    """Return the label under which the value of a field stands: the last part of its name."""
    return field.name.rpartition(".")[2] or field.name
