"""Reading the head of an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.storage.http1.answer import CHUNKED, UNTIL_CLOSE, Answer
from gwf.storage.http1.failures import BadAnswerError


def _answer(*lines: str, status: int = 200, version: str = "1.1", to_head: bool = False) -> Answer:
    head = "\r\n".join((f"HTTP/{version} {status} Words", *lines))
    return Answer(head.encode("latin-1"), to_head=to_head)


@pytest.mark.parametrize(
    ("answer", "length"),
    [
        (_answer("Content-Length: 12"), 12),
        (_answer("Content-Length:12"), 12),
        (_answer("Transfer-Encoding: chunked", "Content-Length: 5"), CHUNKED),
        (_answer(), UNTIL_CLOSE),
        (_answer(status=204), 0),
        (_answer(status=304), 0),
        (_answer("Content-Length: 99", to_head=True), 0),
    ],
)
def test_the_framing_follows_the_headers(answer: Answer, length: int) -> None:
    assert answer.length == length


@pytest.mark.parametrize(
    ("answer", "reusable"),
    [
        (_answer("content-length: 0"), True),
        (_answer("content-length: 0", "Connection: Close"), False),
        (_answer("content-length: 0", version="1.0"), False),
        (_answer("content-length: 0", "connection: keep-alive", version="1.0"), True),
        (_answer(), False),
    ],
)
def test_a_connection_is_kept_only_if_the_server_keeps_it(answer: Answer, *, reusable: bool) -> None:
    assert answer.reusable is reusable


def test_headers_are_found_without_regard_to_case() -> None:
    answer = _answer('ETag: "AbC"', "X-Request-ID:  77 ", "content-length: 0")
    assert (answer.header("etag"), answer.header("x-request-id"), answer.header("none")) == ('"AbC"', "77", "")


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/2 200 OK",
        b"SSH-2.0-OpenSSH",
        b"HTTP/1.1 abc OK",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1, 1",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked",
    ],
)
def test_what_is_no_answer_is_refused(head: bytes) -> None:
    with pytest.raises(BadAnswerError):
        Answer(head)


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("0", 0.0), ("999999", 3600.0), ("soon", None), ("-5", None), ("", None)]
)
def test_the_wait_asked_for_is_read(text: str, seconds: float | None) -> None:
    assert _answer(f"Retry-After: {text}", "content-length: 0", status=503).retry_after_s() == seconds


def test_the_wait_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=90), usegmt=True)
    wait_s = _answer(f"Retry-After: {later}").retry_after_s()
    assert wait_s is not None
    assert 85 < wait_s <= 90
    assert _answer(f"Retry-After: {past}").retry_after_s() == 0.0


@given(st.binary(max_size=200))
def test_any_bytes_are_either_read_or_refused(tail: bytes) -> None:
    try:
        answer = Answer(b"HTTP/1.1 200 OK\r\n" + tail)
    except BadAnswerError:
        return
    assert answer.length >= 0 or answer.length in {CHUNKED, UNTIL_CLOSE}
    answer.retry_after_s()
