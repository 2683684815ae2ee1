from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gwf.core.clock import ManualClock
from gwf.core.errors import NotFoundError
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.database import open_database
from gwf.db.events_reads import StoredEvents
from gwf.db.ingest_store import IngestRows
from gwf.db.labelsets import LabelSets
from gwf.events.files import FileEvent, FileEventStatus, file_ref
from gwf.events.model import Severity
from gwf.events.ports import EventFilter, FileEventFilter, PageWish, Place, Span, StoredFileEvent
from gwf.events.raised import centre_event
from gwf.ingest.model import OutboxRow, Sender
from gwf.ingest.outbox import ready_batch

NOW_MS = 1_767_323_045_678
SPAN = Span(since_ms=NOW_MS - 1_000_000, until_ms=NOW_MS + 1_000_000)
KINDS = ("file.done", "file.failed", "file.dead", "file.vanished")


@dataclass
class Stock:
    reads: StoredEvents
    store: IngestRows
    clock: ManualClock
    #: (labels, event) of everything stored
    files: list[tuple[dict[str, str], FileEvent]]


def play(address: DatabaseAddress, story: Callable[[Stock], Awaitable[None]]) -> None:
    async def run() -> None:
        async with await open_database(address, fallback=False) as database:
            clock = ManualClock(now_ms=NOW_MS)
            labels = LabelSets(database.events, clock=clock)
            stock = Stock(StoredEvents(database.events, labels), IngestRows(database, labels, clock), clock, [])
            await story(stock)

    asyncio.run(run())


