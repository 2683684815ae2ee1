"""Says in health what is wrong between this edge and its centre; none of it stops the edge. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gwf.agent.centre.facts import LinkFacts, LinkState
from gwf.agent.snapshot import Snapshot
from gwf.wire.edge import Reason

CARRIES_ON = "files are carried all the same"


def centre_reasons(snapshot: Snapshot) -> Iterator[Reason]:
    """Yield what a person should know."""
    facts = snapshot.centre
    if facts is None:
        return
    why = "" if facts.trouble is None else facts.trouble.message
    if facts.state is LinkState.REFUSED:
        code = "" if facts.trouble is None else facts.trouble.code
        yield _reason("centre_refused", f"{why}; {CARRIES_ON}", url=facts.url, why=why, answer=code)
    if snapshot.centre_away_s is not None:
        message = f"the centre {facts.url} has been away for {snapshot.centre_away_s:.0f} s ({why}); {CARRIES_ON}"
        yield _reason("centre_away", message, url=facts.url, away_s=round(snapshot.centre_away_s), why=why)
    yield from _room_reasons(snapshot, facts)
    if facts.config_trouble is not None:
        trouble = facts.config_trouble
        message = f"a configuration of the centre did not do well here ({trouble.phase}): {trouble.message}"
        yield _reason("centre_config_failed", message, hash=trouble.hash, phase=trouble.phase, why=trouble.message)
    if facts.crashes_total:
        message = f"the link to the centre failed {facts.crashes_total} times by a program error; see the log"
        yield _reason("centre_crashed", message, times=facts.crashes_total)


def _room_reasons(snapshot: Snapshot, facts: LinkFacts) -> Iterator[Reason]:
    room = facts.room
    if room is not None and "centre_backlog" in snapshot.alarms:
        message = (
            f"{room.backlog.events} events wait for the centre and use {100 * room.share:.0f} % of their room;"
            " past it the oldest are dropped: see agent.centre.keep_events, or run `gwf centre leave`"
        )
        values = {"events": room.backlog.events, "used_pct": round(100 * room.share), "bound_bytes": room.bound_bytes}
        yield _reason("centre_backlog", message, **values)
    if facts.gap:
        message = "events were dropped before the centre had them; it is told of the gap with the next ones"
        yield _reason("centre_events_dropped", message, events=facts.events_dropped_total)


def _reason(code: str, message: str, **params: object) -> Reason:
    return Reason(code=code, params={name: str(value) for name, value in params.items()}, message=message)
