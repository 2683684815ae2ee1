"""Takes what looks like a secret out of command lines and environments of processes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

MASK = "******"
MAX_COMMAND_CHARS = 4096
MAX_VARIABLES = 20  #: of one process; the Go version showed as many

_WORD = (
    r"(?:pass(?:w(?:or)?d|phrase)?|pwd|secret|token|credentials?|auth|api[-_.]?key|access[-_.]?key|private[-_.]?key)"
)
# bounded on both sides: a search through a long word without end would hold up the whole process
_NAME = rf"[\w.\-]{{0,100}}{_WORD}[\w.\-]{{0,100}}|\b[as]k"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
_WHOLE_VALUE = re.compile(rf"(?P<kept>-*(?:{_NAME})[=:]).+", re.IGNORECASE | re.DOTALL)
_OPTION = re.compile(rf"--?(?:{_NAME})", re.IGNORECASE)

#: each keeps what its group `kept` matched
_INSIDE = (
    re.compile(rf"(?P<kept>(?:{_NAME})[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+", re.IGNORECASE),
    re.compile(rf"(?P<kept>--?(?:{_NAME})\s+)[^\s\"']+", re.IGNORECASE),
    re.compile(r"(?P<kept>\b[a-z][\w+.\-]{0,30}://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE),
    re.compile(r"(?P<kept>\b(?:bearer|basic)\s+)[^\s\"']+", re.IGNORECASE),
)
#: keys that are known by their form
_FORMS = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]{16}|LTAI[0-9A-Za-z]{12,}|gh[pousr]_[0-9A-Za-z]{20,}|sk-[\w-]{16,}"
    r"|eyJ[\w-]{8,4096}\.[\w-]{8,}\.[\w-]*)"
)
#: programs whose short options carry a password: the value follows at once, or as the next argument
_GLUED = {"mysql": "-p", "mysqldump": "-p", "mysqladmin": "-p", "mariadb": "-p", "sshpass": "-p"}
_NEXT = {"sshpass": ("-p",), "curl": ("-u", "--user", "-U", "--proxy-user"), "redis-cli": ("-a",), "wget": ()}


def masked_command(arguments: Sequence[str], *, clean: Callable[[str], str] = str) -> str:
    """Return a command line on one line without secrets; `clean` takes out those that are known by value."""
    program = os.path.basename(arguments[0]) if arguments else ""
    shown: list[str] = []
    secret_next = False
    for argument in _shortened(arguments):
        shown.append(MASK if secret_next and not argument.startswith("--") else _masked_argument(program, argument))
        secret_next = argument in _NEXT.get(program, ()) or _OPTION.fullmatch(argument) is not None
    return clean(masked_text(" ".join(shown)))[:MAX_COMMAND_CHARS]


def _shortened(arguments: Sequence[str]) -> Iterator[str]:
    """Yield as many arguments as are shown at most, each no longer than that."""
    chars = 0
    for argument in arguments:
        if chars > MAX_COMMAND_CHARS:
            return
        yield argument[:MAX_COMMAND_CHARS]
        chars += len(argument)


def masked_text(text: str) -> str:
    """Return `text` with every value masked that stands behind a telling name or has a telling form."""
    for pattern in _INSIDE:
        text = pattern.sub(rf"\g<kept>{MASK}", text)
    return _FORMS.sub(MASK, text)


def masked_environment(variables: Mapping[str, str], *, values: bool, clean: Callable[[str], str] = str) -> list[str]:
    """Return the first variables as NAME=value; without `values` each value is masked, else only what looks secret."""
    first = [(name[:MAX_COMMAND_CHARS], value) for name, value in list(variables.items())[:MAX_VARIABLES]]
    return [f"{name}={_masked_value(name, value, clean) if values else MASK}" for name, value in first]


def _masked_value(name: str, value: str, clean: Callable[[str], str]) -> str:
    return MASK if _SECRET_NAME.search(name) else clean(masked_text(value[:MAX_COMMAND_CHARS]))[:MAX_COMMAND_CHARS]


def _masked_argument(program: str, argument: str) -> str:
    glued = _GLUED.get(program)
    if glued and argument.startswith(glued) and len(argument) > len(glued):
        return glued + MASK
    whole = _WHOLE_VALUE.fullmatch(argument)
    return whole["kept"] + MASK if whole else argument