async def fill(stock: Stock, rows: int = 300) -> None:
    chance = random.Random(7)
    for number in range(6):
        labels = {"env": "prod" if number % 2 else "test", "site": f"s{number // 2}"}
        sender = Sender(tenant="acme" if number == 5 else "default", agent_id=f"ag{number}", labels=labels)
        sent = [OutboxRow(seq, NOW_MS - chance.randrange(40) * 1_000, chance.choice(KINDS), seq, 1, body(chance))
                for seq in range(1, rows // 6 + 1)]  # fmt: skip
        batch = ready_batch(sender, "e1", sent, faults=(), lost_before=False)
        await stock.store.write([batch], ())
        stock.files += [(labels, event) for event in batch.files]


def body(chance: random.Random) -> dict[str, Any]:
    path = chance.choice(("/in/a.log", "/in/b_1.log", "/In/A%.txt", "/out/中文.log"))
    failed = chance.choice((None, "network", "auth"))
    return {"path": path, "store": chance.choice(("main", "spare")), "error_class": failed, "message": failed}


async def whole(stock: Stock, wanted: FileEventFilter, limit: int) -> list[StoredFileEvent]:
    """Page through a list to its end and back; both ways show the same."""
    pages = [await stock.reads.file_events(wanted, PageWish(limit=limit))]
    while pages[-1].more:
        pages.append(await stock.reads.file_events(wanted, PageWish(limit=limit, after=place(pages[-1].items[-1]))))
    for later, earlier in zip(reversed(pages), reversed(pages[:-1]), strict=False):
        back = await stock.reads.file_events(wanted, PageWish(limit=limit, after=place(later.items[0]), newer=True))
        assert back.items == earlier.items
        assert back.more is (earlier is not pages[0])
    return [item for page in pages for item in page.items]


def place(item: StoredFileEvent) -> Place:
    return Place(at_ms=item.event.at_ms, row_id=item.row_id)


def names(items: Sequence[FileEvent]) -> list[tuple[int, str, int]]:
    return sorted((event.at_ms, event.agent_id, event.seq) for event in items)


ALL = FileEventFilter(tenant="default", span=SPAN)
Test = Callable[[dict[str, str], FileEvent], bool]
CASES: list[tuple[FileEventFilter, Test]] = [
    (ALL, lambda labels, event: True),
    (
        replace(ALL, span=Span(since_ms=NOW_MS - 20_000, until_ms=NOW_MS - 5_000)),
        lambda labels, event: NOW_MS - 20_000 <= event.at_ms < NOW_MS - 5_000,
    ),
    (
        replace(ALL, statuses=(FileEventStatus.DEAD, FileEventStatus.FAILED)),
        lambda labels, event: event.status in {FileEventStatus.DEAD, FileEventStatus.FAILED},
    ),
    (replace(ALL, agents=("ag1", "ag2", "ag5")), lambda labels, event: event.agent_id in {"ag1", "ag2"}),
    (replace(ALL, stores=("main",)), lambda labels, event: event.store == "main"),
    (replace(ALL, error_classes=("auth",)), lambda labels, event: event.error_class == "auth"),
    (replace(ALL, labels=lambda found: found["env"] == "prod"), lambda labels, event: labels["env"] == "prod"),
    (replace(ALL, labels=lambda found: False), lambda labels, event: False),
    (
        replace(
            ALL, labels=lambda found: found["env"] == "test", statuses=(FileEventStatus.DONE,), agents=("ag0", "ag2")
        ),
        lambda labels, event: event.status is FileEventStatus.DONE and event.agent_id in {"ag0", "ag2"},
    ),
    (replace(ALL, path_prefix="/in/"), lambda labels, event: event.path.startswith("/in/")),
    (replace(ALL, text="a%"), lambda labels, event: "a%" in event.path.lower()),
    (replace(ALL, text="B_1"), lambda labels, event: "b_1" in event.path),
    (replace(ALL, text="NETW"), lambda labels, event: event.message == "network"),
    (replace(ALL, text="中"), lambda labels, event: "中" in event.path),
    (
        replace(ALL, file_ref=file_ref("ag1", "/in/a.log")),
        lambda labels, event: (event.agent_id, event.path) == ("ag1", "/in/a.log"),
    ),
    (replace(ALL, file_ref=file_ref("ag5", "/in/a.log")), lambda labels, event: False),
]


def test_every_filter_shows_what_it_says_page_by_page(address: DatabaseAddress) -> None:
    async def story(stock: Stock) -> None:
        await fill(stock)
        for number, (wanted, test) in enumerate(CASES):
            found = [item.event for item in await whole(stock, wanted, limit=40)]
            expected = [event for labels, event in stock.files if event.tenant == "default" and test(labels, event)]
            assert names(found) == names(expected), number
            assert [event.at_ms for event in found] == sorted((event.at_ms for event in found), reverse=True), number

    play(address, story)


def test_a_list_of_many_label_sets_is_the_same_as_one_of_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(stock: Stock) -> None:
        await fill(stock)
        wanted = replace(ALL, labels=lambda found: found["env"] == "prod", statuses=(FileEventStatus.DONE,))
        few = await whole(stock, wanted, limit=20)
        monkeypatch.setattr(stock.reads, "_most", 1)
        assert await whole(stock, wanted, limit=20) == few

    play(parse_address("sqlite", data_dir=tmp_path), story)


@pytest.mark.parametrize("glance", [5, 30, 500])
def test_a_list_is_the_same_whether_the_newest_rows_tell_all_of_it_or_not(
    address: DatabaseAddress, glance: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gwf.db.events_filters.GLANCE_FROM", 1)
    monkeypatch.setattr("gwf.db.timeline_sql.GLANCE", glance)

    async def story(stock: Stock) -> None:
        await fill(stock, rows=120)
        for number, (wanted, test) in enumerate(CASES):
            found = [item.event for item in await whole(stock, wanted, limit=15)]
            expected = [event for labels, event in stock.files if event.tenant == "default" and test(labels, event)]
            assert names(found) == names(expected), number

    play(address, story)


def test_a_list_shows_what_was_taken_by_a_moment(address: DatabaseAddress) -> None:
    async def story(stock: Stock) -> None:
        await fill(stock, rows=60)
        stock.clock.advance(10)
        late = OutboxRow(11, NOW_MS - 1_000, "file.done", 11, 1, {"path": "/late"})
        sender = Sender(tenant="default", agent_id="ag0", labels={})
        await stock.store.write([ready_batch(sender, "e1", [late], faults=(), lost_before=False)], ())
        before = replace(ALL, span=replace(SPAN, as_of_ms=NOW_MS + 5_000))
        assert len(await whole(stock, before, limit=40)) == 50
        assert len(await whole(stock, ALL, limit=40)) == 51

    play(address, story)


def test_a_row_is_shown_with_all_it_has_and_to_its_tenant_only(address: DatabaseAddress) -> None:
    async def story(stock: Stock) -> None:
        await fill(stock, rows=60)
        item = (await whole(stock, ALL, limit=100))[0]
        again = await stock.reads.file_event("default", item.row_id)
        assert again == item
        assert (again.labels, again.event) in [(labels, event) for labels, event in stock.files]
        with pytest.raises(NotFoundError):
            await stock.reads.file_event("acme", item.row_id)
        with pytest.raises(NotFoundError):
            await stock.reads.file_event("default", 2**63 - 1)

    play(address, story)


def test_facets_come_from_sums_and_where_texts_are_searched_from_the_newest(address: DatabaseAddress) -> None:
    async def story(stock: Stock) -> None:
        await fill(stock)
        mine = [event for _, event in stock.files if event.tenant == "default"]
        wide = replace(ALL, span=Span(since_ms=NOW_MS - 3_600_000, until_ms=NOW_MS + 60_000))
        found = await stock.reads.file_event_facets(wide)
        assert (found.exact, found.counted) == (True, len(mine))
        assert dict(found.statuses)[FileEventStatus.DONE] == sum(e.status is FileEventStatus.DONE for e in mine)
        assert dict(found.error_classes)["auth"] == sum(event.error_class == "auth" for event in mine)
        assert dict(found.agents)["ag1"] == sum(event.agent_id == "ag1" for event in mine)
        prod = await stock.reads.file_event_facets(replace(wide, labels=lambda labels: labels["env"] == "prod"))
        assert {agent for agent, _ in prod.agents} == {"ag1", "ag3"}
        searched = await stock.reads.file_event_facets(replace(wide, text="a.log"))
        assert searched.counted == sum("a.log" in event.path for event in mine)
        assert (await stock.reads.file_event_facets(replace(wide, labels=lambda labels: False))).counted == 0

    play(address, story)


def test_events_are_filtered_and_paged_too(address: DatabaseAddress) -> None:
    async def story(stock: Stock) -> None:
        kinds = ("agent.offline", "agent.online", "rollout.halted")
        sent = [
            replace(
                centre_event(kinds[n % 3], at_ms=NOW_MS - n, severity=list(Severity)[n % 6], subject=f"Subject {n}"),
                labels={"env": "prod" if n % 2 else "test"}, agent_id=f"ag{n % 4}", data={"n": n, "text": "中_%"},
            )
            for n in range(60)
        ]  # fmt: skip
        await stock.store.write((), sent)
        every = EventFilter(tenant="default", span=SPAN)
        cases: list[tuple[EventFilter, Callable[[int], bool]]] = [
            (every, lambda n: True),
            (replace(every, types=("gwf.agent.offline",)), lambda n: n % 3 == 0),
            (replace(every, types=("gwf.agent.*", "x")), lambda n: n % 3 < 2),
            (replace(every, agents=("ag1", "ag2")), lambda n: n % 4 in {1, 2}),
            (replace(every, sources=("/elsewhere",)), lambda n: False),
            (replace(every, min_severity=Severity.ERROR), lambda n: n % 6 >= 4),
            (replace(every, labels=lambda labels: labels["env"] == "prod"), lambda n: n % 2 == 1),
            (replace(every, text="subject 5"), lambda n: n == 5 or n >= 50),
            (replace(every, text="中_%"), lambda n: True),
            (replace(every, tenant="acme"), lambda n: False),
        ]
        for number, (wanted, test) in enumerate(cases):
            page = await stock.reads.events(wanted, PageWish(limit=1_000))
            assert [item.event for item in page.items] == [sent[n] for n in range(60) if test(n)], number
            spread = await stock.reads.event_facets(wanted)
            counted = Counter(sent[n].type for n in range(60) if test(n))
            assert (dict(spread.types), spread.exact, spread.counted) == (counted, True, counted.total()), number
        worst = await stock.reads.event_facets(replace(every, agents=("ag1",)))
        assert (worst.severities[0], worst.agents) == ((Severity.CRITICAL, 5), [("ag1", 15)])
        first = await stock.reads.events(every, PageWish(limit=10))
        last = first.items[-1]
        after = Place(at_ms=last.event.at_ms, row_id=last.row_id)
        second = await stock.reads.events(every, PageWish(limit=10, after=after))
        assert [item.event for item in second.items] == sent[10:20]
        assert await stock.reads.event("default", last.row_id) == last
        with pytest.raises(NotFoundError):
            await stock.reads.event("acme", last.row_id)

    play(address, story)
