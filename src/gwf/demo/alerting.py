"""What the people of a demo want to be told, and by whom: who is on call, a chain, rules of alerts, a silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from gwf.demo.document import CHANNEL
from gwf.demo.people import LI, ZHAO

#: does something as a person: name, path, body
Act = Callable[[str, str, object], object]

SCHEDULE, CHAIN = "upload-oncall", "upload"
SHIFT_DAYS = 3


def be_told(act: Act) -> None:
    """Put it into force, the named before those that name it."""
    today = datetime.now(UTC).date()
    schedule = {
        "name": SCHEDULE, "description": "上传值班 / on call for uploads", "zone": "Asia/Shanghai", "channel": CHANNEL,
        "people": [{"name": "王琳"}, {"name": "李航"}, {"name": "张伟"}],
        "starts": (today - timedelta(days=1)).isoformat(), "shift_days": SHIFT_DAYS, "hand_over": "09:00",
    }  # fmt: skip
    chain = {
        "name": CHAIN, "description": "先值班，10 分钟没人确认再广播 / on call first, then everybody",
        "levels": [{"after": 0, "receivers": [SCHEDULE]}, {"after": "10m", "receivers": [CHANNEL]}],
    }  # fmt: skip
    failing = {
        "name": "文件送不出去", "when": {"type": ["gwf.file.failed", "gwf.file.dead"]}, "by": ["store"],
        "severity": "error", "title": "目的地 ${store} 有文件送不出去：${error_class:-未知}",
        "labels": {"team": "upload"}, "resolve_after": "30m", "group_by": ["team"], "chain": CHAIN,
    }  # fmt: skip
    offline = {
        "name": "主机离线", "when": {"type": "gwf.agent.offline"}, "clear": {"type": "gwf.agent.online"},
        "by": ["agent_id"], "severity": "warning", "title": "主机 ${agent_id} 离线",
        "labels": {"team": "hosts"}, "wait": "5s", "group_by": ["team"], "chain": CHAIN,
    }  # fmt: skip
    act(ZHAO, "/schedules", _in_force(schedule))
    act(ZHAO, "/chains", _in_force(chain))
    act(LI, "/alert-rules", _in_force(failing))
    act(LI, "/alert-rules", _in_force(offline))
    night = datetime.now(UTC) + timedelta(days=2)
    window = {
        "selector": "team=hosts", "begins_at": night.isoformat(), "ends_at": (night + timedelta(hours=2)).isoformat(),
        "reason": "周末机房割接 / maintenance of the site",
    }  # fmt: skip
    act(LI, "/silences", window)


def _in_force(document: object) -> dict[str, object]:
    return {"document": document, "publish": True, "reason": "评审通过 / reviewed"}
