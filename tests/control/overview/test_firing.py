"""What alerts that nobody has taken add to a verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gwf.alerts.documents.builtin import PACK, twin_of
from gwf.alerts.documents.record import DocKind
from gwf.control.fleet.track import Condition
from gwf.control.overview.firing import MAX_RULES, AlertFact, Firing
from gwf.control.overview.scope import Scope
from gwf.control.overview.verdict import ChangeFact, FindingCode, Level, suspects_of
from gwf.events.model import Severity
from tests.control.overview.test_verdict import NOW, agent, codes, fleet, verdict

OFFLINE = "alr_builtin-agent-offline"


def alert(**more: object) -> AlertFact:
    fact = AlertFact(
        rule_id="alr_1", rule_name="backup", title="no backup", severity=Severity.ERROR, started_at_ms=NOW - 60_000
    )
    return replace(fact, **more)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("severity", "level"),
    [(Severity.CRITICAL, Level.CRIT), (Severity.ERROR, Level.CRIT), (Severity.WARNING, Level.WARN)],
)
def test_alerts_of_a_rule_are_one_finding_as_bad_as_the_worst(severity: Severity, level: Level) -> None:
    alerts = [
        alert(severity=severity, title="worst", agent_id="agt_001"),
        alert(severity=Severity.INFO, started_at_ms=NOW - 300_000, agent_id="agt_gone"),
    ]
    found = verdict(fleet(4), firing=Firing(alerts=alerts, counts={"alr_1": 7}))
    (finding,) = found.findings
    assert (finding.code, finding.level, found.level) == (FindingCode.ALERTS_FIRING, level, level)
    assert (finding.value, finding.unit, finding.since_ms) == (7.0, "alerts", NOW - 300_000)
    assert (finding.agents, finding.named, finding.alert_rules) == (("agt_001",), ("host-001",), ("alr_1",))
    assert finding.about == {"rule": "backup", "title": "worst", "severity": severity.word}


def test_what_another_finding_says_of_the_same_agent_is_said_once() -> None:
    agents = fleet(10, agent(1, Condition.OFFLINE))
    twin = twin_of(OFFLINE)
    same = alert(rule_id=OFFLINE, twin=twin, agent_id="agt_001")
    found = verdict(agents, firing=Firing(alerts=[same]))
    assert (codes(found), found.findings[0].alert_rules) == ([FindingCode.AGENTS_OFFLINE], (OFFLINE,))
    back = alert(rule_id=OFFLINE, twin=twin, agent_id="agt_002")  # it is in contact again, and its alert not over yet
    both = verdict(agents, firing=Firing(alerts=[same, back], counts={OFFLINE: 2}))
    assert sorted(codes(both)) == [FindingCode.AGENTS_OFFLINE, FindingCode.ALERTS_FIRING]
    assert next(one for one in both.findings if one.code is FindingCode.ALERTS_FIRING).value == 1


def test_rules_of_the_pack_about_what_a_verdict_sees_have_their_finding() -> None:
    rules = {one.doc_id.removeprefix("alr_builtin-") for one in PACK if one.kind is DocKind.RULE}
    alone = {rule for rule in rules if not twin_of(f"alr_builtin-{rule}")}
    assert alone == {"log-matched", "log-escalated", "chain-fault", "history-lost"}
    assert twin_of("agent-offline") == twin_of("alr_1") == ""


def test_a_scope_has_the_alerts_of_its_agents_and_of_its_environment() -> None:
    alerts = [
        alert(rule_id="mine", agent_id="agt_001"), alert(rule_id="other", agent_id="agt_009", env="prod"),
        alert(rule_id="env", env="prod"), alert(rule_id="dev", env="dev"),
    ]  # fmt: skip
    firing = Firing(alerts=alerts, counts={"mine": 5_000})

    def rules(scope: Scope) -> set[str]:
        return {one.rule_id for one in firing.within(scope, {"agt_001"}).alerts}

    assert rules(Scope()) == {"mine", "other", "env", "dev"}
    assert rules(Scope(env="prod")) == {"mine", "env"}
    assert rules(Scope(env="prod", group="grp_1")) == {"mine"}
    assert firing.within(Scope(env="prod"), {"agt_001"}).counts == {}


def test_the_worst_rules_are_told_and_an_agentless_alert_blames_no_change() -> None:
    alerts = [alert(rule_id=f"alr_{number:02}", severity=Severity.NOTICE) for number in range(MAX_RULES + 3)]
    worst = alert(rule_id="alr_worst", severity=Severity.CRITICAL)
    found = verdict(fleet(3), firing=Firing(alerts=[*alerts, worst]))
    assert (len(found.findings), found.findings[0].alert_rules) == (MAX_RULES, ("alr_worst",))
    change = ChangeFact(id="1", at_ms=NOW - 120_000, agents=None)
    assert suspects_of(found.findings[0], [change]) == ()
    assert suspects_of(replace(found.findings[0], agents=("agt_001",)), [change])
