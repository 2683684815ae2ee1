"""The configuration of a simulated host: checked as a real one checks it, in force, put back, harmful or not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from gwf.agent.centre.apply import Condition
from gwf.agent.centre.attempts import Attempts
from gwf.control.config.canonical import hash_of
from gwf.core.clock import Clock
from gwf.core.errors import ConfigError, NotFoundError
from gwf.core.settings.centre import CentreSettings
from gwf.core.settings.load import LoadedSettings, load_settings
from gwf.core.settings.managed import PartFault, PartRefusedError, laid_on
from gwf.sim.ledger import ConfigLedger
from gwf.sim.poison import Harm, Poison, poison_in
from gwf.wire.edge import Reason

STORE = "archive"  #: the store that each simulated host has
MAX_JUDGED = 1_000  #: judgements that are kept; a fleet works by few distinct configurations
_OWN_FILE = {
    "data_dir": "/simulated/data",
    "listen": "127.0.0.1:0",
    "stores": {STORE: {"url": "file:///simulated/archive"}},
    "agent": {
        "watch": [{"path": "/simulated/in", "store": STORE}],
        "centre": {"url": "http://127.0.0.1:1", "allow_paths": ["/"]},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostVersion:
    """A version of a simulated host's configuration."""

    number: int
    #: of the centre's part; None = only the host's own file
    hash: str | None
    poison: Poison | None
    author: str = ""
    reason: str = ""


class InMemory:
    """Keeps the attempts of a host that is never started again (KeptAttempts)."""

    def __init__(self) -> None:
        """Keep none."""
        self._attempts = Attempts()

    def load(self) -> Attempts:
        """Return what is kept."""
        return self._attempts

    def write(self, attempts: Attempts) -> None:
        """Keep the attempts."""
        self._attempts = attempts


class Judge:
    """Judges configurations for hosts that are all alike: each distinct one once, as a real host does."""

    def __init__(self, poisons: Sequence[Poison]) -> None:
        """Know which values do harm."""
        self._poisons = poisons
        self._faults: dict[str, tuple[PartFault, ...]] = {}

    def version(self, number: int, part: Mapping[str, object]) -> HostVersion:
        """Return the version that a part makes.

        Raises:
            PartRefusedError: A host refuses the part.
        """
        hash_ = hash_of(part)
        if hash_ not in self._faults:
            if len(self._faults) >= MAX_JUDGED:
                self._faults.clear()
            self._faults[hash_] = _faults(part)
        if faults := self._faults[hash_]:
            raise PartRefusedError("the configuration of the centre is not usable here", faults=faults)
        poison = poison_in(part, self._poisons)
        if poison is not None and poison.harm is Harm.REJECT:
            text = f"{poison.value!r} is refused by this simulated host"
            raise PartRefusedError(text, faults=(PartFault(loc=poison.place, code="invalid_value", text=text),))
        return HostVersion(number=number, hash=hash_, poison=poison)


class SimHost:
    """One host (agent.centre.apply.Configurable)."""

    def __init__(self, name: str, judge: Judge, ledger: ConfigLedger, *, clock: Clock) -> None:
        """Begin with the host's own file."""
        self._name = name
        self._judge = judge
        self._ledger = ledger
        self._clock = clock
        self._versions = [HostVersion(number=1, hash=None, poison=None)]
        self._since_s = clock.monotonic_s()

    def current(self) -> HostVersion:
        """Return the version in force."""
        return self._versions[-1]

    def manage(self, part: dict[str, object], *, author: str, reason: str, dry_run: bool = False) -> HostVersion:
        """Put into force what a part makes of this host's own file.

        Raises:
            PartRefusedError: The host refuses it.
        """
        judged = self._judge.version(self.current().number + 1, part)
        version = replace(judged, author=author, reason=reason)
        if not dry_run:
            self._put(version)
        return version

    def follows(self, part: dict[str, object]) -> bool:
        """Tell whether a part is in force: nobody changes anything on a simulated host."""
        return self.current().hash == hash_of(part)

    def rollback(self, number: int, *, author: str, reason: str, dry_run: bool = False) -> HostVersion:
        """Put an older version into force again.

        Raises:
            NotFoundError: There was none of this number.
        """
        then = next((version for version in self._versions if version.number == number), None)
        if then is None:
            raise NotFoundError("no such version", version=number)
        version = replace(then, number=self.current().number + 1, author=author, reason=reason)
        if not dry_run:
            self._put(version)
        return version

    def condition(self) -> Condition:
        """Return how the host does now."""
        return Condition(reasons=self.reasons(), unproved=frozenset())

    def reasons(self) -> tuple[Reason, ...]:
        """Return why the host is not well."""
        if not self._harmed(Harm.SICK):
            return ()
        message = f"store {STORE} cannot be reached"
        return (Reason(code="store_unreachable", params={"store": STORE}, message=message),)

    @property
    def is_silent(self) -> bool:
        """Whether the host is not heard any more."""
        return self._harmed(Harm.SILENT)

    def _harmed(self, harm: Harm) -> bool:
        poison = self.current().poison
        if poison is None or poison.harm is not harm:
            return False
        return self._clock.monotonic_s() - self._since_s >= poison.after_s

    def _put(self, version: HostVersion) -> None:
        before, at_ms = self.current(), self._clock.now_ms()
        self._versions = [*self._versions[-10:], version]
        self._since_s = self._clock.monotonic_s()
        if before.hash is not None and before.hash != version.hash:
            self._ledger.left(before.hash, self._name, at_ms=at_ms)
        if version.hash is not None:
            self._ledger.entered(version.hash, self._name, at_ms=at_ms)


@cache
def _own_file() -> tuple[LoadedSettings, CentreSettings]:
    loaded = load_settings(Path("/simulated/gwf.yaml"), environ={}, overrides={}, text=json.dumps(_OWN_FILE))
    centre = loaded.settings.agent.centre
    if centre is None:
        raise ConfigError("a simulated host has a centre")
    return loaded, centre


def _faults(part: Mapping[str, object]) -> tuple[PartFault, ...]:
    loaded, centre = _own_file()
    try:
        laid_on(loaded, part, centre)
    except PartRefusedError as exc:
        return exc.faults
    return ()
