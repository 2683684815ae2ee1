from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.events.model import Severity
from gwf.ingest.cloudevents import parse_event
from gwf.ingest.inputs.syslog.event import Manner, event_of, read_message
from gwf.ingest.inputs.syslog.framing import Frame, Framer, FramingError
from gwf.ingest.inputs.syslog.model import Format
from gwf.ingest.inputs.syslog.rfc3164 import parse_rfc3164
from gwf.ingest.inputs.syslog.rfc5424 import parse_rfc5424

NOW_MS = int(datetime(2026, 1, 1, 0, 5, tzinfo=UTC).timestamp() * 1000)
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=32)
names = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='=]"'), min_size=1, max_size=32)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
elements = st.dictionaries(
    names, st.dictionaries(names, st.lists(words, min_size=1, max_size=2), max_size=3), max_size=3
)


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


@given(st.integers(0, 191), st.tuples(printable, printable, printable, printable), elements, words)
def test_what_rfc_5424_writes_is_read_back(
    priority: int, header: tuple[str, str, str, str], data: dict[str, dict[str, list[str]]], text: str
) -> None:
    structured = "".join(
        f"[{name}" + "".join(f' {key}="{escaped(one)}"' for key, values in found.items() for one in values) + "]"
        for name, found in data.items()
    )
    message = parse_rfc5424(f"<{priority}>1 2026-01-01T01:02:03.5+08:00 {' '.join(header)} {structured or '-'} {text}")
    assert message is not None
    assert (message.priority, message.at_ms, message.elements) == (priority, 1_767_200_523_500, data)
    assert (message.host, message.app, message.process, message.kind) == tuple("" if x == "-" else x for x in header)
    assert message.text == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    "text",
    [
        "<192>1 - - - - - -", "<034>1 - - - - - -", "<34>2 - - - - - -", "<34>1 - - - - -", "<34>1 - - - - - -x",
        "<34>1 2026-02-30T00:00:00Z - - - - -", "<34>1 - - - - - [a b]", '<34>1 - - - - - [a b="]"]',
        '<34>1 - - - - - [a b="x"', "<34>1 - - - - - [a][a]", "<34>1  - - - - -", "<34>1 - hôte - - - -",
    ],
)  # fmt: skip
def test_what_is_not_quite_rfc_5424_is_none_of_it_and_kept_as_text(text: str) -> None:
    assert parse_rfc5424(text) is None
    assert parse_rfc3164(text, now_ms=NOW_MS, zone=UTC).text.endswith(text[-5:])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<34>Oct 11 22:14:15 mymachine su: 'su root' failed", ("mymachine", "su", "", "'su root' failed")),
        ("<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!", ("10.0.0.99", "", "", "Use the BFG!")),
        ("<13>Jan  1 00:00:01 app[12]: ready", ("", "app", "12", "ready")),
        ("<13>Jan 01 2025 00:00:01 h a: b", ("h", "a", "", "b")),
        ("<30>2026-01-01T00:00:01.5+08:00 sw1 %LINK-3: down", ("sw1", "%LINK-3", "", "down")),
        ("no priority at all", ("", "", "", "no priority at all")),
        ("<13>Feb 30 00:00:00 h a: b", ("", "", "", "Feb 30 00:00:00 h a: b")),
    ],
)
def test_the_older_format_is_read_as_devices_write_it(text: str, read: tuple[str, str, str, str]) -> None:
    found = parse_rfc3164(text, now_ms=NOW_MS, zone=UTC)
    assert (found.host, found.app, found.process, found.text) == read


def test_a_time_without_year_and_zone_is_the_nearest_one() -> None:
    before = parse_rfc3164("<13>Dec 31 23:59:00 h a: b", now_ms=NOW_MS, zone=UTC)
    after = parse_rfc3164("<13>Jan  1 08:06:00 h a: b", now_ms=NOW_MS, zone=ZoneInfo("Asia/Shanghai"))
    assert (before.at_ms, after.at_ms) == (NOW_MS - 6 * 60_000, NOW_MS + 60_000)


@given(st.binary(max_size=300))
def test_every_datagram_is_some_event(data: bytes) -> None:
    made = event_of(Frame(data), Manner(zone=UTC), name="x", peer="10.0.0.1", now_ms=NOW_MS)
    assert made is not None
    event = parse_event(made, tenant="t", now_ms=NOW_MS)
    assert event.source.startswith("/syslog/")


def test_an_event_says_what_the_message_said() -> None:
    data = '<11>1 2026-01-01T00:00:00Z web1 shop 77 PAY [o@1 id="9"] 支付失败'.encode()
    manner = Manner(zone=UTC, labels={"site": "sh"})
    event = parse_event(
        event_of(Frame(data), manner, name="n", peer="10.0.0.1", now_ms=NOW_MS), tenant="t", now_ms=NOW_MS
    )
    assert (event.type, event.source, event.subject) == ("syslog.message", "/syslog/web1", "shop")
    assert (event.severity, event.labels) == (
        Severity.ERROR, {"host": "web1", "app": "shop", "facility": "user", "site": "sh"},
    )  # fmt: skip
    assert isinstance(event.data, dict)
    assert (event.data["message"], event.data["elements"]) == ("支付失败", {"o@1": {"id": ["9"]}})


def test_messages_of_other_encodings_and_of_no_matter() -> None:
    assert read_message("<13>磁盘满".encode("gb18030"), Manner(), now_ms=NOW_MS).text == "磁盘满"
    quiet = Manner(min_severity=Severity.ERROR)
    assert event_of(Frame(b"<12>warned"), quiet, name="n", peer="p", now_ms=NOW_MS) is None
    assert event_of(Frame(b"<11>failed"), quiet, name="n", peer="p", now_ms=NOW_MS) is not None
    assert read_message(b"<11>1 x", Manner(), now_ms=NOW_MS).format is Format.RAW


lines = st.binary(min_size=1, max_size=40).map(lambda raw: b"<" + raw.replace(b"\n", b"").replace(b"\0", b"") + b">")
counted = st.binary(min_size=1, max_size=40).map(lambda raw: b"<" + raw + b">")
sent = st.lists(st.tuples(st.booleans(), lines, counted), max_size=12)


@given(sent, st.lists(st.integers(1, 20), max_size=60), st.integers(8, 60))
def test_a_stream_is_cut_the_same_however_it_comes(
    messages: list[tuple[bool, bytes, bytes]], steps: list[int], most: int
) -> None:
    stream, expected = b"", []
    for is_line, line, block in messages:
        data = line if is_line else block
        stream += data + b"\n" if is_line else b"%d %b" % (len(data), data)
        kept = data[:most]
        expected.append(Frame(kept if is_line else kept.rstrip(b"\r\n\0"), len(data) > most))
    framer, found, at = Framer(most), list[Frame](), 0
    for step in [*steps, len(stream)]:
        found += framer.feed(stream[at : at + step])
        at += step
    assert found == expected


def test_a_stream_that_announces_too_much_cannot_be_cut() -> None:
    with pytest.raises(FramingError):
        Framer(100).feed(b"9999999 <13>x")


def test_what_a_stream_ends_in_is_a_message_if_it_is_a_line() -> None:
    for stream, rest in ((b"<13>last", [Frame(b"<13>last")]), (b"20 <13>half", []), (b"<" + b"x" * 300, [])):
        framer = Framer(100)
        framer.feed(stream)
        assert framer.rest() == rest
