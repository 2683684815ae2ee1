"""Joins lines that belong together, such as those of a stack trace, so that rules see them as one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import re2 as untyped

from gwf.core.errors import InputError

re2: Any = untyped  # the package brings no types
INDENTED = r"[^ \t\r\n]"  #: with what a line begins that is none of those before it
MAX_BYTES = 64 * 1024  #: of an event in UTF-8
_MAX_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinLimits:
    """When an event is over although its lines go on: the rest is another one."""

    max_lines: int = 200
    max_bytes: int = MAX_BYTES
    #: an event to which nothing was added for so long is whole
    wait_s: float = 5.0


class Joiner:
    """Tells where events end in whole lines; an event begins with a line that begins as `start` says.

    Lines before the first such line are an event, too. Where one ends depends on nothing but the lines behind the end
    of the one before, so that reading on at any end gives the same.
    """

    def __init__(self, start: str, limits: JoinLimits) -> None:
        """Compile the expression (RE2).

        Raises:
            InputError: It is none.
        """
        options: Any = re2.Options()
        options.max_mem = _MAX_MEMORY
        options.log_errors = False
        options.never_capture = True
        try:
            self._start: Any = re2.compile(f"(?m)^(?:{start})", options)
        except re2.error as exc:
            raise InputError("this is no regular expression", reason=str(exc)) from exc
        self.limits = limits

    def ends(self, block: bytes, *, is_all: bool) -> Sequence[int]:
        """Return where the events of a block of whole lines end.

        The last one ends when `is_all`: nothing more is waited for. Otherwise it may go on, and is left out.
        """
        starts = [found.start() for found in self._start.finditer(block)]
        ends: list[int] = []
        begin = 0
        for end in starts:
            # an expression may reach over the end of a line: an event begins with its line all the same
            if end > begin and block[end - 1] == 0x0A:
                self._add(ends, block, begin, end=end)
                begin = end
        if begin < len(block):
            self._add(ends, block, begin, end=len(block))
            if not is_all:
                ends.pop()
        return ends

    def _add(self, ends: list[int], block: bytes, begin: int, *, end: int) -> None:
        """Add the end of an event, and those before it where it is more than one may be."""
        limits = self.limits
        if end - begin > limits.max_bytes or block.count(b"\n", begin, end) > limits.max_lines:
            lines, first = 0, begin
            while begin < end:
                newline = block.find(b"\n", begin, end)
                behind = end if newline < 0 else newline + 1
                if begin > first and (lines == limits.max_lines or behind - first > limits.max_bytes):
                    ends.append(begin)
                    lines, first = 0, begin
                lines, begin = lines + 1, behind
        ends.append(end)
