from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.events.model import Event, Severity
from gwf.ingest.cloudevents import FaultError, binary_event, parse_event, parse_time_ms

NOW_MS = 1_700_000_000_000
LEAST = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "com.example.paid"}


def parsed(**more: object) -> Event:
    return parse_event({**LEAST, **more}, tenant="default", now_ms=NOW_MS)


def fault(**more: object) -> tuple[str, str]:
    with pytest.raises(FaultError) as caught:
        parsed(**more)
    return caught.value.fault.pointer, caught.value.fault.code


def test_the_least_event_happened_now_and_is_of_no_concern() -> None:
    event = parsed()
    assert (event.id, event.source, event.type, event.at_ms) == ("1", "/shop", "com.example.paid", NOW_MS)
    assert (event.severity, event.labels, event.data) == (Severity.INFO, {}, None)


def test_labels_and_severity_are_extensions_of_ours_and_others_are_kept() -> None:
    event = parsed(labels="env=prod,site=sh", severity="error", traceparent="00-1", retries=3, urgent=True)
    assert (event.labels, event.severity) == ({"env": "prod", "site": "sh"}, Severity.ERROR)
    assert event.extensions == {"traceparent": "00-1", "retries": 3, "urgent": True}


def test_a_time_keeps_its_milliseconds_whatever_its_zone() -> None:
    assert parsed(time="2026-01-02T03:04:05.6789Z").at_ms == parsed(time="2026-01-02T11:04:05.678+08:00").at_ms


def test_a_time_far_ahead_is_replaced_and_kept_beside_the_event() -> None:
    event = parsed(time="2099-01-01T00:00:00Z")
    assert (event.at_ms, event.extensions) == (NOW_MS, {"claimedtime": "2099-01-01T00:00:00Z"})


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("specversion", "0.3", "unsupported"),
        ("id", "", "empty"),
        ("id", 7, "wrong_type"),
        ("id", "x" * 256, "too_long"),
        ("id", "a\0b", "bad_text"),
        ("source", "two words", "bad_format"),
        ("source", "/gwf/agents/a1", "reserved"),
        ("type", "gwf.agent.offline", "reserved"),
        ("time", "yesterday", "bad_format"),
        ("time", "2026-13-01T00:00:00Z", "bad_format"),
        ("time", "1969-12-31T23:59:59Z", "bad_format"),
        ("subject", "", "empty"),
        ("datacontenttype", "json", "bad_format"),
        ("dataschema", "schema.json", "bad_format"),
        ("data_base64", "???", "bad_format"),
        ("data", "x" * 70_000, "too_large"),
        ("labels", "env", "bad_format"),
        ("severity", "loud", "unknown"),
        ("weight", 1.5, "wrong_type"),
        ("big", 2**31, "wrong_type"),
        ("Name", "x", "bad_name"),
    ],
)
def test_what_is_wrong_is_named_by_a_pointer(name: str, value: object, code: str) -> None:
    assert fault(**{name: value}) == (f"/{name}", code)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_what_is_missing_is_named(name: str) -> None:
    value = {key: text for key, text in LEAST.items() if key != name}
    with pytest.raises(FaultError) as caught:
        parse_event(value, tenant="default", now_ms=NOW_MS)
    assert (caught.value.fault.pointer, caught.value.fault.code) == (f"/{name}", "missing")


def test_data_and_its_packed_form_exclude_each_other() -> None:
    assert fault(data=1, data_base64="AA==") == ("/data_base64", "conflict")


def test_binary_mode_takes_attributes_from_headers_and_data_from_the_body() -> None:
    headers = {"ce-id": "a%20b", "ce-source": "/s", "content-type": "application/json", "accept": "*/*"}
    value = binary_event(headers, b'{"n":1}')
    assert value == {"id": "a b", "source": "/s", "datacontenttype": "application/json", "data": {"n": 1}}


@pytest.mark.parametrize(
    ("media", "body", "expected"),
    [
        ("text/plain; charset=utf-8", "äß".encode(), {"data": "äß"}),
        ("image/png", b"\x89PNG", {"data_base64": "iVBORw=="}),
        ("", b"", {}),
    ],
)
def test_binary_mode_keeps_other_content(media: str, body: bytes, expected: dict[str, object]) -> None:
    value = binary_event({"content-type": media}, body)
    assert {name: item for name, item in value.items() if name.startswith("data") and name != "datacontenttype"} == (
        expected
    )


def test_binary_mode_refuses_a_body_that_is_not_what_it_says() -> None:
    with pytest.raises(FaultError) as caught:
        binary_event({"content-type": "application/json"}, b"{")
    assert caught.value.fault.pointer == "/data"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(JSON | st.dictionaries(st.sampled_from([*LEAST, "time", "data", "labels", "data_base64"]), JSON))
def test_any_json_is_an_event_or_has_a_fault(value: object) -> None:
    try:
        event = parse_event(value, tenant="default", now_ms=NOW_MS)
    except FaultError:
        return
    assert json.dumps(event.data) is not None


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_is_refused(text: str) -> None:
    try:
        assert parse_time_ms(text) >= 0
    except ValueError:
        return
