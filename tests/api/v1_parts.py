"""Every router below /api/v1 beside the edge's, in front of fakes: what the description shows is what is served."""

from __future__ import annotations

from dataclasses import dataclass, field

from fastapi import APIRouter

from gwf.api.centre import CentreParts
from gwf.api.v1.agent_groups import agent_group_routes
from gwf.api.v1.agents import agent_orders, agent_routes
from gwf.api.v1.audit import audit_checks, audit_routes
from gwf.api.v1.config import config_routes
from gwf.api.v1.dead_letters import dead_letter_orders, dead_letter_routes
from gwf.api.v1.host import host_routes
from gwf.api.v1.link import link_routes
from gwf.api.v1.logs import log_routes
from gwf.api.v1.sessions import Cookies, account_routes, login_routes
from gwf.api.v1.stores import store_routes
from gwf.api.v1.tokens import enrolment_routes, token_routes
from gwf.api.v1.users import user_routes
from gwf.audit.service import AuditService
from gwf.core.clock import SystemClock
from gwf.core.metrics import new_registry
from gwf.wire.edge import HealthState, Reason
from tests.api.fake_accounts import FakeAccounts
from tests.api.fake_audit import EmptyAudit
from tests.api.fake_config import FakeConfig
from tests.api.fake_fleet import empty_configuration, empty_desk, empty_fleet
from tests.api.fake_host import FakeFiles, FakeHost
from tests.api.fake_link import FakeLink
from tests.api.fake_operation import FakeLetters, FakeStores
from tests.identity.desk import Desk


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
    """Return the centre's side of the port, in front of stores in memory."""
    desk = Desk()
    return CentreParts(
        state=FakeState(),
        accounts=FakeAccounts(),
        registry=new_registry(),
        v1=[
            login_routes(desk.logins, Cookies(lasts_s=3600)),
            account_routes(desk.users),
            user_routes(desk.users),
            token_routes(desk.tokens),
            enrolment_routes(desk.tokens),
            agent_routes(empty_fleet(), SystemClock()),
            agent_orders(empty_fleet()),
            agent_group_routes(empty_desk(), SystemClock()),
            *empty_configuration().v1(),
            audit_routes(AuditService(EmptyAudit(), SystemClock())),
            audit_checks(AuditService(EmptyAudit(), SystemClock())),
        ],
        hot=[],
    )


class FakeState:
    """A centre that is well."""

    def state(self) -> tuple[HealthState, list[Reason]]:
        return "ok", []


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
