"""Fills facts of a file into the arguments of a program: each stays one argument, none becomes an option."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from gwf.core.errors import InputError
from gwf.core.settings.scripts import ARGUMENT_PIECE
from gwf.tasks.actions.subject import Subject


def fill(command: Sequence[str], subject: Subject) -> list[bytes]:
    """Return the program and its arguments with the facts of `subject` in them.

    Raises:
        InputError: A file's name would make an argument that begins with a dash, which a program takes for an option.
    """
    facts = _facts(subject)
    filled = [os.fsencode(command[0])]
    for template in command[1:]:
        argument = b"".join(
            facts[match[1]] if match[1] is not None else os.fsencode(match[0])
            for match in re.finditer(ARGUMENT_PIECE, template)
        )
        if argument.startswith(b"-") and not template.startswith("-"):
            raise InputError("a name that begins with a dash would be taken for an option", argument=template)
        filled.append(argument)
    return filled


def _facts(subject: Subject) -> dict[str, bytes]:
    directory, _, name = subject.path.rpartition(b"/")
    at = name.rfind(b".")
    stem_bytes = at if at > 0 else len(name)
    return {
        "path": subject.path,
        "relpath": subject.relative,
        "dir": directory or b"/",
        "name": name,
        "stem": name[:stem_bytes],
        "suffix": name[stem_bytes:],
        "key": os.fsencode(subject.key),
        "store": os.fsencode(subject.store),
        "size_bytes": b"%d" % subject.size_bytes,
        "sha256": os.fsencode(subject.sha256),
        "hostname": os.fsencode(subject.hostname),
    }
