"""Identity in memory with a clock that stands still, and cheap password hashes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gwf.audit.model import SYSTEM
from gwf.core.clock import ManualClock
from gwf.identity.limits import LoginLimits
from gwf.identity.logins import Credentials, Logins, SessionRules
from gwf.identity.memory import MemoryIdentity
from gwf.identity.model import User
from gwf.identity.passwords import Passwords
from gwf.identity.permissions import Role
from gwf.identity.record import By
from gwf.identity.sessions import Sessions
from gwf.identity.tokens import Tokens
from gwf.identity.users import NewUser, Users

PASSWORD = "correct horse battery"
BY = By(tenant="default", actor=SYSTEM, id="system")
HOUR_MS = 3_600_000
Result = TypeVar("Result")


class Desk:
    """All services over one store."""

    def __init__(self) -> None:
        self.store = MemoryIdentity()
        self.clock = ManualClock()
        self.passwords = Passwords(memory_kib=8, rounds=1)
        self.limits = LoginLimits(max_failures=3, first_wait_s=30)
        rules = SessionRules(lasts_ms=12 * HOUR_MS, idle_ms=2 * HOUR_MS)
        self.logins = Logins(self.store, self.passwords, self.limits, rules=rules, clock=self.clock)
        self.sessions = Sessions(self.store, rules, self.clock)
        self.users = Users(self.store, self.passwords, self.clock)
        self.tokens = Tokens(self.store, self.clock)

    async def person(self, name: str = "li", role: Role = Role.OPERATOR) -> User:
        return await self.users.create(NewUser(name=name, role=role, password=PASSWORD), BY)

    def actions(self) -> list[str]:
        return [entry.action for entry in self.store.entries]


def given(name: str = "li", password: str = PASSWORD, *, address: str = "10.0.0.1") -> Credentials:
    return Credentials(tenant="default", name=name, password=password, address=address)


def at_desk(work: Callable[[Desk], Awaitable[Result]]) -> Result:
    """Run something at a desk of its own."""

    async def run() -> Result:
        desk = Desk()
        try:
            return await work(desk)
        finally:
            desk.passwords.close()

    return asyncio.run(run())
