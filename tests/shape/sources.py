"""The program's own source, parsed once for the checks of its shape."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "gwf"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file."""

    #: path below src, for example gwf/core/clock.py
    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """Number of lines."""
        return len(self.text.splitlines())

    def functions(self) -> Iterator[tuple[str, Function, bool]]:
        """Yield (qualified name, function, whether its first parameter is self or cls)."""
        yield from _functions(self.tree, "", in_class=False)


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "console_dist" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        found.append(Module(str(path.relative_to(ROOT / "src")), text, ast.parse(text)))
    return tuple(found)


def _functions(node: ast.AST, prefix: str, *, in_class: bool) -> Iterator[tuple[str, Function, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{prefix}{child.name}"
            static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in child.decorator_list)
            yield name, child, in_class and not static
            yield from _functions(child, f"{name}.", in_class=False)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.", in_class=True)
        else:
            yield from _functions(child, prefix, in_class=in_class)
