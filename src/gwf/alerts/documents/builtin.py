"""Rules of alerts that come with GWF, and the chain that they name: written once, then like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gwf.alerts.documents.ports import DocStore
from gwf.alerts.documents.record import DocHead, DocKind, DocVersion, StoredDoc
from gwf.audit.model import SYSTEM, Resource
from gwf.control.caller import Caller
from gwf.control.overview.verdict import FindingCode
from gwf.core.clock import Clock
from gwf.events.model import JsonValue
from gwf.rules.versioned import Deed, VersionState, entry

BUILT_IN = "_builtin-"  #: stands in the ids of these documents, behind their kind
BY = Caller(actor=SYSTEM, name="gwf", reason="comes with GWF")
CHAIN = "default"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A document that comes with GWF."""

    kind: DocKind
    #: names it for ever
    word: str
    document: Mapping[str, JsonValue]

    @property
    def doc_id(self) -> str:
        """Its id: one that was retired or changed is known by it and left alone."""
        return f"{self.kind.prefix}{BUILT_IN}{self.word}"


def _rule(word: str, name: str, when: JsonValue, *, title: str, **more: JsonValue) -> BuiltIn:
    document: dict[str, JsonValue] = {"name": name, "when": when, "title": title, "chain": CHAIN, "wait": "10s", **more}
    return BuiltIn(DocKind.RULE, word, document)


def _ended(begin: str, end: str, *by: str) -> dict[str, JsonValue]:
    """Return the parts of a rule about what an event begins and another one ends."""
    return {
        "when": {"type": f"gwf.agent.{begin}"},
        "clear": {"type": f"gwf.agent.{end}"},
        "by": ["agent_id", *by],
        "labels": {"host": "${data.hostname:-}"},
    }


PACK: Sequence[BuiltIn] = (
    BuiltIn(
        DocKind.CHAIN,
        CHAIN,
        {"name": CHAIN, "description": "自带规则的升级链：填入渠道或值班表后才会通知到人", "levels": []},
    ),
    _rule("agent-offline", "主机失联", title="主机 ${data.hostname:-} 失联", **_ended("offline", "online")),
    _rule(
        "breaker-open", "目标熔断", title="${data.hostname:-} 的目标 ${data.store} 已熔断",
        **_ended("breaker_opened", "breaker_closed", "data.store"),
    ),
    _rule(
        "high-water", "积压过高", title="${data.hostname:-} 积压过高（${data.code}）",
        **_ended("high_water", "high_water_ended", "data.code"),
    ),
    _rule("disk-low", "磁盘空间不足", title="${data.hostname:-} 磁盘空间不足", **_ended("disk_low", "disk_low_ended")),
    _rule(
        "config-refused", "配置被拒绝", title="${data.hostname:-} 拒绝了配置（${data.code}）",
        **_ended("config_refused", "config_mended", "data.code"),
    ),
    _rule(
        "config-failed", "配置下发失败", {"type": "gwf.config.failed"},
        title="${agent_id} 的配置下发失败（${data.phase:-}）",
        clear={"type": "gwf.config.applied"}, by=["agent_id"], resolve_after="1d",
    ),
    _rule(
        "rollout-stopped", "发布自动停止",
        {"all": [{"type": ["gwf.rollout.paused", "gwf.rollout.reverting"]}, {"severity": {"min": "error"}}]},
        title="发布 ${data.rollout} 自动停止（${data.cause:-}）", by=["data.rollout"], resolve_after="1d",
        clear={"type": ["gwf.rollout.running", "gwf.rollout.reverted", "gwf.rollout.completed"]},
    ),
    _rule(
        "many-failures", "上传失败过多", {"type": "gwf.file.failed"}, title="${agent_id} 上传到 ${store:-} 频繁失败",
        by=["agent_id", "store"], severity="error", threshold={"count": 50, "within": "10m"}, resolve_after="15m",
    ),
    _rule(
        "dead-files", "文件进入死信", {"type": "gwf.file.dead"}, title="${agent_id} 有文件进入死信（${error_code:-}）",
        by=["agent_id"], severity="error", resolve_after="1h",
    ),
    _rule(
        "log-matched", "日志命中规则", {"all": [{"type": "gwf.log.matched"}, {"severity": {"min": "error"}}]},
        title="${agent_id} 日志：${data.title:-}", by=["agent_id", "data.rule"], resolve_after="30m",
    ),
    _rule(
        "log-escalated", "日志告警升级", {"type": "gwf.log.escalated"},
        title="${agent_id} 日志告警升级：${data.title:-}",
        by=["agent_id", "data.rule"], severity="critical", resolve_after="30m",
    ),
    _rule(
        "chain-fault", "告警无人送达",
        {"all": [{"type": "gwf.alert.chain_fault"}, {"field": "data.fault", "ne": "chain_empty"}]},
        title="告警送达出了问题：${data.name:-}（${data.fault:-}）", by=["data.fault", "subject"], resolve_after="1d",
    ),
    _rule(
        "history-lost", "历史记录丢失", {"type": ["gwf.outbox.lost", "gwf.report.dropped"]},
        title="${agent_id} 丢失了 ${data.events:-若干} 条历史记录", by=["agent_id"], severity="error",
        resolve_after="1d",
    ),
)  # fmt: skip


