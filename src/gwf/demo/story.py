"""What the people of a demo do: groups, labels, rollouts that go well, that are halted, that are in the middle."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gwf.core.errors import UnavailableError
from gwf.demo.agents import DRAINED, LOTS, REVOKED, Lot, hostname
from gwf.demo.alerting import be_told
from gwf.demo.business import Business
from gwf.demo.desk import Desk
from gwf.demo.document import GOOD_WORKERS, POISON_WORKERS
from gwf.demo.people import ADMIN, APPROVER, LI, PEOPLE, VIEWER, ZHAO, Caller, log_in, operator

LOOK_EVERY_S = 0.3
PATIENCE_S = 180.0
SOAK_S = 900.0  #: of the rollout that is in the middle

#: of rollouts that must come to where they are shown, however slow the machine is
_LENIENT: Mapping[str, float] = {"min_applied_share": 0.5, "min_healthy_share": 0, "max_failure_share": 1}

log = logging.getLogger("gwf.demo")


class EndedError(Exception):
    """The demo ends before its story does."""


@dataclass(slots=True)
class Scene:
    """What there is to see once the story was told."""

    url: str
    people: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    #: id of each rollout by what it shows
    rollouts: dict[str, str] = field(default_factory=dict[str, str])
    #: id of each rule, and of each run of a flow, by what it shows
    rules: dict[str, str] = field(default_factory=dict[str, str])
    runs: dict[str, str] = field(default_factory=dict[str, str])
    agents: dict[str, int] = field(default_factory=dict[str, int])
    ready_s: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Return it for --json."""
        return {
            "demo": True, "url": self.url, "people": self.people, "agents": self.agents, "rollouts": self.rollouts,
            "rules": self.rules, "runs": self.runs, "ready_s": round(self.ready_s, 1),
        }  # fmt: skip


