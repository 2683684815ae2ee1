"""Stores and dead letters in memory that note what was asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from gwf.core.errors import InputError, NotFoundError
from gwf.wire.deadletters import ChangedFiles, DeadFilter, DeadGroup, DeadPage, DropOrder, HistoryEntry, ReplayOrder
from gwf.wire.edge import StoreView
from gwf.wire.stores import BreakerOrder
from tests.api.fake_edge import NOW_MS, at, overview_of


@dataclass
class FakeStores:
    """Satisfies StoresSource."""

    orders: list[tuple[str, BreakerOrder, str]] = field(default_factory=list[tuple[str, BreakerOrder, str]])

    def list(self) -> list[StoreView]:
        return overview_of("full").stores

    def move_breaker(self, name: str, order: BreakerOrder, *, author: str) -> StoreView:
        self.orders.append((name, order, author))
        for store in self.list():
            if store.name == name:
                return store
        raise NotFoundError("no store has this name", store=name)


def dead_groups() -> list[DeadGroup]:
    """Return what a busy host would show."""
    return [
        DeadGroup(
            error_class="auth", cause="the store refuses status=403 code=AccessDenied", cause_id="5f0c9a4b7e21",
            files=4, bytes=32_768, stores={"archive": 4}, oldest_at=at(9_000), newest_at=at(372), example_id=1986,
            example_message="the store refuses (status=403 code='AccessDenied')",
        ),
        DeadGroup(
            error_class="local_io", cause="the file cannot be read: Permission denied", cause_id="0a1b2c3d4e5f",
            files=3, bytes=149_422_080, stores={"default": 2, "archive": 1}, oldest_at=at(80_000), newest_at=at(431),
            example_id=1985, example_message="the file cannot be read: Permission denied",
        ),
    ]  # fmt: skip


@dataclass
class FakeLetters:
    """Satisfies DeadLetterSource."""

    asked: list[object] = field(default_factory=list[object])

    def page(self, wanted: DeadFilter, *, cursor: str | None, limit: int) -> DeadPage:
        self.asked.append((wanted, cursor, limit))
        if cursor == "foreign":
            raise InputError("cursor is not one of ours; begin again without it")
        return DeadPage(groups=dead_groups(), items=[], next_cursor=None, total=7, as_of=at(NOW_MS * 0))

    def history(self, file_id: int) -> list[HistoryEntry]:
        if file_id != 17:
            raise NotFoundError("no file has this id", id=file_id)
        return [HistoryEntry(seq=1, at=at(9), kind="file.dead", version=1, facts={"message": "denied"})]

    def replay(self, order: ReplayOrder, *, author: str) -> ChangedFiles:
        self.asked.append((order, author))
        return ChangedFiles(count=2, dry_run=order.dry_run, items=[])

    def drop(self, order: DropOrder, *, author: str) -> ChangedFiles:
        self.asked.append((order, author))
        return ChangedFiles(count=1, dry_run=order.dry_run, items=[])
