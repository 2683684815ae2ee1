"""Every router below /api/v1 beside the edge's, in front of fakes: what the description shows is what is served."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi import APIRouter

from gwf.api.centre import CentreParts
from gwf.api.v1.config import config_routes
from gwf.api.v1.dead_letters import dead_letter_orders, dead_letter_routes
from gwf.api.v1.host import host_routes
from gwf.api.v1.link import link_routes
from gwf.api.v1.logs import log_routes
from gwf.api.v1.stores import store_routes
from gwf.app.centre import Centre
from gwf.core.clock import SystemClock
from gwf.core.settings.load import load_settings
from gwf.db.address import Backend, parse_address
from gwf.db.database import Database, DatabaseFacts, connect
from tests.api.fake_accounts import FakeAccounts
from tests.api.fake_config import FakeConfig
from tests.api.fake_host import FakeFiles, FakeHost
from tests.api.fake_link import FakeLink
from tests.api.fake_operation import FakeLetters, FakeStores


@dataclass
class Fakes:
    """What stands behind the routers."""

    config: FakeConfig = field(default_factory=FakeConfig)
    stores: FakeStores = field(default_factory=FakeStores)
    letters: FakeLetters = field(default_factory=FakeLetters)
    files: FakeFiles = field(default_factory=FakeFiles)
    host: FakeHost = field(default_factory=FakeHost)
    link: FakeLink = field(default_factory=FakeLink)


def centre_parts() -> CentreParts:
    """Return the centre's side of the port as the product puts it together, over a database that is never opened."""
    core, events = connect(parse_address("memory", data_dir=Path("/nonexistent")))
    facts = DatabaseFacts(backend=Backend.MEMORY, address="memory", durable=False, fallback=None)
    settings = load_settings(None, environ={}, overrides={}).settings
    parts = Centre(settings, Database(core, events, facts), SystemClock()).parts()
    return replace(parts, accounts=FakeAccounts(), running=None, desk=None, acts=None, watches=())


def v1_parts(fakes: Fakes | None = None) -> list[APIRouter]:
    """Return the routers; the fakes may be given to look at them later."""
    fakes = fakes or Fakes()
    return [
        config_routes(fakes.config),
        store_routes(fakes.stores),
        dead_letter_routes(fakes.letters),
        dead_letter_orders(fakes.letters),
        log_routes(fakes.files),
        host_routes(fakes.host),
        link_routes(fakes.link),
    ]