class Story:
    """Tells it over HTTP, each act by the person whose it is."""

    def __init__(self, url: str, token: str, business: Business, *, agents: int, halted: threading.Event) -> None:
        """`token` is the one of the process's own user; `halted` ends the story early."""
        self._url = url
        self._operator = operator(url, token)
        self._agents = agents
        self._halted = halted
        self._desk = Desk(business, self._as, get=self._operator.get, until=self._until)
        self._who: dict[str, Caller] = {}
        self._ids: dict[str, str] = {}
        self.scene = Scene(url=url)

    def enrolment_token(self) -> str:
        """Return what lets the simulated agents in."""
        order = {"name": "demo agents", "max_uses": self._agents, "labels": {"demo": "true"}}
        return str(self._operator.send("POST", "/enrolment-tokens", order)["secret"])

    def tell(self) -> Scene:
        """Tell all of it, and return what there is to see then.

        Raises:
            UnavailableError: Something was refused.
            EndedError: The demo ends.
        """
        begun_s = time.monotonic()
        self._meet()
        self._until("the agents are there", lambda: self._states().get("online", 0) >= self._agents // 2)
        self._ids = {item["hostname"]: item["agent_id"] for item in self._all_agents()}
        self._sort_agents()
        be_told(self._as)
        self._calm()
        self._harm()
        self._go_on()
        self._work()
        self._desk.work(self._ids)
        self.scene.rules, self.scene.runs = self._desk.rules, self._desk.runs
        self._until("the silent agents are offline", self._has_offline)
        self.scene.agents = self._states()
        self.scene.ready_s = time.monotonic() - begun_s
        return self.scene

    # -- acts ------------------------------------------------------------------------------------------

    def _meet(self) -> None:
        """Make the people, and let each log in; somebody else cannot."""
        for person in PEOPLE:
            password = secrets.token_urlsafe(12)
            order = {
                "name": person.name, "display_name": person.display_name, "role": person.role.value,
                "password": password, "reason": "demo data",
            }  # fmt: skip
            self._operator.send("POST", "/users", order)
            self._who[person.name] = log_in(self._url, person.name, password)
            self.scene.people.append({"name": person.name, "role": person.role.value, "password": password})
        for wrong in ("letmein-letmein", "password-1234"):
            try:
                log_in(self._url, VIEWER, wrong)
            except UnavailableError as exc:  # as it should be: the audit shows it
                log.debug("demo_login_refused", extra={"error": str(exc)})

    def _sort_agents(self) -> None:
        for name, selector, priority, description in (
            ("生产-上海", "env=prod,site=sh", 20, "上海机房生产主机 / production, Shanghai"),
            ("生产-北京", "env=prod,site=bj", 20, "北京机房生产主机 / production, Beijing"),
            ("生产-广州", "env=prod,site=gz", 20, "广州机房生产主机 / production, Guangzhou"),
            ("预发", "env=stage", 10, "预发环境 / staging"),
            ("金丝雀", "canary=true", 30, "先行验证的主机 / first to try what is new"),
        ):
            body = {
                "name": name, "selector": selector, "priority": priority, "description": description,
                "reason": "按机房分组 / groups by site",
            }  # fmt: skip
            self._as(ADMIN, "/agent-groups", body)
        for number in (1, 2, 4):
            self._order(LI, number, "", body={"labels": {"canary": "true"}, "reason": "加入金丝雀组"}, method="PATCH")
        self._order(LI, DRAINED, ":drain", body={"reason": "更换磁盘，预计 30 分钟 / disk replacement"})
        self._order(ADMIN, REVOKED, ":revoke", body={"reason": "主机下线 / host decommissioned"})
        self._as(ADMIN, "/tokens", {"name": "CI 流水线", "role": "operator", "expires_in_s": 90 * 86_400})

    def _calm(self) -> None:
        """Put a good configuration into force everywhere."""
        layer = self._as(ZHAO, "/config-layers", {"kind": "base", "reason": "统一基线"})["layer_id"]
        good = {"agent": {"transfer": {"workers": GOOD_WORKERS}, "retry": {"base": 2, "cap": 60}}}
        version = self._write(ZHAO, layer, good, reason="统一基线：6 个上传线程 / baseline")
        begun = self._roll_out(
            ZHAO, version, [100], gates=dict(_LENIENT) | {"soak_s": 0}, reason="首次统一下发 / first rollout"
        )
        self._until("the baseline is in force", lambda: self._status(begun) == "completed")
        self.scene.rollouts["completed"] = begun

    def _harm(self) -> None:
        """Roll out what makes agents ill; the gates take it back."""
        layer = self._who[LI].get("/config-layers")["items"][0]["layer_id"]
        bad = {"agent": {"transfer": {"workers": POISON_WORKERS}, "retry": {"base": 2, "cap": 60}}}
        version = self._write(LI, layer, bad, reason="提速：64 个上传线程 / faster uploads")
        gates = {"attempt_timeout_s": 20, "min_applied_share": 0.8}
        begun = self._roll_out(LI, version, [10, 50, 100], gates=gates, reason="夜间提速 / speed up the night")
        self._until("the harm was taken back", lambda: self._status(begun) == "reverted")
        self.scene.rollouts["halted"] = begun

    def _go_on(self) -> None:
        """Leave one rollout in the middle and one paused, and give a single agent its own."""
        groups = {item["name"]: item["group_id"] for item in self._who[ZHAO].get("/agent-groups")["items"]}
        gates = dict(_LENIENT) | {"soak_s": SOAK_S, "wave_timeout_s": 86_400}
        for name, key, document, why in (
            ("生产-上海", "running", {"agent": {"breaker": {"open_for": 10}}}, "上海熔断恢复更快 / quicker breaker"),
            ("预发", "paused", {"agent": {"retry": {"base": 3}}}, "预发重试间隔 / retry pace in staging"),
        ):
            layer = self._as(ZHAO, "/config-layers", {"kind": "group", "subject": groups[name], "reason": why})
            version = self._write(ZHAO, layer["layer_id"], document, reason=why)
            begun = self._roll_out(ZHAO, version, [20, 60, 100], gates=gates, reason=why)
            self.scene.rollouts[key] = begun
            self._until("a first wave is there", partial(self._is_offered, begun))
        self._as(
            LI, f"/rollouts/{self.scene.rollouts['paused']}:pause", {"reason": "等待业务方确认 / waiting for approval"}
        )
        running = self.scene.rollouts["running"]
        self._as(APPROVER, f"/rollouts/{running}:promote", {"reason": "首批主机表现正常 / first wave looks good"})

    def _work(self) -> None:
        """Give the audit and the files what people do every day."""
        self._who[LI].get("/me")
        self._until("a file was given up", lambda: bool(self._dead()["items"]))
        letter = self._dead()["items"][0]["id"]
        self._as(LI, "/dead-letters:replay", {"ids": [letter], "reason": "校验问题已修复，重放 / replay after the fix"})

    # -- parts -----------------------------------------------------------------------------------------

    def _as(self, name: str, path: str, body: object, *, method: str = "POST") -> Any:
        if self._halted.is_set():
            raise EndedError
        return self._who[name].send(method, path, body)

    def _order(self, name: str, number: int, verb: str, *, body: object, method: str = "POST") -> None:
        agent = self._ids.get(hostname(number))
        if agent is not None:
            self._as(name, f"/agents/{agent}{verb}", body, method=method)

    def _write(self, name: str, layer: str, document: Mapping[str, object], *, reason: str) -> str:
        path = f"/config-layers/{layer}/versions?reason={reason}"
        return str(self._as(name, path, document)["version"]["version_id"])

    def _roll_out(self, name: str, version: str, waves: list[int], *, gates: Mapping[str, float], reason: str) -> str:
        body = {"version_id": version, "waves": waves, "gates": dict(gates), "reason": reason}
        return str(self._as(name, "/rollouts", body)["rollout"]["rollout_id"])

    def _status(self, rollout: str) -> str:
        return str(self._operator.get(f"/rollouts/{rollout}")["status"])

    def _is_offered(self, rollout: str) -> bool:
        return bool(self._operator.get(f"/rollouts/{rollout}")["attempts"])

    def _states(self) -> dict[str, int]:
        return dict(self._operator.get("/agents?limit=1&facets=true")["facets"]["states"])

    def _all_agents(self) -> list[dict[str, Any]]:
        return list(self._operator.get("/agents?limit=500")["items"])

    def _dead(self) -> dict[str, Any]:
        return dict(self._operator.get("/dead-letters?limit=1"))

    def _has_offline(self) -> bool:
        wanted = sum(lot is Lot.SILENT and number <= self._agents for number, lot in LOTS.items())
        return self._states().get("offline", 0) >= wanted

    def _until(self, what: str, is_so: Callable[[], bool]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > end_s:
                raise UnavailableError("the demo did not come so far", waited_for=what)
            if self._halted.wait(LOOK_EVERY_S):
                raise EndedError
