"""What becomes of calls when the centre, or what stands at its address, answers in any way."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.centre.calls import CentreCalls, OutboxGapError, RefusedError
from gwf.core.errors import ConfigError, ErrorClass, GwfError, InputError, OverloadedError, UnavailableError
from gwf.core.settings.centre import CentreSettings
from gwf.testing.fake_centre import FakeCentre, fake_centre
from tests.certificates import certificate_in


def settings(url: str, **more: Any) -> CentreSettings:
    return CentreSettings.model_validate({"url": url, "connect_timeout": 2, "read_timeout": 1, **more})


@contextmanager
def answering(answer: bytes, *, requests: list[bytes] | None = None) -> Generator[str]:
    """Serve one answer, byte for byte, to each connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                got = connection.recv(65536)
                if requests is not None:
                    requests.append(got)
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stopped.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def told(answer: bytes) -> GwfError:
    with answering(answer) as url:
        calls = CentreCalls(settings(url))
        with pytest.raises(GwfError) as caught:
            calls.outbox("credential", b"{}")
        calls.close()
        return caught.value


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"HTTP/1.1 {status} X\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "family", "retryable"),
    [
        (http(200, b"not json"), UnavailableError, True),
        (http(200, b"[]"), UnavailableError, True),
        (http(200, b'{"acked_seq": "5"}'), UnavailableError, True),
        (http(200, b"\xff\xfe"), UnavailableError, True),
        (http(200, b"[" * 100_000), UnavailableError, True),
        (http(401, b"<html>"), RefusedError, False),
        (http(403), RefusedError, False),
        (http(400, b'{"code": "x", "detail": "y"}'), InputError, False),
        (http(413), InputError, False),
        (http(409, b'{"code": "other"}'), InputError, False),
        (http(409, b'{"code": "outbox_gap"}'), InputError, False),
        (http(429, b"", "retry-after: 7"), OverloadedError, True),
        (http(503, b"", "retry-after: 7"), OverloadedError, True),
        (http(500), UnavailableError, True),
        (http(302, b"", "location: https://elsewhere"), UnavailableError, True),
        (b"garbage\r\n\r\n", UnavailableError, True),
        (b"", UnavailableError, True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{", UnavailableError, True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n", UnavailableError, True),
    ],
)
def test_any_answer_is_one_of_our_errors(answer: bytes, family: type[GwfError], retryable: bool) -> None:
    error = told(answer)
    assert isinstance(error, family)
    assert error.retryable is retryable


def test_a_wish_to_come_later_is_carried() -> None:
    assert told(http(503, b"", "retry-after: 7")).retry_after_s == 7


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": "outbox_gap", "expected_seq": 12}',
        b'{"code": "outbox_gap", "params": {"expected_seq": "12"}}',
        b'{"code": "outbox_gap", "params": {"expected_seq": 12}, "more": 1}',
    ],
)
def test_a_gap_names_what_the_centre_waits_for(body: bytes) -> None:
    error = told(http(409, body))
    assert isinstance(error, OutboxGapError)
    assert error.expected == 12


def test_a_redirect_gets_no_credential() -> None:
    with answering(http(200, b'{"acked_seq": 1}')) as other:
        requests: list[bytes] = []
        with answering(http(307, b"", f"location: {other}/x"), requests=requests) as url:
            calls = CentreCalls(settings(url))
            with pytest.raises(UnavailableError, match="leads elsewhere"):
                calls.outbox("credential", b"{}")
            calls.close()
        assert len(requests) == 1


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering(http(200, b'{"acked_seq": 1}')) as url:
        calls = CentreCalls(settings(url))
        assert calls.outbox("credential", b"{}").acked_seq == 1
        calls.close()


def test_nobody_there_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UnavailableError) as caught:
        CentreCalls(settings(url)).outbox("credential", b"{}")
    assert caught.value.error_class is ErrorClass.NETWORK


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(certificate: Path) -> Generator[FakeCentre]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with fake_centre(tls=context) as centre:
        yield centre


def test_a_certificate_is_checked_against_the_ca_file(secure: FakeCentre, certificate: Path) -> None:
    calls = CentreCalls(settings(secure.url, ca_file=certificate))
    with pytest.raises(RefusedError):  # it was reached, and does not know us
        calls.outbox("credential", b"{}")
    calls.close()


def test_a_certificate_that_nobody_vouches_for_ends_the_call(secure: FakeCentre) -> None:
    calls = CentreCalls(settings(secure.url))
    with pytest.raises(UnavailableError, match="not trusted") as caught:
        calls.outbox("very-secret", b"{}")
    assert caught.value.error_class is ErrorClass.CONFIG
    assert not secure.requests


def test_a_ca_file_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigError):
        CentreCalls(settings("https://127.0.0.1:1", ca_file=tmp_path / "ca.pem"))