#: by word of a rule of the pack the finding of the overview that says the same of the same agent or rollout
_TWINS = {
    "agent-offline": FindingCode.AGENTS_OFFLINE, "breaker-open": FindingCode.STORE_UNREACHABLE,
    "high-water": FindingCode.HIGH_WATER, "disk-low": FindingCode.DISK_LOW,
    "config-refused": FindingCode.CONFIG_FAILED, "config-failed": FindingCode.CONFIG_FAILED,
    "rollout-stopped": FindingCode.ROLLOUT_HALTED, "many-failures": FindingCode.FAILURES,
    "dead-files": FindingCode.DEAD_LETTERS,
}  # fmt: skip


def twin_of(rule_id: str) -> str:
    """Return the code of the finding that says the same as the alerts of a rule; "" = none does."""
    word = rule_id.removeprefix(f"{DocKind.RULE.prefix}{BUILT_IN}")
    return _TWINS[word].value if word != rule_id and word in _TWINS else ""


async def ensure_built_in(store: DocStore, tenant: str, clock: Clock) -> int:
    """Put what is missing of the pack into force; return how much it was.

    What somebody has changed, switched off or taken out of force stays so, and of a name that is taken nothing is made.

    Raises:
        UnavailableError: The database did not answer.
    """
    async with store.view() as reads:
        known = {head.doc_id for kind in DocKind for head in await reads.heads(tenant, kind)}
    if all(one.doc_id in known for one in PACK):
        return 0
    now_ms, made = clock.now_ms(), 0
    async with store.change() as change:
        await change.count_plan(tenant, now_ms=now_ms)  # another server that does the same waits here
        heads = {kind: await change.heads(tenant, kind) for kind in DocKind}
        for one in PACK:
            if any(head.doc_id == one.doc_id or head.name == one.document["name"] for head in heads[one.kind]):
                continue
            head, stored = _made(one, tenant, now_ms)
            await change.add_head(head)
            await change.put_version(stored)
            resource = Resource(kind=one.kind.value, id=one.doc_id)
            deed = Deed(BY, f"{one.kind.value}.create")
            change.record(entry(resource, (None, head), ({}, one.document), deed=deed, at_ms=now_ms))
            made += 1
    return made


def _made(one: BuiltIn, tenant: str, now_ms: int) -> tuple[DocHead, StoredDoc]:
    head = DocHead(
        doc_id=one.doc_id, kind=one.kind, tenant=tenant, name=str(one.document["name"]), draft=None, published=1,
        last_version=1, created_at_ms=now_ms, updated_at_ms=now_ms,
    )  # fmt: skip
    stored = StoredDoc(
        ref=DocVersion(one.doc_id, 1), kind=one.kind, tenant=tenant, state=VersionState.PUBLISHED,
        document=one.document, author=BY.name, reason=BY.reason, created_at_ms=now_ms, updated_at_ms=now_ms,
        published_at_ms=now_ms,
    )  # fmt: skip
    return head, stored
