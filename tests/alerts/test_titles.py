"""Titles of alerts name hosts as people know them."""

from __future__ import annotations

import pytest

from gwf.alerts.life.ledger import Setting, State
from gwf.alerts.run.model import AlertPlan, Kept, Turn
from gwf.alerts.run.tenant import TenantAlerts
from gwf.alerts.sight.reading import read_alert_rule
from gwf.events.model import Event, Severity
from gwf.rules.facts import event_facts

HOST, NAMES = "agt_0123456789abcdef", {"agt_0123456789abcdef": "web-1"}


@pytest.mark.parametrize(
    ("agent_id", "title"), [(HOST, "web-1 fails"), ("agt_fedcba9876543210", "agt_fedcba9876543210 fails")]
)
def test_a_host_is_called_by_its_name_where_it_is_known(agent_id: str, title: str) -> None:
    rule = read_alert_rule(
        {"name": "failing", "when": {"type": "shop.failed"}, "title": "${agent_id} fails"}, rule_id="r1", version=1
    )
    alerts = TenantAlerts(
        "t", Kept(state=State()), AlertPlan(1, (rule,), Setting()), hostname=lambda name: NAMES.get(name, name)
    )
    event = Event(
        id="1", source="shop", type="shop.failed", at_ms=1_000, tenant="t", agent_id=agent_id, labels={},
        severity=Severity.ERROR,
    )  # fmt: skip
    alerts.see(event_facts(1 << 20, event, data_text=None), 1_000)
    turn = Turn(after=0, now_ms=1_000, place=0)
    alerts.write(turn)
    assert [row.alert.title for row in turn.alerts] == [title]
