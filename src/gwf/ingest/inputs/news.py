"""How inputs do, for people: what each took and refused of each tenant since this process began, and its last error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gwf.ingest.inputs.metrics import Fate

MAX_ERROR_CHARS = 300  #: it may hold parts of what somebody sent


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an input brought one tenant."""

    fates: dict[Fate, int] = field(default_factory=dict[Fate, int])
    #: an event of it was stored, or known already; None = none was
    last_event_ms: int | None = None
    #: "" = there was none
    error: str = ""
    error_ms: int | None = None


class InputNews:
    """Counts for people; `input` is cloudevents, alertmanager, webhook/NAME, syslog or plugin/NAME."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        """Begin now."""
        self._now_ms = now_ms
        self.since_ms = now_ms()
        self._news: dict[tuple[str, str], News] = {}
        self._crashed: set[str] = set()

    def of(self, name: str, tenant: str) -> News:
        """Return what an input brought a tenant."""
        return self._news.get((name, tenant), News())

    def is_crashed(self, name: str) -> bool:
        """Tell whether an input that listens is gone."""
        return name in self._crashed

    def count(self, name: str, tenant: str, fate: Fate, *, events: int = 1) -> None:
        """Add events."""
        if not events:
            return
        news = self.of(name, tenant)
        last_ms = self._now_ms() if fate in {Fate.ACCEPTED, Fate.DUPLICATE} else news.last_event_ms
        fates = {**news.fates, fate: news.fates.get(fate, 0) + events}
        self._news[name, tenant] = replace(news, fates=fates, last_event_ms=last_ms)

    def fail(self, name: str, tenant: str, error: str) -> None:
        """Note why something was not taken."""
        told = error if len(error) <= MAX_ERROR_CHARS else error[: MAX_ERROR_CHARS - 1] + "…"
        self._news[name, tenant] = replace(self.of(name, tenant), error=told, error_ms=self._now_ms())

    def crash(self, name: str, tenant: str, error: str) -> None:
        """Note that an input that listens is gone."""
        self._crashed.add(name)
        self.fail(name, tenant, error)
