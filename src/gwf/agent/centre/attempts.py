"""What became of configurations of the centre: the one that runs, the one on trial, those that failed. Kept on disk."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from gwf.core.durable import write_durably
from gwf.core.errors import CorruptDataError, LocalIoError
from gwf.wire.agents import AttemptPhase, AttemptProblem

FILE_NAME = "centre-config.json"  #: inside the data directory, mode 0600: documents may hold secrets
MAX_FAILED = 100  #: failed hashes that are remembered, the newest
MAX_REPORTS = 50  #: reports that the centre has not taken yet, the newest

log = logging.getLogger("gwf.agent.centre")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One configuration as the centre gave it."""

    hash: str
    version_id: str
    attempt_id: str
    document: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A configuration that may be in force and has not proved itself."""

    offered: Offered
    #: number of this host's version that was in force before, and is again if the trial does not end well
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A configuration that did not do well here; it is tried again only if the centre knows that and offers it anew."""

    hash: str
    #: of the offer that failed
    attempt_id: str
    at_ms: int
    phase: AttemptPhase
    reason: tuple[AttemptProblem, ...]
    #: the centre took the report of this failure
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the centre has not been told yet."""

    attempt_id: str
    hash: str
    phase: AttemptPhase
    reason: tuple[AttemptProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Everything at one moment; each change is a new value."""

    running: Offered | None = None
    trial: Trial | None = None
    failed: tuple[Failed, ...] = ()
    reports: tuple[Report, ...] = ()

    def failure_of(self, hash_: str) -> Failed | None:
        """Return how a configuration failed here, or None."""
        return next((item for item in self.failed if item.hash == hash_), None)

    def trying(self, offered: Offered, *, before: int) -> Attempts:
        """Return the state from which on a crash means that the trial did not end well."""
        return replace(self, trial=Trial(offered=offered, before=before))

    def proved(self, offered: Offered) -> Attempts:
        """Return the state in which a configuration runs for good."""
        report = Report(attempt_id=offered.attempt_id, hash=offered.hash, phase="applied")
        failed = tuple(item for item in self.failed if item.hash != offered.hash)
        return replace(self, running=offered, trial=None, failed=failed).reporting(report)

    def failing(
        self, offered: Offered, phase: AttemptPhase, reason: Sequence[AttemptProblem], *, at_ms: int
    ) -> Attempts:
        """Return the state in which a configuration did not do well."""
        known = Failed(hash=offered.hash, attempt_id=offered.attempt_id, at_ms=at_ms, phase=phase, reason=tuple(reason))
        report = Report(attempt_id=offered.attempt_id, hash=offered.hash, phase=phase, reason=tuple(reason))
        others = tuple(item for item in self.failed if item.hash != offered.hash)
        return replace(self, trial=None, failed=(known, *others)[:MAX_FAILED]).reporting(report)

    def reporting(self, report: Report) -> Attempts:
        """Return the state in which the centre is to be told something more."""
        return replace(self, reports=(*self.reports, report)[-MAX_REPORTS:])

    def reported(self, report: Report) -> Attempts:
        """Return the state after the centre took a report."""
        failed = tuple(
            replace(item, told=True) if item.attempt_id == report.attempt_id and report.phase == item.phase else item
            for item in self.failed
        )
        return replace(self, failed=failed, reports=tuple(item for item in self.reports if item != report))

    def settles(self, hash_: str, attempt_id: str) -> Failed | None:
        """Return the failure that answers an offer without a trial; None if it may be tried.

        The centre never offers a failed configuration again by itself. So a new attempt at one whose failure it was
        told of is the wish of a person.
        """
        known = self.failure_of(hash_)
        return None if known is None or (known.told and known.attempt_id != attempt_id) else known

    def interrupted(self, *, at_ms: int) -> Attempts:
        """Return the state with which a process begins: a trial that nobody saw end did not end well."""
        if self.trial is None:
            return self
        reason = AttemptProblem(
            pointer="",
            code="interrupted",
            message="the process ended before this configuration had proved itself; the one before runs again",
        )
        return self.failing(self.trial.offered, "failed", [reason], at_ms=at_ms)


class AttemptFile:
    """Reads and writes the attempts. Its owner makes sure that one thread writes at a time."""

    def __init__(self, data_dir: Path) -> None:
        """Read nothing yet."""
        self._path = data_dir / FILE_NAME

    def load(self) -> Attempts:
        """Return what is kept; nothing if there is none or it is damaged (that file is set aside).

        Raises:
            LocalIoError: The file cannot be read.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Attempts)
        except FileNotFoundError:
            return Attempts()
        except OSError as exc:
            raise LocalIoError("the attempts cannot be read", path=str(self._path), reason=exc.strerror) from exc
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            fault = CorruptDataError("the attempts are damaged", path=str(self._path), reason=str(exc))
            log.error("attempts_damaged", extra={"error": str(fault), "kept_as": str(self._set_aside())})
            return Attempts()

    def write(self, attempts: Attempts) -> None:
        """Make the attempts durable.

        Raises:
            LocalIoError: They cannot be written; the old ones are as they were.
        """
        write_durably(self._path, msgspec.json.encode(attempts), mode=0o600)

    def _set_aside(self) -> Path:
        names = (self._path.with_name(f"{FILE_NAME}.damaged{number or ''}") for number in itertools.count())
        aside = next(name for name in names if not name.exists())
        try:
            os.replace(self._path, aside)
        except OSError as exc:
            raise LocalIoError("the damaged file is in the way", path=str(self._path), reason=exc.strerror) from exc
        return aside
