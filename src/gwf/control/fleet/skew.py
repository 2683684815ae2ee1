"""Estimates how far an agent's clock is off, from the times in its heartbeats. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SAMPLES = 5
STEP_MS = 5_000  #: a sample this far behind is no late message but a clock that was set back


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """The last samples of (agent's time when sent) - (our time when received), newest last.

    A message takes time, so that each sample is too low by its way; the highest of a few is nearest to the truth.
    """

    samples: tuple[int, ...] = ()

    @property
    def value_ms(self) -> int | None:
        """How far the agent's clock is ahead of ours (behind: negative); None before the first sample."""
        return max(self.samples) if self.samples else None

    def with_sample(self, sent_ms: int, received_ms: int) -> ClockSkew:
        """Return the estimate with one more heartbeat.

        Two samples in a row far behind the estimate mean that a clock was set: what came before is forgotten.
        """
        sample = sent_ms - received_ms
        best = self.value_ms
        set_back = best is not None and sample < best - STEP_MS
        if set_back and best is not None and self.samples[-1] < best - STEP_MS:
            return ClockSkew((self.samples[-1], sample))
        return ClockSkew((*self.samples, sample)[-SAMPLES:])
