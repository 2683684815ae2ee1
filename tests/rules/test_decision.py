from __future__ import annotations

from dataclasses import replace

import pytest

from gwf.rules.decision import ActionDraft, EventKind, EventRef, RuleVersion, Urgency
from gwf.tasks.model import Priority

DRAFT = ActionDraft(
    kind="WEBHOOK",
    config={"url": "https://hook.example/a"},
    key_parts=("a", "bc"),
    urgency=Urgency.NORMAL,
    agent_id=None,
    rule=RuleVersion("rul_1", 3),
    position=0,
    event=EventRef("default", EventKind.FILE, 7),
)


def test_the_same_cause_has_the_same_key_whichever_event_and_rule_version_asked() -> None:
    again = replace(DRAFT, rule=RuleVersion("rul_2", 9), event=EventRef("default", EventKind.FILE, 8), config={})
    assert again.idempotency_key == DRAFT.idempotency_key


@pytest.mark.parametrize(
    "other",
    [
        replace(DRAFT, key_parts=("ab", "c")),
        replace(DRAFT, kind="NOTIFY"),
        replace(DRAFT, event=EventRef("acme", EventKind.FILE, 7)),
        replace(DRAFT, key_parts=("a", "bc", "")),
    ],
    ids=["parts", "kind", "tenant", "number of parts"],
)
def test_another_cause_has_another_key(other: ActionDraft) -> None:
    assert other.idempotency_key != DRAFT.idempotency_key


def test_urgencies_are_the_priorities_of_tasks() -> None:
    assert {urgency.name: int(urgency) for urgency in Urgency} == {one.name: int(one) for one in Priority}
