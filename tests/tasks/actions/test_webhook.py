"""WEBHOOK against a real server on loopback: signed, judged, kept from where it must not go."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gwf.core.errors import ErrorClass
from gwf.tasks.actions.outgoing import MAX_ANSWER_BYTES
from gwf.tasks.actions.outward import ForbiddenAddressError, Outward, target_of
from gwf.tasks.actions.webhook import WebhookAction
from gwf.tasks.signals import Outcome
from gwf.tasks.worker.contract import WorkContext, WorkResult
from tests.agent.waiting import until

LOOPBACK_HOST = "127.0.0.1"
LOOPBACK = ("127.0.0.0/8",)
#: as the system's resolver reads it
NUMBERS = {"0x7f.1": "127.0.0.2"}


@dataclass
class Receiver:
    port: int = 0
    #: answers in turn, the last one for ever: status, headers, body
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, {}, b"{}")])
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.held.set()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            receiver.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            receiver.held.wait(20)
            status, headers, reply = receiver.answers[0] if len(receiver.answers) == 1 else receiver.answers.pop(0)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(reply))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply)

        do_POST = do_PUT = do_DELETE = do_GET = answer  # noqa: N815

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.held.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def context(stopping: asyncio.Event | None = None) -> WorkContext:
    return WorkContext(
        task_id="tsk-1", tenant="default", target="x", idempotency_key="tsk-1", attempt=1, timeout_s=10.0,
        stopping=stopping or asyncio.Event(), now_ms=lambda: 1_700_000_000_000,
    )  # fmt: skip


def told(config: Mapping[str, Any], *, outward: Outward | None = None, undo: bool = False) -> WorkResult:
    action = WebhookAction(outward or Outward(LOOPBACK), {"main": "s3cret"})
    assert action.validate(config) == []

    async def run() -> WorkResult:
        return await (action.compensate(config, context(), {}) if undo else action.execute(config, context()))

    return asyncio.run(run())


def test_the_receiver_can_tell_who_sent_it_and_whether_it_is_a_repeat(receiver: Receiver) -> None:
    result = told({"url": receiver.url(), "body": {"a": "日"}, "key": "main", "headers": {"X-Team": "ops"}})
    assert (result.outcome, result.detail["status"]) == (Outcome.SUCCEEDED, 200)
    ((method, path, headers, body),) = receiver.seen
    assert (method, path, body) == ("POST", "/hook", '{"a":"日"}'.encode())
    assert (headers["idempotency-key"], headers["x-team"]) == ("tsk-1", "ops")
    expected = hmac.new(b"s3cret", b"1700000000." + body, hashlib.sha256).hexdigest()
    assert headers["x-gwf-signature"] == f"t=1700000000,v1={expected}"


@pytest.mark.parametrize(
    ("status", "class_", "retryable"),
    [
        (500, ErrorClass.SERVER, True),
        (429, ErrorClass.THROTTLED, True),
        (404, ErrorClass.NOT_FOUND, False),
        (401, ErrorClass.AUTH, False),
        (302, ErrorClass.CONFIG, False),
    ],
)
def test_the_answer_decides_whether_to_try_again(
    receiver: Receiver, status: int, class_: ErrorClass, retryable: bool
) -> None:
    receiver.answers = [(status, {"retry-after": "7", "location": receiver.url("/else")}, b"no")]
    result = told({"url": receiver.url()})
    assert (result.outcome, result.error_class, result.retryable) == (Outcome.FAILED, class_, retryable)
    assert result.retry_after_s == 7.0
    assert len(receiver.seen) == 1


@pytest.mark.parametrize(
    ("body", "outcome"),
    [(b'{"ok": true, "n": [1]}', Outcome.SUCCEEDED), (b'{"ok": false}', Outcome.FAILED), (b"<html>", Outcome.FAILED)],
)
def test_a_json_answer_may_have_to_say_something(receiver: Receiver, body: bytes, outcome: Outcome) -> None:
    receiver.answers = [(200, {}, body)]
    assert told({"url": receiver.url(), "answer": {"json_is": {"/ok": True}}}).outcome is outcome


def test_what_it_did_is_undone_by_its_own_request(receiver: Receiver) -> None:
    config = {"url": receiver.url(), "undo": {"url": receiver.url("/undo"), "method": "DELETE"}}
    assert told(config).undo is not None
    assert told(config, undo=True).outcome is Outcome.SUCCEEDED
    assert [(method, path, headers["idempotency-key"]) for method, path, headers, _ in receiver.seen] == [
        ("POST", "/hook", "tsk-1"), ("DELETE", "/undo", "tsk-1-undo"),
    ]  # fmt: skip


def test_a_redirect_is_followed_when_allowed_without_confidential_headers(receiver: Receiver) -> None:
    with receiving() as other:
        receiver.answers = [(307, {"location": other.url("/there")}, b"")]
        result = told({"url": receiver.url(), "body": 1, "redirects": 1, "headers": {"Authorization": "Bearer x"}})
        assert result.outcome is Outcome.SUCCEEDED
        ((method, path, headers, body),) = other.seen
    assert (method, path, body) == ("POST", "/there", b"1")
    assert "authorization" not in headers


def test_a_redirect_into_the_own_network_is_refused(receiver: Receiver) -> None:
    receiver.answers = [(307, {"location": "http://10.0.0.1/secret"}, b"")]
    result = told({"url": receiver.url(), "redirects": 3})
    assert (result.outcome, result.retryable) == (Outcome.FAILED, False)
    assert "may not go there" in result.summary


@pytest.mark.parametrize(
    ("location", "path"),
    [("there?next=http://10.0.0.1/", "/a/there?next=http://10.0.0.1/"), ("/there", "/there"), ("?x", "/a/hook?x")],
)
def test_a_redirect_is_read_as_browsers_do(receiver: Receiver, location: str, path: str) -> None:
    receiver.answers = [(307, {"location": location}, b""), (200, {}, b"")]
    assert told({"url": receiver.url("/a/hook"), "redirects": 1}).outcome is Outcome.SUCCEEDED
    assert [seen[1] for seen in receiver.seen] == ["/a/hook", path]


@pytest.mark.parametrize("location", ["//169.254.169.254/latest", "http://[fe80::1]/", "http://0x7f.1/", "file:///etc"])
def test_no_redirect_leads_to_where_requests_may_not_go(receiver: Receiver, location: str) -> None:
    outward = Outward([f"{LOOPBACK_HOST}/32"], lambda host, _port: [NUMBERS.get(host, host)])
    receiver.answers = [(307, {"location": location}, b"")]
    result = told({"url": receiver.url(), "redirects": 3}, outward=outward)
    assert (result.outcome, result.retryable, len(receiver.seen)) == (Outcome.FAILED, False, 1)


def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, b"x" * (3 * MAX_ANSWER_BYTES))]
    result = told({"url": receiver.url()})
    assert (result.outcome, len(str(result.detail["answer"]))) == (Outcome.SUCCEEDED, 2000)
    assert told({"url": receiver.url(), "answer": {"json_is": {"/ok": True}}}).outcome is Outcome.FAILED


def test_receivers_that_do_not_answer_hold_up_no_others(receiver: Receiver) -> None:
    """More wait than the threads that asyncio has by itself."""
    receiver.held.clear()
    action = WebhookAction(Outward(LOOPBACK), {})

    async def run() -> WorkResult:
        with receiving() as other:
            silent = [asyncio.create_task(action.execute({"url": receiver.url()}, context())) for _ in range(40)]
            await asyncio.to_thread(until, lambda: len(receiver.seen) == 40)
            result = await action.execute({"url": other.url()}, context())
            receiver.held.set()
            await asyncio.gather(*silent)
            return result

    assert asyncio.run(run()).outcome is Outcome.SUCCEEDED


def test_a_name_that_changes_its_mind_is_reached_where_it_was_checked(receiver: Receiver) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    url = f"http://rebinding.test:{receiver.port}/hook"
    assert told({"url": url}, outward=Outward(LOOPBACK, resolve)).outcome is Outcome.SUCCEEDED
    assert (asked, receiver.seen[0][2]["host"]) == (["rebinding.test"], f"rebinding.test:{receiver.port}")


FORBIDDEN = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "::ffff:10.0.0.1", "2001:0:0:0:0:0:80ff:fffe", "::7f00:1", "64:ff9b:1::7f00:1", "no address",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_special_networks_are_out_of_reach(address: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        Outward(resolve=lambda _host, _port: ["93.184.216.34", address]).address_of(target_of("http://a.test/"))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "10.1.2.3"])
def test_public_and_allowed_networks_are_reached(address: str) -> None:
    outward = Outward(["10.1.0.0/16"], lambda _host, _port: [address])
    assert outward.address_of(target_of("http://a.test/")) == address


@pytest.mark.parametrize(
    ("config", "pointer"),
    [
        ({"url": "ftp://a/"}, "/url"),
        ({"url": "http://user:word@a/"}, "/url"),
        ({"url": "http://a/\r\nx: y"}, "/url"),
        ({"url": "http://a/", "headers": {"Host": "b"}}, "/headers/Host"),
        ({"url": "http://a/", "headers": {"x": "a\r\nb"}}, "/headers/x"),
        ({"url": "http://a/", "key": "other"}, "/key"),
        ({"url": "http://a/", "undo": {"url": "b"}}, "/undo/url"),
        ({"url": "http://a/", "answer": {"success": ["2x"]}}, "/answer/success/0"),
    ],
)
def test_what_cannot_work_is_told_with_its_place(config: dict[str, Any], pointer: str) -> None:
    faults = WebhookAction(Outward(), {"main": "x"}).validate(config)
    assert [fault.pointer for fault in faults] == [pointer]


def test_a_request_on_its_way_is_cut_off_when_it_is_cancelled(receiver: Receiver) -> None:
    receiver.held.clear()
    action = WebhookAction(Outward(LOOPBACK), {})

    async def run(started: Callable[[], bool]) -> WorkResult:
        stopping = asyncio.Event()
        work = asyncio.create_task(action.execute({"url": receiver.url()}, context(stopping)))
        await asyncio.to_thread(until, started)
        stopping.set()
        return await work

    assert asyncio.run(run(lambda: bool(receiver.seen))).outcome is Outcome.CANCELLED


def test_nobody_there_may_be_tried_again() -> None:
    with receiving() as gone:
        url = gone.url()
    result = told({"url": url})
    assert (result.error_class, result.retryable) == (ErrorClass.NETWORK, True)
