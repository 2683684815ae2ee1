"""Takes what looks like a secret out of command lines and environments of processes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from gwf.core.secrets import MASK, SECRET_NAME, TELLING, masked_text

MAX_COMMAND_CHARS = 4096
MAX_VARIABLES = 20  #: of one process; the Go version showed as many

_WHOLE_VALUE = re.compile(rf"(?P<kept>-*(?:{TELLING})[=:]).+", re.IGNORECASE | re.DOTALL)
_OPTION = re.compile(rf"--?(?:{TELLING})", re.IGNORECASE)
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


def masked_environment(variables: Mapping[str, str], *, values: bool, clean: Callable[[str], str] = str) -> list[str]:
    """Return the first variables as NAME=value; without `values` each value is masked, else only what looks secret."""
    first = [(name[:MAX_COMMAND_CHARS], value) for name, value in list(variables.items())[:MAX_VARIABLES]]
    return [f"{name}={_masked_value(name, value, clean) if values else MASK}" for name, value in first]


def _masked_value(name: str, value: str, clean: Callable[[str], str]) -> str:
    return MASK if SECRET_NAME.search(name) else clean(masked_text(value[:MAX_COMMAND_CHARS]))[:MAX_COMMAND_CHARS]


def _masked_argument(program: str, argument: str) -> str:
    glued = _GLUED.get(program)
    if glued and argument.startswith(glued) and len(argument) > len(glued):
        return glued + MASK
    whole = _WHOLE_VALUE.fullmatch(argument)
    return whole["kept"] + MASK if whole else argument
