"""Takes over what the Go version watches: directories, endings, excludes, silence."""

from __future__ import annotations

import os
import re
from pathlib import Path

from gwf.core.settings.complete import real_path
from gwf.core.settings.draft import Note
from gwf.core.settings.excludes import excluded_directory, literal
from gwf.core.settings.legacy.mapper import Mapper
from gwf.core.units import format_duration, parse_duration_s

_LIST = re.compile(r"[,;\r\n]+")
_WORDS = re.compile(r"[,;\s]+")
_GO_DURATION = re.compile(r"(?:\d*\.?\d+(?:ns|us|µs|ms|s|m|h))+")
_GO_DEFAULT_S = 10.0


def take_watch(mapper: Mapper) -> None:
    """Make one watched tree of each directory; all get the same endings, excludes and silence."""
    values = mapper.values
    directories = _clean(values.text("watch_dir"))
    silence = _silence_s(mapper)
    suffixes = list(dict.fromkeys(word for word in _WORDS.split(values.text("file_ext").lower()) if word))
    trees = [_tree(mapper, directory, suffixes=suffixes, silence=silence) for directory in directories]
    if trees:
        mapper.draft.put(("agent", "watch"), trees, values.origin("watch_dir"))
    for at in range(len(trees)):
        mapper.draft.origins[("agent", "watch", at, "silence")] = values.origin("silence")
        mapper.draft.mark(("agent", "watch", at, "suffixes"), list(suffixes), values.origin("file_ext"))
    _note_watch(mapper, directories, suffixes)


def go_silence_s(text: str) -> float:
    """Return the seconds that the Go version makes of a silence text, right or wrong."""
    plain = text.lower().replace("静默", "").replace("秒钟", "s").replace("秒", "s").strip()
    if _GO_DURATION.fullmatch(plain) and "us" not in plain and "ns" not in plain and "µ" not in plain:
        seconds = sum(parse_duration_s(item) for item in re.findall(r"\d*\.?\d+(?:ms|s|m|h)", plain))
        if seconds > 0:
            return seconds
    first = re.search(r"\d{1,9}", plain)
    return float(first[0]) if first and int(first[0]) > 0 else _GO_DEFAULT_S


def excludes_below(root: Path, text: str, *, is_absolute: bool) -> list[str]:
    """Return the exclude patterns for one tree; the items name directories, literally and in any depth."""
    patterns: list[str] = []
    for item in (part.strip() for part in _LIST.split(text)):
        clean = os.path.normpath(item) if item else "."
        if clean == ".":
            continue
        if not os.path.isabs(clean):
            patterns.append(f"{'**/' if '/' in clean else ''}{literal(clean)}/")
        elif is_absolute and Path(clean).is_relative_to(root) and Path(clean) != root:
            patterns.append(excluded_directory(Path(clean), root))
    return list(dict.fromkeys(patterns))


def _clean(text: str) -> list[str]:
    items = (part.strip() for part in _LIST.split(text))
    return list(dict.fromkeys(os.path.normpath(item) for item in items if item))


def _tree(mapper: Mapper, directory: str, *, suffixes: list[str], silence: float) -> dict[str, object]:
    is_absolute = os.path.isabs(directory)
    root = Path(os.path.abspath(mapper.values.work_dir / directory))
    exclude = excludes_below(root, mapper.values.text("watch_exclude"), is_absolute=True)
    if real_path(root) != root:
        exclude += excludes_below(real_path(root), mapper.values.text("watch_exclude"), is_absolute=True)
    return {
        "path": directory if mapper.values.work_dir == Path() else str(root),
        "suffixes": list(suffixes),
        "exclude": list(dict.fromkeys(exclude)),
        "finish": "silence",
        "silence": silence,
        "existing": "skip",
        "key": _key(root) if is_absolute else "{hostname}/{relpath}",
    }


def _key(root: Path) -> str:
    """Return the template of its keys, which name an absolute directory as it is written, links and all."""
    written = str(root).strip("/")
    if real_path(root) == root or not written or set(written) & set("{}"):
        return "{hostname}/{path}"
    return f"{{hostname}}/{written}/{{relpath}}"


def _silence_s(mapper: Mapper) -> float:
    text = mapper.values.text("silence")
    if not text:
        return _GO_DEFAULT_S
    there = go_silence_s(text)
    try:
        seconds = parse_duration_s(text.replace("静默", ""))
    except ValueError as exc:
        mapper.problem("silence", f"{exc} (the Go version took it for {format_duration(there)})")
        return there
    if seconds != there:
        text = f"{format_duration(seconds)} as written; the Go version took it for {format_duration(there)}"
    else:
        text = format_duration(seconds)
    mapper.note("silence", "agent.watch[].silence", text)
    return seconds


def _note_watch(mapper: Mapper, directories: list[str], suffixes: list[str]) -> None:
    given = mapper.values.given
    if "watch_dir" in given:
        what = "files that are there at the first start are left alone, as before (existing: skip)"
        mapper.note("watch_dir", "agent.watch[].path", what if directories else "blank: nothing is watched")
    if "file_ext" in given:
        odd = [suffix for suffix in suffixes if suffix.count(".") > 1]
        text = f"{' '.join(odd)} matched nothing in the Go version and works here" if odd else ""
        mapper.note("file_ext", "agent.watch[].suffixes", text)
    if "watch_exclude" in given:
        mapper.note("watch_exclude", "agent.watch[].exclude", "items name directories, literally and in any depth")
    if directories:
        text = "silence alone decides when a file is finished, as before; auto also asks the kernel and is faster"
        mapper.draft.notes.append(Note(key="agent.watch[].finish", text=text))
