"""Reads and writes files of NAME=VALUE lines that hold what a configuration's placeholders name."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gwf.core.errors import ConfigError

ENV_FILE_VARIABLE = "GWF_ENV_FILE"  #: names the file where the configuration does not
MAX_BYTES = 1024 * 1024

_BARE = re.compile(r"[A-Za-z0-9_./+=:@%,-]+")


@dataclass(slots=True, kw_only=True)
class EnvLines:
    """What a file of NAME=VALUE lines holds, and the lines that are none."""

    values: dict[str, str] = field(default_factory=dict[str, str])
    problems: list[str] = field(default_factory=list[str])


def parse_env(text: str, *, source: str) -> EnvLines:
    """Return the values of NAME=VALUE lines; the first line of a name counts.

    `#` begins a comment line, one pair of quotes around a value is taken off, nothing is expanded.
    """
    lines = EnvLines()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator or "\0" in line:
            what = "has no '=': write NAME=VALUE" if not separator else "has a NUL character in it"
            lines.problems.append(f"{source} line {number}: {what}")
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        lines.values.setdefault(name.strip(), value)
    return lines


def read_env_lines(path: Path) -> EnvLines:
    """Return the values of a file; one that cannot be read is a problem too."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            return EnvLines(problems=[f"{path}: is larger than {MAX_BYTES} bytes"])
        return parse_env(raw.decode("utf-8-sig"), source=str(path))
    except OSError as exc:
        return EnvLines(problems=[f"{path}: cannot be read: {exc.strerror or exc}"])
    except UnicodeDecodeError as exc:
        return EnvLines(problems=[f"{path}: is not UTF-8 text: bad byte at offset {exc.start}"])


def render_env(values: Mapping[str, str]) -> str:
    """Return lines that `parse_env`, a shell and systemd read alike."""
    rows = (f"{name}={text if _BARE.fullmatch(text) else _quoted(text)}\n" for name, text in values.items())
    return "".join(rows)


def with_env_file(named: object, *, config: Path | None, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return `environ` with the values of the named file below it; relative to the configuration's directory.

    Raises:
        ConfigError: The file cannot be read, has bad lines, or others than its owner may read it.
    """
    name = environ.get(ENV_FILE_VARIABLE, "").strip() or (named if isinstance(named, str) else "")
    if not name:
        return environ
    path = (config.parent if config is not None else Path()) / name
    problems = _mode_problems(path)
    lines = EnvLines() if problems else read_env_lines(path)
    if problems or lines.problems:
        found = tuple(f"env_file: {problem}" for problem in (*problems, *lines.problems))
        raise ConfigError("configuration is not usable", problems=found)
    return {**lines.values, **environ}


def _mode_problems(path: Path) -> list[str]:
    try:
        mode = os.stat(path).st_mode
    except OSError as exc:
        return [f"{path}: cannot be read: {exc.strerror or exc}"]
    if not stat.S_ISREG(mode):
        return [f"{path}: is no regular file"]
    if mode & 0o077:
        return [f"{path}: others may read or write it (mode {mode & 0o777:o}): chmod 600 {path}"]
    return []


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
