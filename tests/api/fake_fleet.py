"""A fleet without agents, for ports whose tests are about something else."""

from __future__ import annotations

from pathlib import Path

from gwf.app.configuration import Configuration, ConfigurationParts
from gwf.control.fleet.groupdesk import GroupDesk
from gwf.control.fleet.roster import Roster
from gwf.control.fleet.service import FleetService
from gwf.control.fleet.state import Thresholds
from gwf.core.clock import SystemClock
from gwf.db.address import parse_address
from gwf.db.database import connect
from gwf.db.fleet import SqlFleet
from gwf.events.raised import MemorySink


def unopened_store() -> SqlFleet:
    """Return a store whose database is never opened."""
    core, _ = connect(parse_address("memory", data_dir=Path("/nonexistent")))
    return SqlFleet(core)


def empty_fleet() -> FleetService:
    """Return a fleet without agents."""
    clock = SystemClock()
    return FleetService(unopened_store(), Roster(clock, Thresholds()), clock)


def empty_configuration() -> Configuration:
    """Return the fleet's configuration without layers."""
    core, _ = connect(parse_address("memory", data_dir=Path("/nonexistent")))
    clock = SystemClock()
    roster = Roster(clock, Thresholds())
    return Configuration(ConfigurationParts(core=core, roster=roster, events=MemorySink(), clock=clock))


def empty_desk() -> GroupDesk:
    """Return a desk without groups."""
    clock = SystemClock()
    return GroupDesk(unopened_store(), Roster(clock, Thresholds()), clock)
