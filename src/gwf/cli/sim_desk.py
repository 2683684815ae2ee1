"""The work of `gwf sim fleet`: makes an enrolment token, runs the agents, prints what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import uvloop

from gwf.app.signals import STOPPING
from gwf.cli import show
from gwf.cli.running import Running
from gwf.core.errors import GwfError, LocalIoError, UnavailableError
from gwf.core.settings.draft import is_block
from gwf.sim.fleet import SimFleet
from gwf.sim.model import LABEL, Outcome, Plan
from gwf.sim.poison import read_poisons

_TOKENS = "/api/v1/enrolment-tokens"
_TOKEN_S = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asks for."""

    agents: int
    events_per_s: float
    seconds: float
    seed: int
    prefix: str
    #: as `gwf.sim.poison.read_poison` reads them
    poisons: tuple[str, ...] = ()
    confirm_s: float = 10.0
    listens: bool = False
    #: where each answered heartbeat is written to; None = nowhere
    samples: Path | None = None


def run(process: Running, wish: Wish, *, as_json: bool) -> None:
    """Run a simulation against the centre on this host.

    Raises:
        InputError: The centre is not on loopback, or it speaks TLS, or a poison is none.
        LocalIoError: The samples cannot be written.
        UnavailableError: It did not answer.
        DeniedError: It lets us make no enrolment token.
    """
    plan = Plan(
        url=process.url,
        token="",
        agents=wish.agents,
        events_per_s=wish.events_per_s,
        seconds=wish.seconds,
        seed=wish.seed,
        prefix=wish.prefix,
        poisons=read_poisons(wish.poisons),
        confirm_s=wish.confirm_s,
        listens=wish.listens,
    )
    token_id, secret = _token(process, wish)
    try:
        outcome = uvloop.run(_simulated(plan.with_token(secret)))
    finally:
        _revoke(process, token_id)
    if wish.samples is not None:
        _write(wish.samples, outcome.samples())
    _print(outcome, wish, as_json=as_json)


async def _simulated(plan: Plan) -> Outcome:
    """Run a plan; a signal ends it before its time, and what came of it so far is told."""
    fleet, loop = SimFleet(plan), asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, fleet.stop)
    return await fleet.run()


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="ascii")
    except OSError as exc:
        raise LocalIoError("the samples cannot be written", path=str(target), reason=str(exc.strerror)) from exc


def _token(process: Running, wish: Wish) -> tuple[str, str]:
    order = {
        "name": f"simulation {wish.prefix}",
        "labels": {LABEL: "true"},
        "max_uses": wish.agents,
        "expires_in_s": _TOKEN_S,
    }
    answer = process.send("POST", _TOKENS, order)
    token = answer.get("token") if is_block(answer) else None
    if not is_block(answer) or not is_block(token):
        raise UnavailableError("the centre answers in a form that this release does not know")
    return str(token["id"]), str(answer["secret"])


def _revoke(process: Running, token_id: str) -> None:
    try:
        process.send("POST", f"{_TOKENS}/{token_id}:revoke", {})
    except GwfError:  # it was restarted meanwhile, for example
        show.warn(f"the enrolment token {token_id} could not be revoked; it ends by itself within an hour")


def _print(outcome: Outcome, wish: Wish, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"simulation": {"agents": wish.agents, "seed": wish.seed}, **outcome.as_json()})
        return
    beats, batches = outcome.heartbeat_latency, outcome.batch_latency
    show.line(f"simulated      {wish.agents} agents for {outcome.run_s:.0f} s; they have the label {LABEL}=true")
    show.line(f"registered     {outcome.registered} in {outcome.register_s:.1f} s")
    show.line(
        f"heartbeats     {outcome.heartbeats}, p50 {beats.quantile(0.5):.1f} ms, p99 {beats.quantile(0.99):.1f} ms"
    )
    show.line(
        f"itself late    p99 {outcome.lateness.quantile(0.99):.1f} ms; that much of the above is not the centre's"
    )
    for state, count in sorted(outcome.states.items()):
        show.line(f"told state     {state} {count} times")
    if outcome.events_sent:
        show.line(f"events         {outcome.events_acked} of {outcome.events_sent} acknowledged")
        show.line(f"batches        p50 {batches.quantile(0.5):.1f} ms, p99 {batches.quantile(0.99):.1f} ms")
    for hash_, tally in outcome.configs.tallies.items():
        ends = ", ".join(f"{phase} {count}" for phase, count in sorted(tally.phases.items())) or "no end"
        show.line(
            f"configuration  {hash_[:19]} offered to {len(tally.offers)}, ran at {len(tally.ran)}, "
            f"runs at {len(tally.running)}; {ends}"
        )
    for failure, count in sorted(outcome.failures.items()):
        show.line(f"failed         {failure} {count} times")
