"""The work of `gwf rollout`: asks the centre, prints what it says."""

from __future__ import annotations

import json
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from gwf.cli import show
from gwf.cli.running import Running
from gwf.core.errors import InputError, UnavailableError
from gwf.wire.edge import Wire
from gwf.wire.rollouts import (
    AttemptPage,
    RolloutDetail,
    RolloutImpact,
    RolloutPage,
    RolloutProspect,
    RolloutView,
    WaveWish,
)

PATH = "/api/v1/rollouts"
JSON = "application/json"

Shape = TypeVar("Shape", bound=Wire)


def read(shape: type[Shape], answer: object) -> Shape:
    """Return an answer in its shape.

    Raises:
        UnavailableError: It does not fit.
    """
    try:
        return shape.model_validate(answer)
    except ValidationError as exc:
        raise UnavailableError("the answer does not fit: the process is of another release") from exc


def wish(version: str, waves: str, *, soak_s: float, wave_timeout_s: float, reason: str) -> dict[str, object]:
    """Return the body of a rollout to begin.

    Raises:
        InputError: The waves are no numbers.
    """
    try:
        sizes = [float(size) for size in waves.split(",")]
    except ValueError as exc:
        raise InputError("waves are percentages with commas between, for example 1,10,50,100", waves=waves) from exc
    gates = {"soak_s": soak_s, "wave_timeout_s": wave_timeout_s}
    return {"version_id": version, "waves": sizes, "gates": gates, "reason": reason}


def start(process: Running, body: dict[str, object], *, dry_run: bool, as_json: bool) -> None:
    """Begin a rollout, or say what it would do."""
    answer = process.post(PATH, json.dumps(body).encode(), media_type=JSON, dry_run=dry_run)
    if as_json:
        show.as_json(answer)
        return
    prospect = read(RolloutProspect, answer)
    print_impact(prospect.impact)
    if dry_run:
        show.line("This was looked at only: nothing was begun.")
    else:
        show.line(f"rollout {prospect.rollout.rollout_id} is {prospect.rollout.status}")


def order(process: Running, rollout: str, verb: str, *, reason: str, as_json: bool) -> None:
    """Steer a rollout, and print where it stands then."""
    body = json.dumps({"reason": reason}).encode()
    answer = process.post(f"{PATH}/{quote(rollout, safe='')}:{verb}", body, media_type=JSON)
    if as_json:
        show.as_json(answer)
        return
    view = read(RolloutView, answer)
    show.line(f"rollout {view.rollout_id} is {view.status}, wave {view.wave + 1} of {len(view.waves)}")


def print_rollouts(process: Running, layer: str | None, *, limit: int, as_json: bool) -> None:
    """Print rollouts, newest first."""
    query = urlencode({"limit": limit} | ({"layer": layer} if layer else {}))
    answer = process.get(f"{PATH}?{query}")
    if as_json:
        show.as_json(answer)
        return
    rows = [
        (view.rollout_id, view.status, _cause(view), f"{view.wave + 1}/{len(view.waves)}", view.created_at, view.author,
         view.version_id, view.reason)
        for view in read(RolloutPage, answer).items
    ]  # fmt: skip
    show.table(("rollout", "status", "why", "wave", "begun", "by", "version", "reason"), rows)


def print_rollout(process: Running, rollout: str, *, as_json: bool) -> None:
    """Print one rollout."""
    answer = process.get(f"{PATH}/{quote(rollout, safe='')}")
    if as_json:
        show.as_json(answer)
        return
    view = read(RolloutDetail, answer)
    rows: list[tuple[str, object]] = [
        ("rollout", view.rollout_id),
        ("status", view.status),
        ("why", _cause(view)),
        ("version", f"{view.version_id} (before: {view.previous_version_id or 'none'})"),
        ("waves", " ".join(f"[{text}]" if at == view.wave else text for at, text in enumerate(map(_size, view.waves)))),
        ("begun", f"{view.created_at} by {view.author}"),
        ("reason", view.reason),
        ("gates met since", view.met_since),
        ("ended", view.ended_at),
        *((f"gate {name}", value) for name, value in view.gates.model_dump().items()),
    ]
    if view.numbers is not None:
        rows += [(f"agents {name}", value) for name, value in view.numbers.model_dump().items()]
    rows += [(f"offers {phase}", count) for phase, count in view.attempts.items()]
    rows += [(f"taken back {phase}", count) for phase, count in view.reverts.items()]
    show.table(("field", "value"), rows)


def print_attempts(process: Running, rollout: str, phases: tuple[str, ...], *, limit: int, as_json: bool) -> None:
    """Print offers of a rollout, newest first."""
    query = urlencode([*(("phase", phase) for phase in phases), ("limit", limit)])
    answer = process.get(f"{PATH}/{quote(rollout, safe='')}/attempts?{query}")
    if as_json:
        show.as_json(answer)
        return
    print_attempt_page(read(AttemptPage, answer))


def print_attempt_page(page: AttemptPage) -> None:
    """Print a page of offers."""
    rows = [
        (item.agent_id, item.kind, item.phase, item.offered_at, item.changed_at,
         "; ".join(f"{fault.pointer}: {fault.message}" if fault.pointer else fault.message for fault in item.reason))
        for item in page.items
    ]  # fmt: skip
    show.table(("agent", "offer", "phase", "offered", "changed", "reason"), rows)
    if page.next_cursor is not None:
        show.warn("there are more: raise --limit")


def print_impact(impact: RolloutImpact) -> None:
    """Print what a rollout does or would do."""
    show.line(
        f"changes {impact.affected} of {impact.layer_agents} agents of the layer; "
        f"{impact.reachable} in contact, {impact.refused} refused it before, {impact.local} changed on the host"
    )
    rows = [(at + 1, wave.agents, " ".join(wave.first)) for at, wave in enumerate(impact.waves)]
    show.table(("wave", "agents in all", "the first it adds"), rows)
    for item in impact.faults:
        show.warn(f"wrong for {item.agents} agents ({' '.join(item.first[:5])} …): {item.fault.message}")


def _cause(view: RolloutView) -> str:
    if view.cause is None:
        return ""
    by = f"{view.cause.by}: {view.cause.reason}" if view.cause.reason else view.cause.by
    return f"{view.cause.code} ({by})" if by else view.cause.code


def _size(wave: WaveWish) -> str:
    if wave.percent is not None:
        return f"{wave.percent:g} %"
    return f"{wave.count} agents" if wave.count is not None else f"groups {', '.join(wave.groups or ())}"
