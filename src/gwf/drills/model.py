"""Words and values of drills: what is asked, what was measured, which promises were kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gwf.core.settings.model import AgentSettings, StoreSettings

STORE = "drill"  #: name of the scratch store, its bucket and the scratch host


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPlan:
    """How large a drill is, and whose settings it tries."""

    #: files written in all
    files: int
    #: of most files; one in LARGE_EVERY is sent in parts
    size_bytes: int
    #: how long the failure lasts
    seconds: float
    #: retries, breaker, transfer and high-water marks in force
    agent: AgentSettings
    #: timeouts and concurrency in force
    store: StoreSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the instance said of itself at one moment."""

    #: since the drill began
    at_s: float
    #: ok, degraded, failing; "away" while it did not answer
    state: str
    #: codes of its reasons
    reasons: tuple[str, ...] = ()
    #: "" while it did not answer
    breaker: str = ""
    #: to the next probe of an open breaker
    probe_in_s: float | None = None
    #: files ready, sending or waiting
    pending: int = 0
    settling: int = 0
    dead: int = 0
    done_total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Files on disk beside objects in the scratch store, by MD5; made without the instance's help."""

    files: int = 0
    lost: tuple[str, ...] = ()
    #: objects with other bytes than the file
    wrong: tuple[str, ...] = ()
    #: objects under keys that no file has
    extra: tuple[str, ...] = ()
    #: writes beyond one for each file: the same bytes under the same key
    repeated: int = 0
    #: uploads neither completed nor aborted
    unfinished: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreAccount:
    """What the scratch centre was told of the files that arrived in the store."""

    #: files whose arrival it knows
    told: int
    missing: int
    #: files whose arrival it was told of more than once
    doubled: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Measures:
    """All that a drill found out; times are seconds since it began."""

    samples: list[Sample] = field(default_factory=list[Sample])
    account: Account = field(default_factory=Account)
    #: None in drills without a centre
    centre: CentreAccount | None = None
    injected_s: float = 0.0
    ended_s: float = 0.0
    #: the first object that the store took after the failure ended; None = none
    first_success_s: float | None = None
    #: when nothing waited any more; None = it never came to that
    drained_s: float | None = None
    #: times of answers of /live, in ms; none while the drill keeps the instance down
    live_ms: list[float] = field(default_factory=list[float])
    live_failures: int = 0
    kills: int = 0
    #: how often the failure was met, and what was counted
    hurts: int = 0
    hurt_what: str = ""
    #: what `gwf queue check` found; "" = nothing
    journal_problems: str = ""
    #: most memory the instance used; None = not measured
    peak_rss_mb: float | None = None

    def between(self, start_s: float, end_s: float) -> list[Sample]:
        """Return the samples of a time."""
        return [sample for sample in self.samples if start_s <= sample.at_s <= end_s]

    @property
    def backlog_peak(self) -> int:
        """Most files that waited at a time."""
        return max((sample.pending for sample in self.samples), default=0)

    @property
    def breaker_opened_s(self) -> float | None:
        """From the begin of the failure until the breaker was seen open; None = never."""
        seen = (sample.at_s for sample in self.samples if sample.breaker == "open" and sample.at_s >= self.injected_s)
        first = next(seen, None)
        return None if first is None else first - self.injected_s

    @property
    def states_seen(self) -> list[tuple[float, str, tuple[str, ...]]]:
        """Each change of state or reasons: when, state, reasons."""
        seen: list[tuple[float, str, tuple[str, ...]]] = []
        for sample in self.samples:
            if not seen or seen[-1][1:] != (sample.state, sample.reasons):
                seen.append((sample.at_s, sample.state, sample.reasons))
        return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One thing that must hold, and whether it did."""

    #: stable word for programs
    code: str
    text: str
    kept: bool
    #: what was found, and the limit, for people
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one drill."""

    drill: str
    title: str
    began_at: str
    took_s: float
    #: how to repeat it
    command: str
    version: str
    plan: DrillPlan
    measures: Measures
    promises: tuple[Promise, ...]
    #: how the failure was made, for people
    injected: str
    #: settings in force that decide about the outcome
    settings: Mapping[str, object]

    @property
    def passed(self) -> bool:
        """Whether every promise was kept."""
        return all(promise.kept for promise in self.promises)

    @property
    def verdict(self) -> str:
        """The outcome in a word or two; a failure that nothing met proves nothing."""
        if self.passed:
            return "passed"
        broken = [promise.code for promise in self.promises if not promise.kept]
        return "PROVED NOTHING" if broken == ["was_hurt"] else "FAILED"
