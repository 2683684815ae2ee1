"""What each setting means, in the words that stand above it in the model."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel

_FIELD = re.compile(r"^ {4}#: (?P<meaning>.*)\n(?P<more>(?: {4}#: .*\n)*) {4}(?P<name>\w+):", re.MULTILINE)


@cache
def meanings(section: type[BaseModel]) -> Mapping[str, str]:
    """Return the meaning of each key of a section."""
    source = inspect.getsource(section)
    found = ((match["name"], f"{match['meaning']}\n{match['more']}") for match in _FIELD.finditer(source))
    return {name: re.sub(r"\n *(?:#: )?", " ", text).strip().replace("None = ", "none = ") for name, text in found}
