"""The HTTP client against servers, proxies and broken lines."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gwf.core.errors import ErrorClass, LocalIoError, OverloadedError, TooLargeError, UnavailableError
from gwf.storage.http1.address import parse_address, parse_proxy
from gwf.storage.http1.client import Client
from gwf.storage.http1.connection import FileBody
from gwf.storage.http1.dial import Route, tls_context
from gwf.storage.memory import MemoryRecord
from gwf.storage.model import FileSource
from gwf.storage.ports import ObjectStore
from gwf.testing.fake_oss import served
from gwf.testing.fault_proxy import ProxyFaults, fault_proxy
from gwf.testing.faults import Faults, FaultSwitch
from gwf.testing.forward_proxy import forward_proxy
from gwf.testing.http_server import Reply, Request
from gwf.testing.s3_sink import S3Sink
from tests.conftest import MakeSource
from tests.storage.conftest import OpenStore

CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
GET = b"GET /x HTTP/1.1\r\nhost: h\r\n\r\n"


@contextmanager
def scripted(*answers: bytes) -> Generator[Client]:
    """A server that gives these bytes to one request each, on one connection, and then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for answer in answers:
                    if not connection.recv(65536):
                        return
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        client = Client(_route(f"http://127.0.0.1:{listener.getsockname()[1]}"), max_idle=4)
        yield client
        client.close()
        thread.join(5)


def _route(url: str, *, read_s: float = 2.0, proxy: str | None = None, tls: ssl.SSLContext | None = None) -> Route:
    return Route(
        server=parse_address(url),
        proxy=parse_proxy(proxy) if proxy else None,
        tls=tls,
        connect_timeout_s=2.0,
        read_timeout_s=read_s,
    )


def _put(key: str) -> bytes:
    return f"PUT /bkt/{key} HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", b"hello"),
        (
            CHUNKED_HEAD + b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nt: 1\r\n\r\n",
            b"hello",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", b"hello"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n", b""),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", b""),
    ],
)
def test_every_kind_of_body_is_read(raw: bytes, body: bytes) -> None:
    with scripted(raw) as client:
        assert client.request(GET).body == body


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        CHUNKED_HEAD + b"zz\r\n",
        CHUNKED_HEAD + b"-1\r\n",
        CHUNKED_HEAD + b"3\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000,
        b"* OK IMAP4 ready\r\n\r\n",
    ],
)
def test_broken_answers_are_failures_of_the_server(raw: bytes) -> None:
    with scripted(raw) as client, pytest.raises(UnavailableError) as caught:
        client.request(GET)
    assert caught.value.retryable


def test_a_body_too_large_to_hold_is_refused() -> None:
    switch = FaultSwitch()
    with served(lambda _: Reply(200, [], b"x" * (33 * 1024**2)), switch) as port:
        client = Client(_route(f"http://127.0.0.1:{port}"), max_idle=1)
        with pytest.raises(UnavailableError, match="not understood"):
            client.request(GET)
        client.close()


def test_a_kept_connection_serves_many_requests() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n"
    with scripted(*(answer + bytes([n]) for n in range(3))) as client:
        assert [client.request(GET).body for _ in range(3)] == [b"\0", b"\1", b"\2"]


def test_requests_begun_together_are_ended_in_any_order(sink: S3Sink) -> None:
    sink.set_faults(Faults(slow_s=0.05))
    client = Client(_route(sink.url), max_idle=4)
    begun = [client.begin(_put(f"together-{number}"), b"x") for number in range(4)]
    assert not begun[0].connection.has_answer()
    for exchange in reversed(begun):
        assert client.finish(exchange).status == 200
    assert {f"together-{number}" for number in range(4)} <= sink.manifest().keys()
    again = client.begin(_put("again"), b"x")
    assert again.connection.reused
    while not again.connection.has_answer():
        threading.Event().wait(0.01)
    assert client.finish(again).status == 200
    client.close()


def test_an_answer_that_is_overdue_is_waited_for_no_longer(sink: S3Sink) -> None:
    client = Client(_route(sink.url), max_idle=4)
    client.request(_put("before"), b"x")
    sink.set_faults(Faults(hang=True))
    begun = client.begin(_put("overdue"), b"x")
    with pytest.raises(UnavailableError) as caught:
        client.finish(begun, overdue=True)
    assert caught.value.error_class is ErrorClass.TIMEOUT
    sink.set_faults()
    assert client.request(_put("after"), b"x").status == 200  # on another connection
    client.close()


