"""Every endpoint of a centre that changes something writes it down in the same transaction.

Each operation of the description that is no GET needs an example here. The example is first played while the audit
cannot be written: then nothing may have changed. It is played again, and the record must name what was done.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from gwf.app.centre import Centre, open_centre
from gwf.audit.model import SYSTEM, AuditEntry, AuditRow
from gwf.core.errors import UnavailableError
from gwf.core.settings.model import Settings
from gwf.db.audit_chain import append
from gwf.identity.permissions import Role
from gwf.identity.record import By
from gwf.identity.users import NewUser
from tests.api import walk_alerts
from tests.api.centre_port import CentrePort, open_late
from tests.api.conftest import Answer

PASSWORD = "correct horse battery"
#: these hold no change that anybody makes: the audit itself, heartbeats, when a session was last used, alerts as they
#: move on by themselves
NO_CHANGES = frozenset({"audit_logs", "audit_heads", "agent_status", "core_revision", "leases", *walk_alerts.MOVED})
SESSION_USE = frozenset({"last_used_at_ms", "seen_at_ms", "last_seen_at_ms", "expires_at_ms"})

#: operations that write no entry by themselves, each with its reason; the list only shrinks
EXEMPT = {
    "take_heartbeat": "how an agent is, 30 s by 30 s; what it says anew of itself is recorded as agent.update",
    "take_outbox": "what happened on a host: events are a record of their own, and nobody's decision",
    "post_events": "the same for events that come by HTTP",
    "post_alertmanager": "the same for alerts of Alertmanager",
    "post_webhook": "the same for what webhooks bring",
    "post_plugin_input": "the same for inputs of packages",
    "report_attempt": "what became of an offer is kept with the attempt; refusals are on record, too",
    "answer_ask": "what an agent answers changes nothing at the centre; the question is on record before it is asked",
    "upload_agent_file": "on record before its agent is asked, which has to answer: tests/app/test_remote_files.py",
    "switch_agent_files": "the same",
    "begin_incoming": "the same: tests/app/test_incoming.py",
    "finish_incoming": "the same",
    "cancel_incoming": "the same",
    "put_incoming_piece": "bytes of a file whose begin and end are on record",
    "check_config_document": "keeps nothing: it says what is wrong with a text",
    "check_rule": "the same with a rule",
    "try_rules": "keeps nothing: it says what the rules would decide about an event",
    "try_rule": "the same with one rule",
    "backtest_rules": "keeps nothing: it says what the rules would have decided about recorded events",
    "backtest_rule": "the same with one rule",
    "check_flow": "keeps nothing: it says what is wrong with a flow",
    "probe_letters": "asks whether a cause is gone and does nothing about it; what was found is no decision",
    "exchange_tasks": "what became of an attempt is kept with the task, whose making and steering are on record",
    "put_preferences": "how the console looks to somebody is nobody else's business; docs/reference/audit.md says so",
    "choose_view": "the same: with which view one's own list begins",
    "compensate_task": "needs a task that an agent did; tests/app/test_agent_tasks.py",
    **walk_alerts.KEEPS_NOTHING,
    "retry_agent_config": "needs an attempt that failed, which takes an agent and time; tests/api/test_rollouts.py",
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """A request that changes something, ready to be sent."""

    path: str
    body: object = None
    #: what the record calls it
    action: str
    method: str = "POST"
    #: as who; None = with the session of the house
    bearer: str | None = None
    cookie: bool = True
    #: cookie and word of another session than that of the house
    session: tuple[str, str] | None = None


@dataclass
class House:
    """A whole centre on SQLite files, one administrator logged in."""

    port: CentrePort
    directory: Path
    cookie: str = ""
    csrf: str = ""
    made: int = 0
    broken: list[bool] = field(default_factory=lambda: [False])

    def fresh(self) -> str:
        self.made += 1
        return f"n{self.made}"

    def login(self, name: str = "admin") -> tuple[str, str]:
        order = {"name": name, "password": PASSWORD}
        answer = self.port.post("/api/v1/login", order, role=None)
        assert answer.status == 200, answer.body
        cookies = SimpleCookie()
        for header in answer.headers.get_all("Set-Cookie") or []:
            cookies.load(header)
        return cookies["gwf_session"].value, cookies["gwf_csrf"].value

    def send(self, order: Order) -> Answer:
        body = None if order.body is None else json.dumps(order.body).encode()
        headers = {"Content_Type": "application/json"}
        if order.cookie:
            cookie, word = order.session or (self.cookie, self.csrf)
            headers |= {"Cookie": f"gwf_session={cookie}", "X_Gwf_Csrf": word}
        return self.port.ask(f"/api/v1{order.path}", order.method, body=body, role=order.bearer, **headers)

    def done(self, path: str, body: object = None, *, method: str = "POST") -> Any:
        """Prepare something; return what was answered."""
        sent = None if method == "GET" else {} if body is None else body
        answer = self.send(Order(path=path, body=sent, method=method, action=""))
        assert answer.status < 300, (path, answer.body)
        return answer.json if answer.body else None

    def tell(self, event: dict[str, str]) -> None:
        """Post an event."""
        body = json.dumps({"specversion": "1.0", "source": "/walk"} | event).encode()
        headers = {"Content_Type": "application/cloudevents+json", "X_Gwf_Csrf": self.csrf}
        cookie = f"gwf_session={self.cookie}"
        answer = self.port.ask("/api/v1/events", "POST", body=body, role=None, Cookie=cookie, **headers)
        assert answer.status < 300, answer.body

    def done_get(self, path: str) -> Any:
        return self.done(path, method="GET")

    def state(self) -> dict[str, list[Any]]:
        """Return what all tables hold that people and agents decide."""
        with closing(sqlite3.connect(self.directory / "core.db")) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            return {name: self._rows(connection, name) for name in sorted(names) if name not in NO_CHANGES}

    def _rows(self, connection: sqlite3.Connection, name: str) -> list[Any]:
        found = connection.execute(f"SELECT * FROM {name}")
        columns = [column[0] for column in found.description]
        kept = [at for at, column in enumerate(columns) if name != "sessions" or column not in SESSION_USE]
        return sorted(([row[at] for at in kept] for row in found), key=repr)

    def recorded(self, after: int) -> list[str]:
        with closing(sqlite3.connect(self.directory / "core.db")) as connection:
            rows = connection.execute("SELECT action FROM audit_logs WHERE seq > ? ORDER BY seq", (after,))
            return [row[0] for row in rows]

    def head(self) -> int:
        with closing(sqlite3.connect(self.directory / "core.db")) as connection:
            found = connection.execute("SELECT seq FROM audit_heads WHERE tenant_id = 'default'").fetchone()
            return int(found[0]) if found else 0


Example = Callable[[House], Order]


def user(house: House) -> str:
    return str(house.done("/users", {"name": house.fresh(), "role": "viewer"})["id"])


def enrolment(house: House) -> Any:
    return house.done("/enrolment-tokens", {"name": house.fresh()})


def registration(house: House) -> dict[str, object]:
    return {
        "protocol": 1, "instance_id": f"00000000-0000-4000-8000-{int(house.fresh()[1:]):012d}", "hostname": "h",
        "version": "0.2.0", "started_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def agent(house: House) -> str:
    secret = enrolment(house)["secret"]
    answer = house.port.ask(
        "/api/v1/agents/register", "POST", body=json.dumps(registration(house)).encode(), role=secret
    )
    assert answer.status == 201, answer.body
    return str(answer.json["agent_id"])


def group(house: House) -> str:
    return str(house.done("/agent-groups", {"name": house.fresh()})["group_id"])


def layer(house: House) -> str:
    return str(house.done("/config-layers", {"kind": "group", "subject": group(house)})["layer_id"])


def version(house: House, of: str | None = None) -> str:
    document = {"agent": {"transfer": {"workers": 4 + house.made % 50}}}
    return str(
        house.done(f"/config-layers/{of or layer(house)}/versions?reason=why", document)["version"]["version_id"]
    )


def rollout(house: House, *steps: str) -> str:
    """Begin a rollout to a group of two agents that never answer, so that it goes on; return its id."""
    of = group(house)
    for _ in range(2):
        house.done(f"/agents/{agent(house)}", {"group": of}, method="PATCH")
    made = str(house.done("/config-layers", {"kind": "group", "subject": of})["layer_id"])
    gates = {"soak_s": 3600, "attempt_timeout_s": 3600, "wave_timeout_s": 86_400}
    wish = {"version_id": version(house, made), "waves": [50, 100], "gates": gates}
    begun = str(house.done("/rollouts", wish)["rollout"]["rollout_id"])
    for step in steps:
        house.done(f"/rollouts/{begun}:{step}", {"reason": "why"})
    return begun


def logged_in(house: House) -> str:
    """Make a person who is logged in; return their id."""
    name = house.fresh()
    made = house.done("/users", {"name": name, "role": "viewer", "password": PASSWORD})
    house.login(name)
    return str(made["id"])


def other_session(house: House) -> str:
    """Log in a second time; return the id of that session."""
    before = {one["id"] for one in house.done_get("/me/sessions")["items"]}
    house.login()
    return str(({one["id"] for one in house.done_get("/me/sessions")["items"]} - before).pop())


VIEW = {"list_name": "agents", "name": "mine", "query": {}}


def view(house: House) -> str:
    name = f"my-view-{house.fresh()}"
    house.done(f"/views/{name}", VIEW, method="PUT")
    return name


def a_rule(house: House, *, stops: bool = False) -> dict[str, object]:
    when = {"type": f"shop.{house.fresh()}"}
    return {"rule": {"name": house.fresh(), "when": when, "then": [], "on_match": "stop" if stops else "continue"}}


def rule(house: House, *steps: str) -> str:
    """Write a rule; return its id."""
    made = str(house.done("/rules", a_rule(house))["rule_id"])
    for step in steps:
        if step == "write":
            house.done(f"/rules/{made}", a_rule(house, stops=True), method="PUT")
        else:
            house.done(f"/rules/{made}:{step}", {})
    return made


def other_order(house: House) -> dict[str, object]:
    """Put a rule into force, and ask for the order of all that are with it at the front."""
    rule(house, "publish")
    mine = rule(house, "publish")
    there = [one["rule_id"] for one in house.done_get("/rules")["items"] if one["published_version"] is not None]
    there.sort(key=lambda one: (one != mine, one))
    return {"rule_ids": there, "reason": "why"}


def a_task(house: House) -> dict[str, object]:
    """Return a wish for a task of an agent that never comes for it."""
    return {"type": "UPLOAD", "config": {"path": f"/var/log/{house.fresh()}.log"}, "agent_id": agent(house)}


def task(house: House, *steps: str) -> str:
    made = str(house.done("/tasks", a_task(house))["task"]["task_id"])
    for step in steps:
        house.done(f"/tasks/{made}:{step}", {})
    return made


def a_flow(house: House) -> dict[str, object]:
    """Return a flow whose only step waits for somebody's word."""
    return {"flow": {"name": house.fresh(), "steps": [{"id": "ask", "action": "APPROVAL"}]}}


