from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from gwf.control.config.canonical import hash_of
from gwf.core.clock import ManualClock
from gwf.sim.call import Reply
from gwf.sim.host import Judge
from gwf.sim.ledger import ConfigLedger, ConfigTally
from gwf.sim.poison import read_poison
from gwf.sim.taking import Configured
from gwf.wire.agents import AttemptReport, ConfigOffer, ManagedConfig

GOOD = {"agent": {"retry": {"base": 5}}}
BAD = {"agent": {"retry": {"base": 13}}}


class Centre:
    """What one agent hears from its centre (sim.taking.Calls), and what it says."""

    def __init__(self, *rules: str) -> None:
        self.clock, self.ledger = ManualClock(), ConfigLedger()
        judge = Judge([read_poison(rule) for rule in rules])
        self.agent = Configured("a1", judge, self.ledger, clock=self.clock)
        self.document: dict[str, Any] = {}
        self.attempt = ""
        self.said: list[tuple[str, str, list[str]]] = []
        self.trials = 0
        self.answers = True

    async def config(self, *, have: str | None) -> Reply | None:
        hash_ = hash_of(self.document)
        if have == hash_:
            return Reply(status=304, body=b"")
        given = ManagedConfig(hash=hash_, version_id="v", attempt_id=self.attempt, document=self.document)
        return Reply(status=200, body=msgspec.json.encode(given))

    async def report(self, attempt_id: str, body: bytes) -> Reply | None:
        if not self.answers:
            return None
        told = msgspec.json.decode(body, type=AttemptReport)
        self.said.append((attempt_id, told.phase, [problem.pointer for problem in told.reason]))
        return Reply(status=200, body=b"{}")

    def offer(self, document: dict[str, Any], attempt: str) -> ConfigTally:
        """Offer a configuration, let the agent work on it, and return what came of it over all offers."""
        self.document, self.attempt = document, attempt
        assert self.agent.offered(ConfigOffer(hash=hash_of(document), attempt_id=attempt))
        asyncio.run(self.agent.take(self, confirm_s=0, done=self._done))
        return self.ledger.tallies[hash_of(document)]

    def hear(self) -> None:
        """Let a heartbeat be answered without an offer."""
        if self.agent.offered(None):
            asyncio.run(self.agent.take(self, confirm_s=0, done=self._done))

    def _done(self) -> None:
        self.trials += 1


def test_a_good_configuration_is_staged_tried_and_kept() -> None:
    centre = Centre()
    tally = centre.offer(GOOD, "t1")
    assert centre.said == [("t1", "staged", []), ("t1", "applied", [])]
    assert centre.agent.running_hash == hash_of(GOOD)
    assert (tally.ran, tally.running, tally.left_ms) == ({"a1"}, {"a1"}, None)


def test_one_that_makes_the_host_ill_in_its_trial_is_put_back_and_not_tried_again() -> None:
    centre = Centre("/agent/retry/base=13:sick")
    centre.offer(GOOD, "t1")
    tally = centre.offer(BAD, "t2")
    assert centre.said[2:] == [("t2", "staged", []), ("t2", "reverted", ["/stores/archive"])]
    assert centre.agent.running_hash == hash_of(GOOD)
    assert centre.agent.host.reasons() == ()
    assert (tally.ran, tally.running) == ({"a1"}, set())
    centre.offer(BAD, "t2")
    assert [phase for _, phase, _ in centre.said].count("staged") == 2
    assert len(tally.offers["a1"]) == 1


def test_one_that_makes_the_host_ill_later_stays_until_the_centre_takes_it_back() -> None:
    centre = Centre("/agent/retry/base=13:sick:1s")
    centre.offer(GOOD, "t1")
    tally = centre.offer(BAD, "t2")
    assert centre.said[-1][1] == "applied"
    assert centre.agent.host.reasons() == ()
    centre.clock.advance(1)
    assert [reason.code for reason in centre.agent.host.reasons()] == ["store_unreachable"]
    centre.offer(GOOD, "t3")
    assert centre.said[-1][:2] == ("t3", "applied")
    assert centre.agent.host.reasons() == ()
    assert (tally.running, dict(tally.phases)) == (set(), {"applied": 1})


def test_one_that_is_refused_never_runs() -> None:
    centre = Centre("/agent/retry/base=13:reject")
    tally = centre.offer(BAD, "t1")
    assert centre.said == [("t1", "failed", ["/agent/retry/base"])]
    assert (centre.agent.running_hash, tally.ran) == (None, set())


def test_a_host_decides_itself_what_no_centre_may() -> None:
    centre = Centre()
    centre.offer({"listen": "0.0.0.0:80", "agent": {"retry": {"base": 5}}}, "t1")
    assert centre.said == [("t1", "failed", ["/listen"])]


def test_a_silent_host_says_nothing_more_and_keeps_what_silenced_it() -> None:
    centre = Centre("/agent/retry/base=13:silent")
    tally = centre.offer(BAD, "t1")
    assert centre.agent.host.is_silent
    assert centre.said == [("t1", "staged", [])]
    assert (tally.running, dict(tally.phases)) == ({"a1"}, {})


def test_what_the_centre_did_not_hear_is_told_after_a_later_heartbeat() -> None:
    centre = Centre()
    centre.answers = False
    centre.offer(GOOD, "t1")
    assert centre.said == []
    centre.answers = True
    centre.hear()
    assert [phase for _, phase, _ in centre.said] == ["staged", "applied"]
