"""The ring of hints behind the stream: bounded, shared by readers, and quiet while nobody reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from gwf.api import feed as module
from gwf.api.feed import Change, Feed
from gwf.api.v1.stream import Reader, frames
from gwf.core.errors import OverloadedError, UnavailableError

AGENTS = Reader(tenant="default", topics=frozenset({"agents"}))


class Source:
    """A watch whose changes are given."""

    def __init__(self) -> None:
        self.looks = 0
        self.waiting: list[Change] = []
        self.error: Exception | None = None

    async def look(self) -> Sequence[Change]:
        self.looks += 1
        if self.error is not None:
            raise self.error
        told, self.waiting = self.waiting, []
        return told


def agents(count: int, *, first: int = 0, tenant: str | None = None) -> list[Change]:
    return [Change(topic="agents", version=number, tenant=tenant) for number in range(first, first + count)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


def run(work: Callable[[Feed, Source], Awaitable[None]]) -> None:
    async def inside() -> None:
        source = Source()
        feed = Feed([source], look_s=0.001)
        try:
            await work(feed, source)
        finally:
            feed.close()

    asyncio.run(inside())


def test_nothing_is_looked_at_while_nobody_reads() -> None:
    async def work(feed: Feed, source: Source) -> None:
        feed.enter()
        await until(lambda: source.looks > 2)
        feed.leave()
        seen = source.looks
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert source.looks <= seen + 1

    run(work)


def test_a_reader_who_is_too_slow_is_told_to_ask_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RING", 10)

    async def work(feed: Feed, source: Source) -> None:
        reading = frames(feed, AGENTS, None, heartbeat_s=60)
        assert [await anext(reading) for _ in range(2)][1].startswith(b"event: ready")
        source.waiting = agents(25)
        await until(lambda: feed.heard(0).place == 25)
        told = await anext(reading)
        assert told.startswith(b"event: resync")
        assert b"too_far_behind" in told
        source.waiting = agents(1, first=99)
        frame = await anext(reading)
        while b"heartbeat" in frame:
            frame = await anext(reading)
        assert b'"version":99' in frame
        await reading.aclose()
        assert feed.readers == 0

    run(work)


def test_nobody_is_told_of_another_tenant() -> None:
    async def work(feed: Feed, source: Source) -> None:
        reading = frames(feed, AGENTS, None, heartbeat_s=60)
        await anext(reading)
        source.waiting = [*agents(1, tenant="acme"), *agents(1, first=7, tenant="default")]
        frame = b""
        while b"event: hint" not in frame:
            frame = await anext(reading)
        assert b'"version":7' in frame
        await reading.aclose()

    run(work)


def test_a_watch_that_fails_does_not_end_the_stream() -> None:
    async def work(feed: Feed, source: Source) -> None:
        source.error = UnavailableError("away")
        feed.enter()
        await until(lambda: source.looks > 1)
        source.error = None
        source.waiting = agents(1)
        await until(lambda: len(feed.heard(0).changes) == 1)
        feed.leave()

    run(work)


def test_there_is_an_end_to_how_many_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_READERS", 1)

    async def work(feed: Feed, source: Source) -> None:
        feed.check_room()
        feed.enter()
        with pytest.raises(OverloadedError):
            feed.check_room()
        feed.leave()

    run(work)
