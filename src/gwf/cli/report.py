"""A loaded configuration in words: what is in force, where it came from, what was taken over."""

from __future__ import annotations

from gwf.cli import show
from gwf.core.settings.draft import Loc, dotted, is_list
from gwf.core.settings.effective import effective, leaves
from gwf.core.settings.load import LoadedSettings
from gwf.core.settings.schema import amount, shape_at


def document(loaded: LoadedSettings) -> dict[str, object]:
    """Return everything as one JSON value, secrets masked."""
    notes = [{"key": note.key, "text": note.text, "value": note.value, "now": note.now} for note in loaded.notes]
    return {
        "ok": True,
        "format": loaded.format,
        "settings": effective(loaded.settings),
        "origins": dict(loaded.origins),
        "notes": notes,
    }


def print_settings(loaded: LoadedSettings) -> None:
    """Print notes, then every setting with its value and source, secrets masked."""
    print_notes(loaded)
    shown = effective(loaded.settings)
    rows = [
        (dotted(loc), value_text(loc, value), loaded.origins.get(dotted(loc), "default"))
        for loc, value in leaves(shown)
    ]
    show.table(("key", "value", "from"), rows, title="Settings in force")
    show.line("The configuration is usable.")


def print_notes(loaded: LoadedSettings) -> None:
    """Print what was taken over from the Go version's configuration, then everything else worth knowing."""
    taken = [note for note in loaded.notes if note.value or note.now]
    if taken:
        rows = [(note.key, note.value, note.now or "left out", note.text) for note in taken]
        show.table(("key", "value", "now", "note"), rows, title="Taken over from the Go version's configuration")
    for note in loaded.notes:
        if note not in taken:
            show.line(f"note: {note.key}: {note.text}")


def value_text(loc: Loc, value: object) -> str:
    """Return a value as people write it: sizes and durations with their units."""
    shape = shape_at(loc)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if is_list(value):
        return "[" + ", ".join(map(str, value)) + "]"
    return amount(value, shape.kind) if shape is not None else str(value)
