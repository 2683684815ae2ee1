from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from pydantic import SecretStr

from gwf.core.settings.inputs import WebhookInputSettings
from gwf.events.model import Event, Severity
from gwf.ingest.cloudevents import Fault, FaultError, parse_event
from gwf.ingest.inputs.contract import Posted, UnreadableError
from gwf.ingest.inputs.mapping import Webhook

NOW_MS = 1_780_000_000_000
GRAFANA = WebhookInputSettings(
    items="/alerts",
    only={"{/status}": ("firing", "resolved")},
    type="grafana.alert.{/status}",
    id="{/fingerprint}/{/startsAt}/{/status}",
    source="/grafana/{body/orgId}",
    subject="{/labels/alertname|/labels/name}",
    time="{/startsAt}",
    severity="{/labels/level}",
    severities={"P1": "critical", "P2": "error"},
    labels={"team": "{/labels/team}", "host": "{/labels/host}"},
    data="/labels",
)


def posted(value: object, **headers: str) -> Posted:
    return Posted(body=json.dumps(value).encode(), headers=headers)


def events(settings: WebhookInputSettings, value: object, **headers: str) -> list[Event | Fault | str]:
    found: list[Event | Fault | str] = []
    for one in Webhook("hook", settings).read(posted(value, **headers)):
        try:
            made = one.event
            found.append(made if isinstance(made, Fault) else parse_event(made, tenant="t", now_ms=NOW_MS))
        except FaultError as exc:
            found.append(exc.fault.pointer)
    return found


def only(settings: WebhookInputSettings, value: object, **headers: str) -> Event:
    (event,) = events(settings, value, **headers)
    assert isinstance(event, Event)
    return event


def test_items_become_events_as_the_settings_say() -> None:
    labels = {"name": "disk", "team": "store", "host": "no label!", "level": "p1"}
    alert = {"status": "firing", "fingerprint": "f", "startsAt": "2026-05-28T12:00:00Z", "labels": labels}
    event = only(GRAFANA, {"orgId": 7, "alerts": [alert, alert | {"status": "pending"}]})
    assert (event.type, event.source, event.subject) == ("grafana.alert.firing", "/grafana/7", "disk")
    assert (event.id, event.severity) == ("f/2026-05-28T12:00:00Z/firing", Severity.CRITICAL)
    assert (event.at_ms, event.labels, event.data) == (1_779_969_600_000, {"team": "store"}, labels)


def test_what_the_settings_leave_out_is_filled_in() -> None:
    settings = WebhookInputSettings(type="shop.{header/x-kind}")
    event, other = (
        only(settings, {"b": 1, "a": 2}, **{"x-kind": "sale"}),
        only(settings, {"b": 2}, **{"x-kind": "sale"}),
    )
    assert (event.type, event.source, event.subject, event.at_ms) == ("shop.sale", "/webhook/hook", None, NOW_MS)
    assert event.id == only(settings, {"a": 2, "b": 1}, **{"x-kind": "sale"}).id != other.id
    assert event.data == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("moment", "at_ms"),
    [(1_779_969_600, 1_779_969_600_000), ("1779969600.5", 1_779_969_600_500), (1_779_969_600_123, 1_779_969_600_123),
     ("2026-05-28T14:00:00+02:00", 1_779_969_600_000), ("", NOW_MS), (None, NOW_MS)],
)  # fmt: skip
def test_a_time_may_be_told_in_several_ways(moment: object, at_ms: int) -> None:
    settings = WebhookInputSettings(type="t", time="{/at}")
    assert only(settings, {"at": moment}).at_ms == at_ms


def test_what_cannot_be_an_event_is_said_of_each_item() -> None:
    settings = WebhookInputSettings(type="{/type}", time="{/at}")
    found = events(
        settings, [{"type": "a"}, {}, {"type": "gwf.x"}, {"type": "b", "at": "soon"}, {"type": "c", "at": 1e99}]
    )
    assert [one.code if isinstance(one, Fault) else one if isinstance(one, str) else "" for one in found] == [
        "", "missing", "/type", "/time", "bad_format",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"{", b'{"other": []}', b"\xff", b"[" * 100_000])
def test_what_has_no_items_is_not_understood(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        Webhook("hook", GRAFANA).read(Posted(body=body, headers={}))


def test_a_signature_is_that_of_the_whole_body() -> None:
    hook = Webhook("hook", WebhookInputSettings(type="t", secret=SecretStr("k" * 32)))
    assert hook.is_signed
    right = "sha256=" + hmac.new(b"k" * 32, b"{}", hashlib.sha256).hexdigest()
    for body, given, fits in (
        (b"{}", right, True), (b"{} ", right, False), (b"{}", right[7:], False), (b"{}", "sha256=", False),
        (b"{}", "ü", False),
    ):  # fmt: skip
        assert hook.is_authentic(Posted(body=body, headers={"x-hub-signature-256": given})) is fits
    assert not hook.is_authentic(Posted(body=b"{}", headers={}))