def flow(house: House, *steps: str) -> str:
    """Write a flow; return its id."""
    made = str(house.done("/flows", a_flow(house))["flow_id"])
    for step in steps:
        if step == "write":
            house.done(f"/flows/{made}", a_flow(house), method="PUT")
        else:
            house.done(f"/flows/{made}:{step}", {})
    return made


def flow_run(house: House, *steps: str) -> str:
    """Begin a run of a flow; return its id."""
    begun = str(house.done(f"/flows/{flow(house, 'publish')}:run", {})["run"]["run_id"])
    for step in steps:
        house.done(f"/flow-runs/{begun}{step}", {})
    return begun


def letters(house: House, many: int = 1) -> list[str]:
    """Let steps of flows fail for good; return the ids of their dead letters."""
    runs = {flow_run(house, "/steps/ask:refuse") for _ in range(many)}
    found = [one["letter_id"] for one in house.done_get("/dlq?limit=1000")["items"] if one["flow_run_id"] in runs]
    assert len(found) == many
    return found


def letter_run(house: House) -> str:
    """Begin a run over dead letters that is so slow that it goes on; return its id."""
    order = {"ids": letters(house, 2), "rate_per_s": 0.1}
    return str(house.done("/dlq:replay", order)["run"]["run_id"])


def alert_example(name: str) -> Example:
    return lambda house: Order(**walk_alerts.EXAMPLES[name](house))


