"""The work of `gwf letters`: asks the centre about dead letters, orders runs, prints what comes of it."""

from __future__ import annotations

import json
import time
from typing import NamedTuple
from urllib.parse import quote, urlencode

from gwf.cli import show
from gwf.cli.fleet_desk import read
from gwf.cli.running import Running
from gwf.core.errors import InputError
from gwf.wire.dlq import (
    LetterDetail,
    LetterGroups,
    LetterOutcome,
    LetterPage,
    LetterRehearsal,
    LetterRuns,
    LetterRunView,
    ProbeView,
)

PATH = "/api/v1/dlq"
LOOK_S = 0.3
NOT_GONE = 4


class Narrowed(NamedTuple):
    """Which open letters."""

    kinds: list[str]
    error_classes: list[str]
    agents: list[str]
    text: str


def print_letters(process: Running, wanted: Narrowed, *, single: bool, as_json: bool) -> None:
    """Print letters by cause, or single ones."""
    query = urlencode(
        {"kind": wanted.kinds, "error_class": wanted.error_classes, "agent": wanted.agents, "text": wanted.text},
        doseq=True,
    )
    if single:
        page = read(LetterPage, process.get(f"{PATH}?{query}&limit=1000"))
        if as_json:
            show.as_json(page.model_dump(mode="json"))
            return
        heads = ("id", "kind", "class", "place", "about", "attempts", "replays", "poison", "last failed", "message")
        show.table(heads, [
            (item.letter_id, item.kind, item.error_class, item.place, item.about, item.attempts, item.replays,
             "poison" if item.poison else "", item.last_seen_at, item.message)
            for item in page.items
        ])  # fmt: skip
        if page.next_cursor is not None:
            show.warn(f"{page.total} letters fit; these are the newest {len(page.items)}")
        return
    groups = read(LetterGroups, process.get(f"{PATH}/groups?{query}"))
    if as_json:
        show.as_json(groups.model_dump(mode="json"))
        return
    heads = ("cause", "letters", "poison", "kind", "class", "place", "oldest", "newest", "cause gone?", "what")
    show.table(heads, [
        (item.cause_id, item.letters, item.poison or "", item.kind, item.error_class, item.place, item.oldest_at,
         item.newest_at, "" if item.probe is None else item.probe.verdict, item.cause)
        for item in groups.items
    ])  # fmt: skip


def print_letter(process: Running, name: str, *, as_json: bool) -> None:
    """Print one letter."""
    letter = read(LetterDetail, process.get(f"{PATH}/{quote(name, safe='')}"))
    if as_json:
        show.as_json(letter.model_dump(mode="json"))
        return
    facts = letter.model_dump(mode="json", exclude={"editable", "probe"})
    show.table(("", ""), [(key, value) for key, value in facts.items() if value not in (None, "")])
    if letter.editable is not None:
        show.line("can be changed before a replay:")
        show.as_json(letter.editable)


def probe(process: Running, name: str, *, as_json: bool) -> int:
    """Print whether a cause is gone; return the exit code."""
    if name.startswith("ltr-"):
        name = read(LetterDetail, process.get(f"{PATH}/{quote(name, safe='')}")).cause_id
    found = read(ProbeView, process.send("POST", f"{PATH}:probe", {"cause_id": name}))
    if as_json:
        show.as_json(found.model_dump(mode="json"))
    else:
        show.line(found.verdict)
        for finding in found.findings:
            show.line(f"  {finding}")
    return 0 if found.verdict == "gone" else NOT_GONE


def order_of(names: list[str], wanted: Narrowed, *, every: bool) -> dict[str, object]:
    """Return the letters that an order is about.

    Raises:
        InputError: Nothing is named: a forgotten option must not mean everything.
    """
    ids = [name for name in names if name.startswith("ltr-")]
    causes = [name for name in names if not name.startswith("ltr-")]
    if ids and (causes or any(wanted)):
        raise InputError("name letters, or causes and options, not both")
    if ids:
        return {"ids": ids}
    if not causes and not any(wanted) and not every:
        raise InputError("name letters or causes, or say which by options; --all means all of them")
    chosen: dict[str, object] = {
        "causes": causes, "kinds": wanted.kinds, "error_classes": wanted.error_classes, "agents": wanted.agents,
        "text": wanted.text,
    }  # fmt: skip
    return {"filter": {name: value for name, value in chosen.items() if value}}


def edit_of(text: str) -> dict[str, object]:
    """Return the part of an order that changes a letter.

    Raises:
        InputError: It is no JSON object.
    """
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError as exc:
        raise InputError("--edit is no JSON", why=str(exc)) from exc
    if not isinstance(value, dict):
        raise InputError("--edit is a JSON object, as `gwf letters show` prints what can be changed")
    return {"edit": value}


def order(process: Running, act: str, body: dict[str, object], *, dry_run: bool, wait: bool, as_json: bool) -> None:
    """Order a run, or say what it would do."""
    query = "?dry_run=true" if dry_run else ""
    outcome = read(LetterOutcome, process.send("POST", f"{PATH}:{act}{query}", body))
    if outcome.run is not None and wait:
        outcome = outcome.model_copy(update={"run": _ended(process, outcome.run)})
    if as_json:
        show.as_json(outcome.model_dump(mode="json"))
        return
    if outcome.run is not None:
        show.line(_told(outcome.run))
    if outcome.rehearsal is not None:
        _print_rehearsal(act, outcome.rehearsal)


def _print_rehearsal(act: str, found: LetterRehearsal) -> None:
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.kinds.items()) or "none"
    show.line(f"would {act} {found.letters} letters ({kinds}); poison left out: {found.poison_left_out}")
    if found.beyond:
        show.line(f"{found.beyond} more fit and stay: see --limit")
    if found.out_of_reach:
        show.line(f"{found.out_of_reach} of them cannot be done now, because their agents cannot be asked:")
    for agent in found.away:
        show.line(f"  {agent.hostname or agent.agent_id}: {agent.letters} letters, {agent.note}")
    for change in found.changes:
        show.line(f"{change.pointer}: {change.before!r} -> {change.after!r}")
    away = {agent.agent_id for agent in found.away}
    for item in found.items:
        if item.note and item.letter.agent_id not in away:
            show.line(f"{item.letter.letter_id} {item.letter.about}: {item.note}")


def print_runs(process: Running, *, as_json: bool) -> None:
    """Print runs."""
    runs = read(LetterRuns, process.get(f"{PATH}/runs"))
    if as_json:
        show.as_json(runs.model_dump(mode="json"))
        return
    for run in runs.items:
        show.line(_told(run))


def _ended(process: Running, run: LetterRunView) -> LetterRunView:
    while run.ended_at is None:
        time.sleep(LOOK_S)
        run = read(LetterRunView, process.get(f"{PATH}/runs/{run.run_id}"))
    return run


def _told(run: LetterRunView) -> str:
    counts = ", ".join(
        f"{name.replace('_', ' ')} {count}"
        for name in ("queued", "replaying", "resolved", "dropped", "refused", "failed_again")
        if (count := getattr(run, name))
    )
    state = "under way" if run.ended_at is None else "stopped" if run.stopped else "ended"
    return f"{run.run_id} {run.act} of {run.total} letters by {run.by}: {state}; {counts or 'nothing'}"
