"""Plays random histories to the life of alerts and to its reference, and compares who was told what, and when.

    python -m tests.alerts.histories --count 100000 --seed 1

At random places the life is written to rows and read again, as after a restart.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import replace
from typing import Any, cast

import sqlalchemy as sa

from gwf.alerts.life.engine import AlertLife
from gwf.alerts.life.ledger import Setting, State
from gwf.alerts.life.model import Alert, Chain, Inhibition, Level, Policy, Sighting, Silence
from gwf.alerts.run.model import AlertRow, GroupRow
from gwf.control.selectors import parse
from gwf.db.alert_rows import ALERTS, GROUPS, alert_of, alert_values, group_of, group_values
from gwf.db.bulk import Target
from gwf.events.model import Severity
from tests.alerts.reference import Reference, Told

T0_MS = 1_800_000_000_000
HOSTS = ("h1", "h2", "h3", "h4")
SEVERITIES = (Severity.WARNING, Severity.ERROR, Severity.CRITICAL)
JSON = {"labels", "steps", "policy"}


class Life:
    """The life of alerts, with a clock in seconds, that may be written down and read again."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._life = AlertLife(State(), setting)
        self._names: dict[str, str] = {}
        self._at_ms = 0
        self.told: list[Told] = []

    def until(self, at_s: int) -> None:
        while (due_ms := self._life.next_at_ms()) is not None and due_ms <= at_s * 1000:
            self._at_ms = max(self._at_ms, due_ms)  # time never goes back, whatever is due since when
            self._life.advance(self._at_ms)
            self._note()
        self._at_ms = at_s * 1000
        self._life.advance(at_s * 1000)
        self._note()

    def see(self, sighting: Sighting, at_s: int) -> None:
        self._life.see(replace(sighting, at_ms=at_s * 1000))
        self.until(at_s)

    def order(self, act: str, name: str, at_s: int) -> None:
        for alert in [one for one in self._life.state.alerts.values() if one.fingerprint == name and one.is_open]:
            {"take": self._life.acknowledge, "give_back": self._life.release, "end": self._life.resolve}[act](
                alert.id, by="li", at_ms=at_s * 1000
            )
        self.until(at_s)

    def set(self, setting: Setting, at_s: int) -> None:
        self._setting = setting
        self._life.set(setting, at_s * 1000)
        self.until(at_s)

    def restart(self) -> None:
        """Write everything down and go on from what was read."""
        old = self._life.state
        state = State(opened=old.opened)
        for group in old.groups.values():
            row = _read(GROUPS, group_values(GroupRow("default", group)))
            state.groups[group.key] = group_of(row)
        for alert in sorted(old.alerts.values(), key=lambda one: one.number):
            read = alert_of(_read(ALERTS, alert_values(AlertRow("default", alert, "r", True), now_ms=0, revision=1)))
            state.alerts[read.id] = read
            state.groups[read.group].alerts.append(read.id)
        self._life = AlertLife(state, self._setting)

    def _note(self) -> None:
        changed = self._life.taken()
        known: dict[str, Alert] = self._life.state.alerts | {one.id: one for one in changed.ended}
        self._names |= {name: alert.fingerprint for name, alert in known.items()}
        for one in changed.notices:
            news, ends = (tuple(sorted(self._names[name] for name in some)) for some in (one.news, one.ends))
            told = Told(one.at_ms // 1000, one.kind.value, one.level, one.receivers, news, ends, one.others)
            self.told.append(told)


def _read(target: Target, values: tuple[Any, ...]) -> sa.RowMapping:
    row = dict(zip(target.columns, values, strict=True))
    return cast("sa.RowMapping", {k: json.loads(v) if k in JSON else v for k, v in row.items()})


def played(seed: int) -> tuple[list[object], list[Told], list[Told]]:
    """Return a history, what the life told, and what it should have."""
    chance = random.Random(seed)
    setting, policies = _setting(chance), [_policy(chance), _policy(chance)]
    first, life, reference, story = setting, Life(setting), Reference(setting), list[object]()
    at_s = T0_MS // 1000
    reference.begin(at_s)
    for _ in range(chance.randrange(3, 16)):
        at_s += chance.choice((0, 0, 1, 7, 30, 60, 100, 300, 601))
        reference.until(at_s)
        life.until(at_s)
        if chance.random() < 0.2:
            life.restart()
        act = chance.choice(("see", "see", "see", "over", "take", "give_back", "end", "name"))
        host = chance.choice(HOSTS)
        story.append((at_s - T0_MS // 1000, act, host))
        if act in {"see", "over"}:
            number = HOSTS.index(host) % 2
            sighting = Sighting(
                rule_id="r", rule_version=1, fingerprint=host, firing=act == "see", severity=chance.choice(SEVERITIES),
                title=host, labels={"host": host, "app": f"a{number}"}, at_ms=0, policy=policies[0],
            )  # fmt: skip
            reference.see(sighting)
            life.see(sighting, at_s)
        elif act == "name":
            setting = replace(setting, chains=_chains(chance))
            story[-1] = (at_s - T0_MS // 1000, act, setting.chains)
            reference.set(setting)
            life.set(setting, at_s)
        else:
            getattr(reference, act)(host)
            life.order(act, host, at_s)
    reference.until(at_s + 4_000)
    life.until(at_s + 4_000)
    return [first, policies[0], *story], _sorted(life.told), _sorted(reference.told)


def _sorted(told: list[Told]) -> list[Told]:
    """Groups are told beside each other: within a second their order means nothing."""
    return sorted(told)


def _chains(chance: random.Random) -> dict[str, Chain]:
    """Return a chain that names somebody, nobody, or nobody at first; sometimes there is none."""
    levels = [Level(after_s=0, receivers=chance.choice((("dd",), ("dd",), ("dd",), ())))]
    for number in range(chance.randrange(3)):
        levels.append(Level(after_s=levels[-1].after_s + chance.choice((60, 300)), receivers=(f"p{number}", "dd")))
    found = {"ops": Chain(name="ops", levels=tuple(levels)), "empty": Chain(name="empty", levels=())}
    return found if chance.random() < 0.8 else {"ops": found["empty"]} if chance.random() < 0.5 else {}


def _setting(chance: random.Random) -> Setting:
    t0 = T0_MS
    silences = [
        Silence(
            id=f"s{number}", selector=parse(chance.choice(("host=h1", "app=a1", "host in (h2,h3)"))),
            begins_at_ms=t0 + 1000 * chance.choice((0, 50, 400)),
            ends_at_ms=t0 + 1000 * chance.choice((401, 700, 2_000)),
        )
        for number in range(chance.randrange(3))
    ]  # fmt: skip
    inhibitions = [
        Inhibition(
            id="i", source=parse("host=h1"), target=parse("host in (h3,h4)"), equal=chance.choice(((), ("app",)))
        )
    ][: chance.randrange(2)]
    return Setting(silences=silences, inhibitions=inhibitions, chains=_chains(chance))


def _policy(chance: random.Random) -> Policy:
    return Policy(
        group_by=chance.choice(((), ("app",), ("host",))), wait_s=chance.choice((0, 10, 30)),
        interval_s=chance.choice((60, 300)), repeat_s=chance.choice((None, 600, 1_800)),
        resolve_after_s=chance.choice((None, 120, 900)), chain=chance.choice(("ops", "ops", "ops", "")),
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began_s, notices = time.monotonic(), 0
    for seed in range(asked.seed, asked.seed + asked.count):
        story, told, wanted = played(seed)
        notices += len(told)
        if told != wanted:
            print(f"seed {seed}\n", *story, sep="\n  ")
            print("too much:", *sorted(set(told) - set(wanted)), sep="\n  ")
            print("missing:", *sorted(set(wanted) - set(told)), sep="\n  ")
            return 1
    took_s = time.monotonic() - began_s
    print(f"{asked.count} histories, {notices} notices, all as the reference tells them; {took_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
