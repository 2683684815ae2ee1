"""Decides how long logins are refused after wrong ones, per name and per address."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from gwf.core.settings.addresses import is_loopback

MAX_WAIT_S = 3600.0
#: an address may stand for many people
ADDRESS_FACTOR = 4
#: names and addresses that are remembered; the one that failed longest ago is forgotten first
MAX_REMEMBERED = 10_000
#: so long after its last failure a name or address begins anew
FORGOTTEN_AFTER_S = 2 * MAX_WAIT_S


@dataclass(slots=True)
class _Record:
    failures: int = 0
    failed_at_s: float = 0.0
    open_at_s: float = 0.0


class LoginLimits:
    """Counts wrong logins in this process. A name counts whether or not somebody has it, so the answer tells nothing.

    Past `max_failures` each further failure doubles the wait, from `first_wait_s` up to an hour.
    """

    def __init__(self, *, max_failures: int, first_wait_s: float) -> None:
        """Remember nobody."""
        self._max_failures = max_failures
        self._first_wait_s = first_wait_s
        self._records: OrderedDict[tuple[str, str], _Record] = OrderedDict()

    def wait_s(self, name: str, address: str, *, now_s: float) -> float:
        """Return how long this login has to wait; 0 = it may be tried."""
        found = [self._records.get(key) for key, _ in self._keys(name, address)]
        return max([0.0, *(record.open_at_s - now_s for record in found if record is not None)])

    def failed(self, name: str, address: str, *, now_s: float) -> None:
        """Count a wrong login; also called before the password is checked, so that guesses at one time all count."""
        for key, allowed in self._keys(name, address):
            record = self._records.pop(key, None)
            if record is None or now_s > record.failed_at_s + FORGOTTEN_AFTER_S:
                record = _Record()
            record.failures += 1
            record.failed_at_s = now_s
            over = record.failures - allowed
            if over >= 0:
                record.open_at_s = now_s + min(MAX_WAIT_S, self._first_wait_s * 2.0 ** min(over, 32))
            self._records[key] = record
        while len(self._records) > MAX_REMEMBERED:
            self._records.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the name's failures, and take the one of this attempt back from the address."""
        for key, allowed in self._keys(name, address):
            if key[0] == "name":
                self._records.pop(key, None)
            elif (record := self._records.get(key)) is not None:
                record.failures -= 1
                record.open_at_s = 0.0 if record.failures < allowed else record.open_at_s

    def _keys(self, name: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
        of_name = (("name", name), self._max_failures)
        if not address or is_loopback(address):  # a proxy on this host that is not named as one: it stands for all
            return (of_name,)
        return (of_name, (("address", address), self._max_failures * ADDRESS_FACTOR))