def test_a_stale_connection_is_replaced_when_the_answer_is_read() -> None:
    with scripted(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as client:
        client.request(GET)
        begun = client.begin(GET)  # the server closes instead of answering, and listens no more
        assert begun.connection.reused
        with pytest.raises(UnavailableError):
            client.finish(begun)


def test_bytes_nobody_asked_for_end_the_connection() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n"
    with scripted(answer + b"a" + answer + b"b", answer + b"c") as client:
        client.request(GET)
        with pytest.raises(UnavailableError):
            client.request(GET)


def test_an_unrepeatable_request_is_not_sent_twice(sink: S3Sink, open_sink: OpenStore, make_source: MakeSource) -> None:
    store = open_sink()
    store.put_object("warm", make_source(b"x"))
    sink.set_faults(Faults(reset="after", methods=("POST",), query_word="uploads", times=1))
    with pytest.raises(UnavailableError):
        store.multipart_upload("k", make_source(b"x"), record=MemoryRecord())
    assert sink.unfinished_uploads() == 1


def test_a_server_that_closed_its_idle_connections_is_dialled_again(
    sink: S3Sink, open_sink: OpenStore, make_source: MakeSource
) -> None:
    with fault_proxy(_target(sink)) as proxy:
        store = open_sink(endpoint=proxy.url)
        store.put_object("one", make_source(b"1"))
        proxy.cut_all()
        store.put_object("two", make_source(b"2"))
        proxy.cut_all()
        store.multipart_upload("three", make_source(b"3"), record=MemoryRecord())
        assert proxy.accepted == 3
    assert set(sink.manifest()) == {"one", "two", "three"}


@pytest.mark.parametrize(
    ("faults", "error_class"),
    [
        (ProxyFaults(refuse=True), ErrorClass.NETWORK),
        (ProxyFaults(blackhole=True), ErrorClass.TIMEOUT),
        (ProxyFaults(cut_after_sent_bytes=200_000), ErrorClass.NETWORK),
        (ProxyFaults(cut_after_received_bytes=10), ErrorClass.SERVER),
    ],
)
def test_a_bad_line_leaves_no_object_and_may_be_tried_again(
    sink: S3Sink, open_sink: OpenStore, make_source: MakeSource, faults: ProxyFaults, error_class: ErrorClass
) -> None:
    source = make_source(os.urandom(900_000))
    with fault_proxy(_target(sink)) as proxy:
        store = open_sink(endpoint=proxy.url, read_timeout=0.3)
        proxy.set_faults(faults)
        with pytest.raises(UnavailableError) as caught:
            store.put_object("k", source)
        assert (caught.value.error_class, caught.value.retryable) == (error_class, True)
        proxy.set_faults()
        store.put_object("k", source)
    assert sink.manifest()["k"].size_bytes == 900_000


def test_a_slow_line_is_no_failure_while_bytes_move(
    sink: S3Sink, open_sink: OpenStore, make_source: MakeSource
) -> None:
    open_sink().put_object("k", make_source(os.urandom(900_000)))
    with fault_proxy(_target(sink)) as proxy:
        proxy.set_faults(ProxyFaults(delay_s=0.05))
        slow = open_sink(endpoint=proxy.url, read_timeout=0.4)
        assert sum(len(piece) for piece in slow.read_object("k")) == 900_000


def test_a_server_that_is_not_there_is_unavailable(open_sink: OpenStore, make_source: MakeSource) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    store = open_sink(endpoint=f"http://127.0.0.1:{port}")
    with pytest.raises(UnavailableError) as caught:
        store.put_object("k", make_source(b"x"))
    assert (caught.value.error_class, caught.value.retryable) == (ErrorClass.NETWORK, True)
    assert store.health().error_class == "network"


def test_an_early_refusal_is_heard_while_a_large_body_is_still_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, open("/dev/zero", "rb") as zeros:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 20):
                    pass

        threading.Thread(target=refuse, daemon=True).start()
        client = Client(_route(f"http://127.0.0.1:{listener.getsockname()[1]}"), max_idle=1)
        head = b"PUT /x HTTP/1.1\r\nhost: h\r\ncontent-length: 8000000\r\n\r\n"
        answer = client.request(head, bytes(8_000_000))
        assert answer.status == 413
        assert zeros.readable()
        client.close()


