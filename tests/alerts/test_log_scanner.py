"""The search for words of rules in blocks of lines, against asking every rule about every line."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gwf.alerts.logs.model import Level, LogRule
from gwf.alerts.logs.scanner import LineScanner
from gwf.alerts.logs.windows import Settled

WORDS = st.text("abAB .中é", min_size=1, max_size=3)
LINES = st.lists(st.text("abAB .中é\t", max_size=12), max_size=8)


@st.composite
def rules(draw: st.DrawFn) -> Settled:
    rule = LogRule(
        id="r", title="r", level=Level.SYSTEM, keywords=tuple(draw(st.lists(WORDS, max_size=2))),
        patterns=tuple(draw(st.lists(st.sampled_from(["a+b", "^b", "a$", r"\.b", "[ab]{3}"]), max_size=1))),
        excludes=tuple(draw(st.lists(WORDS, max_size=1))),
    )  # fmt: skip
    return Settled(rule, match_case=draw(st.booleans()), notify=True, suppress_window_s=60.0)


def _means(rule: Settled, line: str) -> bool:
    flags = 0 if rule.match_case else re.IGNORECASE
    words = [*map(re.escape, rule.rule.keywords), *rule.rule.patterns]
    excludes = map(re.escape, rule.rule.excludes)
    return any(re.search(word, line, flags) for word in words) and not any(
        re.search(word, line, flags) for word in excludes
    )


@given(st.lists(rules(), max_size=4), LINES)
def test_every_meant_line_is_found_once_with_its_first_rule(some: list[Settled], lines: list[str]) -> None:
    scanner = LineScanner(some)
    expected: list[tuple[int, str]] = []
    for line in lines:
        first = next((number for number, rule in enumerate(some) if _means(rule, line)), None)
        expected += [] if first is None else [(first, line)]
    for block in ("\n".join(lines), "\n".join([*lines, ""])):
        assert [(hit.rule, hit.line.decode()) for hit in scanner.hits(block.encode())] == expected


def test_bytes_that_are_no_utf8_do_not_hide_the_words_beside_them() -> None:
    rule = LogRule(id="r", title="r", level=Level.FATAL, keywords=("panic",))
    scanner = LineScanner([Settled(rule, match_case=False, notify=True, suppress_window_s=1.0)])
    assert [hit.line for hit in scanner.hits(b"\xff\xfe PANIC \xe4\xb8\nfine\n")] == [b"\xff\xfe PANIC \xe4\xb8"]


def test_no_rules_mean_no_line() -> None:
    assert list(LineScanner([]).hits(b"anything\n")) == []
