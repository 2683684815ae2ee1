"""Reads YAML that nobody vouches for: bounded, without aliases' expansion bombs, every key once, lines kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gwf.core.errors import ConfigError
from gwf.core.settings.draft import Loc, dotted

MAX_FILE_BYTES = 1024 * 1024
MAX_DEPTH = 24
MAX_VALUES = 20_000  #: after aliases are expanded

_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_PLAIN_SCALARS = tuple(
    (_TAG + tag, re.compile(f"(?:{pattern})$"))
    for tag, pattern in (
        ("null", r"~|null|Null|NULL|"),
        ("bool", r"true|True|TRUE|false|False|FALSE"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
        ("float", _FLOAT),
        ("merge", r"<<"),
    )
)  #: the YAML 1.2 core schema: no sexagesimal 1:30, no octal 010, no yes/no/on/off, no dates


class _Loader(yaml.SafeLoader):
    """Composes nodes only; the conversion to values is ours."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """Guard the recursion of the composer."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {MAX_DEPTH} levels", problem_mark=self.get_mark())
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> str:
        """Name the tag of a node that carries none."""
        if kind is ScalarNode:
            plain = (tag for tag, pattern in _PLAIN_SCALARS if implicit[0] and pattern.match(value))
            return next(plain, f"{_TAG}str")
        return f"{_TAG}map" if kind is MappingNode else f"{_TAG}seq"


@dataclass(slots=True, kw_only=True)
class YamlContent:
    """A parsed file: plain values, the line of each, and what is wrong with single places."""

    value: object
    lines: dict[Loc, int] = field(default_factory=dict[Loc, int])
    problems: list[str] = field(default_factory=list[str])


def read_yaml_file(path: Path) -> YamlContent:
    """Return the content of `path`.

    Raises:
        ConfigError: It cannot be read, is too large, is no UTF-8 or no YAML; `problems` says where.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as exc:
        raise _broken(path, f"cannot be read: {exc.strerror or exc}") from exc
    if len(raw) > MAX_FILE_BYTES:
        raise _broken(path, f"is larger than {MAX_FILE_BYTES} bytes, too large for a configuration")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _broken(path, f"is not UTF-8 text: bad byte at offset {exc.start}") from exc
    return parse_yaml(text, source=str(path))


def parse_yaml(text: str, *, source: str) -> YamlContent:
    """Return the one document in `text`; `source` names it in problems.

    Raises:
        ConfigError: It is no YAML, or passes a limit.
    """
    try:
        node = _Loader(text).get_single_node()
        reader = _NodeReader(source)
        content = YamlContent(value=None, lines=reader.lines, problems=reader.problems)
        content.value = None if node is None else reader.value(node, ())
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        where = f"line {mark.line + 1} column {mark.column + 1}: " if mark else ""
        raise _broken(source, f"{where}{exc.problem or exc.context}") from exc
    except yaml.YAMLError as exc:
        raise _broken(source, f"is no YAML: {str(exc).splitlines()[0]}") from exc
    return content


class _NodeReader:
    def __init__(self, source: str) -> None:
        self.lines: dict[Loc, int] = {}
        self.problems: list[str] = []
        self._source = source
        self._count = 0

    def value(self, node: Node, loc: Loc) -> object:
        self._count += 1
        if self._count > MAX_VALUES or len(loc) > MAX_DEPTH:
            what = f"more than {MAX_VALUES} values or {MAX_DEPTH} levels once aliases are expanded"
            raise yaml.MarkedYAMLError(problem=what, problem_mark=node.start_mark)
        self.lines.setdefault(loc, node.start_mark.line + 1)
        if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, loc)
        if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(item, (*loc, at)) for at, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, loc)
        self._problem(loc, node, f"has the tag {node.tag}, which is not allowed")
        return None

    def _mapping(self, node: MappingNode, loc: Loc) -> dict[str, object]:
        result: dict[str, object] = {}
        seen: dict[str, int] = {}
        for key_node, value_node in self._pairs(node):
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or not key:
                self._problem(loc, key_node, "has a key that is no text")
            elif key in seen:
                self._problem((*loc, key), key_node, f"is given twice, first on line {seen[key]}")
            else:
                seen[key] = line
                self.lines.setdefault((*loc, key), line)
                result[key] = self.value(value_node, (*loc, key))
        for merged in self._merged(node, loc):
            for key, value in merged.items():
                result.setdefault(key, value)
        return result

    def _pairs(self, node: MappingNode) -> Iterator[tuple[Node, Node]]:
        return ((key, value) for key, value in node.value if key.tag != _MERGE)

    def _merged(self, node: MappingNode, loc: Loc) -> Iterator[dict[str, object]]:
        for key, value in node.value:
            if key.tag != _MERGE:
                continue
            for item in value.value if isinstance(value, SequenceNode) else [value]:
                if isinstance(item, MappingNode):
                    yield self._mapping(item, loc)
                else:
                    self._problem(loc, item, "merges (<<) something that is no mapping")

    def _scalar(self, node: ScalarNode, loc: Loc) -> object:
        text = str(node.value)
        try:
            match node.tag.removeprefix(_TAG):
                case "str":
                    return text
                case "null":
                    return None
                case "bool":
                    return text.lower() == "true"
                case "int":
                    return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
                case "float":
                    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
                case _:
                    self._problem(loc, node, f"has the tag {node.tag}, which is not allowed")
        except ValueError:
            self._problem(loc, node, "is no number that we can read")
        return None

    def _problem(self, loc: Loc, node: Node, text: str) -> None:
        self.problems.append(f"{dotted(loc) or 'file'}: {text}  [{self._source} line {node.start_mark.line + 1}]")


def _broken(source: Path | str, text: str) -> ConfigError:
    return ConfigError("configuration file is not usable", problems=(f"{source}: {text}",))
