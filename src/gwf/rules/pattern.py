"""Regular expressions and globs that take time in proportion to the text, whatever they are (RE2). Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import re2 as untyped

re2: Any = untyped  # the package brings no types
MAX_CHARS = 1_000  #: of a pattern
MAX_MEMORY = 1 << 20  #: bytes of one compiled expression

Search = Callable[[str], bool]


class PatternError(ValueError):
    """The text is no pattern; the message says why."""


def searcher(pattern: str, *, ignore_case: bool = False) -> Search:
    """Return what tells whether a text has a match of a regular expression in it.

    Raises:
        PatternError: It is none, or it is too large.
    """
    options: Any = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        search = re2.compile(pattern, options).search
    except re2.error as exc:
        raise PatternError(_reason(exc)) from exc

    def found(text: str) -> bool:
        # as bytes: the module would count characters to tell places that nobody asks for
        return search(text.encode("utf-8", "surrogatepass")) is not None

    return found


def glob_searcher(glob: str) -> Search:
    """Return what tells whether a whole path fits a glob, see `glob_expression`.

    Raises:
        PatternError: It is no glob.
    """
    head, tail = literal_head(glob), literal_tail(glob)
    if "/" not in glob:
        head = ""
    fits = searcher(glob_expression(glob))

    def found(path: str) -> bool:
        return path.startswith(head) and path.endswith(tail) and fits(path)

    return found


def literal_head(glob: str) -> str:
    """Return with what every path begins that fits a glob, as far as that is certain; "" for a glob of names."""
    if "/" not in glob:
        return ""
    return glob[: _first_special(glob)]


def literal_tail(glob: str) -> str:
    """Return with what every path ends that fits a glob, as far as that is certain."""
    if "\\" in glob or "]" in glob:
        return ""
    return glob[max(glob.rfind("*"), glob.rfind("?")) + 1 :]


def _first_special(glob: str) -> int:
    places = [at for sign in "*?[\\" if (at := glob.find(sign)) >= 0]
    return min(places, default=len(glob))


def glob_expression(glob: str) -> str:
    r"""Return the regular expression of a glob over absolute paths.

    `*` and `?` stand for characters within one name, `**` as a whole step for any number of steps, `[a-z]` and `[!a-z]`
    for one character, `\` takes the next sign as it is. Without a slash the glob is about the name alone.

    Raises:
        PatternError: A bracket or a `\` is not ended, or `**` stands beside something else.
    """
    steps = glob.split("/")
    if len(steps) == 1:
        return rf"(?s)(?:^|/){_step(glob)}\z"
    parts: list[str] = []
    for number, step in enumerate(steps):
        is_last = number == len(steps) - 1
        if step == "**":
            parts.append(".*" if is_last else "(?:.*/)?")
        elif "**" in step:
            raise PatternError("** stands between slashes or at an end")
        else:
            parts.append(_step(step) + ("" if is_last else "/"))
    return rf"(?s)\A{''.join(parts)}\z"


def _step(step: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(step):
        sign, at = step[at], at + 1
        if sign == "*":
            out.append("[^/]*")
        elif sign == "?":
            out.append("[^/]")
        elif sign == "[":
            found, at = _bracket(step, at)
            out.append(found)
        elif sign == "\\":
            if at == len(step):
                raise PatternError("\\ at the end takes nothing")
            out.append(_literal(step[at]))
            at += 1
        else:
            out.append(_literal(sign))
    return "".join(out)


def _bracket(step: str, at: int) -> tuple[str, int]:
    """Return the class that begins behind a bracket, and where it ends."""
    end = step.find("]", at + 1 + (step[at : at + 1] in {"!", "^"}))
    if end < 0:
        raise PatternError("[ without ]; write \\[ for the sign itself")
    inside = step[at:end]
    negated = inside[0] in "!^"
    chars = inside[1:] if negated else inside
    escaped = "".join(f"\\{char}" if char in "\\[]^&~" else char for char in chars)
    return (f"[^/{escaped}]" if negated else f"[{escaped}]"), end + 1


def _literal(sign: str) -> str:
    return sign if sign.isalnum() or sign in "_/ " or not sign.isascii() else f"\\{sign}"


def _reason(error: Exception) -> str:
    what: object = error.args[0] if error.args else ""
    return what.decode("utf-8", "replace") if isinstance(what, bytes) else str(what)
