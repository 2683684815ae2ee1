"""Label selectors: `env=prod,site in (sh,bj),!canary`, read once and asked often. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from gwf.core.errors import InputError
from gwf.core.labels import MAX_NAME_CHARS, MAX_VALUE_CHARS, NAME, VALUE

MAX_CHARS = 2_000
MAX_TERMS = 50
MAX_VALUES = 200  #: in one parenthesis

_SPACE = re.compile(r"\s*")
_NAME = re.compile(NAME)
_VALUE = re.compile(VALUE)
_WORD = re.compile(r"(?:not\s*)?in(?=[\s(])")
_SIGN = re.compile(r"==|!=|=")


class SelectorError(InputError):
    """A selector that cannot be read; `position` counts characters from 1."""

    code = "invalid_selector"


class Op(enum.StrEnum):
    """What a term asks of one label."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a label and what it must be."""

    name: str
    op: Op
    #: of IN and NOT_IN, at least one
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether `labels` fulfil this; a label that is not there is not any of the values."""
        present = self.name in labels
        if self.op is Op.EXISTS:
            return present
        if self.op is Op.MISSING:
            return not present
        return (present and labels[self.name] in self.values) is (self.op is Op.IN)

    def __str__(self) -> str:
        """Return the shortest text that is read as this term."""
        if self.op is Op.EXISTS:
            return self.name
        if self.op is Op.MISSING:
            return "!" + self.name
        if len(self.values) == 1:
            return f"{self.name}{'=' if self.op is Op.IN else '!='}{next(iter(self.values))}"
        return f"{self.name} {self.op} ({','.join(sorted(self.values))})"


@dataclass(frozen=True, slots=True)
class Selector:
    """All terms must hold; without a term every agent is meant."""

    terms: tuple[Term, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether an agent with these labels is meant."""
        return all(term.matches(labels) for term in self.terms)

    def __str__(self) -> str:
        """Return the selector in its usual form; reading it gives an equal one."""
        return ",".join(map(str, self.terms))


def parse(text: str) -> Selector:
    """Read a selector.

    `a=x` (or `==`), `a!=x`, `a in (x,y)`, `a notin (x,y)`, `a` (there is such a label), `!a` (there is none), joined by
    commas. `!=` and `notin` hold also where the label is missing. Blank text selects everything.

    Raises:
        SelectorError: It cannot be read; the context has `position` (from 1) and `selector`.
    """
    if len(text) > MAX_CHARS:
        raise SelectorError("the selector is too long", position=MAX_CHARS + 1, limit=MAX_CHARS)
    return _Reader(text).selector()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def selector(self) -> Selector:
        self._skip()
        if self._at == len(self._text):
            return Selector()
        terms = [self._term()]
        while self._take(","):
            if len(terms) == MAX_TERMS:
                self._fail("the selector has too many terms", limit=MAX_TERMS)
            terms.append(self._term())
        if self._at < len(self._text):
            self._fail("expected a comma or the end")
        return Selector(tuple(terms))

    def _term(self) -> Term:
        if self._take("!"):
            return Term(self._name(), Op.MISSING)
        name = self._name()
        word = _WORD.match(self._text, self._at)
        if word is not None:
            self._at = word.end()
            return Term(name, Op.IN if word.group() == "in" else Op.NOT_IN, self._values())
        sign = _SIGN.match(self._text, self._at)
        if sign is None:
            return Term(name, Op.EXISTS)
        self._at = sign.end()
        return Term(name, Op.NOT_IN if sign.group() == "!=" else Op.IN, frozenset((self._value(),)))

    def _values(self) -> frozenset[str]:
        if not self._take("("):
            self._fail("expected ( after in or notin")
        values = {self._value()}
        while self._take(","):
            if len(values) == MAX_VALUES:
                self._fail("too many values in one parenthesis", limit=MAX_VALUES)
            values.add(self._value())
        if not self._take(")"):
            self._fail("expected , or ) in the list of values")
        return frozenset(values)

    def _name(self) -> str:
        return self._read(_NAME, "expected the name of a label", MAX_NAME_CHARS)

    def _value(self) -> str:
        return self._read(_VALUE, "expected the value of a label", MAX_VALUE_CHARS)

    def _read(self, pattern: re.Pattern[str], expected: str, max_chars: int) -> str:
        self._skip()
        found = pattern.match(self._text, self._at)
        if found is None:
            self._fail(expected)
        if len(found.group()) > max_chars:
            self._fail("longer than a label can be", limit=max_chars)
        self._at = found.end()
        self._skip()
        return found.group()

    def _take(self, sign: str) -> bool:
        self._skip()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _skip(self) -> None:
        blank = _SPACE.match(self._text, self._at)
        self._at = blank.end() if blank is not None else self._at

    def _fail(self, message: str, *, limit: int | None = None) -> NoReturn:
        found = self._text[self._at : self._at + 20] or "the end"
        raise SelectorError(message, position=self._at + 1, found=found, selector=self._text, limit=limit)
