"""Rules of the centre about carrying files, as they travel in an agent's configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from gwf.core.settings.draft import Loc
from gwf.core.settings.keytemplate import labels_used
from gwf.core.settings.section import Section
from gwf.core.settings.values import Count

MAX_RULES = 500
MAX_CHARS = 256 * 1024  #: of one rule
RuleId = Annotated[str, Field(min_length=1, max_length=100)]
RuleText = Annotated[str, Field(min_length=2, max_length=MAX_CHARS)]


class EdgeRuleSettings(Section):
    """One rule, written by the centre."""

    #: id of the rule at the centre
    id: RuleId
    #: version that was published
    version: Count = Field(ge=1)
    #: the rule itself as JSON
    rule: RuleText


class EdgeRulesSettings(Section):
    """Rules of the centre that say how files are carried. The centre writes them when such a rule is published."""

    #: number of the set of rules that they come from
    set_no: Count = Field(default=0, ge=0)
    #: in the order in which they are asked; the first that matches decides
    rules: tuple[EdgeRuleSettings, ...] = Field(default=(), max_length=MAX_RULES)


def edge_rule_problems(
    rules: EdgeRulesSettings, *, stores: frozenset[str], labels: frozenset[str]
) -> Iterator[tuple[Loc, str]]:
    """Yield what is wrong with rules as far as this host's settings can tell: no JSON, a store or label it lacks."""
    for at, item in enumerate(rules.rules):
        loc: Loc = ("agent", "rules", "rules", at, "rule")
        try:
            document = json.loads(item.rule)
        except ValueError as exc:
            yield loc, f"is no JSON: {exc}"
            continue
        store, key = _store_of(document), _key_of(document)
        if store is not None and store not in stores:
            yield loc, f"sends to the store {store!r}, which this configuration does not name"
        for label in labels_used(key or ""):
            if label not in labels:
                yield loc, f"names objects by {{label.{label}}}, but agent.labels has no {label!r}"


def _store_of(document: object) -> str | None:
    match document:
        case {"then": [{"config": {"store": str() as store}}]}:
            return store
        case _:
            return None


def _key_of(document: object) -> str | None:
    match document:
        case {"then": [{"config": {"key": str() as key}}]}:
            return key
        case _:
            return None
