"""The centre put together: the areas' services over the database, opened in the event loop of the port."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import APIRouter

from gwf.api.acts import Acts
from gwf.api.centre import CentreParts, HotRoute
from gwf.api.feed import Watch
from gwf.api.finder import Finder, FinderParts
from gwf.api.foresight import FleetForesight
from gwf.api.legacy.frame import LegacyRoute
from gwf.api.v1.search import search_routes
from gwf.app.alert_documents import AlertDocuments
from gwf.app.alerts import Alerts
from gwf.app.asks import Asks
from gwf.app.configuration import Configuration, ConfigurationParts
from gwf.app.database import address_of
from gwf.app.delivery import Delivery
from gwf.app.drafts import ActionCheck, TaskDrafts
from gwf.app.events import Events
from gwf.app.fleet import Fleet
from gwf.app.flows import Flows
from gwf.app.identity import Identity
from gwf.app.inputs import Inputs
from gwf.app.letters import Letters
from gwf.app.names import GroupMembers, NameBook
from gwf.app.overview import KnownNames, Look
from gwf.app.record import Record
from gwf.app.rules import Rules, RuleWork
from gwf.app.upkeep import Upkeep
from gwf.app.vault import Secrets
from gwf.app.watches import AgentsWatch, HealthWatch, RolloutsWatch, RowsWatch, StoredWatch
from gwf.app.work import Work, WorkParts
from gwf.control.effects import Forecaster
from gwf.control.fleet.model import AgentId, Beat
from gwf.control.fleet.ports import NoWishes, Offer
from gwf.core.clock import Clock, SystemClock
from gwf.core.metrics import new_registry
from gwf.core.settings.model import Settings
from gwf.db.answers import SqlAnswers
from gwf.db.database import Database, open_database
from gwf.db.newest import Newest
from gwf.wire.edge import HealthState, Reason
from gwf.wire.me import DatabaseView

log = logging.getLogger("gwf.app")


class Centre:
    """The services of a centre over an open database. An area is put together here, and adds its routes to `parts`."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        """Put the services together; nothing works by itself before `running`."""
        self.settings = settings
        self.database = database
        self.clock = clock
        self.registry = new_registry()
        self.identity = Identity(settings, database, clock)
        self.record = Record(database, clock)
        self.upkeep = Upkeep(database, settings.server.keep, clock)
        self.events = Events(database, clock)
        self.registry.register(self.events.collector)
        self.inputs = Inputs(settings.server.inputs, self.events.ingest, registry=self.registry, clock=clock)
        self.fleet = Fleet(settings.server.agents, database, sink=self.events.ingest, clock=clock)
        self.registry.register(self.fleet.collector)
        parts = WorkParts(fleet=self.fleet, record=self.record, registry=self.registry, clock=clock)
        self.work = Work(settings.server, database, parts)
        self.flows = Flows(database, self.work, self.events.labels, registry=self.registry, clock=clock)
        self.secrets = Secrets(settings, database, clock)
        self.configuration = Configuration(
            ConfigurationParts(
                core=database.core,
                roster=self.fleet.roster,
                events=self.events.ingest,
                vault=self.secrets.vault,
                registry=self.registry,
                clock=clock,
                lag_s=lambda: self.fleet.lag.usual_s,
            )
        )
        self.rules = Rules(database, self.events.labels, work=self._rule_work(), clock=clock)
        self.alerts = Alerts(database, self.events, roster=self.fleet.roster, registry=self.registry, clock=clock)
        self.delivery = Delivery(settings, database, self.registry, work=self.work, alerts=self.alerts)
        self.alert_documents = AlertDocuments(settings.server, database, self.alerts, events=self.events)
        self.events.hear(self.rules.decider.take, self.alerts.runner.wake)
        self.asks = Asks(database, self.fleet, self.configuration.bells, clock=clock)
        areas = (self.fleet, self.events, self.work, self.rules, self.asks, self.flows, self.delivery)
        self.letters = Letters(database, areas, keep=settings.server.keep, clock=clock)
        self.work.bells = self.configuration.bells
        self.work.bells.greetings += [self.work.greeting, self.asks.desk.greeting]
        self.fleet.heartbeats.wishes = ForAgents(self.configuration, self.asks, self.work)
        rules, docs = self.rules.service, self.alerts.docs
        self.named = NameBook(self.identity.store, self.configuration.store, self.fleet.roster, rules=rules, docs=docs)
        self.fleet.service.configs = self.configuration.stands
        self.look = Look(database, self.fleet, self.configuration, record=self.record, events=self.events.reads)
        self.names = KnownNames(self.identity, self.events.reads, self.named, clock=clock)
        self.answers = SqlAnswers(database.core)
        forecaster = Forecaster(self.fleet.roster, self.configuration.boards)
        self.acts = Acts(self.answers, FleetForesight(forecaster, clock), clock, names=self.named)

    def _rule_work(self) -> RuleWork:
        return RuleWork(
            sink=TaskDrafts(self.work.desk, self.flows.runs, self.flows.events),
            check=ActionCheck(self.work.catalog),
            registry=self.registry,
            configs=self.configuration.versions,
        )

    def parts(self) -> CentreParts:
        """Return what the centre puts on a port."""
        facts = self.database.facts
        return CentreParts(
            state=self,
            accounts=self.identity.accounts,
            database=DatabaseView(backend=facts.backend.value, durable=facts.durable, problem=facts.fallback),
            desk=self.identity.desk,
            registry=self.registry,
            v1=self._v1(),
            hot=self._hot(),
            legacy=self._legacy(),
            watches=self._watches(),
            acts=self.acts,
            running=self.running,
            leaving=self._leave,
        )

    def _leave(self) -> None:
        self.configuration.bells.close()
        self.asks.desk.close()

    def _v1(self) -> Sequence[APIRouter]:
        return [
            *self.identity.v1(),
            *self.record.v1(self.named),
            *self.events.v1(self.named, GroupMembers(self.fleet.roster)),
            *self.inputs.v1(),
            *self.rules.v1(),
            *self.fleet.v1(),
            *self.configuration.v1(self.named),
            *self.look.v1(self.names),
            search_routes(self._finder()),
            *self.asks.v1(),
            *self.work.v1(),
            *self.flows.v1(),
            *self.letters.v1(self.named),
            *self.alerts.v1(self.named),
            *self.alert_documents.v1(),
            *self.delivery.v1(),
        ]

    def _finder(self) -> Finder:
        return Finder(
            FinderParts(
                fleet=self.fleet.service,
                rollouts=self.configuration.rollouts,
                configs=self.configuration.versions,
                users=self.identity.users,
                audit=self.record.service,
                events=self.events.reads,
                rules=self.rules.service,
                clock=self.clock,
            )
        )

    def _hot(self) -> Sequence[HotRoute]:
        return [
            *self.fleet.hot(),
            *self.events.hot(self.fleet.door, self.inputs.intake.news),
            *self.inputs.hot(),
            *self.configuration.hot(self.fleet.heartbeats),
            *self.asks.hot(self.fleet.door),
            *self.work.hot(self.fleet.door),
        ]

    def _watches(self) -> Sequence[Watch]:
        return [
            HealthWatch(self.state),
            AgentsWatch(self.fleet.roster, self.clock),
            RolloutsWatch(self.configuration.boards),
            self.work.watch,
            RowsWatch("flows", self.flows.store, self.clock),
            RowsWatch("alerts", self.alerts.store, self.clock),
            RowsWatch("dlq", self.letters.store, self.clock),
            StoredWatch(Newest(self.database.core, self.database.events), self.clock),
        ]

    def _legacy(self) -> Sequence[LegacyRoute]:
        return [*self.work.legacy()]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Let the services work until the block ends; each enters what it does by itself."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.record.running())
            await stack.enter_async_context(self.identity.running())
            await stack.enter_async_context(self.secrets.running())
            await stack.enter_async_context(self.upkeep.running())
            await stack.enter_async_context(self.rules.running())
            await stack.enter_async_context(self.events.running())
            await stack.enter_async_context(self.fleet.running())
            await stack.enter_async_context(self.work.running())
            await stack.enter_async_context(self.flows.running())
            await stack.enter_async_context(self.configuration.running())
            await stack.enter_async_context(self.look.running())
            await stack.enter_async_context(self.asks.running())
            await stack.enter_async_context(self.letters.running())
            await stack.enter_async_context(self.alert_documents.running())
            await stack.enter_async_context(self.alerts.running())
            await stack.enter_async_context(self.delivery.running())
            await stack.enter_async_context(self.inputs.running())
            yield

    def state(self) -> tuple[HealthState, list[Reason]]:
        """Return the overall state and every reason for not being `ok`."""
        reasons = [
            *self._database_reasons(),
            *self.upkeep.reasons(),
            *self.record.reasons(),
            *self.secrets.reasons(),
            *self.fleet.reasons(),
            *self.rules.reasons(),
            *self.alerts.reasons(),
            *self.delivery.reasons(),
        ]
        return ("degraded" if reasons else "ok"), reasons

    def _database_reasons(self) -> list[Reason]:
        facts = self.database.facts
        if facts.fallback is None:
            return []
        message = "the database cannot be used: what the centre learns is kept in memory until it stops"
        params = {"database": facts.address, "problem": facts.fallback}
        return [Reason(code="database_in_memory", params=params, message=message)]


class ForAgents(NoWishes):
    """What the areas have for agents; heartbeats are answered with it."""

    def __init__(self, configuration: Configuration, asks: Asks, work: Work) -> None:
        """Ask these."""
        self._configuration = configuration
        self._asks = asks
        self._work = work

    def offer(self, agent_id: AgentId, beat: Beat) -> Offer | None:
        """Return the configuration it should take now."""
        return self._configuration.offer(agent_id, beat)

    def asks(self, agent_id: AgentId) -> int:
        """Return how many questions wait for it."""
        return self._asks.desk.open_for(agent_id)

    def tasks(self, agent_id: AgentId) -> int:
        """Return how many tasks wait for it."""
        return self._work.waiting_for(agent_id)


@asynccontextmanager
async def open_centre(settings: Settings) -> AsyncGenerator[Centre]:
    """Open the database and put the services together; close both at the end of the block.

    Raises:
        ConfigError: The database cannot be used as it is configured.
        InputError: It was written by a newer release.
    """
    clock = SystemClock()
    async with await open_database(address_of(settings), clock=clock) as database:
        log.info("database_opened", extra={"database": str(database.facts.address), "durable": database.durable})
        yield Centre(settings, database, clock)
