"""Dead letters, causes and runs as the API shows them, and orders as the desk takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gwf.api.names import Named, Ref, name_of
from gwf.api.v1.author import word
from gwf.core.clock import utc_text
from gwf.core.errors import InputError
from gwf.letters.desk import Groups, Wish
from gwf.letters.model import (
    CauseGroup,
    Letter,
    LetterFilter,
    LetterId,
    LetterKind,
    Probe,
    RunAct,
    RunProgress,
)
from gwf.letters.ports import Content
from gwf.letters.rehearsal import Rehearsal
from gwf.wire.dlq import (
    AgentAway,
    DropLetters,
    LetterChange,
    LetterDetail,
    LetterGroup,
    LetterGroups,
    LetterItem,
    LetterRehearsal,
    LetterRunView,
    LetterSelection,
    ProbeView,
    RehearsedLetter,
    ReplayLetters,
)

Known = Mapping[Ref, Named]


def letter_item(letter: Letter, known: Known) -> LetterItem:
    """Return a letter as a list shows it."""
    return LetterItem.model_validate(_item(letter, known))


def letter_detail(letter: Letter, content: Content, known: Known, *, probe: Probe | None) -> LetterDetail:
    """Return a letter with what a replay would do."""
    return LetterDetail.model_validate(
        {
            **_item(letter, known),
            "editable": content.editable,
            "description": content.description,
            "probe": None if probe is None else probe_view(probe),
        }
    )


def _item(letter: Letter, known: Known) -> dict[str, Any]:
    is_task = letter.kind in {LetterKind.TASK, LetterKind.STEP}
    row_id = letter.source.get("file_event_id" if is_task else "row_id")
    is_file = is_task or letter.kind is LetterKind.UPLOAD or bool(letter.source.get("is_file"))
    return {
        "letter_id": letter.letter_id,
        "kind": letter.kind.value,
        "state": letter.state.value,
        "poison": letter.poison,
        "error_class": letter.error_class,
        "place": letter.place,
        "cause": letter.cause,
        "cause_id": letter.cause_id,
        "message": letter.message,
        "about": letter.about,
        "agent_id": letter.agent_id,
        "hostname": name_of(known, ("agent", letter.agent_id)) if letter.agent_id else None,
        "rule_id": letter.rule_id,
        "task_id": letter.subject if is_task else None,
        "flow_run_id": letter.source.get("flow_run_id"),
        "file_event_id": str(row_id) if row_id is not None and is_file else None,
        "attempts": letter.attempts,
        "replays": letter.replays,
        "run_id": letter.run_id,
        "note": letter.note,
        "first_seen_at": utc_text(letter.first_seen_ms),
        "last_seen_at": utc_text(letter.last_seen_ms),
        "updated_at": utc_text(letter.updated_at_ms),
        "revision": letter.revision,
    }


def groups_view(found: Groups, *, now_ms: int) -> LetterGroups:
    """Return letters by cause."""
    items = [_group(group, found.probes.get(group.cause_id)) for group in found.items]
    return LetterGroups(items=items, total=found.total, as_of=utc_text(now_ms))


def _group(group: CauseGroup, probe: Probe | None) -> LetterGroup:
    return LetterGroup.model_validate(
        {
            "cause_id": group.cause_id,
            "kind": group.kind.value,
            "error_class": group.error_class,
            "place": group.place,
            "cause": group.cause,
            "letters": group.count,
            "poison": group.poison,
            "agents": group.agents,
            "attempts": group.attempts,
            "oldest_at": utc_text(group.oldest_ms),
            "newest_at": utc_text(group.newest_ms),
            "sample_id": group.sample_id,
            "sample_about": group.sample_about,
            "sample_message": group.sample_message,
            "probe": None if probe is None else probe_view(probe),
        }
    )


def probe_view(probe: Probe) -> ProbeView:
    """Return what a look at a cause found."""
    return ProbeView(verdict=probe.verdict.value, findings=list(probe.findings), at=utc_text(probe.at_ms))


def run_view(progress: RunProgress) -> LetterRunView:
    """Return a run and where its letters are."""
    run = progress.run
    return LetterRunView(
        run_id=run.run_id,
        act=run.act.value,
        total=run.total,
        rate_per_s=run.rate_per_s,
        by=run.by,
        reason=run.reason,
        created_at=utc_text(run.created_at_ms),
        ended_at=None if run.ended_at_ms is None else utc_text(run.ended_at_ms),
        stopped=run.stopped,
        queued=progress.queued,
        replaying=progress.replaying,
        resolved=progress.resolved,
        dropped=progress.dropped,
        refused=progress.refused,
        failed_again=progress.failed_again,
    )


def rehearsal_view(found: Rehearsal, known: Known) -> LetterRehearsal:
    """Return what an order would do."""
    return LetterRehearsal(
        letters=found.count,
        poison_left_out=found.poison_left_out,
        beyond=found.beyond,
        kinds=dict(found.kinds),
        out_of_reach=found.out_of_reach,
        away=[
            AgentAway(
                agent_id=one.agent_id,
                hostname=name_of(known, ("agent", one.agent_id)),
                note=one.note,
                letters=one.count,
            )
            for one in found.away
        ],
        items=[RehearsedLetter(letter=letter_item(letter, known), note=note) for letter, note in found.items],
        changes=[
            LetterChange.model_validate({"pointer": one.pointer, "before": one.before, "after": one.after})
            for one in found.changes
        ],
        takes_s=found.takes_s,
    )


def wish_of(order: ReplayLetters | DropLetters, act: RunAct, kinds: frozenset[LetterKind]) -> Wish:
    """Return what an order wants of letters of the kinds that whoever asks may act on.

    Raises:
        InputError: It names neither ids nor a filter, or both: a forgotten filter must not mean everything.
    """
    if (order.ids is None) == (order.filter is None):
        raise InputError("name either ids or a filter; {} as the filter means all open letters", field="filter")
    wanted = LetterFilter(ids=frozenset(map(LetterId, order.ids or ())))
    if order.filter is not None:
        wanted = _selected(order.filter)
    meant = (wanted.kinds or frozenset(LetterKind)) & kinds
    return Wish(
        act=act,
        wanted=LetterFilter(
            kinds=meant, error_classes=wanted.error_classes, causes=wanted.causes, places=wanted.places,
            agents=wanted.agents, rules=wanted.rules, ids=wanted.ids, poison=wanted.poison, text=wanted.text,
        ),
        reason=word(order.reason),
        poison=isinstance(order, ReplayLetters) and order.poison,
        most=order.limit,
        rate_per_s=order.rate_per_s,
        edit=order.edit if isinstance(order, ReplayLetters) else None,
    )  # fmt: skip


def _selected(chosen: LetterSelection) -> LetterFilter:
    return LetterFilter(
        kinds=frozenset(map(LetterKind, chosen.kinds)), error_classes=frozenset(chosen.error_classes),
        causes=frozenset(chosen.causes), places=frozenset(chosen.places), agents=frozenset(chosen.agents),
        rules=frozenset(chosen.rules), poison=chosen.poison, text=chosen.text,
    )  # fmt: skip