EXAMPLES: dict[str, Example] = {
    "enable_rule": lambda house: Order(
        path=f"/rules/{rule(house, 'publish', 'disable')}:enable", body={}, action="rule.enable"
    ),
    "disable_rule": lambda house: Order(
        path=f"/rules/{rule(house, 'publish')}:disable", body={}, action="rule.disable"
    ),
    "observe_rule": lambda house: Order(
        path=f"/rules/{rule(house, 'publish')}:observe", body={}, action="rule.observe"
    ),
    "order_rules": lambda house: Order(path="/rules:order", body=other_order(house), action="rule.order"),
    "retry_tasks": lambda house: Order(
        path="/tasks:retry", body={"task_ids": [task(house, "cancel")]}, action="task.retry"
    ),
    "cancel_tasks": lambda house: Order(path="/tasks:cancel", body={"task_ids": [task(house)]}, action="task.cancel"),
    "create_flow": lambda house: Order(path="/flows", body=a_flow(house), action="flow.create"),
    "write_flow": lambda house: Order(
        path=f"/flows/{flow(house)}", method="PUT", body=a_flow(house), action="flow.update"
    ),
    "discard_flow_draft": lambda house: Order(
        path=f"/flows/{flow(house, 'publish', 'write')}/draft", method="DELETE", action="flow.discard"
    ),
    "publish_flow": lambda house: Order(path=f"/flows/{flow(house)}:publish", body={}, action="flow.publish"),
    "rollback_flow": lambda house: Order(
        path=f"/flows/{flow(house, 'publish', 'write', 'publish')}:rollback", body={"version": 1, "reason": "why"},
        action="flow.rollback",
    ),
    "retire_flow": lambda house: Order(path=f"/flows/{flow(house, 'publish')}:retire", body={}, action="flow.retire"),
    "run_flow": lambda house: Order(path=f"/flows/{flow(house, 'publish')}:run", body={}, action="flow_run.start"),
    "pause_flow_run": lambda house: Order(
        path=f"/flow-runs/{flow_run(house)}:pause", body={}, action="flow_run.pause"
    ),
    "resume_flow_run": lambda house: Order(
        path=f"/flow-runs/{flow_run(house, ':pause')}:resume", body={}, action="flow_run.resume"
    ),
    "cancel_flow_run": lambda house: Order(
        path=f"/flow-runs/{flow_run(house)}:cancel", body={}, action="flow_run.cancel"
    ),
    "compensate_flow_run": lambda house: Order(
        path=f"/flow-runs/{flow_run(house, '/steps/ask:approve')}:compensate", body={}, action="flow_run.compensate"
    ),
    "replay_flow_run": lambda house: Order(
        path=f"/flow-runs/{flow_run(house)}:replay", body={}, action="flow_run.start"
    ),
    "approve_flow_step": lambda house: Order(
        path=f"/flow-runs/{flow_run(house)}/steps/ask:approve", body={}, action="flow_run.approve"
    ),
    "refuse_flow_step": lambda house: Order(
        path=f"/flow-runs/{flow_run(house)}/steps/ask:refuse", body={}, action="flow_run.refuse"
    ),
    "replay_letters": lambda house: Order(
        path="/dlq:replay", body={"ids": letters(house)}, action="dead_letters.replay"
    ),
    "drop_letters": lambda house: Order(
        path="/dlq:drop", body={"ids": letters(house), "reason": "why"}, action="dead_letters.drop"
    ),
    "stop_letter_run": lambda house: Order(
        path=f"/dlq/runs/{letter_run(house)}:stop", body={"reason": "why"}, action="dead_letters.stop"
    ),
    "create_rule": lambda house: Order(path="/rules", body=a_rule(house), action="rule.create"),
    "write_rule": lambda house: Order(
        path=f"/rules/{rule(house)}", method="PUT", body=a_rule(house), action="rule.update"
    ),
    "discard_rule_draft": lambda house: Order(
        path=f"/rules/{rule(house, 'publish', 'write')}/draft", method="DELETE", action="rule.discard"
    ),
    "publish_rule": lambda house: Order(path=f"/rules/{rule(house)}:publish", body={}, action="rule.publish"),
    "rollback_rule": lambda house: Order(
        path=f"/rules/{rule(house, 'publish', 'write', 'publish')}:rollback", body={"version": 1, "reason": "why"},
        action="rule.rollback",
    ),
    "retire_rule": lambda house: Order(path=f"/rules/{rule(house, 'publish')}:retire", body={}, action="rule.retire"),
    "create_task": lambda house: Order(path="/tasks", body=a_task(house), action="task.create"),
    "cancel_task": lambda house: Order(path=f"/tasks/{task(house)}:cancel", body={}, action="task.cancel"),
    "retry_task": lambda house: Order(path=f"/tasks/{task(house, 'cancel')}:retry", body={}, action="task.retry"),
    "login": lambda house: Order(
        path="/login", body={"name": "admin", "password": PASSWORD}, action="session.begin", cookie=False
    ),
    "logout": lambda house: Order(path="/logout", action="session.end"),
    "verify_audit": lambda house: Order(path="/audit:verify", action="audit.verify"),
    "put_view": lambda house: Order(
        path=f"/views/my-view-{house.fresh()}", method="PUT", body=VIEW, action="view.create"
    ),
    "delete_view": lambda house: Order(path=f"/views/{view(house)}", method="DELETE", action="view.delete"),
    "create_user": lambda house: Order(
        path="/users", body={"name": house.fresh(), "role": "viewer"}, action="user.create"
    ),
    "change_user": lambda house: Order(path=f"/users/{user(house)}", body={"role": "operator"}, action="user.change"),
    "change_password": lambda house: Order(
        path="/me/password", body={"old": PASSWORD, "new": PASSWORD + "!"}, action="user.password",
        session=house.login("mover"),
    ),
    "end_my_other_sessions": lambda house: Order(
        path=f"/me/sessions:end-others?{other_session(house)}", action="session.end"
    ),
    "end_user_sessions": lambda house: Order(path=f"/users/{logged_in(house)}/sessions:end", action="session.end"),
    "end_my_session": lambda house: Order(path=f"/me/sessions/{other_session(house)}:end", action="session.end"),
    "create_token": lambda house: Order(
        path="/tokens", body={"name": house.fresh(), "role": "viewer"}, action="api_token.create"
    ),
    "revoke_token": lambda house: Order(
        path=f"/tokens/{house.done('/tokens', {'name': house.fresh(), 'role': 'viewer'})['token']['id']}:revoke",
        action="api_token.revoke",
    ),
    "create_enrolment_token": lambda house: Order(
        path="/enrolment-tokens", body={"name": house.fresh()}, action="enrolment_token.create"
    ),
    "revoke_enrolment_token": lambda house: Order(
        path=f"/enrolment-tokens/{enrolment(house)['token']['id']}:revoke", action="enrolment_token.revoke"
    ),
    "register_agent": lambda house: Order(
        path="/agents/register", body=registration(house), bearer=enrolment(house)["secret"], cookie=False,
        action="agent.register",
    ),
    "change_agent": lambda house: Order(
        path=f"/agents/{agent(house)}", method="PATCH", body={"labels": {"site": "sh"}}, action="agent.update"
    ),
    "drain_agent": lambda house: Order(path=f"/agents/{agent(house)}:drain", body={}, action="agent.drain"),
    "undrain_agent": lambda house: Order(
        path=f"/agents/{drained(house)}:undrain", body={}, action="agent.undrain"
    ),
    "revoke_agent": lambda house: Order(path=f"/agents/{agent(house)}:revoke", body={}, action="agent.revoke"),
    "create_agent_group": lambda house: Order(
        path="/agent-groups", body={"name": house.fresh()}, action="group.create"
    ),
    "change_agent_group": lambda house: Order(
        path=f"/agent-groups/{group(house)}", method="PATCH", body={"priority": 5}, action="group.update"
    ),
    "delete_agent_group": lambda house: Order(
        path=f"/agent-groups/{group(house)}", method="DELETE", action="group.delete"
    ),
    "create_config_layer": lambda house: Order(
        path="/config-layers", body={"kind": "group", "subject": group(house)}, action="config_layer.create"
    ),
    "delete_config_layer": lambda house: Order(
        path=f"/config-layers/{layer(house)}", method="DELETE", action="config_layer.delete"
    ),
    "create_config_version": lambda house: Order(
        path=f"/config-layers/{layer(house)}/versions?reason=why", body={"agent": {"transfer": {"workers": 7}}},
        action="config_version.create",
    ),
    "rollback_config_version": lambda house: Order(
        path=f"/config-versions/{older_version(house)}:rollback", body={"reason": "why"}, action="config_version.create"
    ),
    "set_agent_config": lambda house: Order(
        path=f"/agents/{agent(house)}/config?reason=why", body={"agent": {"transfer": {"workers": 9}}},
        action="config_version.create",
    ),
    "create_rollout": lambda house: Order(
        path="/rollouts", body={"version_id": version(house), "waves": [100]}, action="rollout.create"
    ),
    "pause_rollout": lambda house: Order(
        path=f"/rollouts/{rollout(house)}:pause", body={"reason": "why"}, action="rollout.pause"
    ),
    "resume_rollout": lambda house: Order(
        path=f"/rollouts/{rollout(house, 'pause')}:resume", body={"reason": "why"}, action="rollout.resume"
    ),
    "promote_rollout": lambda house: Order(
        path=f"/rollouts/{rollout(house)}:promote", body={"reason": "why"}, action="rollout.promote"
    ),
    "abort_rollout": lambda house: Order(
        path=f"/rollouts/{rollout(house)}:abort", body={"reason": "why"}, action="rollout.abort"
    ),
    **{name: alert_example(name) for name in walk_alerts.EXAMPLES},
}  # fmt: skip


