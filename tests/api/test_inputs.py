from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr

from gwf.api.v1.inputlist import input_list_routes
from gwf.api.v1.inputs import InputParts, input_routes
from gwf.core.clock import SystemClock
from gwf.core.errors import UnavailableError
from gwf.core.settings.inputs import SyslogSettings, WebhookInputSettings
from gwf.ingest.gate import GateLimits
from gwf.ingest.inputs.contract import Made, Posted
from gwf.ingest.inputs.doors import doors_of
from gwf.ingest.inputs.intake import Intake
from gwf.ingest.inputs.listing import InputListing
from gwf.ingest.inputs.mapping import webhooks
from gwf.ingest.inputs.metrics import Fate, InputFacts
from gwf.ingest.inputs.plugins import PluginInput
from gwf.ingest.service import IngestService
from tests.api.centre_port import CentrePort, open_centre
from tests.api.conftest import Answer
from tests.ingest.inputs.test_alertmanager import ALERT, ENDED, group
from tests.ingest.memory_store import MemoryStore

KEY = "k" * 32
AM, HOOK = "/api/v1/inputs/alertmanager", "/api/v1/inputs/webhook"


class Lines:
    """An input as a package brings it: each line of the body is an event."""

    def read(self, posted: Posted) -> Sequence[Made]:
        usual = {"specversion": "1.0", "source": "/lines", "type": "line"}
        lines = enumerate(posted.body.decode().splitlines())
        return [Made(pointer=f"/{at}", event=usual | {"id": line}) for at, line in lines]


@dataclass
class Place:
    port: CentrePort
    store: MemoryStore
    facts: InputFacts
    ingest: IngestService

    def send(self, path: str, body: bytes, role: str | None = "operator", **headers: str) -> Answer:
        return self.port.ask(path, "POST", body=body, role=role, Content_Type="application/json", **headers)


@pytest.fixture
def place() -> Iterator[Place]:
    store, facts = MemoryStore(), InputFacts()
    ingest = IngestService(store, SystemClock(), limits=GateLimits(max_bytes=10_000))
    signed = WebhookInputSettings(type="signed", secret=SecretStr(KEY), tenant="acme", max_body=2_000)
    parts = InputParts(
        intake=Intake(ingest, facts),
        webhooks=webhooks({"open": WebhookInputSettings(type="{/type}"), "signed": signed}),
        plugins={"lines": PluginInput(name="lines", tenant="default", web=Lines(), listening=None)},
    )

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        ingest.start()
        yield
        await ingest.stop()

    doors = doors_of(parts.webhooks, SyslogSettings(), parts.plugins.values())
    listing = InputListing(doors, parts.intake.news, facts)
    shown = [input_list_routes(listing, SystemClock())]
    with open_centre(v1=shown, hot=input_routes(parts), running=running) as port:
        yield Place(port, store, facts, ingest)


def signature(body: bytes, key: str = KEY) -> dict[str, str]:
    return {"X_Hub_Signature_256": "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}


def test_alerts_are_stored_once_for_the_tenant_of_the_token(place: Place) -> None:
    answers = [place.send(AM, group(*alerts), role="operator@acme") for alerts in ((ALERT,), (ALERT,), (ALERT, ENDED))]
    assert [(answer.status, answer.json["accepted"], answer.json["duplicates"]) for answer in answers] == [
        (200, 1, 0), (200, 0, 1), (200, 1, 1),
    ]  # fmt: skip
    assert [(event.tenant, event.type) for event in place.store.events] == [
        ("acme", "prometheus.alert.firing"), ("acme", "prometheus.alert.resolved"),
    ]  # fmt: skip


def test_what_cannot_be_read_is_named_by_its_place(place: Place) -> None:
    answer = place.send(AM, group(ALERT, ALERT | {"status": "odd"}))
    assert (answer.status, [(one["pointer"], one["code"]) for one in answer.json["rejected"]]) == (
        200, [("/body/alerts/1/status", "unknown")],
    )  # fmt: skip
    none = place.send(AM, b'{"version": "3", "alerts": []}')
    assert (none.status, none.json["code"], none.json["errors"][0]["pointer"]) == (422, "bad_body", "/body/version")
    assert place.facts.fates["alertmanager", Fate.REJECTED] == 2


def test_events_of_a_webhook_and_of_a_package_are_checked_as_those_of_strangers(place: Place) -> None:
    assert place.send(f"{HOOK}/open", b'{"type": "sale"}').json["accepted"] == 1
    refused = place.send(f"{HOOK}/open", b'{"type": "gwf.agent.offline"}')
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "reserved")
    assert place.send("/api/v1/inputs/plugin/lines", b"a\nb\na").json == {
        "accepted": 2,
        "duplicates": 1,
        "rejected": [],
    }


