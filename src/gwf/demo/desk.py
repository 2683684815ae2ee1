"""What the people of a demo have automated: rules, flows and their runs, tasks, and what failed for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gwf.demo.business import Business
from gwf.demo.people import APPROVER, LI, ZHAO

#: does something as a person: name, path, body
Act = Callable[[str, str, object], Any]
#: returns the JSON of a path
Get = Callable[[str], Any]
#: waits until something is so
Until = Callable[[str, Callable[[], bool]], None]

_QUICK: Mapping[str, float] = {"max_attempts": 4, "first_wait_s": 1.0, "longest_wait_s": 4.0}
_TWICE: Mapping[str, float] = {"max_attempts": 2, "first_wait_s": 0.5, "longest_wait_s": 0.5}
#: states in which a run rests or is over
_STILL = frozenset({"succeeded", "failed", "compensated", "cancelled", "stuck"})
LATER_S = 1_800.0  #: until a task that was put off begins


class Desk:
    """Automates what a day at the desk needs."""

    def __init__(self, business: Business, act: Act, *, get: Get, until: Until) -> None:
        """`act` does as a person, `get` asks, `until` waits."""
        self._business = business
        self._act = act
        self._get = get
        self._until = until
        self._flows: dict[str, str] = {}
        #: id of each rule and of each run by what it shows
        self.rules: dict[str, str] = {}
        self.runs: dict[str, str] = {}

    def work(self, agents: Mapping[str, str]) -> None:
        """Write all of it; `agents` are the ids by host name."""
        host, agent = next((item for item in sorted(agents.items()) if "-pay-" in item[0]), ("", ""))
        self._write_flows()
        self._run(host, agent)
        self._order_tasks()
        self._write_rules()
        self._until("the vendor's refusals are dead letters", self._has_letters)
        self._business.mend_vendor()

    # -- flows and their runs ----------------------------------------------------------------------------

    def _write_flows(self) -> None:
        self._flow(
            "settlement", "对账文件入账", "登记、核对并占用库存，财务批准后通知下游 / settle a statement",
            _step("register", "登记文件", url=f"{self._url}/register", undo=True),
            _step("check", "核对金额", needs=["register"], url=f"{self._url}/check"),
            _step("stock", "占用库存", needs=["register"], url=f"{self._url}/stock", undo=True, retry=_QUICK),
            {
                "id": "confirm", "title": "财务确认入账", "action": "APPROVAL", "needs": ["check", "stock"],
                "config": {"text": "核对一致后批准 / approve once the sums agree"},
            },
            _step("tell", "通知下游", needs=["confirm"], url=f"{self._url}/oncall"),
            on_failure="compensate",
        )  # fmt: skip
        self._flow(
            "vendor", "供应商推送", "把送达的文件告诉供应商 / tell the vendor of a file",
            _step("register", "登记文件", url=f"{self._url}/register"),
            _step("push", "推送供应商", needs=["register"], url=f"{self._url}/vendor", retry=_TWICE),
            _step("tell", "通知值班", needs=["push"], url=f"{self._url}/oncall"),
        )  # fmt: skip
        self._flow(
            "archive", "归档登记", "登记后写入旧归档系统；失败时撤销登记 / archive, undone on failure",
            _step("register", "登记文件", url=f"{self._url}/register", undo=True),
            _step("stock", "占用库存", needs=["register"], url=f"{self._url}/stock", undo=True, retry=_QUICK),
            _step("archive", "写入归档", needs=["stock"], url=f"{self._url}/archive", retry=_TWICE),
            on_failure="compensate",
        )  # fmt: skip

    def _run(self, host: str, agent: str) -> None:
        def begin(key: str, flow: str, name: str) -> None:
            event = {"path": f"/data/pay/2026-01-05/{name}", "agent_id": agent, "reason": f"{host} {name}"}
            begun = self._act(LI, f"/flows/{self._flows[flow]}:run", event)
            self.runs[key] = begun["run"]["run_id"]

        begin("done", "settlement", "statement-0105-a.csv")
        begin("waiting", "settlement", "statement-0105-b.csv")
        begin("failed", "vendor", "pay-000231.log")
        begin("failed_too", "vendor", "pay-000232.log")
        begin("undone", "archive", "pay-000198.log")
        self._until("a run asks for approval", partial(self._asks, self.runs["done"]))
        approve = f"/flow-runs/{self.runs['done']}/steps/confirm:approve"
        self._act(APPROVER, approve, {"reason": "金额一致 / the sums agree"})
        for key in ("done", "failed", "failed_too", "undone"):
            self._until("the runs rest", partial(self._rests, self.runs[key]))

    def _asks(self, run: str) -> bool:
        return bool(self._get(f"/flow-runs/{run}")["approvals"])

    def _rests(self, run: str) -> bool:
        return self._get(f"/flow-runs/{run}")["state"] in _STILL

    # -- tasks and dead letters --------------------------------------------------------------------------

    def _order_tasks(self) -> None:
        for number in (41, 42, 43):
            self._task(f"旧归档补录 {number}", "archive", retry=_TWICE)
        self._task("补发库存 0105", "stock", retry=_QUICK)
        self._task("夜间汇总登记", "register", delay_s=LATER_S)
        self._task("季度盘点通知", "oncall", priority="high")

    def _task(self, target: str, place: str, **more: object) -> None:
        config = {"url": f"{self._url}/{place}", "body": {"what": target}}
        wish = {"type": "WEBHOOK", "target": target, "config": config, "reason": "手工补录 / by hand", **more}
        self._act(ZHAO, "/tasks", wish)

    def _has_letters(self) -> bool:
        return len(self._get("/dlq?limit=50&kind=step")["items"]) >= 2

    # -- rules -------------------------------------------------------------------------------------------

    def _write_rules(self) -> None:
        large = {"all": [{"type": "gwf.file.done"}, {"path": "/data/pay/**/*.log"}, {"size": {"min": "500KB"}}]}
        register = self._call("register", key="file")
        self._rule("register", "支付大文件登记", large, owner="赵敏", priority=100, then=[register])
        failed = {"type": ["gwf.file.failed", "gwf.file.dead"]}
        self._rule(
            "oncall", "送不出去通知值班", failed, owner="李娜", priority=50, then=[self._call("oncall", urgency="high")]
        )
        risk = {"all": [{"type": "gwf.file.done"}, {"path": "/data/risk/**"}]}
        self._rule("risk", "风控日志只记录", risk, owner="李娜", priority=80, on_match="stop")
        some = {"all": [{"type": "gwf.file.done"}, {"path": "/data/risk/**/*.log"}, {"size": {"min": "100KB"}}]}
        self._rule("sample", "风控日志抽检", some, owner="赵敏", priority=10, then=[self._call("register")])
        csv = {"all": [{"type": "gwf.file.done"}, {"suffix": [".csv"]}]}
        self._rule("draft", "报表送对账", csv, owner="赵敏", priority=20, then=[self._call("check")])
        for kept in ("register", "oncall", "risk", "sample"):
            self._act(LI, f"/rules/{self.rules[kept]}:publish", {"reason": "评审通过 / reviewed"})
        self._act(LI, f"/rules/{self.rules['sample']}:disable", {"reason": "改由风控自查 / done by risk"})

    def _rule(self, what: str, name: str, when: Mapping[str, object], **more: object) -> None:
        document: dict[str, object] = {"name": name, "when": when, "then": [], **more}
        made = self._act(LI, "/rules", {"rule": document, "reason": name})
        self.rules[what] = made["rule_id"]

    def _call(self, place: str, **more: object) -> dict[str, object]:
        config = {"url": f"{self._url}/{place}", "body": {"path": "${path}", "host": "${agent_id}"}}
        return {"action": "WEBHOOK", "config": config, **more}

    @property
    def _url(self) -> str:
        return self._business.url

    def _flow(self, key: str, name: str, about: str, *steps: Mapping[str, object], **more: object) -> None:
        document = {"name": name, "description": about, "owner": "赵敏", "steps": list(steps), **more}
        made = self._act(ZHAO, "/flows", {"flow": document, "reason": about})
        self._flows[key] = made["flow_id"]
        self._act(ZHAO, f"/flows/{made['flow_id']}:publish", {"reason": "评审通过 / reviewed"})


def _step(
    name: str, title: str, *, url: str, needs: list[str] | None = None, undo: bool = False,
    retry: Mapping[str, float] | None = None,
) -> dict[str, object]:  # fmt: skip
    config: dict[str, object] = {"url": url, "body": {"file": "${path}", "run": "${run.number}"}}
    if undo:
        config["undo"] = {"url": url, "method": "DELETE", "body": {"file": "${path}"}}
    step: dict[str, object] = {"id": name, "title": title, "action": "WEBHOOK", "config": config}
    return step | ({"needs": needs} if needs else {}) | ({"retry": dict(retry)} if retry else {})