def drained(house: House) -> str:
    made = agent(house)
    house.done(f"/agents/{made}:drain", {})
    return made


def older_version(house: House) -> str:
    of = layer(house)
    older = version(house, of)
    version(house, of)
    return older


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    directory = tmp_path_factory.mktemp("house")
    settings = Settings.model_validate({"data_dir": directory, "server": {"channels": walk_alerts.CHANNELS}})
    broken = [False]

    async def append_or_fail(connection: Any, entries: Sequence[AuditEntry]) -> tuple[AuditRow, ...]:
        if broken[0] and entries:
            raise UnavailableError("the audit cannot be written, says this test")
        return await append(connection, entries)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Centre]:
        async with open_centre(settings) as centre:
            by = By(tenant="default", actor=SYSTEM, id="system")
            await centre.identity.users.ensure_tenant("default", by)
            for name in ("admin", "mover"):
                await centre.identity.users.create(NewUser(name=name, role=Role.ADMIN, password=PASSWORD), by)
            yield centre

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gwf.db.half.append", append_or_fail)
        with open_late(opened) as port:
            made = House(port, directory, broken=broken)
            made.cookie, made.csrf = made.login()
            yield made


def operations(house: House) -> dict[str, str]:
    """Return every operation of the centre that may change something: its name, and how it is called."""
    paths = house.done("/openapi.json", method="GET")["paths"]
    return {
        str(operation["operationId"]): f"{method.upper()} {path}"
        for path, item in paths.items()
        for method, operation in item.items()
        if method not in {"get", "head"} and path.startswith("/api/v1/")
    }


