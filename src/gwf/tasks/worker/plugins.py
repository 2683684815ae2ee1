"""Finds actions that installed packages bring (entry points of the group `gwf.actions`)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from gwf.tasks.worker.catalog import AGENT_KINDS, FLOW_KIND, PERSON_KINDS
from gwf.tasks.worker.contract import WorkAction

GROUP = "gwf.actions"
_KIND = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
_NEEDED = ("validate", "describe", "execute", "compensate")

log = logging.getLogger("gwf.tasks.worker")


def plugin_actions(taken: Iterable[str], found: Iterable[EntryPoint] | None = None) -> Sequence[WorkAction]:
    """Return the actions of plug-ins; one that cannot be used is told in the log and left out.

    `taken` are kinds that no plug-in may bring; `found` stands in for what is installed.
    """
    actions: dict[str, WorkAction] = {}
    forbidden = {*taken, *AGENT_KINDS, *PERSON_KINDS, FLOW_KIND}
    for point in entry_points(group=GROUP) if found is None else found:
        try:
            action = _loaded(point)
        except Exception as exc:  # anything may happen in code of others; the centre goes on without it
            log.exception("plugin_not_loaded", extra={"plugin": point.name, "error": repr(exc)})
            continue
        problem = _problem(action, forbidden | set(actions))
        if problem:
            log.error("plugin_refused", extra={"plugin": point.name, "value": point.value, "error": problem})
            continue
        actions[action.kind] = action
        log.info("plugin_loaded", extra={"plugin": point.name, "kind": action.kind})
    return list(actions.values())


def _loaded(point: EntryPoint) -> WorkAction:
    make = cast("Callable[[], WorkAction]", point.load())
    return make()


def _problem(action: WorkAction, taken: set[str]) -> str:
    kind: object = getattr(action, "kind", None)
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        return f"its kind {kind!r} is no word of capitals, digits and _"
    if kind in taken:
        return f"the kind {kind} is taken"
    missing = [name for name in _NEEDED if not callable(getattr(action, name, None))]
    return f"it lacks {', '.join(missing)}" if missing else ""
