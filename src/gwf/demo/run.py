"""Runs a demo: the platform in this process, its object stores beside it, and whoever fills it, until the end."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack

from gwf.app.edge import EdgeProcess, run_process
from gwf.app.standalone import StandaloneProcess
from gwf.core.errors import GwfError, InputError
from gwf.core.log import configure_logging
from gwf.core.settings.addresses import is_loopback, parse_listen
from gwf.core.settings.centre import CentreSettings
from gwf.core.settings.effective import secret_values
from gwf.core.settings.load import LoadedSettings, load_settings
from gwf.core.settings.model import Settings
from gwf.demo.agents import DemoAgent
from gwf.demo.business import Business, open_business
from gwf.demo.document import CONFIRM_S, POISON_WORKERS, Endpoints, document
from gwf.demo.files import FileWriter
from gwf.demo.place import DemoPlan, prepare
from gwf.demo.story import EndedError, Scene, Story
from gwf.sim.fleet import SimFleet
from gwf.sim.model import Plan
from gwf.sim.poison import Harm, Poison
from gwf.testing.faults import Faults
from gwf.testing.s3_sink import S3Sink, s3_sink

MIN_AGENTS, MAX_AGENTS = 12, 200
EVENTS_PER_S = 2.0
#: how long the partner's store takes files, and how long it refuses them
WELL_S, REFUSES_S = 150.0, 40.0
CHECKSUM_FAULTS = Faults(wrong_checksum=True, ratio=0.25, methods=("PUT",))
REFUSAL = Faults(status=503, code="SlowDown", methods=("PUT", "POST"))

log = logging.getLogger("gwf.demo")


class DemoProcess(StandaloneProcess):
    """The platform; it says of itself that what it shows is made up."""

    is_demo = True

    def centre_settings(self, settings: Settings) -> CentreSettings | None:
        """Return where the edge reports to, with trials as quick as those of the simulated agents."""
        found = super().centre_settings(settings)
        return None if found is None else found.model_copy(update={"confirm_for": CONFIRM_S})


def run_demo(plan: DemoPlan, *, on_ready: Callable[[EdgeProcess, Scene], None]) -> int:
    """Run a demo until its time is over, or SIGINT or SIGTERM; return the exit code.

    `on_ready` is called in another thread once everything is there to be seen.

    Raises:
        InputError: The directory is none of a demo, or the address is not on loopback.
        ConflictError: A demo runs there.
        GwfError: The platform could not start.
    """
    check(plan)
    prepare(plan)
    with ExitStack() as stack:
        partner = stack.enter_context(s3_sink(bucket="partner"))
        vault = stack.enter_context(s3_sink(bucket="vault"))
        vault.set_faults(CHECKSUM_FAULTS)
        business = stack.enter_context(open_business())
        loaded = _loaded(plan, Endpoints(partner=partner.url, vault=vault.url, business=business.url))
        configure_logging(loaded.settings.log, secrets=secret_values(loaded.settings))
        cast = Cast(plan, partner, business, on_ready=on_ready)
        stack.callback(cast.stop)
        code = run_process(lambda: DemoProcess(loaded), cast.start)
        if cast.error is not None:
            raise cast.error
        return code


def check(plan: DemoPlan) -> None:
    """Refuse what a demo must not be.

    Raises:
        InputError: The address is not on loopback, or there are too few or too many agents.
    """
    host, _ = parse_listen(plan.listen)
    if not is_loopback(host):
        raise InputError("a demo is for this host only: name a loopback address", field="listen", listen=plan.listen)
    if not MIN_AGENTS <= plan.agents <= MAX_AGENTS:
        raise InputError("out of range", field="agents", value=plan.agents, least=MIN_AGENTS, most=MAX_AGENTS)


class Cast:
    """Whoever fills the platform: files, agents, people, a store with moods; in threads of their own."""

    def __init__(
        self, plan: DemoPlan, partner: S3Sink, business: Business, *, on_ready: Callable[[EdgeProcess, Scene], None]
    ) -> None:
        """Do nothing before `start`."""
        self._plan = plan
        self._partner = partner
        self._business = business
        self._on_ready = on_ready
        self._halted = threading.Event()
        self._files = FileWriter(plan.directory / "in", seed=plan.seed)
        self._threads: list[threading.Thread] = []
        #: why it could not be shown
        self.error: GwfError | None = None

    def start(self, process: EdgeProcess) -> None:
        """Begin, with the platform running."""
        self._files.start()
        for name, work in (
            ("demo-story", lambda: self._tell(process)),
            ("demo-store", self._have_moods),
            ("demo-end", self._end_in_time),
        ):
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End."""
        self._halted.set()
        self._files.stop()
        for thread in self._threads:
            thread.join(timeout=10.0)

    def _tell(self, process: EdgeProcess) -> None:
        url = process.server.url
        story = Story(url, process.local.token, self._business, agents=self._plan.agents, halted=self._halted)
        try:
            plan = Plan(
                url=url, token=story.enrolment_token(), agents=self._plan.agents, events_per_s=EVENTS_PER_S,
                seconds=self._plan.seconds, seed=self._plan.seed, prefix="demo", confirm_s=CONFIRM_S, listens=True,
                poisons=(_POISON,),
            )  # fmt: skip
            fleet = threading.Thread(target=self._live, args=(plan,), name="demo-agents", daemon=True)
            self._threads.append(fleet)
            fleet.start()
            self._on_ready(process, story.tell())
        except EndedError:
            return
        except GwfError as exc:
            if not self._halted.is_set():
                self._give_up(exc)
        except Exception as exc:  # the edge of the thread: the process ends with an error
            log.exception("demo_crashed")
            self._give_up(GwfError("a fault of the demo; its log says more", reason=str(exc)))

    def _give_up(self, error: GwfError) -> None:
        self.error = error
        _end()

    def _live(self, plan: Plan) -> None:
        async def live() -> None:
            work = asyncio.create_task(SimFleet(plan, DemoAgent).run())
            while not self._halted.is_set() and not work.done():  # noqa: ASYNC110  # other threads say so
                await asyncio.sleep(0.2)
            work.cancel()
            await asyncio.wait([work])
            if not work.cancelled() and (error := work.exception()) is not None:
                raise error

        try:
            asyncio.run(live())
        except Exception:  # the edge of the thread: the story waits for agents in vain and says so
            log.exception("demo_agents_crashed")

    def _have_moods(self) -> None:
        """Let the partner's store refuse for a while now and then, at first soon."""
        wait_s = 12.0
        while not self._halted.wait(wait_s):
            try:
                self._partner.set_faults(REFUSAL)
                if self._halted.wait(REFUSES_S):
                    return
                self._partner.set_faults()
            except OSError as exc:  # it ends with us
                log.info("demo_store_gone", extra={"error": str(exc)})
                return
            wait_s = WELL_S

    def _end_in_time(self) -> None:
        if not self._halted.wait(self._plan.seconds):
            log.info("demo_time_over")
            _end()


_POISON = Poison(place=("agent", "transfer", "workers"), value=POISON_WORKERS, harm=Harm.SICK, after_s=0.2)


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _loaded(plan: DemoPlan, stores: Endpoints) -> LoadedSettings:
    text = json.dumps(document(plan, stores))
    return load_settings(plan.directory / "gwf.yaml", environ={}, overrides={}, text=text)
