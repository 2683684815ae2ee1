"""Takes configurations of the centre in two steps: staged, then applied and kept only if the edge stays well."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gwf.agent.centre.attempts import Attempts, Failed, Offered, Report
from gwf.agent.centre.verdict import Mark, marks_of, worse
from gwf.control.config.canonical import hash_of, pointer
from gwf.core.clock import Clock
from gwf.core.errors import ConfigError, GwfError
from gwf.core.faults import kill_point
from gwf.core.settings.managed import PartRefusedError
from gwf.core.settings.references import filled, references_in
from gwf.wire.agents import AttemptPhase, AttemptProblem, ManagedConfig
from gwf.wire.edge import Reason

LOOK_EVERY_S = 0.2
PROOF_S = 60.0  #: longest wait for the first answer of a store that a configuration brought
AUTHOR = "centre"
FAILED_BEFORE = "this configuration failed here a moment ago, which the centre did not know when it offered it again"
SAY_AGAIN_S = 15.0  #: an attempt that is offered again after its end was told is told again, at most this often
MAX_TOLD = 20  #: faults of one attempt that are told

log = logging.getLogger("gwf.agent.centre")


class Numbered(Protocol):
    """A version of a host's own configuration."""

    @property
    def number(self) -> int:
        """Which one it is; a later one has a higher number."""
        ...


class Configurable(Protocol):
    """The configuration of this process, as far as it is changed here (agent.config.service.ConfigService)."""

    def current(self) -> Numbered:
        """Return the version in force."""
        ...

    def manage(self, part: dict[str, object], *, author: str, reason: str, dry_run: bool = False) -> object:
        """Put into force what a part makes of this host's own sources."""
        ...

    def follows(self, part: dict[str, object]) -> bool:
        """Tell whether what is in force is what a part makes of this host's own sources."""
        ...

    def rollback(self, number: int, *, author: str, reason: str, dry_run: bool = False) -> object:
        """Put an older version into force again."""
        ...


class KeptAttempts(Protocol):
    """Where attempts are kept (agent.centre.attempts.AttemptFile)."""

    def load(self) -> Attempts:
        """Return what is kept."""
        ...

    def write(self, attempts: Attempts) -> None:
        """Keep the attempts; the old ones are as they were when this fails."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the edge does."""

    reasons: Sequence[Reason]
    #: stores that did not answer or refuse for the first time yet
    unproved: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTrial:
    """A configuration that is in force and has not proved itself yet."""

    offered: Offered
    #: number of this host's version that was in force before
    before: int
    #: what was wrong before
    marks: frozenset[Mark]
    begun_s: float


