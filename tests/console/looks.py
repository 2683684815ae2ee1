"""What there is to look at in the console: every page, tab and dialog of a demo, and where its objects are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page

#: asks the API for a path
Ask = Callable[[str], Any]


def _nothing(page: Page) -> None:
    """Leave the page as it opens."""


@dataclass(frozen=True)
class Look:
    """A page of the demo; `{…}` in its path is the id of an object."""

    path: str
    #: what is done before it is looked at
    act: Callable[[Page], None] = _nothing


def _press(*buttons: str) -> Callable[[Page], None]:
    """Press buttons one after the other; each name is given in both languages, with a bar between."""

    def act(page: Page) -> None:
        for names in buttons:
            both = [page.get_by_role("button", name=name).first for name in names.split("|")]
            shown = both[0] if both[0].is_visible() else both[-1]
            shown.click()
            page.wait_for_timeout(700)

    return act


def _key(keys: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.keyboard.press(keys)
        page.wait_for_timeout(500)

    return act


#: by name; those that begin alike belong to one area
LOOKS: dict[str, Look] = {
    "overview": Look("/?part=fleet"),
    "overview-host": Look("/?part=host"),
    "palette": Look("/?part=fleet", _key("Control+k")),
    "keys": Look("/agents", _key("?")),
    "files": Look("/files"),
    "files-own": Look("/files?agent={self}&path={tree}"),
    "files-file": Look("/files?agent={self}&path={path}"),
    "files-find": Look("/files?agent={self}&path={path}&find=1&q=a"),
    "trace": Look("/files/trace?event={file_event}"),
    "trace-asks": Look("/files/trace"),
    "alerts": Look("/alerts"),
    "alerts-all": Look("/alerts?status=firing&status=acknowledged&status=resolved&over=7d"),
    "alerts-sums": Look("/alerts?by=fingerprint&status=firing&status=acknowledged&status=resolved"),
    "alert": Look("/alerts/{alert}"),
    "alert-note": Look("/alerts/{alert}", _key("c")),
    "alert-resolve": Look("/alerts/{alert}", _press("结束|Resolve")),
    "silences": Look("/alerts/silences"),
    "silences-new": Look("/alerts/silences?make=team%3Dupload"),
    "alertrules": Look("/alerts/rules"),
    "alertrule": Look("/alerts/rules/{alert_rule}"),
    "alertrule-dryrun": Look("/alerts/rules/{alert_rule}?tab=dryrun"),
    "alertrule-versions": Look("/alerts/rules/{alert_rule}?tab=versions"),
    "alertrule-edit": Look("/alerts/rules/{alert_rule}/edit?as=form"),
    "alertrule-edit-yaml": Look("/alerts/rules/{alert_rule}/edit?as=yaml"),
    "alertrule-new": Look("/alerts/rules/new"),
    "channels": Look("/alerts/channels"),
    "inputs": Look("/alerts/inputs"),
    "oncall": Look("/alerts/oncall"),
    "events": Look("/events"),
    "events-one": Look("/events?sel={event}"),
    "events-files": Look("/events/files"),
    "events-files-one": Look("/events/files?sel={file_event}"),
    "agents": Look("/agents"),
    "agents-heat": Look("/agents?show=heat"),
    "agents-groups": Look("/agents?show=groups"),
    "agents-enrol": Look("/agents", _press("接入 Agent|Enrol agents")),
    "agent": Look("/agents/{failing}"),
    "agent-work": Look("/agents/{self}?tab=work"),
    "agent-config": Look("/agents/{self}?tab=config"),
    "agent-host": Look("/agents/{self}?tab=host"),
    "agent-audit": Look("/agents/{failing}?tab=audit"),
    "group": Look("/groups/{group}"),
    "configs": Look("/configs"),
    "configs-rollouts": Look("/configs?tab=rollouts"),
    "config-version": Look("/configs/{layer}/v/{number}"),
    "config-diff": Look("/configs/{layer}/v/{number}?tab=diff"),
    "config-history": Look("/configs/{layer}/v/{number}?tab=history"),
    "config-launch": Look("/configs/{layer}/v/{number}/rollout"),
    "config-edit": Look("/configs/{layer}/edit?as=form"),
    "config-edit-yaml": Look("/configs/{layer}/edit?as=yaml"),
    "rollout-running": Look("/rollouts/{running}"),
    "rollout-halted": Look("/rollouts/{halted}"),
    "rollout-paused": Look("/rollouts/{paused}"),
    "rules": Look("/rules"),
    "rules-new": Look("/rules/new"),
    "rule": Look("/rules/{rule}"),
    "rule-versions": Look("/rules/{rule}?tab=versions"),
    "rule-try": Look("/rules/{rule}?tab=try"),
    "rule-backtest": Look("/rules/{rule}?tab=backtest"),
    "rule-tests": Look("/rules/{rule}?tab=tests"),
    "rule-matches": Look("/rules/{rule}?tab=matches"),
    "rule-edit": Look("/rules/{rule}/edit?as=form"),
    "rule-edit-yaml": Look("/rules/{rule}/edit?as=yaml"),
    "tasks": Look("/tasks"),
    "tasks-new": Look("/tasks/new?type=WEBHOOK"),
    "task": Look("/tasks/{task}"),
    "task-story": Look("/tasks/{task}?tab=story"),
    "task-content": Look("/tasks/{task}?tab=content"),
    "runs": Look("/runs"),
    "run": Look("/runs/{run}"),
    "run-graph": Look("/runs/{run}?show=graph"),
    "run-story": Look("/runs/{run}?show=story"),
    "run-content": Look("/runs/{run}?show=content"),
    "flows": Look("/flows"),
    "flows-new": Look("/flows/new"),
    "flow": Look("/flows/{flow}"),
    "flow-versions": Look("/flows/{flow}?tab=versions"),
    "flow-document": Look("/flows/{flow}?tab=document"),
    "flow-edit": Look("/flows/{flow}/edit"),
    "dlq": Look("/dlq"),
    "dlq-one": Look("/dlq?sel={letter}"),
    "audit": Look("/audit"),
    "audit-one": Look("/audit/{seq}"),
    "audit-diff": Look("/audit/{seq}?tab=diff"),
    "audit-history": Look("/audit/{seq}?tab=history"),
    "settings-users": Look("/settings?tab=users"),
    "settings-tokens": Look("/settings?tab=tokens"),
    "settings-account": Look("/settings?tab=account"),
    "settings-appearance": Look("/settings?tab=appearance"),
    "missing": Look("/no/such/page"),
}

#: pages that every state is tried on: their objects are not asked for
STILL_PAGES = frozenset(
    {
        "alerts", "alerts-sums", "alert", "silences", "alertrules", "alertrule", "alertrule-dryrun", "alertrule-edit",
        "channels", "inputs", "oncall", "overview", "overview-host", "files", "trace", "events", "events-files",
        "agents", "agents-heat",
        "agents-groups", "agent", "group", "configs", "configs-rollouts", "config-version", "config-edit",
        "rollout-running", "rules",
        "rule", "rule-backtest", "tasks", "task", "runs", "run", "flows", "flow", "dlq", "audit", "audit-one",
        "settings-users", "settings-tokens", "settings-account",
    }
)  # fmt: skip

#: objects that are not there
MISSING: dict[str, Look] = {
    "agent": Look("/agents/agt_00000000000000000000000000"),
    "group": Look("/groups/grp_00000000000000000000000000"),
    "config": Look("/configs/lay_00000000000000000000000000/v/7"),
    "rollout": Look("/rollouts/rol_00000000000000000000000000"),
    "alert": Look("/alerts/alt_000000000000000000000000"),
    "alertrule": Look("/alerts/rules/alr_00000000000000000000000000"),
    "alertrule-edit": Look("/alerts/rules/alr_00000000000000000000000000/edit"),
    "rule": Look("/rules/rul_00000000000000000000000000"),
    "rule-edit": Look("/rules/rul_00000000000000000000000000/edit"),
    "task": Look("/tasks/tsk_00000000000000000000000000"),
    "run": Look("/runs/run_00000000000000000000000000"),
    "flow": Look("/flows/flw_00000000000000000000000000"),
    "audit": Look("/audit/99999999"),
    "files": Look("/files?agent=agt_00000000000000000000000000"),
    "file": Look("/files?agent={self}&path={tree}/no-such.log"),
    "trace": Look("/files/trace?event=99999999"),
    "letter": Look("/dlq?sel=ltr_00000000000000000000000000"),
}


def found_in(scene: Mapping[str, Any], ask: Ask) -> dict[str, str]:
    """Return the ids and paths that `LOOKS` names, of a demo."""
    failed = ask("/file-events?status=failed&limit=1")["items"] or ask("/file-events?limit=1")["items"]
    layers = ask("/config-layers")["items"]
    layer = max(layers, key=lambda one: one["newest_number"] or 0)
    runs = ask("/flow-runs?limit=50")["items"]
    run = max(runs, key=lambda one: (one["state"] in {"compensated", "compensating", "failed"}, one["steps_total"]))
    tasks = ask("/tasks?limit=100")["items"]
    audited = ask("/audit?changed=true&limit=50")["items"] or ask("/audit?limit=1")["items"]
    alerts = ask("/alerts?limit=50")["items"]
    alert = max(alerts, key=lambda one: (one["status"] == "firing", one["count"]))
    found: dict[str, Any] = {
        "alert": alert["alert_id"],
        "alert_rule": alert["rule_id"],
        **scene["rollouts"],
        "failing": ask("/agents?condition=failing&limit=1")["items"][0]["agent_id"],
        "self": failed[0]["agent_id"],
        "path": quote(str(failed[0]["path"]), safe=""),
        "tree": quote(str(failed[0]["path"]).rpartition("/")[0], safe=""),
        "file_event": failed[0]["row_id"],
        "event": ask("/events?limit=1")["items"][0]["row_id"],
        "group": ask("/agent-groups")["items"][0]["group_id"],
        "layer": layer["layer_id"],
        "number": layer["newest_number"],
        "rule": max(ask("/rules?limit=50")["items"], key=lambda one: one["hits_7d"] or 0)["rule_id"],
        "run": run["run_id"],
        "flow": run["flow_id"],
        "task": max(tasks, key=lambda one: one["attempts"])["task_id"],
        "letter": ask("/dlq?limit=1")["items"][0]["letter_id"],
        "seq": max(audited, key=lambda one: len(one["changes"]))["seq"],
    }
    return {name: str(value) for name, value in found.items()}
