from __future__ import annotations

import http.client
import json
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gwf.api.names import Named, Ref
from gwf.api.v1.agentcalls import AgentCalls
from gwf.api.v1.agents import agent_routes
from gwf.app.configuration import Configuration, ConfigurationParts
from gwf.control.config.canonical import hash_of
from gwf.control.fleet.credentials import hash_of as credential_hash
from gwf.control.fleet.enrol import Enrolment
from gwf.control.fleet.heartbeats import Heartbeats
from gwf.control.fleet.keeper import Keeper
from gwf.control.fleet.model import AgentId, Beat
from gwf.control.fleet.ports import NoWishes, Offer
from gwf.control.fleet.roster import Roster
from gwf.control.fleet.service import FleetService
from gwf.control.fleet.state import Thresholds
from gwf.core.clock import SystemClock
from gwf.core.metrics import new_registry
from gwf.db.address import parse_address
from gwf.db.database import connect, upgrade
from gwf.db.fleet import SqlFleet
from gwf.db.history import CORE_HISTORY
from gwf.db.secret_store import SqlSecrets
from gwf.db.tables.identity import enrolment_tokens
from gwf.events.raised import MemorySink
from gwf.vault.service import Vault
from tests.agent.waiting import until
from tests.api.centre_port import CentrePort, open_centre
from tests.wire.test_agents import HEARTBEAT, REGISTRATION

TOKEN = "gwfe_let-me-in"
GOOD = {"agent": {"transfer": {"workers": 8}}}
BETTER = {"agent": {"transfer": {"workers": 9}}}
FAST = {"soak_s": 0}


