"""What messages say where nobody wrote a template, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.alerts.delivery.model import Language
from gwf.alerts.delivery.template import MessageTemplate

KIND_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {"firing": "告警", "resolved": "恢复", "repeat": "仍未处理", "escalation": "升级", "digest": "汇总"},
    "en": {
        "firing": "Alert", "resolved": "Resolved", "repeat": "Still firing", "escalation": "Escalated",
        "digest": "Digest",
    },
}  # fmt: skip
SEVERITY_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "critical": "致命", "error": "错误", "warning": "警告", "notice": "提示", "info": "信息", "debug": "调试",
    },
    "en": {
        "critical": "critical", "error": "error", "warning": "warning", "notice": "notice", "info": "info",
        "debug": "debug",
    },
}  # fmt: skip
MORE: Mapping[Language, str] = {"zh": "- 另有 {count} 条未逐一列出", "en": "- {count} more, not listed one by one"}
SEVERAL: Mapping[Language, str] = {"zh": "{title} 等 {count} 条", "en": "{title} and {more} more"}
UNSURE: Mapping[Language, str] = {
    "zh": "（上次发送结果未知，可能重复）",
    "en": "(nobody knows whether the last try arrived: this may be a repeat)",
}
TEST: Mapping[Language, MessageTemplate] = {
    "zh": MessageTemplate(title="GWF 测试消息", text="- 通道：${channel}\n- 发送人：${by}\n- 时间：${time}"),
    "en": MessageTemplate(title="Test message of GWF", text="- Channel: ${channel}\n- By: ${by}\n- Time: ${time}"),
}

_NOTICE_ZH = """\
- 规则：${rule}
- 分组：${group}
- 时间：${time}

${alerts}

${people}
${link}"""
_NOTICE_EN = """\
- Rule: ${rule}
- Group: ${group}
- Time: ${time}

${alerts}

${people}
${link}"""

DEFAULTS: Mapping[Language, Mapping[str, MessageTemplate]] = {
    "zh": {
        "firing": MessageTemplate(title="【${severity_word}】${title}", text=_NOTICE_ZH),
        "resolved": MessageTemplate(title="【恢复】${title}", text=_NOTICE_ZH),
        "repeat": MessageTemplate(title="【${severity_word}·仍未处理】${title}", text=_NOTICE_ZH),
        "escalation": MessageTemplate(title="【${severity_word}·升级到第 ${level} 级】${title}", text=_NOTICE_ZH),
        "digest": MessageTemplate(
            title="【${severity_word}】${count} 条通知汇总",
            text="- 时间：${since} 至 ${time}\n- 规则：${rules}\n\n${notices}\n\n${people}\n${link}",
        ),
    },
    "en": {
        "firing": MessageTemplate(title="[${severity_word}] ${title}", text=_NOTICE_EN),
        "resolved": MessageTemplate(title="[resolved] ${title}", text=_NOTICE_EN),
        "repeat": MessageTemplate(title="[${severity_word}, still firing] ${title}", text=_NOTICE_EN),
        "escalation": MessageTemplate(
            title="[${severity_word}, escalated to level ${level}] ${title}", text=_NOTICE_EN
        ),
        "digest": MessageTemplate(
            title="[${severity_word}] ${count} notices in one message",
            text="- Time: ${since} to ${time}\n- Rules: ${rules}\n\n${notices}\n\n${people}\n${link}",
        ),
    },
}
