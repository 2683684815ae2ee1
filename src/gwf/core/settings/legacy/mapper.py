"""Puts values of the Go version into a draft of ours and keeps account of each key."""

from __future__ import annotations

from gwf.core.settings.draft import Draft, Loc, Note, dotted
from gwf.core.settings.legacy.source import LegacyValues


class Mapper:
    """One take-over: every key given there ends in exactly one note."""

    def __init__(self, draft: Draft, values: LegacyValues) -> None:
        """Read from `values`, write to `draft`."""
        self.draft = draft
        self.values = values
        self._noted: set[str] = set()

    def set(self, key: str, loc: Loc, value: object, *, text: str = "") -> None:
        """Put `value`, made from `key`, at `loc`."""
        self.draft.put(loc, value, self.values.origin(key))
        self.note(key, dotted(loc), text)

    def note(self, key: str, now: str, text: str) -> None:
        """Say what became of `key`: `now` names our key, "" when it was left out."""
        if key in self._noted:
            return
        self._noted.add(key)
        self.draft.notes.append(Note(key=key, value=self.values.shown(key) or "(blank)", now=now, text=text))

    def leave_out(self, key: str, why: str) -> None:
        """Say that `key` has no effect here, if it was given at all."""
        if key in self.values.given:
            self.note(key, "", why)

    def problem(self, key: str, text: str) -> None:
        """Add a problem with `key`, in the words of its own file."""
        shown = self.values.shown(key)
        given = self.values.given.get(key)
        where = f"  [{given.origin}]" if given is not None else ""
        self.draft.problems.append(f"{key}{f' = {shown!r}' if shown else ''}: {text}{where}")

    def left(self) -> list[str]:
        """Return the keys that were given and not yet accounted for."""
        return [key for key in self.values.given if key not in self._noted]