class Wishes(NoWishes):
    """What the configuration has for an agent."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def offer(self, agent_id: AgentId, beat: Beat) -> Offer | None:
        return self._configuration.offer(agent_id, beat)


class NobodyKnown:
    """Says no names (gwf.api.v1.audit.Names)."""

    async def of(self, tenant: str, refs: Collection[Ref]) -> Mapping[Ref, Named]:
        return {}


@contextmanager
def open_house() -> Iterator[House]:
    """Serve a fleet and its configuration over a database in memory."""
    core, _ = connect(parse_address("memory", data_dir=Path("/nonexistent")))
    store, clock, sink = SqlFleet(core), SystemClock(), MemorySink()
    roster = Roster(clock, Thresholds())
    vault = Vault(SqlSecrets(core, clock), Path("/nonexistent/secrets.key"), clock)
    configuration = Configuration(
        ConfigurationParts(core=core, roster=roster, events=sink, vault=vault, registry=new_registry(), clock=clock)
    )
    heartbeats = Heartbeats(roster, store, Wishes(configuration))
    keeper = Keeper(heartbeats, roster, store, sink=sink, clock=clock)

    @asynccontextmanager
    async def running() -> AsyncGenerator[None]:
        await upgrade(core.writer, CORE_HISTORY)
        async with core.change() as change:
            hashed = credential_hash(TOKEN)
            values = {"token_id": "t", "name": "t", "token_hash": hashed, "created_by": "", "created_at_ms": 1}
            await change.connection.execute(sa.insert(enrolment_tokens), values)
        await keeper.load()
        async with configuration.running():
            yield
        await keeper.close()
        await core.close()

    calls = AgentCalls(Enrolment(store, roster, clock), heartbeats, clock)
    hot = (*calls.routes(), *configuration.hot(heartbeats))
    fleet = FleetService(store, roster, clock)
    fleet.configs = configuration.stands
    with open_centre(
        v1=[*configuration.v1(NobodyKnown()), agent_routes(fleet, clock)],
        hot=hot,
        running=running,
        leaving=configuration.bells.close,
    ) as port:
        yield House(port)


@dataclass
class Edge:
    """An agent that talks HTTP."""

    port: CentrePort
    agent_id: str
    credential: str
    running: str | None = None
    seq: int = 0

    def beat(self, **more: object) -> Any:
        self.seq += 1
        config = {"local": False} | ({"hash": self.running} if self.running else {})
        return self.send("/api/v1/agents/heartbeat", {**HEARTBEAT, "seq": self.seq, "config": config, **more}).json

    def send(self, path: str, body: object) -> Any:
        return self.port.ask(
            path, "POST", body=json.dumps(body).encode(), role=self.credential, Content_Type="application/json"
        )

    def get(self, path: str, *, have: str = "") -> Any:
        return self.port.ask(path, role=self.credential, If_None_Match=have)

    def offered(self) -> Any:
        """Wait until the heartbeat brings an offer; return it."""
        return until(lambda: self.beat()["config"])

    def report(self, offer: Any, phase: str, **more: object) -> Any:
        path = f"/api/v1/agents/self/config-attempts/{offer['attempt_id']}"
        return self.send(path, {"hash": offer["hash"], "phase": phase, **more})

    def take(self) -> str:
        """Take what is offered; return its hash."""
        offer = self.offered()
        self.running = offer["hash"]
        assert self.report(offer, "applied").status == 200
        self.beat()
        return self.running


@dataclass
class House:
    """The centre."""

    port: CentrePort
    made: list[Edge] = field(default_factory=list[Edge])

    def edge(self) -> Edge:
        wish = {**REGISTRATION, "instance_id": f"00000000-0000-4000-8000-{len(self.made):012d}"}
        body = json.dumps(wish).encode()
        told = self.port.ask("/api/v1/agents/register", "POST", body=body, role=TOKEN).json
        self.made.append(Edge(self.port, told["agent_id"], told["credential"]))
        self.made[-1].beat()
        return self.made[-1]

    def post(self, path: str, body: object, *, role: str = "admin", status: int = 201) -> Any:
        answer = self.port.post(f"/api/v1{path}", body, role=role)
        assert answer.status == status, answer.body
        return answer.json

    def get(self, path: str, *, role: str = "viewer", status: int = 200) -> Any:
        answer = self.port.ask(f"/api/v1{path}", role=role)
        assert answer.status == status, answer.body
        return answer.json

    def base(self) -> str:
        return str(self.post("/config-layers", {"kind": "base"})["layer_id"])

    def version(self, layer: str, document: object) -> str:
        return str(self.post(f"/config-layers/{layer}/versions?reason=why", document)["version"]["version_id"])

    def roll_out(self, version: str, **more: object) -> str:
        wish = {"version_id": version, "waves": [100], "gates": FAST, **more}
        return str(self.post("/rollouts", wish)["rollout"]["rollout_id"])

    def ended(self, rollout: str) -> Any:
        return until(lambda: found if (found := self.get(f"/rollouts/{rollout}"))["ended_at"] else None)


@pytest.fixture
def house() -> Iterator[House]:
    with open_house() as opened:
        yield opened


def test_a_version_goes_from_a_person_to_an_agent_and_back_as_a_report(house: House) -> None:
    edge, layer = house.edge(), house.base()
    version = house.version(layer, GOOD)
    rollout = house.roll_out(version, reason="more workers")
    offer = edge.offered()
    answer = edge.get("/api/v1/agents/self/config")
    assert answer.headers["ETag"] == f'"{offer["hash"]}"' == f'"{hash_of(GOOD)}"'
    assert answer.json == {**offer, "version_id": version, "document": GOOD, "secrets": {}}
    assert edge.get("/api/v1/agents/self/config", have=answer.headers["ETag"]).status == 304
    assert edge.report(offer, "staged").json == {"wanted": True}
    edge.running = offer["hash"]
    edge.report(offer, "applied")
    detail = house.ended(rollout)
    assert (detail["status"], detail["attempts"], detail["reason"]) == ("completed", {"applied": 1}, "more workers")
    shown = house.get(f"/agents/{edge.agent_id}/config")
    assert (shown["standing"], shown["document"]) == ("in_sync", GOOD)
    assert shown["origins"] == {"/agent/transfer/workers": {"layer_id": layer, "version_id": version}}
    assert edge.get("/api/v1/agents/self/config").json["code"] == "nothing_offered"
    assert house.get("/config-layers")["items"][0]["current"]["version_id"] == version


def _offered(edge: Edge, knows: list[str]) -> Any:
    return edge.beat(knows=knows)["config"]


def test_an_agent_is_not_offered_a_part_that_its_build_does_not_know(house: House) -> None:
    old, new, bare = house.edge(), house.edge(), house.edge()
    text = '{"name":"x","when":{"suffix":".a"},"then":[{"action":"UPLOAD"}]}'
    rules = {"set_no": 1, "rules": [{"id": "rul_x", "version": 1, "rule": text}]}
    document = {"agent": {"rules": rules, "transfer": {"workers": 8}}}
    new.beat(knows=["agent.rules"])
    layer = house.base()
    rollout = house.roll_out(house.version(layer, document), gates={"soak_s": 0, "attempt_timeout_s": 30})
    for edge, wanted, knows in ((old, GOOD, []), (new, document, ["agent.rules"]), (bare, GOOD, [])):
        offer = until(partial(_offered, edge, knows))
        assert edge.get("/api/v1/agents/self/config").json["document"] == wanted
        edge.running = offer["hash"]
        assert edge.report(offer, "applied").status == 200
        edge.beat(knows=knows)
    assert house.ended(rollout)["status"] == "completed"
    assert new.running == hash_of(document)
    rest = house.roll_out(house.version(layer, {"agent": {"rules": rules}}))
    new.beat(knows=["agent.rules"])
    assert house.get(f"/agents/{new.agent_id}/config")["document"] == document  # not rolled out to anybody yet
    offer = until(lambda: old.beat()["config"])
    assert old.get("/api/v1/agents/self/config").json["document"] == {}
    assert rest


def test_a_refusal_takes_it_back_and_stays_on_record(house: House) -> None:
    edge, layer = house.edge(), house.base()
    before = house.roll_out(house.version(layer, GOOD))
    edge.take()
    house.ended(before)
    rollout = house.roll_out(house.version(layer, BETTER))
    offer = edge.offered()
    reason = [{"pointer": "/agent/transfer/workers", "code": "invalid_value", "message": "too many"}]
    assert edge.report(offer, "failed", reason=reason).json == {"wanted": False}
    detail = house.ended(rollout)
    assert (detail["status"], detail["cause"]["code"]) == ("reverted", "failure_share")
    (attempt,) = house.get(f"/rollouts/{rollout}/attempts?phase=failed")["items"]
    assert (attempt["agent_id"], attempt["reason"]) == (edge.agent_id, reason)
    assert edge.beat()["config"] is None
    again = house.roll_out(detail["version_id"], retry_refused=True)
    edge.take()
    assert house.ended(again)["status"] == "completed"


def test_a_single_agent_gets_its_own_and_a_preview_changes_nothing(house: House) -> None:
    edge = house.edge()
    path = f"/agents/{edge.agent_id}/config"
    preview = house.post(f"{path}?dry_run=true", GOOD)
    assert (preview["dry_run"], preview["impact"]["affected"]) == (True, 1)
    assert house.get("/config-layers")["items"] == []
    done = house.post(f"{path}?reason=try", GOOD)
    assert edge.take() == hash_of(GOOD)
    assert house.get(f"/agents/{edge.agent_id}/config-attempts")["items"][0]["phase"] == "applied"
    assert house.get(f"/rollouts/{done['rollout']['rollout_id']}")["status"] == "running"  # it is watched for a while
    assert house.get("/config-drift?standing=in_sync")["items"][0]["agent_id"] == edge.agent_id


def test_lists_of_agents_tell_which_version_runs_and_which_should(house: House) -> None:
    edge, layer = house.edge(), house.base()
    assert house.get("/agents")["items"][0]["config_stand"]["standing"] == "unmanaged"
    before = house.roll_out(house.version(layer, GOOD))
    edge.take()
    house.ended(before)
    house.roll_out(house.version(layer, BETTER))
    edge.offered()
    page = house.get("/agents?standing=offered&facets=true")
    stand = page["items"][0]["config_stand"]
    base = {"kind": "base", "subject": "", "name": ""}
    assert (stand["wanted"], stand["running"]) == ([{**base, "number": 2}], [{**base, "number": 1}])
    assert page["facets"]["standings"] == {"offered": 1}
    assert page["facets"]["configs"] == [{"hash": hash_of(GOOD), "parts": stand["running"], "agents": 1}]
    assert house.get(f"/agents?config={hash_of(BETTER)}")["items"] == []


def test_a_document_with_faults_is_refused_with_each_of_them(house: House) -> None:
    layer = house.base()
    faulty = {"listen": "0.0.0.0:1", "agent": {"transfer": {"workers": "many"}}}
    answer = house.port.post(f"/api/v1/config-layers/{layer}/versions", faulty)
    assert (answer.status, answer.json["code"]) == (400, "invalid_document")
    assert {(one["pointer"], one["code"]) for one in answer.json["errors"]} == {
        ("/body/listen", "local_only"),
        ("/body/agent/transfer/workers", "invalid_value"),
    }


def test_a_layer_goes_only_when_nobody_works_by_it(house: House) -> None:
    edge, layer = house.edge(), house.base()
    rollout, path = house.roll_out(house.version(layer, GOOD)), f"/api/v1/config-layers/{layer}?reason=gone"
    refused = house.port.ask(path, "DELETE")
    assert (refused.status, refused.json["code"], refused.json["params"]) == (409, "layer_in_use", {"rollout": rollout})
    edge.take()
    house.ended(rollout)
    refused = house.port.ask(path, "DELETE")
    assert (refused.json["code"], refused.json["params"]["agents"]) == ("layer_in_use", "1")
    empty = house.roll_out(house.version(layer, {}))
    edge.take()
    house.ended(empty)
    assert house.port.ask(path, "DELETE", role="viewer").status == 403
    assert house.port.ask(path, "DELETE").status == 204
    assert house.get("/config-layers")["total"] == 0
    assert house.get(f"/agents/{edge.agent_id}/config")["document"] == {}
    assert house.get(f"/config-versions/{house.get('/config-versions')['items'][0]['version_id']}")["number"] == 2
    assert house.port.ask(path, "DELETE").status == 404
    assert house.base() != layer


def test_an_old_version_comes_back_as_a_new_one(house: House) -> None:
    layer = house.base()
    first, second = house.version(layer, GOOD), house.version(layer, BETTER)
    diff = house.get(f"/config-versions/{second}/diff")
    assert diff["changes"] == [{"pointer": "/agent/transfer/workers", "kind": "changed", "old": 8, "new": 9}]
    back = house.post(f"/config-versions/{first}:rollback", {"reason": "slower"})
    assert (back["version"]["number"], back["version"]["hash"]) == (3, hash_of(GOOD))
    assert house.get(f"/config-versions/{back['version']['version_id']}")["document"] == GOOD
    page = house.get(f"/config-layers/{layer}/versions?limit=2")
    assert [one["number"] for one in page["items"]] == [3, 2]
    rest = house.get(f"/config-layers/{layer}/versions?limit=2&cursor={page['next_cursor']}")
    assert [one["number"] for one in rest["items"]] == [1]


def test_versions_are_found_by_number_and_words_and_counted(house: House) -> None:
    layer = house.base()
    for document in (GOOD, BETTER):
        house.version(layer, document)
    for query, numbers in (("", [2, 1]), ("text=v2", [2]), ("text=WHY&limit=1", [2]), ("text=nothing", [])):
        for path in (f"/config-layers/{layer}/versions?{query}", f"/config-versions?layer={layer}&{query}"):
            page = house.get(path)
            assert [one["number"] for one in page["items"]] == numbers
            assert page["total"] == (2 if "limit" in query else len(numbers))


def test_a_rollout_that_is_none_has_no_moves_and_no_work(house: House) -> None:
    for part in ("moves", "seats", "attempts", "work"):
        assert house.get(f"/rollouts/nothing/{part}", status=404)["code"] == "not_found"


def test_rollouts_are_steered_by_those_who_may(house: House) -> None:
    house.edge()
    rollout = house.roll_out(house.version(house.base(), GOOD), waves=[50, 100])
    path = f"/rollouts/{rollout}"
    assert house.port.post(f"/api/v1{path}:pause", {}, role="viewer").status == 403
    assert house.port.post(f"/api/v1{path}:promote", {}, role="operator").status == 403
    assert house.port.post(f"/api/v1{path}:pause", {}, role="operator@other").status == 404
    paused = house.post(f"{path}:pause", {"reason": "lunch"}, role="operator", status=200)
    assert (paused["status"], paused["cause"]["by"], paused["cause"]["reason"]) == ("paused", "operator", "lunch")
    house.post(f"{path}:resume", {}, role="operator", status=200)
    promoted = house.post(f"{path}:promote", {}, role="approver", status=200)
    assert promoted["wave"] == 1
    house.post(f"{path}:abort", {"reason": "enough"}, role="operator", status=200)
    assert house.port.post(f"/api/v1{path}:abort", {}).json["code"] == "conflict"


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"waves": [50]}, "/body/waves/0"),
        ({"waves": [50, 10, 100]}, "/body/waves/1"),
        ({"waves": [{"percent": 1, "count": 2}, 100]}, "/body/waves/0"),
        ({"gates": {"soak_s": 60, "wave_timeout_s": 10}}, "/body/gates"),
    ],
)
def test_a_rollout_that_cannot_be_is_refused_by_its_field(house: House, wish: dict[str, Any], pointer: str) -> None:
    version = house.version(house.base(), GOOD)
    answer = house.port.post("/api/v1/rollouts", {"version_id": version, **wish})
    assert answer.status == 400
    assert answer.json["errors"][0]["pointer"] == pointer


def test_a_report_about_somebody_elses_attempt_is_refused(house: House) -> None:
    one, other = house.edge(), house.edge()
    house.roll_out(house.version(house.base(), GOOD))
    offer, others = one.offered(), other.offered()
    assert one.report(others, "applied").status == 404
    assert one.report({**offer, "hash": hash_of(BETTER)}, "applied").json["code"] == "other_hash"
    assert one.report({**offer, "attempt_id": "x"}, "applied").status == 404
    wrong = one.send(f"/api/v1/agents/self/config-attempts/{offer['attempt_id']}", {"hash": "abc", "phase": "applied"})
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (400, "/body/hash")
    assert house.port.ask("/api/v1/agents/self/config", role="nobody").status == 401


def test_attempts_of_an_agent_that_is_nobodys_are_not_found(house: House) -> None:
    edge = house.edge()
    assert house.get(f"/agents/{edge.agent_id}/config-attempts")["items"] == []
    assert house.get("/agents/agt_elsewhere/config-attempts", status=404)["code"] == "not_found"


def test_the_stream_says_only_that_something_is_new(house: House) -> None:
    edge = house.edge()
    connection = http.client.HTTPConnection("127.0.0.1", house.port.server.port, timeout=30)
    connection.request("GET", "/api/v1/agents/self/stream", headers={"Authorization": f"Bearer {edge.credential}"})
    stream = connection.getresponse()
    assert (stream.status, stream.headers["Content-Type"].partition(";")[0]) == (200, "text/event-stream")
    assert stream.readline() == b": here\n"
    house.roll_out(house.version(house.base(), GOOD))
    lines = [stream.readline() for _ in range(3)]
    assert lines == [b"\n", b"event: config\n", b"data: config\n"]
    connection.close()


def test_a_stream_ends_when_the_port_begins_to_close(house: House) -> None:
    edge = house.edge()
    connection = http.client.HTTPConnection("127.0.0.1", house.port.server.port, timeout=30)
    connection.request("GET", "/api/v1/agents/self/stream", headers={"Authorization": f"Bearer {edge.credential}"})
    stream = connection.getresponse()
    assert stream.readline() == b": here\n"
    house.port.server.stop()
    assert b"0\r\n" not in stream.read()  # the end of the body came, not a broken connection
    connection.close()


def test_a_host_that_was_changed_is_shown_and_can_be_set_right(house: House) -> None:
    edge = house.edge()
    rollout = house.roll_out(house.version(house.base(), GOOD))
    edge.take()
    house.ended(rollout)
    edge.beat(config={"local": True, "hash": edge.running})
    (item,) = house.get("/config-drift")["items"]
    assert (item["agent_id"], item["standing"]) == (edge.agent_id, "local")
    assert edge.beat(config={"local": True, "hash": edge.running})["config"] is None
    house.post(f"/agents/{edge.agent_id}/config:retry", {"reason": "set right"}, status=200)
    assert edge.beat(config={"local": True, "hash": edge.running})["config"]["hash"] == edge.running


@pytest.mark.parametrize("cursor", ["x", "AAAA", "Wy0xLCAiYSJd", "WzEsICJcdTAwMDAiXQ"])
def test_a_cursor_that_is_none_of_ours_is_refused(house: House, cursor: str) -> None:
    answer = house.port.ask(f"/api/v1/rollouts?cursor={cursor}")
    assert (answer.status, answer.json["code"]) == (400, "bad_cursor")


YAML = """\
agent:
  transfer:
    workers: many
  labels: {a: b}
