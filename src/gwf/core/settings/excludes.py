"""Exclude patterns for names that are meant literally, whatever characters they hold."""

from __future__ import annotations

import re
from pathlib import Path

_SPECIAL = re.compile(r"[\\*?\[\]!# ]")


def literal(text: str) -> str:
    """Return `text` as a pattern that matches just itself."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)


def excluded_directory(directory: Path, root: Path) -> str:
    """Return the pattern that leaves out `directory`, which lies below the watched `root`."""
    if not any(char in str(directory) for char in "*?["):
        return str(directory)
    return f"/{literal(str(directory.relative_to(root)))}/"
