from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.alerts.logs.joining import INDENTED, Joiner, JoinLimits
from gwf.alerts.logs.model import Level, LogRule, LogRuleset
from gwf.alerts.logs.scanner import LineScanner
from gwf.alerts.logs.windows import settled
from gwf.core.errors import InputError

TRACE = b"2026 ERROR boom\n  at a\n\n  at b\nCaused by: x\n2026 INFO fine\n"
SMALL = JoinLimits(max_lines=3, max_bytes=30)


def events(joiner: Joiner, block: bytes, *, is_all: bool = True) -> list[bytes]:
    ends = joiner.ends(block, is_all=is_all)
    return [block[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(("start", "count"), [(r"\d{4} ", 2), (INDENTED, 3), (r"^\d{4}", 2), ("never", 1)])
def test_an_event_begins_with_a_line_that_begins_as_said(start: str, count: int) -> None:
    found = events(Joiner(start, JoinLimits()), TRACE)
    assert (len(found), b"".join(found)) == (count, TRACE)


def test_the_last_event_may_go_on() -> None:
    assert events(Joiner(r"\d{4} ", JoinLimits()), TRACE, is_all=False) == [TRACE[: TRACE.index(b"2026 INFO")]]


def test_what_is_more_than_one_event_may_be_is_several() -> None:
    lines = [b"2 a\n", b" b\n", b" c\n", b" d\n", b" " + b"x" * 40 + b"\n", b" e\n", b"2 f\n"]
    assert events(Joiner(r"\d ", SMALL), b"".join(lines)) == [b"".join(lines[:3]), *lines[3:5], lines[5], lines[6]]


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(InputError):
        Joiner("(", JoinLimits())


lines = st.lists(
    st.sampled_from([b"2 new\n", b" more\n", b"\n", b"  \n", b"2\n", b" " + b"y" * 50 + b"\n"]), max_size=30
)


@given(lines, st.lists(st.integers(1, 6), max_size=30), st.sampled_from([r"\d", r"\d ", INDENTED]))
def test_events_are_the_same_however_the_lines_come(written: list[bytes], steps: list[int], start: str) -> None:
    joiner = Joiner(start, SMALL)
    found, at, seen = list[bytes](), 0, 0
    for step in [*steps, len(written)]:  # read on from where the last whole event ended, again and again
        seen += step
        block = b"".join(written[:seen])[at:]
        whole = events(joiner, block, is_all=seen >= len(written))
        found += whole
        at += sum(map(len, whole))
    assert found == events(joiner, b"".join(written))
    assert b"".join(found) == b"".join(written)


def test_rules_are_asked_about_an_event_as_a_whole() -> None:
    rules = (
        LogRule(id="known", title="", level=Level.IGNORE, keywords=("boom",), excludes=("fatal",)),
        LogRule(id="caused", title="", level=Level.SYSTEM, patterns=("^Caused by", "(?s)boom.*at b"), excludes=("ok",)),
        LogRule(id="fine", title="", level=Level.BUSINESS, keywords=("fine",)),
    )
    scanner = LineScanner(settled(LogRuleset(rules=rules)))
    block = TRACE + b"2026 boom\n fatal\n at b\n2026\nCaused by: z\n ok\n2026\nCaused by: z\n"
    ends = Joiner(r"\d{4}", JoinLimits()).ends(block, is_all=True)
    hits = [(hit.rule, hit.line[-12:]) for hit in scanner.hits(block, ends)]
    assert [rule for rule, _ in hits] == [0, 2, 1, 1]
    assert [hit.rule for hit in scanner.hits(b"2026 fine\n", [10])] == [2]