stores:
  main: {url: memory://, secret_key: '******'}
"""


def test_a_document_is_judged_while_it_is_typed_and_nothing_is_kept(house: House) -> None:
    layer = house.base()
    house.version(layer, GOOD)

    def check(text: str, kind: str) -> Any:
        path = f"/api/v1/config-documents:check?layer={layer}"
        return house.port.ask(path, "POST", body=text.encode(), role="operator", Content_Type=kind).json

    wrong = check(YAML, "application/yaml")
    assert {(fault["pointer"], fault["code"], fault["line"]) for fault in wrong["faults"]} == {
        ("/agent/transfer/workers", "invalid_value", 3), ("/agent/labels", "local_only", 4),
        ("/stores/main/secret_key", "nothing_to_keep", 6),
    }  # fmt: skip
    assert check("a: [", "application/yaml")["faults"][0]["line"] == 1
    right = check(json.dumps(BETTER), "application/json")
    assert (right["faults"], right["text"]) == ([], "agent:\n  transfer:\n    workers: 9\n")
    change = {"pointer": "/agent/transfer/workers", "kind": "changed", "old": 8, "new": 9}
    assert right["changes"] == [change]
    assert check(right["text"], "application/yaml")["document"] == BETTER
    assert len(house.get(f"/config-layers/{layer}/versions")["items"]) == 1


def test_a_secret_that_names_a_variable_is_shown_so_that_it_can_be_edited(house: House) -> None:
    store = {"url": "s3://b", "region": "x", "access_key": "${ID}", "secret_key": "${KEY}"}
    shown = house.get(f"/config-versions/{house.version(house.base(), {'stores': {'main': store}})}")
    assert shown["document"]["stores"]["main"] == store


def test_the_settings_of_a_form_are_those_that_a_layer_may_decide(house: House) -> None:
    tree = house.get("/config-settings")
    agent = next(key for key in tree["keys"] if key["name"] == "agent")
    assert {key["name"] for key in tree["keys"]} == {"stores", "log", "agent"}
    assert "labels" not in {key["name"] for key in agent["keys"]}
    watch = next(key for key in agent["keys"] if key["name"] == "watch")
    settle = next(key for key in watch["item"]["keys"] if key["name"] == "settle")
    assert (settle["kind"], settle["default"], settle["required"]) == ("duration", "1s", False)
    assert settle["meaning"].startswith("quiet time")


def test_a_rollout_shows_every_agent_and_what_was_done(house: House) -> None:
    edge, layer = house.edge(), house.base()
    version = house.version(layer, GOOD)
    ahead = house.post("/rollouts?dry_run=true", {"version_id": version, "waves": [100]})
    assert [(seat["hostname"], seat["state"]) for seat in ahead["seats"]] == [(REGISTRATION["hostname"], "pending")]
    rollout = house.roll_out(version, reason="more")
    edge.take()
    house.ended(rollout)
    seats = house.get(f"/rollouts/{rollout}/seats")
    assert [(seat["agent_id"], seat["wave"], seat["state"]) for seat in seats["items"]] == [
        (edge.agent_id, 0, "applied")
    ]
    assert seats["waves"][0]["states"] == {"applied": 1}
    assert seats["waves"][0]["ended_at"] is not None
    moves = house.get(f"/rollouts/{rollout}/moves")["items"]
    assert (moves[-1]["action"], moves[-1]["reason"]) == ("rollout.create", "more")
    assert sum(move["offered"] for move in moves) == 1
    spread = house.get(f"/config-layers/{layer}/spread")
    share = {"version_id": version, "number": 1, "agents": 1}
    assert (spread["whole"]["versions"], spread["whole"]["agents"]) == ([share], 1)
    (line,) = house.get(f"/config-layers/{layer}/course?points=3")["lines"]
    assert (line["number"], line["agents"][-1]) == (1, 1)
    (item,) = house.get("/config-versions")["items"]
    assert (item["change_count"], item["rollout"]["attempts"]) == (1, {"applied": 1})
    assert house.get(f"/config-layers/{layer}/versions/1")["version_id"] == version
    house.get(f"/config-layers/{layer}/versions/2", status=404)
    answer = house.port.ask(f"/api/v1/config-layers/{layer}/course?since=2999-01-01T00:00:00Z", role="viewer")
    assert answer.json["errors"][0]["pointer"] == "/query/since"
