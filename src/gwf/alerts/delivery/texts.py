"""Texts of messages as people write them: looked at, tried, kept, given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from gwf.alerts.delivery.model import ChannelRules, OutboxNotice
from gwf.alerts.delivery.plan import parts_of
from gwf.alerts.delivery.reads import DeskStore, KeptTemplate
from gwf.alerts.delivery.template import KINDS, MessageTemplate, read_template
from gwf.alerts.delivery.text import Style, written
from gwf.alerts.delivery.words import DEFAULTS
from gwf.alerts.life.model import NoticeKind
from gwf.alerts.oncall import Recipient
from gwf.audit.changes import field_changes
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.control.config.check import FaultyDocumentError
from gwf.core.clock import Clock
from gwf.core.errors import InputError, NotFoundError
from gwf.events.model import Severity
from gwf.rules.faults import Faults

EXAMPLE_FOLDED = 3  #: notices of the example of a digest


class FaultyTemplateError(FaultyDocumentError):
    """A text of messages is refused as a whole; `faults` lists what is wrong with it."""

    code = "invalid_template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a message would read."""

    title: str
    text: str
    size_bytes: int
    max_bytes: int


class MessageTexts:
    """The texts of all tenants."""

    def __init__(
        self,
        store: DeskStore,
        channels: Mapping[str, ChannelRules],
        zones: Mapping[str, ZoneInfo],
        *,
        console_url: str,
        clock: Clock,
    ) -> None:
        """Try texts as for these channels."""
        self._store = store
        self._channels = channels
        self._zones = zones
        self._console_url = console_url
        self._clock = clock

    async def all(self, tenant: str) -> Sequence[KeptTemplate]:
        """Return the text of each kind; revision 0 = the one that comes with the program."""
        async with self._store.view() as view:
            written_by_people = {one.kind: one for one in await view.written(tenant)}
        return [written_by_people.get(kind) or _default(kind) for kind in KINDS]

    async def write(self, tenant: str, kind: str, template: MessageTemplate, *, by: Caller) -> KeptTemplate:
        """Keep a text; messages that are made from now on have it.

        Raises:
            FaultyTemplateError: It cannot be used.
        """
        _check(kind, template)
        now_ms = self._clock.now_ms()
        async with self._store.desk() as change:
            before = next((one for one in await change.written(tenant) if one.kind == kind), None)
            kept = KeptTemplate(
                kind=kind,
                title=template.title,
                text=template.text,
                revision=1 if before is None else before.revision + 1,
                by=by.name,
                updated_at_ms=now_ms,
            )
            await change.write(tenant, kept)
            old = before or _default(kind)
            changes = field_changes({"title": old.title, "text": old.text}, {"title": kept.title, "text": kept.text})
            entry = _entry(tenant, kind, "message_template.update", by=by, at_ms=now_ms)
            change.record(replace(entry, changes=changes))
        return kept

    async def unwrite(self, tenant: str, kind: str, *, by: Caller) -> KeptTemplate:
        """Give a text up; the one of the program counts again.

        Raises:
            NotFoundError: Nobody wrote one.
        """
        now_ms = self._clock.now_ms()
        async with self._store.desk() as change:
            if all(one.kind != kind for one in await change.written(tenant)):
                raise NotFoundError("nobody wrote a text for this kind of messages", kind=kind)
            await change.unwrite(tenant, kind)
            change.record(_entry(tenant, kind, "message_template.delete", by=by, at_ms=now_ms))
        return _default(kind)

    async def preview(
        self, tenant: str, kind: str, template: MessageTemplate, *, channel: str, notice_id: str
    ) -> Tried:
        """Return how a message would read.

        Raises:
            FaultyTemplateError: The text cannot be used.
            InputError: There is no such channel.
            NotFoundError: There is no such notice.
        """
        _check(kind, template)
        if channel and channel not in self._channels:
            raise InputError("there is no such channel", field="channel", channel=channel)
        rules = self._channels.get(channel) or ChannelRules(
            name="example", kind="dingtalk", per_minute=20, timeout_s=10.0, max_text_bytes=18_000
        )
        zone = self._zones.get(channel) or ZoneInfo("UTC")
        style = Style(zone=zone, console_url=self._console_url, templates={kind: template})
        notices = await self._notices(tenant, kind, notice_id)
        parts = [part for one in notices for part in parts_of(one, [_recipient(rules)], {rules.name: rules})]
        message, _ = written(parts, rules, style, now_ms=self._clock.now_ms())
        size = len(message.title.encode()) + len(message.text.encode())
        return Tried(title=message.title, text=message.text, size_bytes=size, max_bytes=rules.max_text_bytes)

    async def _notices(self, tenant: str, kind: str, notice_id: str) -> Sequence[OutboxNotice]:
        if not notice_id:
            found = example("firing" if kind == "digest" else kind, now_ms=self._clock.now_ms())
        else:
            async with self._store.view() as view:
                kept = await view.notice(tenant, notice_id)
            if kept is None:
                raise NotFoundError("there is no such notice", notice_id=notice_id)
            found = kept.notice if kind == "digest" else replace(kept.notice, kind=NoticeKind(kind))
        if kind != "digest":
            return [found]
        return [replace(found, notice_id=f"{found.notice_id}{number}") for number in range(EXAMPLE_FOLDED)]


def example(kind: str, *, now_ms: int) -> OutboxNotice:
    """Return a notice to try a text with."""
    status = "resolved" if kind == "resolved" else "firing"
    alerts = [
        {
            "alert_id": f"alt_{number:024d}", "title": f"/data on {host} is {91 + number} % full", "severity": severity,
            "status": status, "labels": {"host": host}, "started_at_ms": now_ms - 300_000, "count": 3 - number,
        }
        for number, (host, severity) in enumerate((("edge-07", "critical"), ("edge-11", "warning")))
    ]  # fmt: skip
    return OutboxNotice(
        notice_id="ntc_example", tenant="default", kind=NoticeKind(kind), at_ms=now_ms,
        level=1 if kind == "escalation" else 0, receivers=("example",), severity=Severity.CRITICAL,
        body={
            "rule_name": "disk is full", "group_labels": {"site": "sh-1"}, "new": 0 if status == "resolved" else 2,
            "ended": 2 if status == "resolved" else 0, "others": 1, "alerts": alerts,
        },
    )  # fmt: skip


def _recipient(rules: ChannelRules) -> Recipient:
    return Recipient(channel=rules.name, person="Lin", mobile="13800000000", email="lin@example.com", of=rules.name)


def _default(kind: str) -> KeptTemplate:
    template = DEFAULTS["zh"][kind]
    return KeptTemplate(kind=kind, title=template.title, text=template.text, revision=0, by="", updated_at_ms=0)


def _check(kind: str, template: MessageTemplate) -> None:
    faults = Faults()
    read_template(kind, template.title, template.text, faults=faults)
    if faults.found:
        raise FaultyTemplateError("the text cannot be used as it is", faults=tuple(faults.found))


def _entry(tenant: str, kind: str, action: str, *, by: Caller, at_ms: int) -> AuditEntry:
    return AuditEntry(
        tenant=tenant, actor=by.actor, action=action, resource=Resource(kind="message_template", id=kind), at_ms=at_ms,
        reason=by.reason, request_id=by.request_id,
    )  # fmt: skip
