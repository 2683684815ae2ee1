from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from starlette.requests import Request

from gwf.api.v1.outbox import outbox_route
from gwf.core.clock import SystemClock
from gwf.core.errors import UnavailableError
from gwf.identity.errors import LoginRequiredError
from gwf.ingest.gate import GateLimits
from gwf.ingest.model import Sender
from gwf.ingest.service import IngestService
from tests.api.centre_port import CentrePort, open_centre
from tests.api.conftest import Answer
from tests.ingest.memory_store import MemoryStore

PATH = "/api/v1/agents/self/outbox"


class Door:
    async def sender(self, request: Request) -> Sender:
        if request.headers.get("authorization") != "Bearer agent-1":
            raise LoginRequiredError("no agent has this credential")
        return Sender(tenant="default", agent_id="ag1", labels={"env": "prod"})


def event(seq: int, kind: str = "file.done", **more: object) -> dict[str, object]:
    body = {"path": f"/in/{seq}", "store": "main", "size_bytes": 10}
    return {
        "seq": seq, "at": "2026-01-02T03:04:05.678Z", "kind": kind, "file": {"id": seq, "gen": 1}, "body": body, **more
    }  # fmt: skip


@dataclass
class Place:
    port: CentrePort
    store: MemoryStore
    ingest: IngestService

    def send(self, events: Sequence[object], *, packed: bool = False, **more: object) -> Answer:
        body = json.dumps({"epoch": "e1", "events": events, **more}).encode()
        return self.post(gzip.compress(body), Content_Encoding="gzip") if packed else self.post(body)

    def post(self, body: bytes, **headers: str) -> Answer:
        return self.port.ask(PATH, "POST", body=body, role=None, Authorization="Bearer agent-1", **headers)


@pytest.fixture
def place() -> Iterator[Place]:
    store = MemoryStore()
    ingest = IngestService(store, SystemClock(), limits=GateLimits(max_bytes=8 * 1024 * 1024))

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        ingest.start()
        yield
        await ingest.stop()

    with open_centre(hot=[outbox_route(ingest, Door())], running=running) as port:
        yield Place(port, store, ingest)


@pytest.mark.parametrize("packed", [True, False])
def test_a_batch_is_stored_and_acknowledged(place: Place, packed: bool) -> None:
    answer = place.send([event(1), event(2)], packed=packed)
    assert (answer.status, answer.json) == (200, {"acked_seq": 2, "rejected": []})
    assert [(stored.seq, stored.path, stored.at_ms) for stored in place.store.files] == [
        (1, "/in/1", 1_767_323_045_678),
        (2, "/in/2", 1_767_323_045_678),
    ]


def test_a_gap_is_a_conflict_that_names_what_is_expected(place: Place) -> None:
    answer = place.send([event(5)])
    assert (answer.status, answer.json["code"]) == (409, "outbox_gap")
    assert answer.json["params"]["expected_seq"] == "1"


def test_one_event_of_the_wrong_form_is_named_and_the_others_are_stored(place: Place) -> None:
    answer = place.send([event(1), event(2, "NO KIND"), event(3, file={"id": -1, "gen": 1}), event(4)])
    assert answer.status == 200
    assert answer.json["acked_seq"] == 4
    assert [(item["seq"], item["code"]) for item in answer.json["rejected"]] == [(2, "bad_event"), (3, "bad_event")]
    assert answer.json["rejected"][1]["message"].startswith("file/id: ")
    assert [stored.seq for stored in place.store.files] == [1, 4]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"{", "/body"),
        (b"[]", "/body"),
        (b'{"epoch":"e1"}', "/body"),
        (b'{"epoch":"e1","events":[]}', "/body/events"),
        (b'{"epoch":7,"events":[]}', "/body/epoch"),
        (b'{"epoch":"e1","events":[{"kind":"x"}]}', "/body/events/0"),
        (b'{"epoch":"e1","events":[{"seq":"1"}]}', "/body/events/0/seq"),
        (b'{"epoch":"e1","events":[{"seq":0}]}', "/body/events/0/seq"),
    ],
)
def test_a_body_that_is_no_batch_is_refused_by_a_pointer(place: Place, body: bytes, pointer: str) -> None:
    answer = place.post(body)
    assert (answer.status, answer.json["code"]) == (400, "bad_body")
    assert answer.json["errors"][0]["pointer"] == pointer


def test_packed_bodies_are_bounded_and_must_be_whole(place: Place) -> None:
    assert place.post(gzip.compress(b" " * 5_000_000), Content_Encoding="gzip").status == 413
    assert place.post(gzip.compress(b"{}" * 500)[:-9], Content_Encoding="gzip").json["errors"][0]["code"] == "bad_gzip"
    assert place.post(b"{}", Content_Encoding="gzip").json["errors"][0]["code"] == "bad_gzip"
    refused = place.post(b"{}", Content_Encoding="br")
    assert (refused.status, refused.json["code"]) == (415, "unsupported_media_type")


def test_nobody_but_an_agent_gets_in(place: Place) -> None:
    assert place.port.ask(PATH, "POST", body=b"{}", role="admin").status == 401


def test_a_full_centre_asks_to_wait(place: Place) -> None:
    place.ingest.gate.enter(8 * 1024 * 1024, 3_000)
    answer = place.send([event(1)])
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (429, "overloaded", "60")


def test_a_database_that_is_away_is_told_with_a_wait(place: Place) -> None:
    place.store.failure = UnavailableError("the database does not answer")
    answer = place.send([event(1)])
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "unavailable", "1")
    assert place.store.files == []


def test_a_batch_of_which_the_numbers_have_a_hole_is_refused(place: Place) -> None:
    assert place.send([event(1), event(3)]).status == 400


def test_too_many_events_are_refused(place: Place) -> None:
    answer = place.send([{"seq": seq} for seq in range(1, 2_002)])
    assert (answer.status, answer.json["errors"][0]["code"]) == (400, "too_many")


def test_the_description_has_the_shapes(place: Place) -> None:
    described = place.port.ask("/api/v1/openapi.json").json
    assert "OutboxBatch" in described["components"]["schemas"]
    assert described["paths"][PATH]["post"]["responses"]["default"]
