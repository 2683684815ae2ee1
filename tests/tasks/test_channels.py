"""Channels against real servers on loopback: robots that check signatures and count, a mail server, receivers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from gwf.core.clock import ManualClock
from gwf.core.errors import ErrorClass, GwfError
from gwf.core.settings.channels import ChannelSettings
from gwf.tasks.actions.notify import Channel, Notice, NotifyAction
from gwf.tasks.actions.outward import ForbiddenAddressError, Outward
from gwf.tasks.channels.budget import BudgetSpentError, MemoryBudgets
from gwf.tasks.channels.chat import Ways
from gwf.tasks.channels.opened import open_channels
from gwf.tasks.channels.robots import cut, with_query
from gwf.tasks.worker.contract import WorkContext
from tests.tasks.actions.test_webhook import Receiver, receiving

NOTICE = Notice(channel="c", title="磁盘 <已满>", text="host h1 & others\nsecond line", severity="crit")
NOW_MS = 1_800_000_000_000
SECRET = "SEC-of-the-robot"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def opened(*, clock: Any = None, allowed: Any = ("127.0.0.0/8",), **settings: Any) -> Channel:
    clock = clock or ManualClock(now_ms=NOW_MS)
    ways = Ways(outward=Outward(allowed), tls=ssl.create_default_context(), clock=clock)
    return open_channels({"c": ChannelSettings.model_validate(settings)}, ways)["c"]


def send(channel: Channel, notice: Notice = NOTICE, key: str = "ntc-1") -> str:
    return asyncio.run(channel.send(notice, idempotency_key=key)).message_id


def refused(channel: Channel) -> GwfError:
    with pytest.raises(GwfError) as caught:
        send(channel)
    return caught.value


def test_a_dingtalk_robot_gets_a_signed_markdown_message(receiver: Receiver) -> None:
    channel = opened(
        kind="dingtalk", url=receiver.url("/robot/send?access_token=t"), secret=SECRET, mobiles=["13800000000"]
    )
    receiver.answers = [(200, {}, b'{"errcode":0,"errmsg":"ok"}')]
    send(channel)
    (_, path, _, body) = receiver.seen[0]
    query = parse_qs(urlsplit(path).query)
    digest = hmac.digest(SECRET.encode(), f"{NOW_MS}\n{SECRET}".encode(), hashlib.sha256)
    assert query == {"access_token": ["t"], "timestamp": [str(NOW_MS)], "sign": [base64.b64encode(digest).decode()]}
    told = json.loads(body)
    assert told["msgtype"] == "markdown"
    assert told["markdown"]["text"].endswith("second line @13800000000")
    assert told["at"] == {"atMobiles": ["13800000000"], "isAtAll": False}


@pytest.mark.parametrize(
    ("answer", "kind", "retryable"),
    [
        ((200, b'{"errcode":310000,"errmsg":"sign not match"}'), ErrorClass.CONFIG, False),
        ((200, b'{"errcode":130101,"errmsg":"send too fast"}'), ErrorClass.THROTTLED, True),
        ((200, b'{"errcode":-1,"errmsg":"busy"}'), ErrorClass.SERVER, True),
        ((429, b""), ErrorClass.THROTTLED, True),
        ((502, b""), ErrorClass.SERVER, True),
        ((403, b""), ErrorClass.AUTH, False),
    ],
)
def test_what_a_robot_answers_decides_about_another_try(
    receiver: Receiver, answer: tuple[int, bytes], kind: ErrorClass, *, retryable: bool
) -> None:
    receiver.answers = [(answer[0], {}, answer[1])]
    error = refused(opened(kind="dingtalk", url=receiver.url()))
    assert (error.error_class, error.retryable) == (kind, retryable)


def context(attempt: int) -> WorkContext:
    return WorkContext(
        task_id="t", tenant="default", target="c", idempotency_key="t", attempt=attempt, timeout_s=10.0,
        stopping=asyncio.Event(), now_ms=lambda: NOW_MS,
    )  # fmt: skip


def test_tasks_send_within_the_budget_and_leave_a_part_of_it_to_what_is_urgent(receiver: Receiver) -> None:
    clock = ManualClock(now_ms=NOW_MS)
    channel = opened(kind="dingtalk", url=receiver.url(), clock=clock)
    action = NotifyAction({"c": channel}, MemoryBudgets({"c": 20}, clock))

    def tell(attempt: int, severity: str = "info") -> None:
        asyncio.run(action.execute({"channel": "c", "title": "t", "severity": severity}, context(attempt)))

    tell(1)
    tell(2)
    with pytest.raises(BudgetSpentError) as caught:
        tell(3)
    assert (caught.value.retryable, caught.value.retry_after_s) == (True, 15.125)
    tell(3, "crit")
    clock.advance(15.2)
    tell(3)
    assert len(receiver.seen) == 4


def test_the_other_robots_get_what_they_understand(receiver: Receiver) -> None:
    for kind in ("wecom", "feishu", "slack"):
        send(opened(kind=kind, url=receiver.url(f"/{kind}"), **({"secret": SECRET} if kind == "feishu" else {})))
    wecom, feishu, slack = (json.loads(body) for _, _, _, body in receiver.seen)
    assert wecom["markdown"]["content"].startswith("### 🔴 磁盘")
    digest = hmac.digest(f"{NOW_MS // 1000}\n{SECRET}".encode(), b"", hashlib.sha256)
    assert (feishu["timestamp"], feishu["sign"]) == (str(NOW_MS // 1000), base64.b64encode(digest).decode())
    assert slack["text"] == "🔴 磁盘 &lt;已满&gt;\nhost h1 &amp; others\nsecond line"


def test_a_receiver_of_ones_own_gets_signed_json_with_the_key(receiver: Receiver) -> None:
    receiver.answers = [(200, {}, b'{"id":"m-7"}')]
    assert send(opened(kind="webhook", url=receiver.url(), secret=SECRET), key="ntc-9") == "m-7"
    (_, _, heads, body) = receiver.seen[0]
    digest = hmac.digest(SECRET.encode(), f"{NOW_MS // 1000}.".encode() + body, hashlib.sha256).hex()
    assert heads["x-gwf-signature"] == f"t={NOW_MS // 1000},v1={digest}"
    assert heads["idempotency-key"] == json.loads(body)["id"] == "ntc-9"


def test_a_channel_may_not_reach_where_webhooks_may_not(receiver: Receiver) -> None:
    channel = opened(kind="slack", url=receiver.url(), allowed=())
    assert isinstance(refused(channel), ForbiddenAddressError)
    assert "may not go there" in asyncio.run(channel.health_check())
    assert receiver.seen == []


class Mailbox:
    """What a mail server took, and what it answers."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        if self.answer.startswith("250"):
            self.taken.append(envelope)
        return self.answer


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def mail(port: int, **more: Any) -> Channel:
    return opened(
        kind="email", host="127.0.0.1", port=port, tls="none", sender="gwf@example.com",
        to=["a@example.com", "b@example.com"], **more,
    )  # fmt: skip


