"""Identity put together: who gets in, over the centre's database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter

from gwf.api.access import Recognised
from gwf.api.accounts import Presented
from gwf.api.cookies import Cookies
from gwf.api.v1.me import preference_routes
from gwf.api.v1.sessions import account_routes, login_routes, role_routes, session_routes, user_session_routes
from gwf.api.v1.tokens import enrolment_routes, token_routes
from gwf.api.v1.users import user_routes
from gwf.api.v1.views import view_routes
from gwf.app.beside import beside
from gwf.core.clock import Clock
from gwf.core.errors import GwfError
from gwf.core.settings.model import Settings
from gwf.db.database import Database
from gwf.db.desk_store import SqlDesk
from gwf.db.identity_store import SqlIdentity
from gwf.identity.desk import Desk
from gwf.identity.limits import LoginLimits
from gwf.identity.logins import Logins, SessionRules
from gwf.identity.model import Tenant
from gwf.identity.passwords import Passwords
from gwf.identity.principal import DEFAULT_TENANT
from gwf.identity.secrets import API_TOKEN_PREFIX, SESSION_PREFIX, csrf_word
from gwf.identity.sessions import Sessions
from gwf.identity.tokens import Tokens
from gwf.identity.users import Users

PURGE_EVERY_S = 3600.0

log = logging.getLogger("gwf.app")


class KnownAccounts:
    """Recognises people by session and programs by API token (port `Accounts` of the API)."""

    def __init__(self, logins: Logins) -> None:
        """Ask `logins`."""
        self._logins = logins

    async def recognise(self, presented: Presented) -> Recognised | None:
        """Return who that is; what begins like no secret of ours is not looked for."""
        if presented.bearer:
            if not presented.bearer.startswith(API_TOKEN_PREFIX):
                return None
            program = await self._logins.by_token(presented.bearer)
            return None if program is None else Recognised(principal=program)
        if not presented.cookie.startswith(SESSION_PREFIX):
            return None
        person = await self._logins.by_session(presented.cookie)
        return None if person is None else Recognised(principal=person, csrf=csrf_word(presented.cookie))


class Identity:
    """The services of identity and their routes."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        """Put the services together."""
        login = settings.server.login
        self.store = SqlIdentity(database.core)
        self._clock = clock
        self._passwords = Passwords()
        rules = SessionRules(lasts_ms=round(login.session * 1000), idle_ms=round(login.idle * 1000))
        self.logins = Logins(
            self.store,
            self._passwords,
            LoginLimits(max_failures=login.max_failures, first_wait_s=login.lock),
            rules=rules,
            clock=clock,
        )
        self.sessions = Sessions(self.store, rules, clock)
        self.users = Users(self.store, self._passwords, clock)
        self.tokens = Tokens(self.store, clock)
        self.desk = Desk(SqlDesk(database.core), clock)
        self.accounts = KnownAccounts(self.logins)
        public = settings.server.public_url or ""
        self._cookies = Cookies(lasts_s=round(login.session), behind_tls=public.startswith("https:"))

    def v1(self) -> Sequence[APIRouter]:
        """Return the routers below /api/v1."""
        return [
            login_routes(self.logins, self._cookies),
            account_routes(self.users),
            session_routes(self.sessions, self._clock),
            role_routes(),
            preference_routes(self.desk),
            view_routes(self.desk, self._clock),
            user_routes(self.users, self._clock),
            user_session_routes(self.sessions, self._clock),
            token_routes(self.tokens, self._clock),
            enrolment_routes(self.tokens, self._clock),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Make the tenant that is always there, and remove old sessions now and then, until the block ends."""
        async with self.store.change() as change:
            await change.ensure_tenant(Tenant(id=DEFAULT_TENANT, name="default", created_at_ms=self._clock.now_ms()))
        try:
            async with beside(self._purge(), name="session-purge"):
                yield
        finally:
            self._passwords.close()

    async def _purge(self) -> None:
        while True:
            try:
                await self.logins.purge()
            except GwfError as exc:  # they no longer count anyway
                log.warning("sessions_not_purged", extra={"error": str(exc)})
            await asyncio.sleep(PURGE_EVERY_S)