def test_every_operation_that_changes_something_has_an_example_or_a_reason(house: House) -> None:
    served = operations(house)
    missing = {name: call for name, call in served.items() if name not in EXAMPLES and name not in EXEMPT}
    assert missing == {}, "write an example in EXAMPLES: what changes something writes an audit entry"
    assert (set(EXAMPLES) | set(EXEMPT)) - set(served) == set()
    assert not set(EXAMPLES) & set(EXEMPT)


def played_in_vain(house: House, order: Order) -> set[str]:
    """Send what cannot be recorded; return the tables that changed."""
    before = house.state()
    house.broken[0] = True
    try:
        refused = house.send(order)
    finally:
        house.broken[0] = False
    assert refused.status == 503, refused.body
    after = house.state()
    return {table for table in after if after[table] != before[table]}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_what_cannot_be_recorded_is_not_done_and_what_is_done_is_recorded(house: House, name: str) -> None:
    house.cookie, house.csrf = house.login()
    order = EXAMPLES[name](house)
    for _ in range(3):  # a rollout of another example may take a step of its own meanwhile, but not each time
        head, changed = house.head(), played_in_vain(house, order)
        recorded = house.recorded(head)
        if not changed and not recorded:
            break
    assert (changed, recorded) == (set(), [])
    head = house.head()
    done = house.send(order)
    assert done.status < 300, done.body
    assert order.action in house.recorded(head)
