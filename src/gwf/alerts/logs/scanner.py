"""Finds the lines that rules mean in one pass over a block of log, however many rules there are (RE2). Pure.

One expression of all words passes over the block; only a line in which it finds something is asked which words they
are. docs/adr/0019 says what was measured against what.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import re2 as untyped

from gwf.alerts.logs.windows import Settled
from gwf.core.errors import InputError

re2: Any = untyped  # the package brings no types
MAX_MEMORY = 64 << 20  #: bytes of the automaton of all words; it grows with what it meets, and begins anew when full


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that a rule means."""

    #: place of the rule in its set
    rule: int
    #: the line or record in UTF-8, without its newline
    line: bytes


class LineScanner:
    """Rules of one set, ready to be looked for. May be used by one thread at a time."""

    def __init__(self, rules: Sequence[Settled]) -> None:
        """Compile all words.

        Raises:
            InputError: All together they are too large.
        """
        self._rules = tuple(rules)
        words = [(number, expression) for number, rule in enumerate(rules) for expression in _expressions(rule)]
        self._rule_of_word: list[int] = [number for number, _ in words]
        self._excludes = [_one_of(rule.rule.excludes, match_case=rule.match_case) for rule in rules]
        self._single = [_compiled(f"(?m){expression}") for _, expression in words]
        self._any: Any = None
        self._which: Any = None
        if not words:
            return
        self._any = _compiled("(?m)" + "|".join(expression for _, expression in words))
        self._which = re2.Set.SearchSet(_options())
        for _, expression in words:
            self._which.Add(f"(?m){expression}")
        self._which.Compile()

    def hits(self, block: bytes, ends: Sequence[int] | None = None) -> Iterator[Hit]:
        """Yield the lines of a block that rules mean, in their order; a block is whole lines in UTF-8.

        With `ends` the block is events of one or more lines that end there, and rules are asked about each as a whole.
        """
        if self._any is None:
            return
        if ends is not None:
            yield from self._events(block, ends)
            return
        search, at = self._any.search, 0
        while (found := search(block, at)) is not None:
            begin = block.rfind(b"\n", at, found.start()) + 1 or at
            end = block.find(b"\n", max(found.end() - 1, begin))
            end = len(block) if end < 0 else end
            line = block[begin:end]
            rule = self.rule_of(line)
            if rule is not None:
                yield Hit(rule, line)
            at = end + 1
            if at > len(block):
                return

    def _events(self, block: bytes, ends: Sequence[int]) -> Iterator[Hit]:
        search, at, number = self._any.search, 0, 0
        while at < len(block) and (found := search(block, at)) is not None:
            number = bisect_right(ends, found.start(), number)
            if number == len(ends):
                return
            event = block[ends[number - 1] if number else 0 : ends[number]].rstrip(b"\n")
            rule = self.rule_of(event)
            if rule is not None:
                yield Hit(rule, event)
            at = ends[number]

    def rule_of(self, line: bytes) -> int | None:
        """Return the place of the first rule that means a line or record, None when none does."""
        if self._which is None:
            return None
        words: list[int] = self._which.Match(line)
        if not words:  # the automaton may give up where it lacks memory: ask word by word before saying no
            words = [number for number, word in enumerate(self._single) if word.search(line) is not None]
        for rule in sorted({self._rule_of_word[word] for word in words}):
            excludes = self._excludes[rule]
            if excludes is None or excludes.search(line) is None:
                return rule
        return None


def _expressions(rule: Settled) -> list[str]:
    flag = "" if rule.match_case else "i"
    words = [f"(?{flag}:{re2.escape(word)})" for word in rule.rule.keywords]
    return words + [f"(?{flag}:{pattern})" for pattern in rule.rule.patterns]


def _one_of(words: Sequence[str], *, match_case: bool) -> Any:
    if not words:
        return None
    return _compiled(f"(?{'' if match_case else 'i'}:{'|'.join(map(re2.escape, words))})")


def _compiled(expression: str) -> Any:
    try:
        return re2.compile(expression, _options())
    except re2.error as exc:
        raise InputError("the words of all rules are too large together", reason=str(exc)) from exc


def _options() -> Any:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.never_capture = True
    return options
