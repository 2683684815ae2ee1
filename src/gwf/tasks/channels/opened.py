"""Opens the channels that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from gwf.core.settings.channels import ChannelSettings
from gwf.tasks.actions.notify import Channel, Notice
from gwf.tasks.channels import robots
from gwf.tasks.channels.chat import ChatChannel, Receiver, Ways, Write
from gwf.tasks.channels.mail import MailChannel

AT_ONCE = 16  #: messages on their way in one process; each waits in a thread


def open_channels(settings: Mapping[str, ChannelSettings], ways: Ways) -> dict[str, Channel]:
    """Return the channels by name; nothing is sent."""
    if not settings:
        return {}
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gwf-notify")
    return {name: _opened(channel, ways, threads) for name, channel in settings.items()}


def _opened(settings: ChannelSettings, ways: Ways, threads: ThreadPoolExecutor) -> Channel:
    if settings.kind == "email":
        return MailChannel(settings, tls=ways.tls, threads=threads)
    url = "" if settings.url is None else settings.url.get_secret_value()
    secret = None if settings.secret is None else settings.secret.get_secret_value()
    receiver = Receiver(
        url=url,
        write=_writer(settings, url, secret),
        timeout_s=settings.timeout,
        signing=secret if settings.kind == "webhook" else None,
    )
    return ChatChannel(receiver, ways, threads)


def _writer(settings: ChannelSettings, url: str, secret: str | None) -> Write:
    def write(notice: Notice, now_ms: int, key: str) -> robots.Message:
        mobiles = tuple(dict.fromkeys([*settings.mobiles, *notice.mobiles]))
        match settings.kind:
            case "dingtalk":
                return robots.dingtalk(notice, url, secret=secret, mobiles=mobiles, now_ms=now_ms)
            case "feishu":
                return robots.feishu(notice, url, secret=secret, now_ms=now_ms)
            case "wecom":
                return robots.wecom(notice, url)
            case "slack":
                return robots.slack(notice, url)
            case _:
                return robots.plain_json(notice, url, key=key)

    return write
