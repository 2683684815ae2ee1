"""Which files a person means: by id, or by class, cause, store, path and age."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gwf.agent.model import FIRST_CLOSED, FileStatus
from gwf.core.errors import InputError

_CAUSE_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A filter over rows of the journal; what is None or empty is not asked."""

    ids: tuple[int, ...] | None = None
    states: tuple[FileStatus, ...] = (FileStatus.DEAD,)
    error_class: str | None = None
    #: as `cause_id` gives it
    cause: str | None = None
    store: str | None = None
    #: part of the path
    text: str = ""
    #: last change longer ago than this
    older_than_s: float | None = None
    #: last change more recent than this
    newer_than_s: float | None = None

    def check(self) -> None:
        """Refuse what can match nothing.

        Raises:
            InputError: The cause is none of ours.
        """
        if self.cause is not None and not _CAUSE_ID.fullmatch(self.cause):
            raise InputError("a cause is named by its 12 digits, as `gwf queue dead` shows them", cause=self.cause)

    def where(self, now_ms: int) -> tuple[str, tuple[object, ...]]:
        """Return the condition on rows `f` and its values; a connection needs the function `cause_id`."""
        parts = [f"f.state IN ({','.join(str(int(state)) for state in self.states)})"]
        if max(self.states) < FIRST_CLOSED:
            parts.append(f"f.state<{FIRST_CLOSED}")
        values: list[object] = []
        tests: list[tuple[object, str]] = [
            (self.error_class, "f.error_class=?"),
            (self.store, "f.store=?"),
            (_before(now_ms, self.older_than_s), "f.updated_at_ms<=?"),
            (_before(now_ms, self.newer_than_s), "f.updated_at_ms>=?"),
            (self.text.encode("utf-8", "surrogateescape") or None, f"instr({PATH}, ?) > 0"),
            (self.cause, "cause_id(f.error_class, f.error)=?"),  # the dearest last
        ]
        for value, test in tests:
            if value is not None:
                parts.append(test)
                values.append(value)
        return " AND ".join(parts), tuple(values)


PATH = "(SELECT path FROM dirs WHERE dirs.id=f.dir_id) || x'2f' || f.name"


def _before(now_ms: int, seconds: float | None) -> int | None:
    return None if seconds is None else now_ms - round(seconds * 1000)
