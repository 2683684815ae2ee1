"""Reads what can be read of a damaged configuration file, whose keys all stand at its left edge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gwf.core.errors import ConfigError
from gwf.core.settings.draft import is_block
from gwf.core.settings.yamlfile import MAX_FILE_BYTES, YamlContent, parse_yaml, read_yaml_file

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*[ \t]*:(?:[ \t]|$)")
_BROKEN = "�"  # what bytes that are no UTF-8 become


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A file of which not everything could be read."""

    path: Path
    #: one line each: what is wrong, and what was left out
    problems: tuple[str, ...]
    #: keys, lines or entries that were saved
    saved: int
    #: a copy as it was found; None while nothing was written
    backup: Path | None = None

    def kept_as(self, backup: Path) -> Damage:
        """Return the same with the place of its copy."""
        return replace(self, backup=backup)


def read_damaged_yaml(path: Path) -> tuple[YamlContent, Damage | None]:
    """Return the content of a flat YAML file; where it is damaged, of those keys that can be read.

    Raises:
        ConfigError: It cannot be read at all.
    """
    try:
        content = read_yaml_file(path)
        if not content.problems and (content.value is None or is_block(content.value)):
            return content, None
    except ConfigError as exc:
        content = YamlContent(value=None, problems=list(exc.problems))
    text = _text_of(path)
    saved, lost = _salvaged(text, path)
    left_out = [f"{path} {where}: left out" for where in lost]
    problems = content.problems or [f"{path}: is no mapping of keys"]
    return saved, Damage(path=path, problems=(*problems, *left_out), saved=len(saved.lines))


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES).decode("utf-8-sig", "replace").replace("\0", _BROKEN)
    except OSError as exc:
        problem = f"{path}: cannot be read: {exc.strerror or exc}"
        raise ConfigError("configuration file is not usable", problems=(problem,)) from exc


def _salvaged(text: str, path: Path) -> tuple[YamlContent, list[str]]:
    values: dict[str, object] = {}
    content = YamlContent(value=values)
    lost: list[str] = []
    for first, last, block in _blocks(text):
        if all(not line.strip() or line.startswith("#") for line in block.splitlines()):
            continue
        where = f"line {first}" if first == last else f"lines {first} to {last}"
        found = _parsed(block, path)
        fresh = {key: value for key, value in found.items() if key not in values}
        if not fresh:
            lost.append(where)
        values.update(fresh)
        content.lines.update(dict.fromkeys(((key,) for key in fresh), first))
    return content, lost


def _blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (first line, last line, text) of each key with what is indented below it, and of what is neither."""
    held: list[str] = []
    begun = 1
    for number, line in enumerate(text.splitlines(), start=1):
        if held and (_KEY.match(line) or not line.startswith((" ", "\t", "#", "-"))):
            if "".join(held).strip():
                yield begun, number - 1, "\n".join(held)
            held, begun = [], number
        held.append(line)
    if "".join(held).strip():
        yield begun, begun + len(held) - 1, "\n".join(held)


def _parsed(block: str, path: Path) -> dict[str, object]:
    if _BROKEN in block or not _KEY.match(block):
        return {}
    try:
        content = parse_yaml(block, source=str(path))
    except ConfigError:
        return {}  # its lines are named in the report
    return content.value if is_block(content.value) and not content.problems else {}
