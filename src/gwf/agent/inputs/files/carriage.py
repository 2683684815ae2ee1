"""Lets the centre's rules decide how a file of a watched tree is carried: to which store, under which key, how soon."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping

from gwf.agent.model import CarriedBy, Route, show_path
from gwf.core.errors import ConfigError
from gwf.core.settings.edgerules import EdgeRulesSettings
from gwf.events.files import FileEvent, FileEventStatus
from gwf.rules.decision import RuleVersion
from gwf.rules.edge import Carrying, EdgeRules
from gwf.rules.facts import Facts, file_facts
from gwf.rules.faults import FaultyRuleError
from gwf.storage.keys import KeyTemplate, compile_template

Chosen = tuple[Route, KeyTemplate]


def compiled(settings: EdgeRulesSettings) -> EdgeRules | None:
    """Return the rules of a configuration ready for use; None = there are none.

    Raises:
        ConfigError: One cannot be used.
    """
    if not settings.rules:
        return None
    try:
        return EdgeRules(settings.set_no, [(RuleVersion(one.id, one.version), one.rule) for one in settings.rules])
    except FaultyRuleError as exc:
        problems = tuple(f"agent.rules{fault.pointer}: {fault.message}" for fault in exc.faults)
        raise ConfigError("rules of the centre cannot be used", problems=problems) from exc


def ignoring_mark(settings: EdgeRulesSettings) -> str:
    """Return what names the rules that may keep files from being sent; "" = none of these does.

    Raises:
        ConfigError: As `compiled`.
    """
    rules = compiled(settings)
    if rules is None or not any(one.ignore for one in rules.all.values()):
        return ""
    return hashlib.blake2b(settings.model_dump_json().encode(), digest_size=16).hexdigest()


class Carriage:
    """The routes that rules make of the route of one tree. Never changed."""

    def __init__(self, route: Route, rules: EdgeRules, labels: Mapping[str, str]) -> None:
        """Make a route for each rule; `labels` are those of this agent."""
        self._rules = rules
        self._labels = labels
        self._now_s: Callable[[], float] = time.time
        self._routes = {ref: _chosen(route, carrying, rules.set_no) for ref, carrying in rules.all.items()}

    def choose(self, path: bytes, size_bytes: int) -> Chosen | None:
        """Return how a file is carried; None = as its tree says."""
        found = self._rules.first(self._facts(show_path(path), size_bytes))
        return None if found is None else self._routes[found.rule]

    def _facts(self, path: str, size_bytes: int) -> Facts:
        now_ms = int(self._now_s() * 1000)
        status = FileEventStatus.DONE
        return file_facts(
            0, FileEvent("", "", "", 0, now_ms, status, 0, 0, 1, path, size_bytes=size_bytes), self._labels
        )


def _chosen(route: Route, carrying: Carrying, set_no: int) -> Chosen:
    wanted = {"store": carrying.store, "key": carrying.key, "priority": carrying.priority}
    settings = route.settings.model_copy(update={name: value for name, value in wanted.items() if value is not None})
    by = CarriedBy(carrying.rule.rule_id, carrying.rule.version, set_no)
    made = Route(index=route.index, root=route.root, settings=settings, by=by, ignored=carrying.ignore)
    return made, compile_template(settings.key)