def test_a_mail_goes_to_all_with_its_subject_encoded(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    assert send(mail(port), key="ntc/1") == "<ntc-1@gwf>"
    (envelope,) = box.taken
    assert envelope.rcpt_tos == ["a@example.com", "b@example.com"]
    content = envelope.content
    assert isinstance(content, bytes)
    found = message_from_bytes(content)
    assert str(make_header(decode_header(found["Subject"]))) == "[CRIT] 磁盘 <已满>"
    text: Any = found.get_payload(decode=True)
    assert b"second line" in text


@pytest.mark.parametrize(("answer", "retryable"), [("451 try later", True), ("554 spam", False)])
def test_what_a_mail_server_answers_decides_about_another_try(
    mailbox: tuple[Mailbox, int], answer: str, *, retryable: bool
) -> None:
    box, port = mailbox
    box.answer = answer
    assert refused(mail(port)).retryable is retryable


def test_a_mail_server_without_starttls_is_not_told_the_password(mailbox: tuple[Mailbox, int]) -> None:
    _, port = mailbox
    channel = opened(
        kind="email", host="127.0.0.1", port=port, sender="g@example.com", to=["a@example.com"], user="u", password="pw"
    )
    error = refused(channel)
    assert (error.error_class, error.retryable) == (ErrorClass.CONFIG, False)
    assert "STARTTLS" in asyncio.run(channel.health_check())


def test_a_mail_server_that_is_away_is_tried_again() -> None:
    assert refused(mail(1)).error_class is ErrorClass.NETWORK


def test_a_title_cannot_add_headers_to_a_mail(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    send(mail(port), Notice(channel="c", title="x\r\nBcc: evil@example.com", text="y"))
    assert box.taken[0].rcpt_tos == ["a@example.com", "b@example.com"]


def test_texts_are_cut_between_characters_and_queries_replaced() -> None:
    assert cut("磁盘磁盘", 10) == "磁盘…"
    assert with_query("http://h/p?a=1&sign=old", sign="new") == "http://h/p?a=1&sign=new"
