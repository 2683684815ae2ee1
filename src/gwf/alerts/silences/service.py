"""Use cases of silences: looked at beforehand, begun, changed, ended early; each on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gwf.alerts.book import AlertBook
from gwf.alerts.life.holding import selectable
from gwf.alerts.silences.model import KnownAlert, SilenceState, StoredSilence
from gwf.alerts.silences.ports import KnownAlerts, SilenceStore
from gwf.audit.changes import field_changes
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.control.selectors import Selector, parse
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError

MAX_OPEN = 500  #: silences of one tenant that are not over
MAX_SHOWN = 1_000  #: of a list
LONGEST_MS = 366 * 86_400_000
MAX_LOOKED_AT = 100_000  #: alerts of one preview
MAX_TOLD = 100  #: alerts that a preview names
RECENT_MS = 7 * 86_400_000
HELD = "silence:"  #: how what holds an alert back begins where it is a silence


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceWish:
    """What is to be silent, and when."""

    selector: str
    #: None = from now on; of one that has begun, as it was
    begins_at_ms: int | None
    ends_at_ms: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a silence would hold back."""

    #: open alerts that it covers, the worst first, at most MAX_TOLD
    alerts: Sequence[KnownAlert]
    #: how many open alerts there are of these
    covered: int
    #: of these, how many nothing holds back yet
    newly_held: int
    #: all open alerts
    open: int
    #: the covered ones by the word of their severity
    severities: Mapping[str, int]
    #: alerts of the last 7 days that it would have covered, by the name of their rule
    recent: Mapping[str, int]
    #: all alerts of the last 7 days
    recent_all: int


