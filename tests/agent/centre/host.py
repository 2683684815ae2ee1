"""A host with an edge and its link to a centre, in this process, started and ended as often as a test likes."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from gwf.agent.centre.attempts import AttemptFile, Attempts
from gwf.agent.centre.beginning import begin_managed
from gwf.agent.centre.identity import Identity, IdentityFile
from gwf.agent.centre.link import CentreLink, LinkParts
from gwf.agent.config.service import ConfigService
from gwf.agent.config.versions import CONFIG_DIRECTORY, VersionStore
from gwf.agent.engine import Edge
from gwf.agent.files.answers import FileAnswers
from gwf.agent.files.incoming import Incoming
from gwf.agent.files.service import FileDesk
from gwf.agent.follow import follow
from gwf.agent.health import judge
from gwf.agent.journal.deadletters import DeadLetters
from gwf.agent.journal.reads import JournalReads
from gwf.agent.metrics import EdgeMetrics
from gwf.agent.orders import LetterOrders
from gwf.agent.snapshot import SnapshotSource
from gwf.agent.tasks.host import EdgeHost
from gwf.core.clock import SystemClock
from gwf.core.settings.load import load_settings
from gwf.core.settings.model import AgentSettings, Settings, StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.ports import ObjectStore
from gwf.testing.fake_centre import TOKEN, FakeCentre
from gwf.wire.edge import CentreView
from tests.agent.edges import Place


class HasFile(Protocol):
    """A host as far as its edge needs it."""

    place: Place
    file: Path
    environ: dict[str, str]


class Running:
    """The parts of a running edge."""

    def __init__(self, host: HasFile) -> None:
        loaded = load_settings(host.file, environ=host.environ, overrides={})
        versions = VersionStore(host.place.data / CONFIG_DIRECTORY)
        beginning = begin_managed(loaded, versions, AttemptFile(host.place.data).load())
        settings = beginning.settings
        self.edge = Edge(
            settings.agent,
            data_dir=settings.data_dir,
            stores={name: _open(name, store, settings.agent) for name, store in settings.stores.items()},
            store_settings=settings.stores,
            clock=SystemClock(),
            metrics=EdgeMetrics(),
        )
        self.config = ConfigService(
            beginning, versions=versions, follow=self._follow, tell=self.edge.tell, clock=self.edge.clock
        )
        self.reads = JournalReads(self.edge.journal.path, self.edge.clock)
        self.snapshots = SnapshotSource(self.edge, self.reads, self.edge.clock, config=self.config.facts)
        self.files = FileDesk(self.edge, self.edge.clock)
        self.letters = DeadLetters(self.edge.journal.path, self.edge.clock)
        assert settings.agent.centre is not None
        rights = settings.agent.centre.remote_files
        self.link = CentreLink(
            settings.agent.centre,
            LinkParts(
                edge=self.edge,
                config=self.config,
                reads=self.reads,
                snapshots=self.snapshots,
                answers=FileAnswers(
                    self.files, LetterOrders(self.edge, self.letters), Incoming(self.edge), rights=lambda: rights
                ),
                tasks=EdgeHost(self.edge, may_act=lambda: rights == "act"),
                address=lambda: "http://host.example:8080",
            ),
        )

    def view(self) -> CentreView:
        return self.link.view()

    def reasons(self) -> dict[str, str]:
        return {reason.code: reason.message for reason in judge(self.snapshots.get(max_age_s=0)).reasons}

    def state(self) -> str:
        return judge(self.snapshots.get(max_age_s=0)).state

    def start(self) -> None:
        self.edge.start()
        self.link.start()

    def stop(self) -> None:
        self.link.stop()
        self.config.close()
        self.edge.stop()
        self.files.close()
        self.letters.close()
        self.reads.close()

    def _follow(self, settings: Settings) -> None:
        follow(self.edge, settings.agent, settings.stores, open_store=_open)


class Host:
    """One data directory, one watched tree, one configuration file."""

    def __init__(self, base: Path, centre: FakeCentre) -> None:
        self.place = Place(base)
        self.file = base / "gwf.yaml"
        self.environ: dict[str, str] = {}
        self.centre: dict[str, Any] = {
            "url": centre.url,
            "enrolment_token": TOKEN,
            "confirm_for": 0.3,
            "connect_timeout": 2,
            "read_timeout": 2,
        }
        self.agent: dict[str, Any] = {"labels": {"env": "test", "site": "上海"}}

    def write(self) -> None:
        document = json.loads(self.place.settings(centre=None, **self.agent).model_dump_json(exclude_none=True))
        document["agent"]["centre"] = self.centre
        self.file.write_text(json.dumps(document))

    @contextmanager
    def running(self) -> Generator[Running]:
        self.write()
        process = Running(self)
        process.start()
        try:
            yield process
        finally:
            process.stop()

    def identity(self) -> Identity:
        identity = IdentityFile(self.place.data).find()
        assert identity is not None
        return identity

    def attempts(self) -> Attempts:
        return AttemptFile(self.place.data).load()


def _open(name: str, store: StoreSettings, agent: AgentSettings) -> ObjectStore:
    return open_store(name, store, workers=4)