def test_a_directory_as_source_is_a_local_fault(sink: S3Sink, tmp_path: Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    client = Client(_route(sink.url), max_idle=1)
    body = FileBody(source=FileSource(fd=fd, size_bytes=10), offset=0, size_bytes=10)
    with pytest.raises(LocalIoError):
        client.request(b"PUT /bkt/x HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\n", body)
    os.close(fd)
    client.close()


def test_closing_makes_a_call_in_flight_fail(sink: S3Sink, open_sink: OpenStore, make_source: MakeSource) -> None:
    store, source = open_sink(read_timeout=60), make_source(b"x")
    store.put_object("k", source)
    sink.set_faults(Faults(hang=True))
    failed = threading.Event()

    def put() -> None:
        try:
            store.put_object("k", source)
        except UnavailableError:
            failed.set()

    thread = threading.Thread(target=put)
    thread.start()
    while not failed.wait(0.05):
        store.close()
    thread.join()
    with pytest.raises(UnavailableError, match="closed"):
        store.put_object("k", source)


@pytest.mark.parametrize("size", [10, 600_000])
def test_plain_requests_go_through_a_proxy_with_its_credentials(
    sink: S3Sink, open_sink: OpenStore, make_source: MakeSource, size: int
) -> None:
    with forward_proxy(authorization="Basic dXNlcjpwQHNz") as proxy:
        store = open_sink(proxy=f"http://user:p%40ss@127.0.0.1:{proxy.port}")
        store.put_object("k", make_source(os.urandom(size)))
        assert proxy.seen[0].startswith(f"PUT {sink.url}/bkt/k ")
    assert sink.manifest()["k"].size_bytes == size


def test_a_proxy_that_refuses_is_named(open_sink: OpenStore, make_source: MakeSource) -> None:
    with forward_proxy(authorization="Basic bm9wZQ==") as proxy:
        store = open_sink(proxy=f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(UnavailableError, match="proxy wants other credentials"):
            store.put_object("k", make_source(b"x"))


def _echo(request: Request) -> Reply:
    return Reply(200, [("x-md5", request.md5)], request.body)


@pytest.mark.parametrize("through_proxy", [False, True])
def test_tls_carries_bytes_and_files_also_through_a_tunnel(
    server_tls: ssl.SSLContext, certificate: Path, make_source: MakeSource, *, through_proxy: bool
) -> None:
    data = os.urandom(700_001)
    source = make_source(data)
    with served(_echo, FaultSwitch(), tls=server_tls) as port, forward_proxy() as proxy:
        tls = tls_context(str(certificate))
        proxy_url = f"http://127.0.0.1:{proxy.port}" if through_proxy else None
        client = Client(_route(f"https://127.0.0.1:{port}", proxy=proxy_url, tls=tls), max_idle=1)
        head = f"PUT /x HTTP/1.1\r\nhost: h\r\ncontent-length: {len(data)}\r\n\r\n".encode()
        for _ in range(2):
            body = FileBody(source=source, offset=0, size_bytes=len(data))
            assert client.request(head, body).body == data
            assert client.request(head, data).body == data
        assert proxy.seen == ([f"CONNECT 127.0.0.1:{port} HTTP/1.1"] if through_proxy else [])
        client.close()


def test_an_unknown_certificate_is_not_trusted(server_tls: ssl.SSLContext) -> None:
    with served(_echo, FaultSwitch(), tls=server_tls) as port:
        client = Client(_route(f"https://127.0.0.1:{port}", tls=tls_context(None)), max_idle=1)
        with pytest.raises(UnavailableError, match="certificate is not trusted") as caught:
            client.request(GET)
    assert caught.value.error_class is ErrorClass.CONFIG


def test_a_silent_tls_server_is_given_up(server_tls: ssl.SSLContext, certificate: Path) -> None:
    switch = FaultSwitch()
    switch.set(Faults(hang=True))
    with served(_echo, switch, tls=server_tls) as port:
        tls = tls_context(str(certificate))
        client = Client(_route(f"https://127.0.0.1:{port}", read_s=0.2, tls=tls), max_idle=1)
        with pytest.raises(UnavailableError) as caught:
            client.request(GET)
        client.close()
    assert caught.value.error_class is ErrorClass.TIMEOUT


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (429, "TooManyRequests", OverloadedError),
        (503, "Whatever", OverloadedError),
        (400, "EntityTooLarge", TooLargeError),
    ],
)
def test_refusals_keep_their_meaning_over_the_wire(
    sink: S3Sink, open_sink: OpenStore, make_source: MakeSource, status: int, code: str, error: type[Exception]
) -> None:
    sink.set_faults(Faults(status=status, code=code))
    with pytest.raises(error, match="LOOP"):
        open_sink().put_object("k", make_source(b"x"))


def _target(sink: S3Sink) -> tuple[str, int]:
    parts = urlsplit(sink.url)
    return parts.hostname or "", parts.port or 0


def test_many_threads_share_few_connections(sink: S3Sink, open_sink: OpenStore, make_source: MakeSource) -> None:
    source = make_source(b"x" * 1000)
    with fault_proxy(_target(sink)) as proxy:
        store: ObjectStore = open_sink(endpoint=proxy.url)

        def put(n: int) -> None:
            for i in range(20):
                store.put_object(f"{n}/{i}", source)

        threads = [threading.Thread(target=put, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert proxy.accepted <= 4
    assert len(sink.manifest()) == 80
