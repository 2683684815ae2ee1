"""A centre over a real database with agents that live by the tests' clock: no HTTP, no waiting."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gwf.audit.model import Actor, ActorKind
from gwf.control.bells import Bells
from gwf.control.caller import Caller
from gwf.control.config.model import Document, Layer, LayerKind, VersionId
from gwf.control.rollout.agentdesk import AgentDesk, DeskParts, Report
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.driver import DriverParts, RolloutDriver
from gwf.control.rollout.metrics import RolloutMetrics
from gwf.control.rollout.model import AttemptId, AttemptPhase, Gates, HealthLevel, Plan, RolloutId, Wave, WaveKind
from gwf.control.rollout.ports import AgentNow, AttemptFilter, Page
from gwf.control.rollout.records import Rollout
from gwf.control.rollout.secrets import ConfigSecrets
from gwf.control.rollout.service import RolloutService
from gwf.control.rollout.teller import Teller
from gwf.control.rollout.versions import ConfigService
from gwf.control.rollout.wish import ServiceParts, Wish
from gwf.core.clock import ManualClock
from gwf.core.metrics import new_registry
from gwf.db.address import DatabaseAddress, parse_address
from gwf.db.config_store import SqlConfigStore
from gwf.db.database import Database, open_database
from gwf.db.lead import SoleLead
from gwf.db.secret_store import SqlSecrets
from gwf.events.raised import MemorySink
from gwf.vault.service import Vault

MEMORY = parse_address("memory", data_dir=Path("/nonexistent"))
NO_KEYS = Path("/nonexistent/secrets.key")  #: no document of these tests holds a secret
TENANT = "default"
ANN = Caller(actor=Actor(kind=ActorKind.USER, id="u1"), name="ann", reason="a test")
HEARTBEAT_S = 30


def percent(*sizes: float) -> tuple[Wave, ...]:
    """Return waves of these shares."""
    return tuple(Wave(kind=WaveKind.PERCENT, size=size) for size in sizes)


WAVES = percent(1, 10, 50, 100)


@dataclass
class SimAgent:
    """One agent: takes what it is offered as soon as it hears of it, tells its health with its heartbeats."""

    name: str
    groups: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict[str, str])
    reachable: bool = True
    health: HealthLevel = HealthLevel.OK
    running: str | None = None
    #: what the centre knows
    told: str | None = None
    told_health: HealthLevel = HealthLevel.OK
    local: bool = False
    heard_at_ms: int = 0
    ever_ran: set[str] = field(default_factory=set[str])


@dataclass
class SimFleet:
    """Agents as the centre knows them (gwf.control.rollout.ports.Fleet)."""

    agents: dict[str, SimAgent]

    def find(self, tenant: str, agent: str) -> AgentNow | None:
        found = self.agents.get(agent)
        return None if found is None or tenant != TENANT else _now(found)

    def knows(self, tenant: str, agent: str) -> bool:
        return tenant == TENANT and agent in self.agents

    def all(self, tenant: str) -> Iterable[AgentNow]:
        return [_now(agent) for agent in self.agents.values()] if tenant == TENANT else []

    def group_names(self, tenant: str) -> dict[str, str]:
        return {group: group for agent in self.agents.values() for group in agent.groups}


def _now(agent: SimAgent) -> AgentNow:
    return AgentNow(
        tenant=TENANT,
        agent=agent.name,
        labels=agent.labels,
        groups=agent.groups,
        reachable=agent.reachable,
        health=agent.told_health if agent.reachable else HealthLevel.GONE,
        running=agent.told,
        local=agent.local,
        heard_at_ms=agent.heard_at_ms,
        hostname=f"host-{agent.name}",
    )


class Lab:
    """One server of a centre, and the agents of all servers."""

    def __init__(self, database: Database, fleet: SimFleet, clock: ManualClock, *, name: str = "s") -> None:
        self.database = database
        self.fleet = fleet
        self.clock = clock
        self.bells = Bells()
        self.sink = MemorySink()
        self.numbers = itertools.count(1)
        self.name = name
        store = SqlConfigStore(database.core, clock)
        self.store = store
        self.boards = Boards(store, self.bells)
        teller = Teller(self.sink)
        self.registry = new_registry()
        metrics = RolloutMetrics(self.registry, self.boards, clock)
        self.vault = Vault(SqlSecrets(database.core, clock), NO_KEYS, clock)
        secrets = ConfigSecrets(self.vault)
        self.configs = ConfigService(store, self.boards, fleet, secrets=secrets, clock=clock, new_id=self.new_id)
        self.rollouts = RolloutService(
            ServiceParts(
                store=store,
                boards=self.boards,
                fleet=fleet,
                versions=self.configs,
                teller=teller,
                metrics=metrics,
                clock=clock,
                new_id=self.new_id,
            )
        )
        self.desk = AgentDesk(
            DeskParts(
                store=store,
                boards=self.boards,
                fleet=fleet,
                secrets=secrets,
                teller=teller,
                metrics=metrics,
                clock=clock,
            )
        )
        self.driver = RolloutDriver(
            DriverParts(
                store=store,
                boards=self.boards,
                fleet=fleet,
                lead=SoleLead(),
                teller=teller,
                metrics=metrics,
                clock=clock,
                new_id=self.new_id,
                lag_s=lambda: self.lag_s,
            )
        )
        #: how late the centre's event loop says that it is
        self.lag_s = 0.0
        #: hashes that are refused, and hashes that run and do harm
        self.unusable: set[str] = set()
        self.poison: set[str] = set()
        self.silent: set[str] = set()

    def new_id(self) -> str:
        return f"{self.name}{next(self.numbers):06}"

    # -- people ----------------------------------------------------------------------------------------

    async def layer(self, kind: LayerKind = LayerKind.BASE, subject: str = "") -> Layer:
        return await self.configs.add_layer(TENANT, kind, subject, caller=ANN)

    async def version(self, layer: Layer, document: Document) -> VersionId:
        draft = await self.configs.add_version(TENANT, layer.id, document, caller=ANN, parent=None, dry_run=False)
        return draft.version.id

    async def roll_out(self, version: VersionId, *waves: Wave, gates: Gates | None = None) -> RolloutId:
        plan = Plan(waves=waves or WAVES, gates=gates or Gates())
        return (await self.rollouts.create(TENANT, Wish(version=version, plan=plan), caller=ANN)).rollout.id

    async def rollout(self, rollout: RolloutId) -> Rollout:
        return await self.rollouts.get(TENANT, rollout)

    async def phases(self, rollout: RolloutId) -> dict[str, int]:
        async with self.store.view() as reads:
            found = await reads.list_attempts(TENANT, AttemptFilter(rollout=rollout), Page(limit=100_000))
        counts: dict[str, int] = {}
        for attempt in found:
            key = f"{attempt.kind.value}.{attempt.phase.value}"
            counts[key] = counts.get(key, 0) + 1
        return counts

    # -- time ------------------------------------------------------------------------------------------

    async def second(self) -> None:
        """Let one second pass: the driver looks, agents hear the bell, one in thirty sends its heartbeat."""
        self.clock.advance(1)
        await self.driver.turn()
        at = self.clock.now_ms() // 1000
        known = self.fleet.agents.values()
        await asyncio.gather(*(self.obey(agent) for agent in known if agent.reachable))
        for number, agent in enumerate(known):
            if agent.reachable and (number + at) % HEARTBEAT_S == 0:
                self.beat(agent)

    async def seconds(self, count: int) -> None:
        for _ in range(count):
            await self.second()

    async def until_ended(self, rollout: RolloutId, *, limit_s: int = 3600) -> int:
        """Let time pass until a rollout has ended; return how many seconds that took."""
        for passed in range(limit_s):
            if (await self.rollout(rollout)).state.ended_ms is not None:
                return passed
            await self.second()
        raise AssertionError("the rollout did not end")

    def beat(self, agent: SimAgent) -> None:
        agent.told, agent.told_health = agent.running, agent.health
        agent.heard_at_ms = self.clock.now_ms()

    async def obey(self, agent: SimAgent) -> None:
        if agent.name in self.silent or self.desk.desired(TENANT, agent.name, agent.running) is None:
            return
        offered = await self.desk.offered(TENANT, agent.name)
        if offered.hash in self.unusable:
            await self._report(agent, offered.attempt, offered.hash, phase=AttemptPhase.FAILED)
            return
        agent.running = offered.hash
        agent.ever_ran.add(offered.hash)
        agent.health = HealthLevel.FAILING if offered.hash in self.poison else HealthLevel.OK
        await self._report(agent, offered.attempt, offered.hash, phase=AttemptPhase.APPLIED)

    async def _report(self, agent: SimAgent, attempt: AttemptId, hash_: str, *, phase: AttemptPhase) -> None:
        report = Report(attempt=attempt, hash=hash_, phase=phase)
        await self.desk.report(TENANT, agent.name, report)


def agents(count: int, *, groups: tuple[str, ...] = ()) -> dict[str, SimAgent]:
    """Return agents that run nothing of the centre yet."""
    return {f"a{n:05}": SimAgent(name=f"a{n:05}", groups=groups) for n in range(count)}


@asynccontextmanager
async def a_lab(count: int = 100, *, address: DatabaseAddress = MEMORY) -> AsyncGenerator[Lab]:
    """Give a centre with `count` agents."""
    async with await open_database(address, fallback=False) as database:
        yield Lab(database, SimFleet(agents(count)), ManualClock())
