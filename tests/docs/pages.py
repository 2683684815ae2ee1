"""Reads the documents of the repository: links, headings, code blocks, commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)")
_ATTRIBUTE = re.compile(r"\b(?:src|srcset|href)=\"([^\"]+)\"")
_INLINE = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_ENDS_COMMAND = {"&&", "||", "|", ";", "&", "\\"}


def pages() -> list[Path]:
    """Return every Markdown document that people are meant to read."""
    folders = ("docs", "examples", "bench")
    return [*sorted(ROOT.glob("*.md")), *(page for name in folders for page in sorted((ROOT / name).rglob("*.md")))]


def prose(page: Path) -> str:
    """Return a document without its code blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """Return every link and image that leads to a place in the repository."""
    text = _INLINE.sub("", prose(page))
    found = [*_LINK.findall(text), *(url for value in _ATTRIBUTE.findall(text) for url in _urls(value))]
    return [url for url in found if not re.match(r"[a-z]+:", url)]


def headings(page: Path) -> list[tuple[int, str]]:
    """Return (level, text) of every heading."""
    return [(len(marks), text.strip()) for marks, text in _HEADING.findall(prose(page))]


def anchors(page: Path) -> set[str]:
    """Return the anchors that the headings of a document get."""
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in headings(page)}


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of one language."""
    return [body for _, name, body in _FENCE.findall(page.read_text(encoding="utf-8")) if name == language]


def commands(page: Path, program: str) -> Iterator[list[str]]:
    """Yield the arguments of every call of `program`, in shell blocks and in inline code."""
    lines = [line for block in blocks(page, "sh") for line in block.replace("\\\n", " ").splitlines()]
    lines += [code for code in _INLINE.findall(prose(page)) if code.startswith(f"{program} ")]
    for line in lines:
        yield from _calls(line, program)


def _calls(line: str, program: str) -> Iterator[list[str]]:
    call: list[str] | None = None
    for word in shlex.split(line, comments=True):
        if word in _ENDS_COMMAND:
            if call is not None:
                yield call
            call = None
        elif call is not None:
            call.append(word)
        elif word == program or word.endswith(f"/{program}"):
            call = []
    if call is not None:
        yield call


def _urls(value: str) -> list[str]:
    return [item.split()[0] for item in value.split(",") if item.strip()]
