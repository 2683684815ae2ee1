from __future__ import annotations

import json
from typing import Any

import pytest

from gwf.events.model import Event, Severity
from gwf.ingest.cloudevents import Fault, parse_event
from gwf.ingest.inputs.alertmanager import Alertmanager
from gwf.ingest.inputs.contract import Posted, UnreadableError

ALERT: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "ProbeFailure", "instance": "https://shop.example:443", "severity": "critical", "job": "p"},
    "annotations": {"summary": "the shop is down", "runbook": "https://wiki.example/shop"},
    "startsAt": "2026-02-06T13:08:45.828123456Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example:9090/graph?g0.expr=up",
    "fingerprint": "1a30ba71cca2921f",
}
ENDED = ALERT | {"status": "resolved", "endsAt": "2026-02-06T14:00:00+01:00"}


def group(*alerts: Any, **more: object) -> bytes:
    whole = {
        "version": "4", "groupKey": '{}:{alertname="ProbeFailure"}', "truncatedAlerts": 0, "status": "firing",
        "receiver": "gwf", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
        "externalURL": "http://am.example:9093", "alerts": list(alerts),
    }  # fmt: skip
    return json.dumps(whole | more).encode()


def read(body: bytes) -> list[Event | Fault]:
    made = Alertmanager().read(Posted(body=body, headers={}))
    return [
        one.event if isinstance(one.event, Fault) else parse_event(one.event, tenant="t", now_ms=1_800_000_000_000)
        for one in made
    ]


def event(alert: Any) -> Event:
    (found,) = read(group(alert))
    assert isinstance(found, Event)
    return found


def test_an_alert_is_an_event_of_its_state() -> None:
    fires, ends = event(ALERT), event(ENDED)
    assert (fires.type, fires.severity, fires.subject) == (
        "prometheus.alert.firing", Severity.CRITICAL, "ProbeFailure",
    )  # fmt: skip
    assert fires.at_ms == 1_770_383_325_828
    assert fires.labels == {
        "alertname": "ProbeFailure", "instance": "https://shop.example:443", "severity": "critical", "job": "p",
    }  # fmt: skip
    assert (ends.type, ends.severity, ends.at_ms) == ("prometheus.alert.resolved", Severity.INFO, 1_770_382_800_000)
    data = fires.data
    assert isinstance(data, dict)
    assert (data["summary"], data["receiver"], data["ends_at"]) == ("the shop is down", "gwf", None)


def test_the_same_state_of_an_alert_has_the_same_name_whoever_tells_it() -> None:
    again = json.loads(group(ALERT | {"startsAt": "2026-02-06T14:08:45.828123456+01:00"}, externalURL="http://b:9093"))
    (told,) = read(json.dumps(again).encode())
    assert isinstance(told, Event)
    one = event(ALERT)
    assert (told.source, told.id) == (one.source, one.id)
    others = [ENDED, ALERT | {"startsAt": "2026-02-06T13:08:46Z"}, ALERT | {"fingerprint": "2"}]
    assert len({event(alert).id for alert in (ALERT, *others)}) == 4


def test_an_alert_without_fingerprint_is_known_by_its_labels() -> None:
    bare = {key: value for key, value in ALERT.items() if key != "fingerprint"}
    turned = bare | {"labels": dict(reversed(ALERT["labels"].items()))}
    assert event(bare).id == event(turned).id != event(bare | {"labels": {"alertname": "Other"}}).id


@pytest.mark.parametrize(
    ("alert", "pointer"),
    [
        (ALERT | {"status": "unsure"}, "/status"),
        (ALERT | {"startsAt": "yesterday"}, ""),
        (ALERT | {"labels": {"a": 1}}, ""),
        ({"status": "firing"}, ""),
        (7, ""),
    ],
)
def test_an_alert_that_is_none_takes_no_other_with_it(alert: object, pointer: str) -> None:
    fault, other = read(group(alert, ALERT))
    assert isinstance(fault, Fault)
    assert fault.pointer == pointer
    assert isinstance(other, Event)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"alerts": []}', group(version="3"), group(*[ALERT] * 2001), b"\xff\xfe"]
)
def test_what_is_no_group_is_not_understood(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        Alertmanager().read(Posted(body=body, headers={}))


def test_texts_without_end_still_fit_into_an_event() -> None:
    large = {f"n{number}": "\0" + "长" * 100_000 for number in range(100)}
    told = event(ALERT | {"annotations": {"summary": "s" * 100_000}, "labels": large})
    assert isinstance(told, Event)
