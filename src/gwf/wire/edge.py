"""What an edge tells about itself: overview, files, stores; read by the console and the CLI."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """Base of all sent shapes: immutable, closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


HealthState = Literal["ok", "degraded", "failing"]
FileState = Literal["settling", "ready", "sending", "waiting", "done", "dead", "skipped", "vanished", "superseded"]
ErrorClassName = Literal[
    "network", "timeout", "throttled", "server", "auth", "not_found",
    "conflict", "checksum", "too_large", "local_io", "config",
]  # fmt: skip


class Reason(Wire):
    """Why a state is what it is: a code that the console translates, its values, and plain English."""

    #: stable, for example watch_missing, store_unreachable, breaker_open, high_water, journal_unavailable
    code: str
    params: dict[str, str]
    message: str


class WatchView(Wire):
    """One watched tree as it is now."""

    path: str
    store: str
    #: inotify: told by the kernel · poll: found by reconciliation only
    mode: Literal["inotify", "fanotify", "watchfiles", "poll"]
    state: Literal["watching", "scanning", "missing", "denied"]
    finish: Literal["auto", "silence"]
    suffixes: list[str]
    directories: int
    #: last finished reconciliation, RFC 3339 UTC
    reconciled_at: str | None
    reconcile_ms: float | None
    reason: Reason | None


class StoreView(Wire):
    """One destination as it is now."""

    name: str
    #: address without credentials
    url: str
    #: address of the service when the configuration names one; tells apart stores with one url
    endpoint: str = ""
    state: Literal["ok", "failing", "unknown"]
    breaker: Literal["closed", "open", "half_open"]
    #: opened by a person: it stays open until it is closed or reset, or the process ends
    breaker_manual: bool = False
    #: why the breaker opened; "" while it is closed
    breaker_reason: str = ""
    #: seconds until the next probe while the breaker is open; None when none is planned
    probe_in_s: float | None
    sending: int
    workers: int
    #: times work waited for a rate limit, since the start
    limit_waits_total: int = 0
    reason: Reason | None


class RetryStep(Wire):
    """How many files wait for another attempt after `attempts` failed ones."""

    attempts: int
    files: int


class QueueView(Wire):
    """How many files are where, and how far from the high-water mark."""

    settling: int
    ready: int
    sending: int
    waiting: int
    dead: int
    #: since the journal was created
    done_total: int
    skipped: int
    vanished_total: int
    superseded_total: int
    #: bytes of files ready, sending and waiting
    pending_bytes: int
    #: age of the oldest file not yet sent; None when nothing waits
    oldest_wait_s: float | None
    #: (ready + sending + waiting) / high_water_files, in percent
    level_pct: float
    high_water_files: int
    #: files in state `waiting` by failed attempts so far, fewest first
    retries: list[RetryStep] = []


class FailureView(Wire):
    """Failed attempts of one class since the journal was created, and the last of them."""

    error_class: ErrorClassName
    attempts_total: int
    #: files of this class waiting for a retry or dead now
    files_now: int
    last_at: str | None
    last_message: str


class RatePoint(Wire):
    """Finished and failed work in one interval of `RateView.step_s`."""

    at: str
    files: int
    bytes: int
    failed_attempts: int


class RateView(Wire):
    """Throughput of the last hour, oldest first."""

    step_s: int
    files_per_s: float
    bytes_per_s: float
    points: list[RatePoint]


LinkWord = Literal["enrolling", "connected", "away", "refused", "left"]


class CentreView(Wire):
    """How an edge stands with the centre that its configuration names."""

    url: str
    #: enrolling: no credential yet · connected: the last heartbeat was answered · away: no answer, or it cannot now ·
    #: refused: it knows our token or credential not · left: a person took this edge away from it
    state: LinkWord
    #: there is a credential of this centre
    enrolled: bool
    #: "" before the first enrolment
    agent_id: str
    instance_id: str
    tenant: str
    #: last answer of the centre since the start, RFC 3339 UTC
    last_contact_at: str | None
    #: seconds between heartbeats now
    heartbeat_s: float
    #: the stream of hints is open
    listening: bool
    #: as the centre shows this agent: online, degraded, draining …; "" before the first answer
    shown_as: str
    #: a person drains this agent: it takes no new work from the centre
    draining: bool
    #: how far the centre's clock is ahead of ours; None before the first answer
    clock_ahead_ms: int | None
    #: of the centre's configuration in force; None = none was taken
    config_hash: str | None
    config_version_id: str | None
    #: somebody changed managed settings on this host
    config_local: bool
    #: names the numbers of the events; None while events are not reported
    epoch: str | None
    #: events that the centre does not have; None while events are not reported
    events_waiting: int | None
    events_sent_total: int
    events_rejected_total: int
    #: given up because there was no more room
    events_dropped_total: int
    #: why it is away or refuses: the centre's word, or the code of an error of ours
    trouble_code: str | None
    trouble: str | None


class Overview(Wire):
    """The answer of one look: is anything wrong, how bad, what first."""

    product: str
    version: str
    #: changes when the served console changes
    build: str
    hostname: str
    as_of: str
    started_at: str
    state: HealthState
    reasons: list[Reason]
    watches: list[WatchView]
    stores: list[StoreView]
    queue: QueueView
    rates: RateView
    failures: list[FailureView]
    #: the centre that this edge reports to; None = none
    centre: CentreView | None = None


class FileView(Wire):
    """One file the edge knows, in its newest version."""

    id: int
    #: absolute; bytes that are no UTF-8 are shown as \\xNN
    path: str
    size_bytes: int
    modified_at: str
    state: FileState
    reason: Reason | None
    error_class: ErrorClassName | None
    attempts: int
    next_at: str | None
    updated_at: str
    store: str
    key: str
    etag: str | None
    sha256: str | None
    #: from first queued to verified
    duration_ms: int | None
    priority: int


class FilePage(Wire):
    """One page of files, newest change first."""

    items: list[FileView]
    next_cursor: str | None
    total: int
    as_of: str
