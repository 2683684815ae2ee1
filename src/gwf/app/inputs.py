"""Inputs put together: what other systems post, syslog, and what packages bring, all into the ingest."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from gwf.api.centre import HotRoute
from gwf.api.v1.inputlist import input_list_routes
from gwf.api.v1.inputs import InputParts, input_routes
from gwf.core.clock import Clock
from gwf.core.settings.inputs import InputSettings
from gwf.ingest.inputs.contract import ListeningInput
from gwf.ingest.inputs.doors import doors_of
from gwf.ingest.inputs.intake import Intake, PatientHands
from gwf.ingest.inputs.listing import InputListing
from gwf.ingest.inputs.mapping import webhooks
from gwf.ingest.inputs.metrics import InputCollector, InputFacts
from gwf.ingest.inputs.plugins import plugin_inputs
from gwf.ingest.inputs.syslog.listener import NAME, SyslogListener
from gwf.ingest.service import IngestService

log = logging.getLogger("gwf.app")

Crashed = Callable[[str], None]


class Inputs:
    """The inputs of a centre and their routes."""

    def __init__(
        self, settings: InputSettings, ingest: IngestService, *, registry: CollectorRegistry, clock: Clock
    ) -> None:
        """Put them together; nothing listens before `running`.

        Raises:
            ConfigError: An input of a package that the settings name cannot be used.
        """
        self.facts = InputFacts()
        registry.register(InputCollector(self.facts))
        self.intake = Intake(ingest, self.facts)
        self.plugins = plugin_inputs(settings.plugins)
        self.webhooks = webhooks(settings.webhooks)
        self.syslog = None if settings.syslog.listen is None else SyslogListener(settings.syslog, clock)
        self._clock = clock
        doors = doors_of(self.webhooks, settings.syslog, self.plugins.values())
        self.listing = InputListing(doors, self.intake.news, self.facts)
        self._listening: list[tuple[str, str, ListeningInput]] = [
            (f"plugin/{one.name}", one.tenant, one.listening)
            for one in self.plugins.values()
            if one.listening is not None
        ]
        if self.syslog is not None:
            self._listening.append((NAME, settings.syslog.tenant, self.syslog))

    def hot(self) -> Sequence[HotRoute]:
        """Return the plain routes."""
        return input_routes(InputParts(intake=self.intake, webhooks=self.webhooks, plugins=self.plugins))

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [input_list_routes(self.listing, self._clock)]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Listen until the block ends; what came by then is handed over.

        Raises:
            UnavailableError: An input cannot listen.
        """
        async with contextlib.AsyncExitStack() as stack:
            for name, tenant, listening in self._listening:
                hands = PatientHands(self.intake, name, tenant)
                await stack.enter_async_context(_listens(name, listening, hands, crashed=self._crashed(name, tenant)))
            yield

    def _crashed(self, name: str, tenant: str) -> Crashed:
        return lambda error: self.intake.news.crash(name, tenant, error)


@asynccontextmanager
async def _listens(
    name: str, listening: ListeningInput, hands: PatientHands, *, crashed: Crashed
) -> AsyncGenerator[None]:
    """Let an input run beside the block; one that crashes while it runs is told and gone."""
    ready = asyncio.Event()
    task = asyncio.create_task(listening.run(hands, ready.set), name=f"input-{name}")
    started = asyncio.create_task(ready.wait())
    await asyncio.wait({task, started}, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    if task.done():
        task.result()  # raises why it cannot listen
    task.add_done_callback(lambda done: _told(name, done, crashed))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _told(name: str, task: asyncio.Task[None], crashed: Crashed) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("input_crashed", exc_info=error, extra={"input": name})
        crashed(f"it crashed: {error!r}")
