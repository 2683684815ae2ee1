"""Plays recorded exchanges against a server of ours, phase by phase, and says of each how it went."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.agent.waiting import until
from tests.compat.compare import Mismatch, as_object, compare
from tests.compat.differences import DIFFERENCES, LATER, OWN_AGENT, Difference, without_own_agent
from tests.compat.recording import Exchange, Recording
from tests.compat.stage import Stage, set_stage

#: the origins of phase B, as its set-up says
ORIGINS = "http://good.example, http://two.example"
#: what was done before these requests
_OF_ALERTS: Mapping[int, Callable[[Stage], None]] = {
    130: Stage.begin_log, 131: Stage.looked_at_logs, 132: Stage.log_lines, 134: Stage.missed_a_log,
}  # fmt: skip


@dataclass(slots=True)
class Verdict:
    """How one exchange went."""

    exchange: Exchange
    #: not in this version: it was not sent
    later: bool = False
    mismatches: list[Mismatch] = field(default_factory=list[Mismatch])
    #: names of documented differences that explain what differs
    explained: Counter[str] = field(default_factory=Counter[str])

    @property
    def word(self) -> str:
        """One word for the report."""
        if self.later:
            return "later"
        if self.mismatches:
            return "DIFFERS"
        return "explained" if self.explained else "same"


def replay(recording: Recording, base: Path) -> Iterator[Verdict]:
    """Yield a verdict for each exchange, in order."""
    with set_stage(base, recording.host) as stage:
        stage.plant()
        phase = ""
        last = 0
        for exchange in recording.exchanges(stage.places, stage.endpoint):
            if exchange.phase != phase:
                phase = exchange.phase
                stage.stop()
                stage.fail(on=False)
                stage.start(origins="" if phase == "A" else ORIGINS)
            _between(stage, phase, last, exchange.seq)
            last = exchange.seq
            yield _played(stage, exchange)


def _between(stage: Stage, phase: str, before: int, now: int) -> None:
    """Do what was done between two requests while they were recorded; numbers are those of the recording."""
    if phase != "A":
        return
    if before < 99 <= now:
        (stage.watch / "app" / "skipme.log").write_bytes(b"x\n")
        (stage.watch / "bin" / "takeme.log").write_bytes(b"x\n")
        until(lambda: any(key.endswith("/takeme.log") for key in stage.store.state.objects), within_s=20.0)
        stage.quiet()
    for number, step in _OF_ALERTS.items():
        if before < number <= now:
            step(stage)
    if before < 347 <= now:
        stage.fail(on=True)
    if before < 350 <= now:
        stage.fail(on=False)
    if before < 351 <= now:  # the lease of a task that nobody begins ends by itself, without a pull
        until(lambda: stage.status_of_task("tsk-000005") == "pending", within_s=60.0, every_s=0.5)


def _played(stage: Stage, exchange: Exchange) -> Verdict:
    if exchange.path.startswith(LATER):
        return Verdict(exchange, later=True)
    exchange = _with_process(stage, exchange)
    answer = stage.ask(exchange.target, exchange.method, body=exchange.sent(), headers=exchange.headers)
    if exchange.path == "/api/manual-upload" and answer.status == 200:
        stage.quiet()
    verdict = Verdict(exchange)
    answer, own = without_own_agent(exchange, answer)
    if own:
        verdict.explained[OWN_AGENT] += own
    for mismatch in compare(exchange, answer):
        difference = _explains(exchange, mismatch)
        if difference is None:
            verdict.mismatches.append(mismatch)
        else:
            verdict.explained[difference.name] += 1
    return verdict


def _explains(exchange: Exchange, mismatch: Mismatch) -> Difference | None:
    return next((item for item in DIFFERENCES if item.explains(exchange, mismatch)), None)


def _with_process(stage: Stage, exchange: Exchange) -> Exchange:
    """Name processes of this run in a request to end one: those of the recording are long gone."""
    body = exchange.body
    if exchange.path != "/api/system/terminate" or not isinstance(body, dict) or "pid" not in body:
        return exchange
    pid = body["pid"]
    if exchange.status == 200:
        pid = stage.child()
    elif exchange.status == 400 and "current api process" in str(exchange.answer):
        pid = stage.pid
    recorded = as_object(exchange.answer)
    if "result" in recorded:
        recorded = {**recorded, "result": {**as_object(recorded["result"]), "pid": pid}}
    return dataclasses.replace(exchange, body={**body, "pid": pid}, answer=recorded)
