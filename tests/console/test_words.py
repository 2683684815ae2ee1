"""Every code of the server that a page shows has words in both languages."""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterable
from typing import get_args

import pytest

from gwf.audit.model import ActorKind
from gwf.control.effects import Level as Risk
from gwf.control.effects import Undo, Why
from gwf.control.fleet.alarms import BREAKER_CLOSED, BREAKER_OPENED, DEGRADED, OFFLINE, ONLINE, REASONS, RECOVERED
from gwf.control.fleet.state import Cause
from gwf.control.fleet.track import Condition
from gwf.control.overview.verdict import FindingCode
from gwf.control.rollout.model import CauseCode, RolloutStatus
from gwf.control.rollout.standing import ConfigStanding
from gwf.core.errors import ErrorClass
from gwf.events.files import FileEventStatus
from gwf.events.model import Severity
from gwf.flows.model import OnFailure
from gwf.flows.run import RunState, StepState, What
from gwf.identity.permissions import Permission, Role
from gwf.ingest.inputs.doors import Guard, InputKind
from gwf.letters.model import LetterKind, LetterState, Verdict
from gwf.rules.backtest import Change
from gwf.rules.decider import DecisionState
from gwf.rules.model import Mode, OnMatch
from gwf.rules.ruleset import RuleOutcome
from gwf.rules.versioned import VersionState
from gwf.tasks.model import AttemptOutcome, ReasonCode, TaskEventType, TaskState
from gwf.wire.audit import FaultWord
from gwf.wire.overview import LevelName, PageName
from tests.console.tools import ROOT, SOURCE

I18N = SOURCE / "src/i18n"
#: where audit entries get the fields that they compare, besides the methods `facts`
FIELDS = {"facts", "facts_of_user", "facts_of_token", "_fields", "_facts", "_shown"}


def values(of: type[enum.StrEnum]) -> set[str]:
    return {one.value for one in of}


#: by the beginning of a key: the codes that may follow it
CODES: dict[str, Iterable[str]] = {
    "class": {*values(ErrorClass), "other"},
    "finding": values(FindingCode),
    "agents.finding": values(FindingCode) - {FindingCode.ROLLOUT_HALTED, FindingCode.ALERTS_FIRING},
    "level": get_args(LevelName),
    "evidence": get_args(PageName),
    "condition": values(Condition),
    "cause": values(Cause) - {Cause.NONE},
    "standing": values(ConfigStanding),
    "input.kind": values(InputKind),
    "input.guard": values(Guard),
    "rollout.status": values(RolloutStatus),
    "agents.rollout.status": values(RolloutStatus),
    "gatecause": values(CauseCode),
    "severity": {one.name.lower() for one in Severity},
    "work": {one.word for one in FileEventStatus},
    "actor": values(ActorKind),
    "actor.kind": values(ActorKind),
    "audit.fault": get_args(FaultWord),
    "action.risk": values(Risk),
    "risk": values(Why),
    "undo": values(Undo) - {Undo.NONE},
    "role": values(Role),
    "permission": values(Permission),
    "task.state": values(TaskState),
    "run.state": values(RunState),
    "dlq.kind": values(LetterKind),
    "dlq.state": values(LetterState),
    "dlq.verdict": values(Verdict),
    "why": values(ReasonCode),
    "task.outcome": values(AttemptOutcome),
    "task.story": values(TaskEventType),
    "run.step": values(StepState),
    "run.story": values(What),
    "flow.state": values(VersionState),
    "flow.onfailure": values(OnFailure),
    "rules.version": values(VersionState),
    "rules.on_match": values(OnMatch),
    "rule.mode": values(Mode),
    "outcome": values(RuleOutcome),
    "decision": values(DecisionState),
    "backtest.change": values(Change),
}


def keys_of(language: str) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in (I18N / language).glob("*.ts")]
    return {key for text in texts for key in re.findall(r'^  "([^"]+)":', text, re.MULTILINE)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_of_an_enumeration_has_words(language: str) -> None:
    known = keys_of(language)
    missing = {f"{prefix}.{code}" for prefix, codes in CODES.items() for code in codes} - known
    assert missing == set()


def sources() -> dict[str, str]:
    return {str(path): path.read_text(encoding="utf-8") for path in (ROOT / "src/gwf").rglob("*.py")}


def test_every_kind_of_thing_that_the_audit_names_has_words() -> None:
    named = {kind for text in sources().values() for kind in re.findall(r'Resource\(\s*kind="([a-z_]+)"', text)}
    assert {"rollout", "fleet", "key_ring"} <= named
    assert {f"kind.{kind}" for kind in named} - keys_of("zh") == set()


def test_every_type_of_event_that_is_documented_or_raised_has_words() -> None:
    text = (ROOT / "docs/reference/events.md").read_text(encoding="utf-8").partition("## Types")[2]
    types = set(re.findall(r"`gwf\.([a-z_]+\.?[a-z_]+)`", text))
    types |= {ONLINE, OFFLINE, DEGRADED, RECOVERED, BREAKER_OPENED, BREAKER_CLOSED}
    types |= {kind for began, ended, _ in REASONS.values() for kind in (began, ended)}
    types |= {f"rollout.{status.value}" for status in RolloutStatus}
    assert {"alert.raised", "agent.high_water", "outbox.lost"} <= types
    assert {f"eventtype.{kind}" for kind in types} - keys_of("zh") == set()


def audited_fields() -> set[str]:
    """Return the names in what entries compare: given by methods that say so, or by functions beside the comparison."""
    found: set[str] = set()
    for path, text in sources().items():
        if not re.search(r"/(control|identity|tasks|flows|rules)/", path):
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef) or node.name not in FIELDS:
                continue
            said = ast.get_docstring(node) or ""
            if "field_changes(" in text or "audit" in said or "the record tells" in said:
                dicts = (one for one in ast.walk(node) if isinstance(one, ast.Dict))
                found |= {str(key.value) for one in dicts for key in one.keys if isinstance(key, ast.Constant)}
    return found


def test_every_field_that_an_audit_entry_compares_has_words() -> None:
    text = (I18N / "auditFields.ts").read_text(encoding="utf-8")
    zh, _, en = text.partition("  en: {")
    fields = audited_fields()
    assert {"drain", "display_name", "wave", "may_log_in"} <= fields
    for part in (zh, en):
        assert fields - {"by", "code"} - set(re.findall(r'"?([a-z_.]+)"?: "', part)) == set()
