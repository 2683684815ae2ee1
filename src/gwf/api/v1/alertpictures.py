"""/api/v1/alerts/{alert_id}/signal, /evidence and /notes: what those need who look for the cause of an alert."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, cast

from fastapi import APIRouter, Body, Path, Request

from gwf.alerts.picture.patterns import Cluster
from gwf.alerts.picture.scope import MAX_SOURCES, Sighted, Source, source_of
from gwf.alerts.picture.service import AlertPictures, Evidence, Signal
from gwf.alerts.run.desk import AlertDesk
from gwf.api.acts import ActRoute
from gwf.api.bodies import BadBodyError
from gwf.api.caller import caller_of
from gwf.api.names import Named, Names, Ref, name_of
from gwf.api.principal import Permission, Principal, require
from gwf.api.v1.alertviews import note_view
from gwf.core.clock import utc_text
from gwf.events.model import Severity
from gwf.rules.decision import EventKind
from gwf.wire.alerts import (
    AlertEvidence,
    AlertNoteOrder,
    AlertNoteView,
    AlertSignal,
    AlertSpan,
    EvidenceLine,
    EvidencePattern,
    EvidenceSource,
    EvidenceSpread,
    EvidenceValue,
)
from gwf.wire.events import SeverityName

MAX_LINE_CHARS = 500
AlertInPath = Annotated[str, Path(pattern=r"^alt_[0-9a-f]{24}$", max_length=40)]
Reading = Annotated[Principal, require(Permission.ALERTS_READ)]
ReadingEvents = Annotated[Principal, require(Permission.EVENTS_READ)]
Acting = Annotated[Principal, require(Permission.ALERTS_ACT)]


def alert_picture_routes(pictures: AlertPictures, names: Names) -> APIRouter:
    """Return the routes that show what is behind an alert; `names` knows agents."""
    router = APIRouter(prefix="/alerts", tags=["alerts"])

    @router.get("/{alert_id}/signal", summary="What the rule of an alert counts, over time, with its threshold")
    async def get_alert_signal(who: Reading, alert_id: AlertInPath) -> AlertSignal:
        return signal_view(await pictures.signal(who.tenant, alert_id))

    @router.get("/{alert_id}/evidence", summary="What the events of an alert have in common, and whom they concern")
    async def get_alert_evidence(who: ReadingEvents, alert_id: AlertInPath) -> AlertEvidence:
        found = await pictures.evidence(who.tenant, alert_id)
        known = await names.of(who.tenant, {("agent", one.agent_id) for one in found.sources if one.agent_id})
        return evidence_view(found, known)

    return router


def alert_note_routes(desk: AlertDesk) -> APIRouter:
    """Return the routes by which people write down what they found out."""
    router = APIRouter(prefix="/alerts", tags=["alerts"], route_class=ActRoute)

    @router.post("/{alert_id}/notes", status_code=201, summary="Write down what you have to say about an alert")
    async def add_alert_note(
        request: Request, who: Acting, alert_id: AlertInPath, order: Annotated[AlertNoteOrder, Body()]
    ) -> AlertNoteView:
        text = order.text.strip()
        if not text:
            raise BadBodyError("a note needs a text", pointer="/text", code="empty_text")
        return note_view(await desk.note(who.tenant, alert_id, text, by=caller_of(request, who)))

    return router


def signal_view(found: Signal) -> AlertSignal:
    """Return a signal as it is sent."""
    window = found.window
    return AlertSignal(
        alert_id=found.alert.alert.id,
        kind=found.kind.value,
        since=utc_text(window.since_ms),
        until=utc_text(window.until_ms),
        step_s=window.step_ms / 1000,
        values=list(found.values),
        threshold=found.threshold,
        within_s=found.within_s,
        spans=[
            AlertSpan(
                alert_id=alert.id,
                started_at=utc_text(since_ms),
                ended_at=None if until_ms is None else utc_text(until_ms),
            )
            for alert, since_ms, until_ms in found.spans
        ],
        complete=found.complete,
    )


def evidence_view(found: Evidence, known: Mapping[Ref, Named]) -> AlertEvidence:
    """Return evidence as it is sent; `known` has the names of agents."""
    return AlertEvidence(
        alert_id=found.alert.alert.id,
        events=found.events,
        happenings=found.happenings,
        count=found.alert.alert.count,
        since=utc_text(found.since_ms),
        until=utc_text(found.until_ms),
        sources=[_source(one, known) for one in found.sources[:MAX_SOURCES]],
        sources_total=len(found.sources),
        spreads=[
            EvidenceSpread(
                name=one.name,
                values=[EvidenceValue(value=value, count=count) for value, count in one.values],
                distinct=one.distinct,
            )
            for one in found.spreads
        ],
        patterns=[
            _pattern(cluster, [_line(one, text, known) for one, text in lines]) for cluster, lines in found.patterns
        ],
    )


def _source(one: Source, known: Mapping[Ref, Named]) -> EvidenceSource:
    return EvidenceSource(
        agent_id=one.agent_id,
        name=_named(one.agent_id, one.name, known),
        count=one.count,
        events=one.events,
        first_at=utc_text(one.first_at_ms),
        last_at=utc_text(one.last_at_ms),
        bars=one.bars,
    )


def _named(agent_id: str, name: str, known: Mapping[Ref, Named]) -> str:
    return name or name_of(known, ("agent", agent_id)) or agent_id


def _pattern(cluster: Cluster, lines: list[EvidenceLine]) -> EvidencePattern:
    return EvidencePattern(
        pattern=cluster.pattern,
        count=cluster.count,
        severity=cast("SeverityName", Severity(cluster.severity).word),
        first_at=utc_text(cluster.first_at_ms),
        last_at=utc_text(cluster.last_at_ms),
        lines=lines,
    )


def _line(one: Sighted, text: str, known: Mapping[Ref, Named]) -> EvidenceLine:
    agent_id, name = source_of(one.facts)
    return EvidenceLine(
        row_id=str(one.facts.ref.row_id),
        is_file=one.facts.ref.kind is EventKind.FILE,
        at=utc_text(one.at_ms),
        agent_id=agent_id,
        name=_named(agent_id, name, known),
        text=text[:MAX_LINE_CHARS],
    )
