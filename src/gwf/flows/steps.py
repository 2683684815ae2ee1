"""Reads one step of a flow strictly: what is done, by whom, after what, how often, and what undoes it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gwf.core.errors import ErrorClass
from gwf.flows.faults import FlowFaults
from gwf.flows.model import APPROVAL, MAX_STEPS, MAX_TITLE_CHARS, Deed, PlannedStep
from gwf.rules.conditions import ConditionReader
from gwf.rules.faults import below, is_list, is_object
from gwf.rules.matcher import Matcher
from gwf.rules.model import EDGE_KINDS
from gwf.rules.template import Template, read_filling, read_template
from gwf.tasks.policy import LONGEST_S, MAX_ATTEMPTS, Policy

WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_KIND = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
_KEYS = (
    "id", "title", "action", "config", "agent", "needs", "when", "timeout_s", "deadline_s", "retry", "compensate",
    "allow_failure",
)  # fmt: skip
_OF_APPROVALS = ("id", "title", "action", "config", "needs", "when", "deadline_s", "allow_failure")
_DEED_KEYS = ("action", "config", "agent")
_RETRY_KEYS = ("max_attempts", "first_wait_s", "longest_wait_s", "max_lost", "never_after")
_USUAL = Policy()
DEFAULT_AGENT = "${agent_id}"  #: the agent that told the event
MAX_DEADLINE_S = 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class StepReader:
    """Reads the steps of one flow."""

    faults: FlowFaults

    def read(self, value: object, at: str) -> PlannedStep:
        """Return the step at a place; what is wrong with it goes to the faults."""
        faults = self.faults
        found = faults.mapping(value, at, "a step") or {}
        is_approval = found.get("action") == APPROVAL
        faults.keys(found, at, _OF_APPROVALS if is_approval else _KEYS)
        step_id = self._word(found.get("id"), below(at, "id"))
        title = faults.text(found.get("title", step_id), below(at, "title"), most=MAX_TITLE_CHARS, least=0)
        compensation = found.get("compensate", True)
        deadline_s = found.get("deadline_s")
        return PlannedStep(
            id=step_id,
            title=title or step_id,
            deed=self._deed(found, at),
            needs=self._needs(found.get("needs", []), below(at, "needs")),
            when=self._condition(found, at),
            policy=self._policy(found, at),
            deadline_s=None
            if deadline_s is None
            else faults.seconds(deadline_s, below(at, "deadline_s"), least=1.0, most=MAX_DEADLINE_S),
            allow_failure=faults.flag(found.get("allow_failure", False), below(at, "allow_failure")),
            compensates=compensation is not False and not is_approval,
            compensation=self._compensation(compensation, below(at, "compensate")),
            four_eyes=is_approval and _is_four_eyes(found),
        )

    def _word(self, value: object, at: str) -> str:
        if isinstance(value, str) and WORD.fullmatch(value):
            return value
        self.faults.add(at, "bad_name", "a step is named with a-z, 0-9, - and _, such as verify")
        return ""

    def _deed(self, found: Mapping[str, object], at: str) -> Deed:
        faults = self.faults
        kind = found.get("action")
        if not isinstance(kind, str) or not _KIND.fullmatch(kind):
            faults.add(below(at, "action"), "bad_action", "say what is done in capitals, such as WEBHOOK or ARCHIVE")
            kind = ""
        config = found.get("config", {})
        filling = read_filling(config, below(at, "config"), faults) if is_object(config) else None
        if not isinstance(filling, dict):
            faults.add_type(below(at, "config"), "the config of a step is an object", want="object", value=config)
        return Deed(
            kind=kind, config=filling if isinstance(filling, dict) else {}, agent=self._agent(found, at, kind=kind)
        )

    def _agent(self, found: Mapping[str, object], at: str, *, kind: str) -> Template | None:
        place = below(at, "agent")
        if "agent" not in found:
            return read_template(DEFAULT_AGENT, place, self.faults) if kind in EDGE_KINDS else None
        if kind not in EDGE_KINDS:
            kinds = ", ".join(sorted(EDGE_KINDS))
            self.faults.add(place, "not_of_agents", f"only {kinds} are done by an agent: leave it out", kinds=kinds)
            return None
        text = self.faults.text(found["agent"], place, most=1_000)
        return None if text is None else read_template(text, place, self.faults)

    def _needs(self, value: object, at: str) -> tuple[str, ...]:
        if is_list(value) and not value:
            return ()
        texts = self.faults.texts(value, at, most=MAX_STEPS, chars=40, what="step")
        for number, (place, text) in enumerate(texts):
            if not WORD.fullmatch(text):
                self.faults.add(place, "bad_name", "name the id of a step")
            elif any(other == text for _, other in texts[:number]):
                self.faults.add(place, "not_unique", f"{text!r} is named already", name=text)
        return tuple(text for _, text in texts)

    def _condition(self, found: Mapping[str, object], at: str) -> Matcher | None:
        if "when" not in found:
            return None
        return ConditionReader(self.faults, {}).read(found["when"], below(at, "when"))

    def _policy(self, found: Mapping[str, object], at: str) -> Policy:
        faults, place = self.faults, below(at, "retry")
        retry = faults.mapping(found.get("retry", {}), place, "how often it is tried") or {}
        faults.keys(retry, place, _RETRY_KEYS)
        counts = {
            name: faults.number(retry[name], below(place, name), least=1, most=MAX_ATTEMPTS)
            for name in ("max_attempts", "max_lost")
            if name in retry
        }
        waits = {
            name: faults.seconds(retry[name], below(place, name), least=0.0, most=LONGEST_S)
            for name in ("first_wait_s", "longest_wait_s")
            if name in retry
        }
        timeout_s = faults.seconds(
            found.get("timeout_s", _USUAL.timeout_s), below(at, "timeout_s"), least=0.1, most=LONGEST_S
        )
        return Policy(
            max_attempts=counts.get("max_attempts") or _USUAL.max_attempts,
            timeout_s=timeout_s or _USUAL.timeout_s,
            first_wait_s=_given(waits.get("first_wait_s"), _USUAL.first_wait_s),
            longest_wait_s=_given(waits.get("longest_wait_s"), _USUAL.longest_wait_s),
            max_lost=counts.get("max_lost") or _USUAL.max_lost,
            never_after=self._classes(retry, place),
        )

    def _classes(self, retry: Mapping[str, object], at: str) -> tuple[ErrorClass, ...]:
        value = retry.get("never_after", [])
        if is_list(value) and not value:
            return ()
        place = below(at, "never_after")
        items = self.faults.items(value, place, most=len(ErrorClass), what="class of failures")
        words = [self.faults.choice(item, where, [*ErrorClass]) for where, item in items]
        return tuple(sorted({ErrorClass(word) for word in words if word is not None}))

    def _compensation(self, value: object, at: str) -> Deed | None:
        if isinstance(value, bool):
            return None
        if not is_object(value):
            self.faults.add(at, "bad_undo", "true, false, or an object with the action that undoes it, is needed")
            return None
        self.faults.keys(value, at, _DEED_KEYS)
        if value.get("action") == APPROVAL:
            self.faults.add(below(at, "action"), "bad_action", "an approval undoes nothing")
        return self._deed(value, at)


def _is_four_eyes(found: Mapping[str, object]) -> bool:
    config = found.get("config")
    return is_object(config) and config.get("four_eyes") is True


def _given(value: float | None, usual: float) -> float:
    return usual if value is None else value
