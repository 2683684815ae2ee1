"""In what words the Go version refused rules about lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gwf.alerts.logs.reading import BAD_LEVEL, BAD_THRESHOLD, BAD_WINDOW, RULES_NEEDED, WORDS_NEEDED
from gwf.control.config.model import Fault
from gwf.core.settings.draft import is_block, is_list

INVALID = "invalid payload"

_ESCALATION_WINDOWS = {"window": "异常升级窗口无效", "suppress_window": "异常升级抑制窗口无效"}


def go_words(fault: Fault, document: Mapping[str, object]) -> str:
    """Return a fault as the Go version said it; one that it did not know, with its place."""
    if fault.code == BAD_WINDOW:
        return _of_window(fault, document)
    is_escalation = fault.pointer.startswith("/escalation/")
    level = fault.params.get("level", "")
    known = {
        "wrong_type": INVALID,
        RULES_NEEDED: "告警规则不能为空",
        WORDS_NEEDED: f"告警规则 {fault.params.get('rule', '')} 缺少关键字",
        BAD_LEVEL: f"{'异常升级级别无效' if is_escalation else '无效的告警级别'}: {level}",
        BAD_THRESHOLD: "异常升级阈值必须大于零",
    }
    return known.get(fault.code) or f"{fault.pointer}: {fault.message}"


def _of_window(fault: Fault, document: Mapping[str, object]) -> str:
    part, *more = fault.pointer.split("/")[1:]
    text = fault.params.get("text", "")
    if part == "escalation" and not text:
        return "异常升级窗口必须大于零"
    if part == "escalation":
        what = _ESCALATION_WINDOWS[more[0]]
    elif part == "defaults":
        what = "默认抑制窗口无效"
    else:
        what = f"告警规则 {_rule_id(document, int(more[0]))} 抑制窗口无效"
    return f"{what}: 无效时间: {text}"


def _rule_id(document: Mapping[str, object], place: int) -> str:
    rules = document.get("rules")
    rule = rules[place] if is_list(rules) else None
    written = str(rule.get("id") or "").strip() if is_block(rule) else ""
    return written or f"rule-{place + 1}"
