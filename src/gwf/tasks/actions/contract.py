"""The contract that every kind of action keeps."""

from __future__ import annotations

from typing import Protocol, TypeVar

from gwf.tasks.actions.model import ActionResult, Context
from gwf.tasks.actions.subject import Subject

Config_contra = TypeVar("Config_contra", contravariant=True)


class Action(Protocol[Config_contra]):
    """One kind of action, for example ARCHIVE or SCRIPT. Without state; called from many threads.

    All of it may be repeated. Errors end in a result; only errors of the program itself are raised.
    """

    def validate(self, config: Config_contra) -> list[str]:
        """Return every reason why this configuration cannot work on this host; empty = it can."""
        ...

    def describe(self, config: Config_contra, subject: Subject) -> str:
        """Return in one line what `execute` would do with this file now; changes nothing."""
        ...

    def execute(self, config: Config_contra, context: Context) -> ActionResult:
        """Do it. A crash at any point leaves the file as it was, or done, or a repeat does the rest."""
        ...

    def compensate(self, config: Config_contra, context: Context, result: ActionResult) -> ActionResult:
        """Undo what `execute` did, as its `result` tells. A repeat after a crash does the rest."""
        ...