@pytest.mark.parametrize("path", [AM, f"{HOOK}/open", f"{HOOK}/nobody", "/api/v1/inputs/plugin/lines"])
def test_whoever_has_no_token_with_the_scope_gets_no_further(place: Place, path: str) -> None:
    assert place.send(path, b"{}", role=None).status == 401
    assert place.send(path, b"{}", role="viewer").status == 403
    assert place.store.events == []


def test_what_is_called_by_nobody_is_not_found(place: Place) -> None:
    assert [place.send(path, b"{}").status for path in (f"{HOOK}/nobody", "/api/v1/inputs/plugin/nobody")] == [404, 404]


def test_a_signed_webhook_needs_the_signature_and_no_token(place: Place) -> None:
    body = json.dumps({"n": 1}).encode()
    answer = place.send(f"{HOOK}/signed", body, role=None, **signature(body))
    assert (answer.status, [event.tenant for event in place.store.events]) == (200, ["acme"])
    wrong = [place.send(f"{HOOK}/signed", body, **signature(body, "x")), place.send(f"{HOOK}/signed", body)]
    assert [(one.status, one.json["code"]) for one in wrong] == [(403, "bad_signature")] * 2
    assert place.facts.fates["webhook/signed", Fate.DENIED] == 2
    large = b" " * 3_000
    assert place.send(f"{HOOK}/signed", large, role=None, **signature(large)).status == 413


def test_a_full_house_is_told_in_the_way_that_alertmanager_comes_again_for(place: Place) -> None:
    with place.ingest.admitted(9_999):
        answer = place.send(AM, group(ALERT))
    assert (answer.status, int(answer.headers["Retry-After"]) >= 1) == (503, True)
    place.store.failure = UnavailableError("the database is away")
    assert place.send(AM, group(ALERT)).status == 503
    place.store.failure = None
    assert place.send(AM, group(ALERT)).json["accepted"] == 1


def test_a_trial_shows_what_would_be_made_and_stores_nothing(place: Place) -> None:
    answer = place.send(f"{HOOK}/open?dry_run=true", b'[{"type": "sale", "n": 1}, {"n": 2}]')
    assert answer.status == 200
    (event,) = answer.json["events"]
    assert (event["type"], event["source"], event["severity"], event["data"]["n"]) == (
        "sale",
        "/webhook/open",
        "info",
        1,
    )
    assert [(one["pointer"], one["code"]) for one in answer.json["rejected"]] == [("/body/1", "missing")]
    signed = f"{HOOK}/signed?dry_run=true"  # whoever sets a webhook up tries it with a token, without its key
    assert (place.send(signed, b"{}").status, place.send(signed, b"{}", role=None).status) == (200, 401)
    assert (place.store.events, place.facts.fates) == ([], {})


def listed(place: Place, role: str = "viewer") -> dict[str, Any]:
    answer = place.port.ask("/api/v1/inputs", role=role)
    assert answer.status == 200, answer.body
    return {one["name"]: one for one in answer.json["items"]}


def test_inputs_are_listed_with_what_each_brought_the_tenant_and_no_secret(place: Place) -> None:
    body = json.dumps({"n": 1}).encode()
    place.send(f"{HOOK}/signed", body, role=None, **signature(body))
    place.send(f"{HOOK}/signed", body, role=None, **signature(body, "x"))
    place.send(AM, group(ALERT, ALERT, ALERT | {"status": "odd"}))
    place.send(AM, b"no json")
    found = listed(place)
    assert list(found) == ["cloudevents", "alertmanager", "webhook/open", "syslog", "plugin/lines"]
    told = found["alertmanager"]
    assert [told[name] for name in ("taken", "duplicates", "refused", "denied", "state", "guard")] == [
        1, 1, 2, 0, "on", "token",
    ]  # fmt: skip
    assert told["last_event_at"]
    assert told["last_error_at"]
    assert "no group of alerts" in told["last_error"]
    quiet = found["webhook/open"]
    assert (quiet["taken"], quiet["last_event_at"], quiet["last_error"]) == (0, None, "")
    assert (found["syslog"]["state"], found["syslog"]["address"], found["syslog"]["connections"]) == ("off", "", None)
    theirs = listed(place, "viewer@acme")["webhook/signed"]
    assert [theirs[name] for name in ("taken", "denied", "guard")] == [1, 1, "signature"]
    assert theirs["last_error"] == "the body is not signed with the key of this webhook"
    assert KEY not in json.dumps([found, theirs])
    assert listed(place, "viewer@acme")["alertmanager"]["taken"] == 0


def test_what_cannot_be_stored_is_the_last_error_of_an_input(place: Place) -> None:
    with place.ingest.admitted(9_999):
        place.send(AM, group(ALERT))
    assert "send it again later" in listed(place)["alertmanager"]["last_error"]
    place.store.failure = UnavailableError("the database is away")
    place.send(AM, group(ALERT))
    assert listed(place)["alertmanager"]["last_error"] == "the database is away"
    assert place.port.ask("/api/v1/inputs", role=None).status == 401
