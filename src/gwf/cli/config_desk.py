"""The work of `gwf config`: asks the running process, prints what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from gwf.cli import show
from gwf.cli.report import value_text
from gwf.cli.running import Running
from gwf.core.errors import InputError, TooLargeError, UnavailableError
from gwf.core.settings.draft import dotted
from gwf.core.settings.effective import leaves
from gwf.core.settings.yamlfile import MAX_FILE_BYTES
from gwf.wire.config import ConfigOutcome, ConfigVersion, ConfigView

_PATH = "/api/v1/config"
Answer = TypeVar("Answer")
_VERSIONS = TypeAdapter(list[ConfigVersion])


def print_view(process: Running, number: int | None, *, origin: bool, as_json: bool) -> None:
    """Print a configuration, key by key."""
    answer = process.get(_PATH if number is None else f"{_PATH}/versions/{number}")
    if as_json:
        show.as_json(answer)
        return
    view = _read(TypeAdapter(ConfigView), answer)
    rows = [[dotted(loc), value_text(loc, value)] for loc, value in leaves(view.config)]
    if origin:
        rows = [[key, value, view.origins.get(key, "default")] for key, value in rows]
    _print_version(view.version)
    show.table(("key", "value", "from") if origin else ("key", "value"), rows)
    if origin and view.overlay:
        over = [(change.key, _value(change.old), _value(change.new)) for change in view.overlay]
        show.table(("set at run time", "file says", "in force"), over)


def apply(
    process: Running, file: Path, *, reason: str = "", dry_run: bool = False, base_version: int | None = None
) -> ConfigOutcome:
    """Send a file to the process.

    Raises:
        InputError: The file cannot be read.
        GwfError: The process refuses it, or does not answer.
    """
    answer = process.post(
        _PATH,
        content_of(file),
        media_type="application/yaml",
        reason=reason or f"{file.name} was applied",
        dry_run=dry_run,
        base_version=base_version,
    )
    return _read(TypeAdapter(ConfigOutcome), answer)


def rollback(process: Running, number: int, *, reason: str, dry_run: bool) -> ConfigOutcome:
    """Ask the process to go back to a version."""
    body = json.dumps({"number": number, "reason": reason}).encode()
    answer = process.post(f"{_PATH}/rollback", body, media_type="application/json", dry_run=dry_run)
    return _read(TypeAdapter(ConfigOutcome), answer)


def print_outcome(outcome: ConfigOutcome, *, as_json: bool) -> bool:
    """Print what changed, or would; return whether anything did."""
    if as_json:
        show.as_json(outcome.model_dump(mode="json"))
        return bool(outcome.changes)
    for line in outcome.ignored:
        show.warn(line)
    if outcome.changes:
        rows = [(change.key, _value(change.old), _value(change.new)) for change in outcome.changes]
        show.table(("key", "old", "new"), rows)
    if outcome.restarted:
        show.line(f"{'would be opened anew' if outcome.dry_run else 'opened anew'}: {', '.join(outcome.restarted)}")
    if not outcome.changes:
        show.line("Nothing would change." if outcome.dry_run else "Nothing changed.")
    elif outcome.dry_run:
        show.line("This was compared only: nothing was changed. In force is still:")
    _print_version(outcome.version)
    return bool(outcome.changes)


def print_versions(process: Running, *, as_json: bool) -> None:
    """Print the versions."""
    answer = process.get(f"{_PATH}/versions")
    if as_json:
        show.as_json(answer)
        return
    rows = [(item.number, item.at, item.source, item.author, item.reason) for item in _read(_VERSIONS, answer)]
    show.table(("version", "since", "source", "author", "reason"), rows)


def _print_version(version: ConfigVersion) -> None:
    by = f"{version.author}, {version.reason}" if version.reason else version.author
    show.line(f"version {version.number} of {version.at} ({version.source}: {by})")


def content_of(file: Path) -> bytes:
    """Return the bytes of a configuration file.

    Raises:
        InputError: It cannot be read.
        TooLargeError: It is larger than a configuration may be.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as exc:
        raise InputError("the file cannot be read", path=str(file), reason=exc.strerror) from exc
    if len(content) > MAX_FILE_BYTES:
        raise TooLargeError("the file is too large for a configuration", path=str(file), max_bytes=MAX_FILE_BYTES)
    return content


def _read(adapter: TypeAdapter[Answer], answer: object) -> Answer:
    try:
        return adapter.validate_python(answer)
    except ValidationError as exc:
        raise UnavailableError("the answer does not fit: the process is of another release") from exc


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
