from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from gwf.api.v1.cloudevents import cloudevents_route
from gwf.core.clock import ManualClock, SystemClock
from gwf.ingest.inputs.news import InputNews
from gwf.ingest.service import IngestService
from tests.api.centre_port import CentrePort, open_centre
from tests.api.conftest import Answer
from tests.ingest.memory_store import MemoryStore

PATH = "/api/v1/events"
SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def event(name: str, **more: object) -> dict[str, object]:
    return {"specversion": "1.0", "id": name, "source": "/shop", "type": "com.example.paid", **more}


@dataclass
class Place:
    port: CentrePort
    store: MemoryStore

    def send(self, value: object, media: str = SINGLE, role: str | None = "operator") -> Answer:
        return self.port.ask(PATH, "POST", body=json.dumps(value).encode(), role=role, Content_Type=media)


@pytest.fixture
def place() -> Iterator[Place]:
    store = MemoryStore()
    ingest = IngestService(store, SystemClock())

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        ingest.start()
        yield
        await ingest.stop()

    with open_centre(hot=[cloudevents_route(ingest, ManualClock(), InputNews(ingest.now_ms))], running=running) as port:
        yield Place(port, store)


def test_one_event_is_stored_for_the_tenant_of_who_sends_it(place: Place) -> None:
    answer = place.send(event("a", data={"n": 1}), role="operator@acme")
    assert (answer.status, answer.json) == (200, {"accepted": 1, "duplicates": 0, "rejected": []})
    assert [(stored.id, stored.tenant, stored.data) for stored in place.store.events] == [("a", "acme", {"n": 1})]


def test_of_one_source_and_id_only_the_first_is_stored(place: Place) -> None:
    place.send(event("a"))
    answer = place.send([event("a"), event("b"), event("b"), event("a", source="/other")], BATCH)
    assert answer.json == {"accepted": 2, "duplicates": 2, "rejected": []}


def test_of_a_batch_what_is_wrong_is_named_and_the_rest_is_stored(place: Place) -> None:
    answer = place.send([event("a"), event("b", time="soon"), 7, event("c")], BATCH)
    assert (answer.status, answer.json["accepted"]) == (200, 2)
    assert [(item["pointer"], item["code"]) for item in answer.json["rejected"]] == [
        ("/body/1/time", "bad_format"),
        ("/body/2", "wrong_type"),
    ]


def test_when_nothing_can_be_taken_it_is_a_problem_with_pointers(place: Place) -> None:
    answer = place.send(event("a", type="gwf.agent.offline"))
    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert [(item["pointer"], item["code"]) for item in answer.json["errors"]] == [("/body/type", "reserved")]


def test_the_binary_form_has_its_attributes_in_headers(place: Place) -> None:
    headers = {"ce_specversion": "1.0", "ce_id": "z", "ce_source": "/s", "ce_type": "t", "ce_severity": "error"}
    answer = place.port.ask(PATH, "POST", body=b'{"n":1}', Content_Type="application/json", **headers)
    assert answer.json["accepted"] == 1
    assert (place.store.events[0].data, place.store.events[0].severity.word) == ({"n": 1}, "error")
    refused = place.port.ask(PATH, "POST", body=b"x", Content_Type="text/plain", **{**headers, "ce_id": ""})
    assert refused.json["errors"][0]["pointer"] == "/header/ce-id"


def test_a_packed_body_is_unpacked(place: Place) -> None:
    body = gzip.compress(json.dumps([event("a")]).encode())
    answer = place.port.ask(PATH, "POST", body=body, Content_Type=BATCH, Content_Encoding="gzip")
    assert answer.json["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (b"{", SINGLE, 400, "bad_body"),
        (b"{}", BATCH, 400, "bad_body"),
        (b"[" * 100_000, BATCH, 400, "bad_body"),
        (b"\xff", SINGLE, 400, "bad_body"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"[]" + b" " * 5_000_000, BATCH, 413, "too_large"),
    ],
)
def test_what_is_no_event_is_refused(place: Place, body: bytes, media: str, status: int, code: str) -> None:
    answer = place.port.ask(PATH, "POST", body=body, Content_Type=media)
    assert (answer.status, answer.json["code"]) == (status, code)


def test_too_many_events_are_refused(place: Place) -> None:
    assert place.send([event(str(n)) for n in range(2_001)], BATCH).json["errors"][0]["code"] == "too_many"


def test_a_role_without_the_permission_may_not_send(place: Place) -> None:
    assert place.send(event("a"), role="viewer").status == 403
    assert place.send(event("a"), role=None).status == 401
