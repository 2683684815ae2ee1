"""Reading the small XML answers of object stores; documents that declare entities are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from gwf.core.errors import ErrorClass, UnavailableError


@dataclass(slots=True)
class Node:
    """One element: its name without namespace, its text, its children."""

    name: str
    text: str = ""
    children: list[Node] = field(default_factory=list["Node"])

    def all(self, name: str) -> list[Node]:
        """Return the children called `name`."""
        return [child for child in self.children if child.name == name]

    def word(self, name: str) -> str:
        """Return the text of the first child called `name`, "" when there is none."""
        return next((child.text for child in self.children if child.name == name), "")

    def number(self, name: str) -> int:
        """Return the whole number in the first child called `name`, 0 when there is none."""
        word = self.word(name).strip()
        return int(word) if word.isdigit() else 0


class _EntityError(Exception):
    """The document declares entities: no object store does, and they can be made to explode."""


def parse(body: bytes) -> Node:
    """Return the root element.

    Raises:
        UnavailableError: It is no XML, or no XML that we want.
    """
    root = Node("")
    stack = [root]

    def start(name: str, _attributes: dict[str, str]) -> None:
        node = Node(name.rpartition(":")[2])
        stack[-1].children.append(node)
        stack.append(node)

    def end(_name: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text += data

    def entity(*_: object) -> None:
        raise _EntityError

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no keywords
    except (expat.ExpatError, _EntityError) as exc:
        raise UnavailableError("server's answer is no XML", error_class=ErrorClass.SERVER, reason=str(exc)) from exc
    return root.children[0]
