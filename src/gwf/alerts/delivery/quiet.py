"""Quiet hours of a channel: what matters less waits until they end. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.events.model import Severity
from gwf.rules.window import DAY_MINUTES, Window, local_time

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS  #: by so much clocks are put forward or back, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A part of some days in which only what matters is told."""

    window: Window
    #: what is as bad as this is told all the same
    below: Severity

    def end_ms(self, at_ms: int) -> int | None:
        """Return when the quiet hours end that a moment lies in, None = it lies in none."""
        if not self.window.holds(at_ms):
            return None
        local = local_time(at_ms, self.window.zone)
        minutes = (self.window.end - local.hour * 60 - local.minute - 1) % DAY_MINUTES + 1
        end_ms = (at_ms // _MINUTE_MS + minutes) * _MINUTE_MS
        around = (end_ms - _HOUR_MS, end_ms, end_ms + _HOUR_MS)  # the clocks may be put forward or back until then
        return next((one for one in around if one > at_ms and not self.window.holds(one)), end_ms)

    def due_ms(self, at_ms: int, severity: Severity) -> int:
        """Return from when on something may be told."""
        if severity >= self.below:
            return at_ms
        end = self.end_ms(at_ms)
        return at_ms if end is None else end
