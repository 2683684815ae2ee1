"""Makes heartbeats and registrations of the edge's numbers, cut to what the protocol lets through. Pure."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from gwf import __version__
from gwf.agent.model import FileStatus
from gwf.agent.snapshot import Snapshot
from gwf.core.labels import is_label_name, is_label_value
from gwf.core.settings.draft import dotted
from gwf.core.settings.model import AgentSettings
from gwf.core.settings.part import LATER
from gwf.wire import agents as wire
from gwf.wire.edge import HealthState, Reason

MAX_REASONS = 50
MAX_BREAKERS = 200
MAX_TEXT = 255

_CODE = re.compile(r"[^a-z0-9_.:-]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What this process takes from the host."""

    rss_bytes: int
    #: of one core
    cpu_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Everything a heartbeat is made of, besides the snapshot."""

    seq: int
    now_ms: int
    started_at_ms: int
    hostname: str
    labels: Mapping[str, str]
    state: HealthState
    reasons: tuple[Reason, ...]
    usage: Usage
    errors: tuple[wire.RecentError, ...]
    outbox: wire.OutboxState | None
    config: wire.RunningConfig
    #: time between two heartbeats by this host's own settings; None = as the centre says
    heartbeat_s: float | None = None


def instant(at_ms: int) -> datetime:
    """Return a wall time as the protocol has it."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def fitting_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that a centre can select by, at most 64; `gwf check` has told of the others."""
    fitting = {name: value for name, value in labels.items() if is_label_name(name) and is_label_value(value)}
    return dict(list(fitting.items())[: wire.MAX_LABELS])


def plain(text: str) -> str:
    """Return a text with `?` for what is no Unicode, as halves of surrogate pairs from names of files."""
    return text.encode("utf-8", "replace").decode()


def code_of(text: str) -> str:
    """Return a word that the protocol takes as a code."""
    return _CODE.sub("_", text.lower())[:64] or "unknown"


def registration(
    instance_id: str, agent: AgentSettings, *, hostname: str, started_at_ms: int, address: str | None
) -> wire.Registration:
    """Return what an edge says when it enrols."""
    return wire.Registration(
        protocol=1,
        instance_id=instance_id,
        hostname=plain(hostname)[:MAX_TEXT],
        version=__version__,
        labels=fitting_labels(agent.labels),
        os=f"{platform.system()} {platform.release()} {platform.machine()}"[:MAX_TEXT],
        started_at=instant(started_at_ms),
        address=address[:512] if address else None,
    )


def known_parts() -> list[str]:
    """Return the parts of a configuration that this build takes beyond those that every agent does."""
    return [dotted(place) for place in LATER]


def heartbeat(snapshot: Snapshot, moment: Moment) -> wire.Heartbeat:
    """Return what an edge says of itself now."""
    beat = wire.Heartbeat(
        seq=moment.seq,
        sent_at=instant(moment.now_ms),
        started_at=instant(moment.started_at_ms),
        version=__version__,
        hostname=plain(moment.hostname)[:MAX_TEXT],
        labels=fitting_labels(moment.labels),
        health=wire.AgentHealth(state=moment.state, reasons=_reasons(moment.reasons)),
        metrics=_metrics(snapshot, moment),
        errors=list(moment.errors)[: wire.MAX_ERRORS],
        outbox=moment.outbox,
        config=moment.config,
        knows=known_parts(),
        breakers=_breakers(snapshot),
    )
    return fitting(beat)


def fitting(beat: wire.Heartbeat) -> wire.Heartbeat:
    """Return a heartbeat that is not too large: details go before the whole is refused."""
    for change in (_without_errors, _without_params, _without_breakers):
        if len(msgspec.json.encode(beat)) <= wire.MAX_HEARTBEAT_BYTES:
            break
        beat = change(beat)
    return beat


def _without_errors(beat: wire.Heartbeat) -> wire.Heartbeat:
    return msgspec.structs.replace(beat, errors=[])


def _without_params(beat: wire.Heartbeat) -> wire.Heartbeat:
    bare = [wire.HealthReason(code=reason.code) for reason in beat.health.reasons]
    return msgspec.structs.replace(beat, health=wire.AgentHealth(state=beat.health.state, reasons=bare))


def _without_breakers(beat: wire.Heartbeat) -> wire.Heartbeat:
    return msgspec.structs.replace(beat, breakers={})


def recent_error(at_ms: int, body: Mapping[str, object]) -> wire.RecentError:
    """Return a failure of the journal as one of the last errors."""
    path = body.get("path")
    return wire.RecentError(
        at=instant(at_ms),
        code=code_of(str(body.get("error_class") or body.get("error_code") or "unknown")),
        message=plain(str(body.get("message", "")))[:2000],
        path=plain(path)[:4096] if isinstance(path, str) else None,
    )


def _reasons(reasons: Iterable[Reason]) -> list[wire.HealthReason]:
    return [
        wire.HealthReason(
            code=code_of(reason.code),
            params={plain(name): plain(value) for name, value in list(reason.params.items())[:32]},
        )
        for reason in list(reasons)[:MAX_REASONS]
    ]


def _metrics(snapshot: Snapshot, moment: Moment) -> wire.MetricsSnapshot:
    files = snapshot.counts.files
    failed = sum(tally.value for name, tally in snapshot.tallies.items() if name.startswith("failed:"))
    return wire.MetricsSnapshot(
        queued=files.get(FileStatus.READY, 0),
        sending=files.get(FileStatus.SENDING, 0) + files.get(FileStatus.DIRTY, 0),
        waiting=files.get(FileStatus.WAITING, 0),
        dead=files.get(FileStatus.DEAD, 0),
        done_total=snapshot.tally("done"),
        failed_total=failed,
        done_bytes_total=snapshot.tally("done_bytes"),
        oldest_waiting_s=snapshot.oldest_wait_s,
        disk_free_bytes=snapshot.free_bytes if snapshot.free_bytes >= 0 else None,
        rss_bytes=moment.usage.rss_bytes,
        cpu_pct=moment.usage.cpu_pct,
        heartbeat_s=moment.heartbeat_s,
    )


def _breakers(snapshot: Snapshot) -> dict[str, wire.BreakerWord]:
    words: dict[str, wire.BreakerWord] = {"closed": "closed", "open": "open", "half_open": "half_open"}
    found: dict[str, wire.BreakerWord] = {}
    for item in list(snapshot.destinations)[:MAX_BREAKERS]:
        found[item.name[:200]] = words[item.breaker.state.value]
    return found
