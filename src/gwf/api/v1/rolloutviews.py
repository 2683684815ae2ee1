"""Layers, versions and rollouts in the shapes that the API sends, and what is asked for in ours."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, cast

import msgspec
from pydantic import JsonValue

from gwf.api.cursors import BadCursorError
from gwf.audit.changes import masked_at
from gwf.control.config.diff import Change, diff
from gwf.control.config.model import ConfigVersion, Document, Fault, Layer, VersionId
from gwf.control.rollout.gates import Tally
from gwf.control.rollout.impact import Impact
from gwf.control.rollout.model import Gates, OnFailure, Plan, Wave, WaveKind
from gwf.control.rollout.outlook import VersionStory
from gwf.control.rollout.ports import Page
from gwf.control.rollout.records import Attempt, Rollout
from gwf.control.rollout.seats import Seat
from gwf.control.rollout.standing import Standing
from gwf.control.rollout.wish import Wish
from gwf.core.clock import utc_text
from gwf.core.errors import InputError
from gwf.core.settings.effective import mask
from gwf.wire.configviews import VersionItem
from gwf.wire.rollouts import (
    AttemptView,
    DriftItem,
    FaultView,
    GatesView,
    RolloutCause,
    RolloutImpact,
    RolloutNumbers,
    RolloutView,
    RolloutWish,
    SeatView,
    ValueChange,
    VersionSummary,
    WaveWish,
)

_CURSOR = msgspec.json.Decoder(tuple[int, str])
_MAX_MS = 2**62
_MAX_ID_CHARS = 100


def page_of(cursor: str | None, limit: int) -> Page:
    """Return which part of a list is wanted.

    Raises:
        BadCursorError: The cursor is none of ours.
    """
    if cursor is None:
        return Page(limit=limit)
    try:
        at_ms, name = _CURSOR.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, msgspec.MsgspecError) as exc:
        raise BadCursorError("this is no cursor of this list; begin without one") from exc
    if not 0 <= at_ms < _MAX_MS or not 0 < len(name) <= _MAX_ID_CHARS or not name.isascii() or not name.isprintable():
        raise BadCursorError("this is no cursor of this list; begin without one")
    return Page(limit=limit, after=(at_ms, name))


def next_cursor(places: Iterable[tuple[int, str]], page: Page) -> str | None:
    """Return the cursor of the page after one that ends with the last of `places`; None when there is none."""
    known = list(places)
    if len(known) < page.limit:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode(known[-1])).decode().rstrip("=")


def shown(document: Document) -> dict[str, JsonValue]:
    """Return a document with its secrets masked; names of variables stay."""
    return cast("dict[str, JsonValue]", mask(dict(document), references=True))


def version_summary(version: ConfigVersion) -> VersionSummary:
    """Return a version as a list shows it."""
    return VersionSummary.model_validate(version_values(version))


def version_values(version: ConfigVersion) -> dict[str, Any]:
    """Return the fields of a version without its document."""
    return {
        "version_id": version.id,
        "layer_id": version.layer,
        "number": version.number,
        "hash": version.hash,
        "parent_id": version.parent,
        "author": version.author,
        "reason": version.reason,
        "created_at": utc_text(version.created_at_ms),
    }


def change_views(changes: Iterable[Change]) -> list[ValueChange]:
    """Return changes as they are sent."""
    return [
        ValueChange(
            pointer=change.pointer,
            kind=change.kind.value,
            old=cast("JsonValue", change.old),
            new=cast("JsonValue", change.new),
        )
        for change in changes
    ]


def document_changes(old: Mapping[str, object], new: Mapping[str, object]) -> list[ValueChange]:
    """Return how two documents of people differ, of rules and flows; masked is what the audit masks."""
    return change_views(diff(old, new, show=masked_at))


def fault_views(faults: Iterable[Fault]) -> list[FaultView]:
    """Return faults as they are sent."""
    return [FaultView(pointer=fault.pointer, code=fault.code, message=fault.message) for fault in faults]


def layer_values(layer: Layer, name: str) -> dict[str, Any]:
    """Return the fields of a layer that it knows by itself."""
    return {
        "layer_id": layer.id,
        "kind": layer.kind.value,
        "subject": layer.subject,
        "name": name,
        "newest_number": layer.last_number,
        "revision": layer.revision,
    }


def attempt_view(attempt: Attempt) -> AttemptView:
    """Return an attempt as it is sent."""
    return AttemptView(
        attempt_id=attempt.id,
        agent_id=attempt.agent,
        kind=attempt.kind.value,
        rollout_id=attempt.rollout,
        hash=attempt.hash,
        version_ids=list(attempt.versions),
        phase=attempt.phase.value,
        offered_at=utc_text(attempt.offered_at_ms),
        changed_at=utc_text(attempt.changed_at_ms),
        reason=fault_views(attempt.reason),
        forgiven=attempt.forgiven,
    )


def drift_item(agent: str, standing: Standing, *, local: bool) -> DriftItem:
    """Return how it stands at an agent."""
    return DriftItem(
        agent_id=agent,
        standing=standing.word.value,
        wanted_hash=standing.wanted,
        running_hash=standing.running,
        local=local,
    )


def rollout_view(rollout: Rollout) -> RolloutView:
    """Return a rollout as a list shows it."""
    return RolloutView.model_validate(rollout_values(rollout))


def rollout_values(rollout: Rollout) -> dict[str, Any]:
    """Return the fields of a rollout."""
    state, plan, cause = rollout.state, rollout.plan, rollout.state.cause
    return {
        "rollout_id": rollout.id,
        "layer_id": rollout.layer,
        "version_id": rollout.version,
        "previous_version_id": rollout.before,
        "status": state.status.value,
        "wave": state.wave,
        "waves": [_wave_view(wave) for wave in plan.waves],
        "gates": GatesView.model_validate(asdict(plan.gates)),
        "on_failure": plan.on_failure.value,
        "since": utc_text(state.since_ms),
        "met_since": _moment(state.met_since_ms),
        "cause": None
        if cause is None
        else RolloutCause(code=cause.code.value, by=cause.by, reason=cause.reason, facts=dict(cause.facts)),
        "paused_at": _moment(state.paused_ms),
        "ended_at": _moment(state.ended_ms),
        "author": rollout.author,
        "reason": rollout.reason,
        "created_at": utc_text(rollout.created_at_ms),
        "revision": rollout.revision,
    }


def numbers_view(tally: Tally) -> RolloutNumbers:
    """Return numbers as they are sent."""
    return RolloutNumbers.model_validate(asdict(tally))


def seat_view(seat: Seat) -> SeatView:
    """Return an agent of a rollout as it is sent."""
    return SeatView(
        agent_id=seat.agent,
        hostname=seat.hostname,
        wave=seat.wave,
        state=seat.state.value,
        offered_at=_moment(seat.offered_ms),
        changed_at=_moment(seat.changed_ms),
        reason=fault_views(seat.reason),
    )


def version_item(story: VersionStory) -> VersionItem:
    """Return a version with what became of it."""
    rollout = story.rollout
    return VersionItem.model_validate(
        {
            **version_values(story.version),
            "change_count": story.changes,
            "rollout": None
            if rollout is None
            else {
                "rollout_id": rollout.id,
                "status": rollout.state.status.value,
                "created_at": utc_text(rollout.created_at_ms),
                "attempts": {phase.value: count for phase, count in story.phases.items()},
            },
        }
    )


def impact_view(impact: Impact) -> RolloutImpact:
    """Return an impact as it is sent."""
    return RolloutImpact.model_validate(asdict(impact))


def wish_of(sent: RolloutWish) -> Wish:
    """Return what is wanted.

    Raises:
        InputError: A wave says more or less than one size.
    """
    waves = tuple(_wave_of(at, wave) for at, wave in enumerate(sent.waves))
    plan = Plan(waves=waves, gates=Gates(**sent.gates.model_dump()), on_failure=OnFailure(sent.on_failure))
    return Wish(version=VersionId(sent.version_id), plan=plan, retry_refused=sent.retry_refused)


def _wave_of(at: int, sent: float | WaveWish) -> Wave:
    if isinstance(sent, (int, float)):
        return Wave(kind=WaveKind.PERCENT, size=sent)
    given = [part for part in (sent.percent, sent.count, sent.groups) if part is not None]
    if len(given) != 1:
        raise InputError("a wave has exactly one of percent, count and groups", field=f"waves/{at}")
    if sent.percent is not None:
        return Wave(kind=WaveKind.PERCENT, size=sent.percent)
    if sent.count is not None:
        return Wave(kind=WaveKind.COUNT, size=sent.count)
    return Wave(kind=WaveKind.GROUPS, groups=tuple(sent.groups or ()))


def _wave_view(wave: Wave) -> WaveWish:
    match wave.kind:
        case WaveKind.PERCENT:
            return WaveWish(percent=wave.size)
        case WaveKind.COUNT:
            return WaveWish(count=int(wave.size))
        case WaveKind.GROUPS:
            return WaveWish(groups=list(wave.groups))


def _moment(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)
