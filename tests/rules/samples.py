"""Rules and events for tests: made by hand, and made up by hypothesis over few words, so that they meet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from gwf.rules.decision import RuleVersion
from gwf.rules.facts import Facts
from gwf.rules.faults import Faults
from gwf.rules.model import Rule
from gwf.rules.parse import read_rule
from gwf.rules.sample import read_sample

WEBHOOK = {"action": "WEBHOOK", "config": {"url": "https://hook.example/${name}", "size": "${size_bytes:-0}"}}


def rule(when: Any, *, number: int = 1, **other: Any) -> Rule:
    document = {"name": f"rule {number}", "when": when, "then": [WEBHOOK], **other}
    return read_rule(document, RuleVersion(f"rul_{number:04}", 1))


def event(**given: Any) -> Facts:
    faults = Faults()
    facts = read_sample({"path": "/var/log/app/error.log", "size_bytes": 2_048, **given}, "", faults)
    faults.raise_any()
    return facts


def other_event(**given: Any) -> Facts:
    faults = Faults()
    facts = read_sample({"type": "com.example.paid", **given}, "", faults)
    faults.raise_any()
    return facts


TYPES = ("gwf.file.done", "gwf.file.failed", "gwf.agent.offline", "com.example.paid", "com.example")
STEPS = ("var", "log", "app", "a", "b.log", "c.LOG", "d.tar.gz", "x y", "日志.log")
LABELS = {"env": ("prod", "dev"), "site": ("sh", "bj"), "app": ("web", "db")}
WORDS = ("web", "WEB", "", "a", "prod", "web-1")

paths = st.lists(st.sampled_from(STEPS), min_size=1, max_size=4).map(lambda steps: "/" + "/".join(steps))
scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from((1.0, 2.5)), st.sampled_from(WORDS))
label_sets = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in LABELS.items()})
data = st.one_of(st.none(), st.dictionaries(st.sampled_from("abc"), st.one_of(scalars, st.lists(scalars, max_size=2))))
times = st.integers(0, 2_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat())

file_events = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES[:2]), "path": paths, "labels": label_sets, "data": data, "time": times},
    optional={"size_bytes": st.integers(0, 3_000), "store": st.sampled_from(WORDS), "agent_id": st.sampled_from("ab")},
)
other_events = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES[2:]), "labels": label_sets, "data": data, "time": times},
    optional={"severity": st.sampled_from(("info", "error")), "subject": paths, "agent_id": st.sampled_from("ab")},
)


def _read(given: Any) -> Facts:
    faults = Faults()
    facts = read_sample(given, "", faults)
    faults.raise_any()
    return facts


events = st.one_of(file_events, other_events).map(_read)


def _glob(path: str, at: int, sign: str) -> str:
    steps = path.split("/")
    steps[1 + at % (len(steps) - 1)] = sign
    return "/".join(steps)


globs = st.one_of(
    paths,
    st.builds(_glob, paths, st.integers(0, 3), st.sampled_from(("*", "**", "*.log", "?", "[a-d]*"))),
    st.sampled_from(("*.log", "**/app/*", "/**", "d.tar.*")),
)
fields = st.sampled_from(
    ("type", "path", "name", "suffix", "dir", "size_bytes", "store", "agent_id", "severity", "labels.env", "labels.app",
     "data.a", "data.b.0", "data.c", "subject", "version")
)  # fmt: skip
one_or_more = st.lists(st.sampled_from((*WORDS, *TYPES, ".log", "error", "sh")), min_size=1, max_size=3)
comparisons = st.one_of(
    st.builds(lambda op, value: {op: value}, st.sampled_from(("eq", "ne")), scalars),
    st.builds(
        lambda op, values: {op: values}, st.sampled_from(("in", "not_in")), st.lists(scalars, min_size=1, max_size=3)
    ),
    st.builds(lambda op, value: {op: value}, st.sampled_from(("lt", "le", "gt", "ge")), st.integers(-3, 2_000)),
    st.builds(
        lambda op, values: {op: [text or "b" for text in values]},
        st.sampled_from(("contains", "begins", "ends")),
        one_or_more,
    ),
    st.booleans().map(lambda value: {"exists": value}),
    st.sampled_from(("a+", "^/var", "log$", "(?i)WEB")).map(lambda value: {"regex": value}),
)  # fmt: skip
leaves = st.one_of(
    st.lists(st.sampled_from((*TYPES, "gwf.file.*", "gwf.*", "*")), min_size=1, max_size=2).map(lambda v: {"type": v}),
    st.lists(globs, min_size=1, max_size=2).map(lambda value: {"path": value}),
    st.builds(
        lambda ends, fold: {"suffix": ends, "ignore_case": fold},
        st.lists(st.sampled_from((".log", ".LOG", ".gz", ".tar.gz", "g")), min_size=1, max_size=2),
        st.booleans(),
    ),
    st.integers(0, 3_000).map(lambda size: {"size": {"min": size}}),
    st.sampled_from(("env=prod", "env in (prod,dev),site=sh", "app!=web", "!site", "app")).map(lambda v: {"labels": v}),
    st.sampled_from(("info", {"min": "warning"}, {"max": "info"})).map(lambda value: {"severity": value}),
    st.sampled_from(
        ({"zone": "Asia/Shanghai", "from": "22:00", "to": "06:00"}, {"days": ["sat", "sun"]}, {"except": "holidays"})
    ).map(lambda value: {"time": value}),
    st.builds(lambda field, comparison: {"field": field, **comparison}, fields, comparisons),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
CALENDARS = {"holidays": ["2026-01-01", "2001-09-01/2001-12-31"]}
rules = st.lists(
    st.tuples(
        conditions,
        st.fixed_dictionaries(
            {
                "priority": st.integers(0, 3),
                "enabled": st.sampled_from((True, True, True, False)),
                "on_match": st.sampled_from(("continue", "continue", "stop")),
                "mode": st.sampled_from(("act", "act", "observe")),
                "calendars": st.just(CALENDARS),
            }
        ),
    ),
    max_size=8,
).map(lambda made: [rule(when, number=number, **other) for number, (when, other) in enumerate(made)])