class Applier:
    """Decides about one offer at a time. Its calls come from one thread; `attempts` may be read by others."""

    def __init__(
        self,
        file: KeptAttempts,
        config: Configurable,
        *,
        condition: Callable[[], Condition],
        tell: Callable[[str, Mapping[str, object]], None],
        clock: Clock,
        halted: threading.Event,
    ) -> None:
        """`condition` says how the edge does now, `tell` takes an event for the outbox.

        Raises:
            LocalIoError: What is kept cannot be read or written.
        """
        self._file = file
        self._config = config
        self._condition = condition
        self._tell = tell
        self._clock = clock
        self._halted = halted
        #: attempts since the start, by how they ended
        self.ended: dict[str, int] = {"applied": 0, "failed": 0, "reverted": 0}
        #: the attempt whose end the centre was told of last, and when
        self._said: dict[str, float] = {}
        #: the last configuration that did not do well, until another one does
        self.trouble: Failed | None = None
        #: (version of this host, hash) and whether they agree, as found last
        self._followed: tuple[tuple[int, str], bool] | None = None
        kept = file.load()
        self.attempts = kept.interrupted(at_ms=clock.now_ms())
        if kept.trial is not None:
            self._keep(self.attempts)
            self._told(kept.trial.offered, "failed", self.attempts.failed[0].reason)

    def follows(self) -> bool:
        """Tell whether exactly the configuration of the centre is in force; True when there is none, and in a trial."""
        running = self.attempts.running
        if running is None or self.attempts.trial is not None:
            return True
        key = (self._config.current().number, running.hash)
        if self._followed is None or self._followed[0] != key:
            self._followed = (key, self._config.follows(running.document))
        return self._followed[1]

    def is_settled(self, hash_: str, attempt_id: str) -> bool:
        """Tell whether there is nothing to do about an offer but to report what became of it."""
        said_s = self._said.get(attempt_id)
        if said_s is not None and self._clock.monotonic_s() - said_s < SAY_AGAIN_S:
            return True
        if any(report.attempt_id == attempt_id and report.phase != "staged" for report in self.attempts.reports):
            return True
        known = self.attempts.settles(hash_, attempt_id)
        if known is not None:
            self.trouble = known
            first = () if known.attempt_id == attempt_id else (_problem("failed_before", FAILED_BEFORE),)
            reason = (*first, *known.reason)[:MAX_TOLD]
            again = Report(attempt_id=attempt_id, hash=hash_, phase=known.phase, reason=reason)
            self._keep(self.attempts.reporting(again))
            return True
        running = self.attempts.running
        if running is not None and running.hash == hash_ and self.follows():
            self._keep(self.attempts.reporting(Report(attempt_id=attempt_id, hash=hash_, phase="applied")))
            return True
        return False

    def staged(self, given: ManagedConfig) -> Offered | None:
        """Check a configuration and write it down; return None if it is refused, which is remembered."""
        offered = Offered(
            hash=given.hash, version_id=given.version_id, attempt_id=given.attempt_id, document=given.document
        )
        problems = self._problems(offered, given.secrets)
        if problems:
            self._failed(offered, "failed", problems)
            return None
        self._keep(self.attempts.reporting(Report(attempt_id=offered.attempt_id, hash=offered.hash, phase="staged")))
        return replace(offered, document=filled(offered.document, given.secrets))

    def apply(self, offered: Offered, *, confirm_s: float) -> bool:
        """Put a staged configuration into force, watch the edge for a while, and keep it or go back.

        Returns whether it runs now. A process that ends meanwhile has not seen it prove itself: the next one begins
        with the configuration before.

        Raises:
            LocalIoError: The attempt cannot be written down; nothing was changed.
        """
        trial = self.begin(offered)
        if trial is None:
            return False
        while (problems := self.verdict(trial, confirm_s=confirm_s)) is None:
            if self._halted.wait(LOOK_EVERY_S):
                self._give_back(trial.before)
                return False
        return self.end(trial, problems)

    def begin(self, offered: Offered) -> OnTrial | None:
        """Put a staged configuration into force; return None if that fails, which is remembered.

        Raises:
            LocalIoError: As `apply`.
        """
        before, marks = self._config.current().number, marks_of(self._condition().reasons)
        self._keep(self.attempts.trying(offered, before=before))
        kill_point("trial_noted")
        try:
            self._config.manage(offered.document, author=AUTHOR, reason=f"version {offered.version_id}")
        except GwfError as exc:
            self._failed(offered, "failed", faults_of(exc))
            return None
        kill_point("trial_in_force")
        return OnTrial(offered=offered, before=before, marks=marks, begun_s=self._clock.monotonic_s())

    def verdict(self, trial: OnTrial, *, confirm_s: float) -> list[AttemptProblem] | None:
        """Return what became worse since a trial began, none = it did well; None while that is not known yet."""
        lasted_s = self._clock.monotonic_s() - trial.begun_s
        if lasted_s < confirm_s:
            return None
        now = self._condition()
        if now.unproved and lasted_s < confirm_s + PROOF_S:
            return None
        silent = [
            _problem("health.store_silent", f"store {name} did not answer", at=f"/stores/{name}")
            for name in sorted(now.unproved)
        ]
        return (worse(trial.marks, now.reasons) + silent)[:MAX_TOLD]

    def end(self, trial: OnTrial, problems: Sequence[AttemptProblem]) -> bool:
        """Keep what did well, go back from what did not; return whether it runs now."""
        offered = trial.offered
        if problems:
            self._back(trial.before, problems)
            self._failed(offered, "reverted", problems)
            return False
        self._keep(self.attempts.proved(offered))
        kill_point("trial_proved")
        self.ended["applied"] += 1
        self.trouble = None
        log.info("centre_config_applied", extra={"hash": offered.hash, "version_id": offered.version_id})
        return True

    def reported(self, report: Report) -> None:
        """Note that the centre took a report."""
        self._keep(self.attempts.reported(report))
        if report.phase != "staged":
            self._said = {report.attempt_id: self._clock.monotonic_s()}

    def _problems(self, offered: Offered, secrets: Mapping[str, str]) -> list[AttemptProblem]:
        try:
            if hash_of(offered.document) != offered.hash:
                return [_problem("hash_mismatch", "the document is not the one that its hash names")]
            if references_in(offered.document) - secrets.keys():
                return [_problem("secret_missing", "the centre did not send a secret that the document refers to")]
            document = filled(offered.document, secrets)
            self._config.manage(document, author=AUTHOR, reason="before it is staged", dry_run=True)
        except GwfError as exc:
            return faults_of(exc)
        except RecursionError:
            return [_problem("invalid_value", "the document is nested too deep")]
        return []

    def _give_back(self, before: int) -> None:
        """End a trial because the process ends in order, which is not the configuration's fault."""
        try:
            self._config.rollback(before, author=AUTHOR, reason="the process ended during a trial")
        except GwfError as exc:  # the trial stays on record: the next start begins with the configuration before
            log.error("centre_config_not_reverted", extra={"version": before, "error": str(exc)})
            return
        self._keep(replace(self.attempts, trial=None))

    def _back(self, before: int, problems: Sequence[AttemptProblem]) -> None:
        why = "; ".join(problem.message for problem in problems)[:400]
        try:
            self._config.rollback(before, author=AUTHOR, reason=f"the configuration of the centre did harm: {why}")
        except (
            GwfError
        ) as exc:  # health says config_half_done or config_refused; the next start begins with the old one
            log.error("centre_config_not_reverted", extra={"version": before, "error": str(exc)})

    def _failed(self, offered: Offered, phase: AttemptPhase, problems: Sequence[AttemptProblem]) -> None:
        self._keep(self.attempts.failing(offered, phase, problems, at_ms=self._clock.now_ms()))
        self._told(offered, phase, problems)

    def _told(self, offered: Offered, phase: AttemptPhase, problems: Sequence[AttemptProblem]) -> None:
        self.ended[phase] += 1
        self.trouble = self.attempts.failure_of(offered.hash)
        facts = {
            "hash": offered.hash,
            "version_id": offered.version_id,
            "attempt_id": offered.attempt_id,
            "phase": phase,
            "problems": [f"{item.pointer}: {item.message}" if item.pointer else item.message for item in problems],
        }
        log.warning("centre_config_failed", extra=facts)
        self._tell("centre.config_failed", facts)

    def _keep(self, attempts: Attempts) -> None:
        self._file.write(attempts)
        self.attempts = attempts


def faults_of(exc: GwfError) -> list[AttemptProblem]:
    """Return an error as the centre is told of it."""
    if isinstance(exc, PartRefusedError):
        return [_problem(item.code, item.text, at=pointer(item.loc)) for item in exc.faults][:MAX_TOLD]
    lines = exc.problems if isinstance(exc, ConfigError) else ()
    return [_problem(exc.code, line) for line in lines or (str(exc),)][:MAX_TOLD]


def _problem(code: str, message: str, *, at: str = "") -> AttemptProblem:
    return AttemptProblem(pointer=at[:1000], code=code, message=message[:2000])
