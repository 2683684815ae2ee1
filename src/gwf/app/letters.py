"""Dead letters put together: where they are kept, who notices failures, who does things again, and their routes."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter

from gwf.api.names import Names
from gwf.api.v1.dlq import letter_orders, letter_probes, letter_routes
from gwf.api.v1.filetrace import file_trace_routes
from gwf.app.asks import Asks
from gwf.app.beside import beside
from gwf.app.delivery import Delivery
from gwf.app.events import Events
from gwf.app.fleet import Fleet
from gwf.app.flows import Flows
from gwf.app.hands.decisions import DecisionHands
from gwf.app.hands.events import EventHands
from gwf.app.hands.messages import MessageHands
from gwf.app.hands.steps import StepHands
from gwf.app.hands.tasks import TaskHands
from gwf.app.hands.uploads import UploadHands
from gwf.app.lives import genealogist
from gwf.app.rules import Rules
from gwf.app.work import Work
from gwf.core.clock import Clock
from gwf.core.settings.server import KeepSettings
from gwf.db.database import Database
from gwf.db.lead import SharedLead, SoleLead
from gwf.db.letter_news import SqlFailureNews
from gwf.db.letters_store import SqlLetters
from gwf.letters.desk import LetterDesk
from gwf.letters.follow import LetterFollower
from gwf.letters.model import LetterKind
from gwf.letters.ports import Hands
from gwf.letters.runner import LetterRunner

LEAD = "letters"
Areas = tuple[Fleet, Events, Work, Rules, Asks, Flows, Delivery]


class Letters:
    """The services of dead letters, and their routes."""

    def __init__(self, database: Database, areas: Areas, *, keep: KeepSettings, clock: Clock) -> None:
        """Put them together with the areas whose failures they are about; `keep` says how long events are there."""
        fleet, events, work, rules, asks, flows, delivery = areas
        self.store = store = SqlLetters(database.core)
        uploads = UploadHands(asks.desk, fleet.roster)
        tasks = TaskHands(work.desk, uploads)
        hands: Mapping[LetterKind, Hands] = {
            LetterKind.UPLOAD: uploads,
            LetterKind.TASK: tasks,
            LetterKind.STEP: StepHands(tasks, flows.runs),
            LetterKind.EVENT: EventHands(events.ingest, fleet.roster, clock),
            LetterKind.DECISION: DecisionHands(rules.decider, rules.parts, rules.sink),
            LetterKind.NOTIFICATION: MessageHands(delivery.desk),
        }
        lead = (
            SoleLead()
            if database.core.is_sqlite
            else SharedLead(database.core, name=LEAD, owner=secrets.token_hex(8), clock=clock)
        )
        self.runner = LetterRunner(store, hands, lead=lead, clock=clock)
        self.follower = LetterFollower(store, SqlFailureNews(database.core, database.events), lead=lead, clock=clock)
        self.desk = LetterDesk(store, hands, clock=clock, woken=self.runner.wake)
        self._lead = lead
        self.lives = genealogist(database, (events, rules, work, flows), store, keep=keep, clock=clock)

    def v1(self, names: Names) -> Sequence[APIRouter]:
        """Return the routers below /api/v1; `names` knows the agents."""
        return [
            letter_routes(self.desk, names),
            letter_orders(self.desk, names),
            letter_probes(self.desk),
            file_trace_routes(self.lives, names),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Follow failures and carry out runs until the block ends."""
        async with beside(self.follower.run(), name="letter-follower"), beside(self.runner.run(), name="letter-runner"):
            yield
        await self._lead.release()