class SilenceService:
    """Silences of all tenants. Used in one event loop."""

    def __init__(
        self, store: SilenceStore, book: AlertBook, alerts: KnownAlerts, *, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        """Keep the parts; `new_id` makes an id that no other server makes."""
        self._store = store
        self._book = book
        self._alerts = alerts
        self._clock = clock
        self._new_id = new_id

    def now_ms(self) -> int:
        """Return the time by which silences begin and end."""
        return self._clock.now_ms()

    async def all(self, tenant: str) -> Sequence[StoredSilence]:
        """Return silences, the one that ends last first."""
        async with self._store.view() as reads:
            return await reads.newest_silences(tenant, limit=MAX_SHOWN)

    async def one(self, tenant: str, silence_id: str) -> StoredSilence:
        """Return a silence.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.view() as reads:
            return await reads.silence(tenant, silence_id)

    async def held(self, tenant: str) -> Sequence[str]:
        """Return the ids of silences that hold open alerts back, once for each alert."""
        found = await self._alerts.open(tenant, limit=MAX_LOOKED_AT)
        return [one.held_by.removeprefix(HELD) for one in found if one.held_by.startswith(HELD)]

    async def preview(self, tenant: str, selector: str) -> Impact:
        """Return what a silence would hold back as things are.

        Raises:
            SelectorError: The selector cannot be read.
            InputError: It selects everything.
        """
        read = _selector(selector)
        everything = await self._alerts.open(tenant, limit=MAX_LOOKED_AT)
        since_ms = self._clock.now_ms() - RECENT_MS
        before = await self._alerts.begun_since(tenant, since_ms, limit=MAX_LOOKED_AT)
        covered = [alert for alert in everything if _covers(read, alert)]
        return Impact(
            alerts=covered[:MAX_TOLD],
            covered=len(covered),
            newly_held=sum(not alert.held_by for alert in covered),
            open=len(everything),
            severities=Counter(alert.severity.word for alert in covered),
            recent=Counter(alert.rule_name for alert in before if _covers(read, alert)),
            recent_all=len(before),
        )

    async def create(self, tenant: str, wish: SilenceWish, *, by: Caller) -> StoredSilence:
        """Begin a silence, or plan one.

        Raises:
            SelectorError: The selector cannot be read.
            InputError: It selects everything, its times do not fit, or there are too many.
        """
        now_ms = self._clock.now_ms()
        begins_at_ms = now_ms if wish.begins_at_ms is None else wish.begins_at_ms
        _check(wish, begins_at_ms, now_ms)
        silence = StoredSilence(
            silence_id=f"sil_{self._new_id()}", tenant=tenant, selector=str(_selector(wish.selector)),
            begins_at_ms=begins_at_ms, ends_at_ms=wish.ends_at_ms, reason=wish.reason, author=by.name,
            created_at_ms=now_ms, updated_at_ms=now_ms,
        )  # fmt: skip
        async with self._store.change() as change:
            await change.count_plan(tenant, now_ms=now_ms)
            if len(await change.silences_after(tenant, now_ms)) >= MAX_OPEN:
                raise InputError("there are too many silences: end some that are not needed", limit=MAX_OPEN)
            await change.add_silence(silence)
            change.record(self._entry(None, silence, "silence.create", by=by))
        await self._book.refresh()
        return silence

    async def change(self, tenant: str, silence_id: str, wish: SilenceWish, *, by: Caller) -> StoredSilence:
        """Change a silence that is not over.

        Raises:
            NotFoundError: There is none.
            ConflictError: It is over, it began at another time, or somebody changed it since the revision that was
                named.
            SelectorError: The selector cannot be read.
            InputError: It selects everything, or its times do not fit.
        """
        async with self._store.change() as change:
            before, now_ms = await change.silence(tenant, silence_id), self._clock.now_ms()
            state = before.state(now_ms)
            _refuse_over(state, silence_id)
            begins_at_ms = before.begins_at_ms if wish.begins_at_ms is None else wish.begins_at_ms
            if state is SilenceState.ACTIVE and begins_at_ms != before.begins_at_ms:
                raise ConflictError("the silence has begun: its begin stays", silence_id=silence_id)
            _check(wish, begins_at_ms, now_ms)
            after = replace(
                before, selector=str(_selector(wish.selector)), begins_at_ms=begins_at_ms, ends_at_ms=wish.ends_at_ms,
                reason=wish.reason, updated_at_ms=now_ms, revision=before.revision + 1,
            )  # fmt: skip
            await change.count_plan(tenant, now_ms=now_ms)
            await change.put_silence(after)
            change.record(self._entry(before, after, "silence.update", by=by))
        await self._book.refresh()
        return after

    async def expire(self, tenant: str, silence_id: str, *, by: Caller) -> StoredSilence:
        """End a silence now; one that has not begun never does.

        Raises:
            NotFoundError: There is none.
            ConflictError: It is over, or somebody changed it since the revision that was named.
        """
        async with self._store.change() as change:
            before, now_ms = await change.silence(tenant, silence_id), self._clock.now_ms()
            _refuse_over(before.state(now_ms), silence_id)
            after = replace(
                before, begins_at_ms=min(before.begins_at_ms, now_ms), ends_at_ms=now_ms, expired_at_ms=now_ms,
                updated_at_ms=now_ms, revision=before.revision + 1,
            )  # fmt: skip
            await change.count_plan(tenant, now_ms=now_ms)
            await change.put_silence(after)
            change.record(self._entry(before, after, "silence.expire", by=by))
        await self._book.refresh()
        return after

    def _entry(self, before: StoredSilence | None, after: StoredSilence, action: str, *, by: Caller) -> AuditEntry:
        return AuditEntry(
            tenant=after.tenant,
            actor=by.actor,
            action=action,
            resource=Resource(kind="silence", id=after.silence_id),
            at_ms=self._clock.now_ms(),
            reason=by.reason,
            request_id=by.request_id,
            changes=field_changes(None if before is None else before.facts(), after.facts()),
        )


def _selector(text: str) -> Selector:
    selector = parse(text)
    if not selector.terms:
        raise InputError("name at least one label: a silence of everything hides what goes wrong", field="selector")
    return selector


def _check(wish: SilenceWish, begins_at_ms: int, now_ms: int) -> None:
    _selector(wish.selector)
    if not wish.reason:
        raise InputError("say why: others will wonder about the quiet", field="reason")
    if wish.ends_at_ms <= max(begins_at_ms, now_ms):
        raise InputError("the end lies after the begin, and after now", field="ends_at")
    if wish.ends_at_ms - begins_at_ms > LONGEST_MS:
        raise InputError("a silence lasts at most 366 days", field="ends_at", max_days=366)


def _refuse_over(state: SilenceState, silence_id: str) -> None:
    if state is SilenceState.OVER:
        raise ConflictError("the silence is over: make a new one", silence_id=silence_id)


def _covers(selector: Selector, alert: KnownAlert) -> bool:
    return selector.matches(selectable(alert.labels, severity=alert.severity.word, rule_id=alert.rule_id))
