"""What happens to alerts, written down as plainly as can be: every second everything is looked at anew.

It knows no timers, no indexes and no restarts; `gwf.alerts.life` has to tell the same people the same things.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from gwf.alerts.life.ledger import Setting
from gwf.alerts.life.model import Policy, Sighting
from gwf.events.model import Severity


class Told(NamedTuple):
    """A notice as a person sees it."""

    at_s: int
    kind: str
    level: int
    receivers: tuple[str, ...]
    news: tuple[str, ...]
    ends: tuple[str, ...]
    others: int


@dataclass
class Trouble:
    """An alert."""

    name: str
    labels: dict[str, str]
    severity: Severity
    policy: Policy
    begun_s: int
    seen_s: int
    is_open: bool = True
    taken: bool = False
    told: Severity | None = None
    end_told: bool = False
    #: at the last look
    was_held: bool = False

    @property
    def waits(self) -> bool:
        """Somebody was told, and nobody has taken it."""
        return self.is_open and not self.taken and self.told is not None

    @property
    def is_unheard(self) -> bool:
        """It would be told, were there somebody to be told."""
        return self.is_news and not self.was_held

    @property
    def is_news(self) -> bool:
        """It is not taken, and people do not know how bad it is."""
        return self.is_open and not self.taken and (self.told is None or self.severity > self.told)


@dataclass
class Crowd:
    """A group."""

    policy: Policy
    troubles: list[Trouble] = field(default_factory=list[Trouble])
    due_s: int | None = None
    told_s: int | None = None
    untaken_s: int | None = None
    level: int = -1
    reached: int = -1

    def rest(self) -> None:
        """Wait for nobody when nothing waits."""
        if not any(one.waits for one in self.troubles):
            self.untaken_s = None

    def begin(self, at_s: int) -> None:
        """Wait for somebody anew, if that rests and something waits."""
        if self.untaken_s is None and any(one.waits for one in self.troubles):
            self.untaken_s, self.level = at_s, 0


class Reference:
    """All alerts of a tenant."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._crowds: dict[tuple[str, ...], Crowd] = {}
        self.told: list[Told] = []
        self._at_s = 0

    def begin(self, at_s: int) -> None:
        """Set the first second."""
        self._at_s = at_s

    def until(self, at_s: int) -> None:
        """Let time pass, second by second, the last one included."""
        for now_s in range(self._at_s, at_s + 1):
            self._at_s = now_s
            self._pass()

    # -- what happens ------------------------------------------------------------------------------------

    def see(self, sighting: Sighting) -> None:
        """Something is wrong, or not any more."""
        name, now_s = sighting.fingerprint, self._at_s
        known = self._find(name)
        if not sighting.firing:
            if known is not None:
                self._end(*known)
        elif known is None:
            self._begin(sighting, name)
        else:
            crowd, one = known
            one.seen_s = now_s
            if sighting.severity > one.severity:
                one.severity, one.taken = sighting.severity, False
                self._expect(crowd, now_s)
        self._pass()

    def _begin(self, sighting: Sighting, name: str) -> None:
        labels, policy = dict(sighting.labels), sighting.policy
        crowd = self._crowds.setdefault(tuple(labels.get(one, "") for one in policy.group_by), Crowd(policy))
        crowd.troubles.append(Trouble(name, labels, sighting.severity, policy, self._at_s, self._at_s))
        self._expect(crowd, self._at_s + (0 if crowd.told_s is not None else int(policy.wait_s)))

    def take(self, name: str) -> None:
        """A person takes it."""
        known = self._find(name)
        if known is not None and not known[1].taken:
            known[1].taken = True
            known[0].rest()
        self._pass()

    def give_back(self, name: str) -> None:
        """The person gives it back."""
        known = self._find(name)
        if known is not None and known[1].taken:
            known[1].taken = False
            known[0].begin(self._at_s)
            self._rouse(known[0])
        self._pass()

    def set(self, setting: Setting) -> None:
        """People name others in chains."""
        self._setting = setting
        for crowd in self._crowds.values():
            self._rouse(crowd)
        self._pass()

    def _rouse(self, crowd: Crowd) -> None:
        """What nobody heard is told once there is somebody: at once where nobody ever was."""
        unheard = [one.begun_s for one in crowd.troubles if one.is_unheard]
        if not unheard or not self._reaches_somebody(crowd):
            return
        self._expect(crowd, max(self._at_s, min(unheard) + int(crowd.policy.wait_s)))

    def _expect(self, crowd: Crowd, at_s: int) -> None:
        """Have a crowd looked at, not within its interval; one in which nobody was there to be told is none."""
        if crowd.told_s is not None and (crowd.reached >= 0 or not self._reaches_somebody(crowd)):
            at_s = max(at_s, crowd.told_s + int(crowd.policy.interval_s))
        crowd.due_s = at_s if crowd.due_s is None else min(crowd.due_s, at_s)

    def _reaches_somebody(self, crowd: Crowd) -> bool:
        chain = self._setting.chains.get(crowd.policy.chain)
        return chain is not None and any(level.receivers for level in chain.levels)

    def end(self, name: str) -> None:
        """A person ends it."""
        known = self._find(name)
        if known is not None:
            self._end(*known)
        self._pass()

    # -- every second ------------------------------------------------------------------------------------

    def _pass(self) -> None:
        now_s = self._at_s
        for crowd in list(self._crowds.values()):
            for one in crowd.troubles:
                after_s = one.policy.resolve_after_s
                if one.is_open and after_s is not None and now_s >= one.seen_s + after_s:
                    self._end(crowd, one)
        for key, crowd in list(self._crowds.items()):
            while crowd.due_s is not None and crowd.due_s <= now_s and key in self._crowds:
                crowd.due_s = None
                self._look(key, crowd)
        for crowd in self._crowds.values():
            self._climb(crowd)

    def _look(self, key: tuple[str, ...], crowd: Crowd) -> None:
        now_s, policy = self._at_s, crowd.policy
        free = [one for one in crowd.troubles if one.is_open and not self._held(one)]
        if any(one.was_held and one.waits for one in free):
            crowd.begin(now_s)
        for one in crowd.troubles:
            one.was_held = one.is_open and self._held(one)
        news = [one for one in free if one.is_news]
        ends = [one for one in crowd.troubles if not one.is_open and one.told is not None and not one.end_told]
        is_repeat = (
            policy.repeat_s is not None
            and crowd.told_s is not None
            and now_s - crowd.told_s >= policy.repeat_s
            and any(one.waits for one in free)
        )
        has_somebody = self._reaches_somebody(crowd)
        if news and has_somebody:
            crowd.untaken_s, crowd.level = now_s, 0
            crowd.reached = max(crowd.reached, 0)
        if news or ends or is_repeat:
            crowd.told_s = now_s
            for one in news:
                one.told = one.severity if has_somebody else one.told
            for one in ends:
                one.end_told = True
            self._tell(crowd, "firing" if news else "resolved" if ends else "repeat", news, ends)
        crowd.troubles = [one for one in crowd.troubles if one.is_open or (one.told is not None and not one.end_told)]
        if crowd.troubles:
            self._plan(crowd)
        else:
            del self._crowds[key]

    def _plan(self, crowd: Crowd) -> None:
        now_s, policy = self._at_s, crowd.policy
        if any(one.is_open and self._held(one) for one in crowd.troubles):
            self._expect(crowd, now_s + int(policy.interval_s))
        if policy.repeat_s is not None and crowd.told_s is not None and any(one.is_open for one in crowd.troubles):
            self._expect(crowd, max(crowd.told_s + int(policy.repeat_s), now_s + int(policy.interval_s)))

    def _climb(self, crowd: Crowd) -> None:
        chain = self._setting.chains.get(crowd.policy.chain)
        while chain is not None and crowd.untaken_s is not None and crowd.level + 1 < len(chain.levels):
            if self._at_s < crowd.untaken_s + chain.levels[crowd.level + 1].after_s:
                return
            if not any(one.waits and not self._held(one) for one in crowd.troubles):
                crowd.untaken_s = None
                self._expect(crowd, self._at_s + int(crowd.policy.interval_s))
                return
            crowd.level += 1
            crowd.reached = max(crowd.reached, crowd.level)
            self._tell(crowd, "escalation", [], [])

    # -- parts -------------------------------------------------------------------------------------------

    def _tell(self, crowd: Crowd, kind: str, news: list[Trouble], ends: list[Trouble]) -> None:
        chain = self._setting.chains.get(crowd.policy.chain)
        if chain is None:
            return
        level = max(0, crowd.level)
        highest = max(0, crowd.reached) if kind == "resolved" else level
        levels = chain.levels[level : level + 1] if kind == "escalation" else chain.levels[: highest + 1]
        receivers: list[str] = []
        for one in levels:
            receivers += [name for name in one.receivers if name not in receivers]
        others = sum(one.is_open and one not in news for one in crowd.troubles)
        if not receivers:
            return
        begun, over = (tuple(sorted(one.name for one in some)) for some in (news, ends))
        self.told.append(Told(self._at_s, kind, level, tuple(receivers), begun, over, others))

    def _end(self, crowd: Crowd, one: Trouble) -> None:
        one.is_open = False
        self._expect(crowd, self._at_s)
        crowd.rest()

    def _find(self, name: str) -> tuple[Crowd, Trouble] | None:
        found = [
            (crowd, one)
            for crowd in self._crowds.values()
            for one in crowd.troubles
            if one.name == name and one.is_open
        ]
        return found[0] if found else None

    def _held(self, one: Trouble) -> bool:
        fired = [other for crowd in self._crowds.values() for other in crowd.troubles if other.is_open]
        for rule in self._setting.inhibitions:
            if rule.target.matches(one.labels) and not rule.source.matches(one.labels):
                for other in fired:
                    same = all(
                        label in one.labels and one.labels[label] == other.labels.get(label) for label in rule.equal
                    )
                    if same and rule.source.matches(other.labels):
                        return True
        return any(silence.covers(one.labels, self._at_s * 1000) for silence in self._setting.silences)
