"""Logs people in and out, and recognises people and programs by their secrets."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from gwf.audit.model import Actor, ActorKind
from gwf.core.clock import Clock
from gwf.identity.errors import LockedOutError, LoginRequiredError
from gwf.identity.limits import LoginLimits
from gwf.identity.model import Session, User
from gwf.identity.passwords import Passwords
from gwf.identity.ports import IdentityStore
from gwf.identity.principal import Principal
from gwf.identity.record import By, entry, of_user
from gwf.identity.secrets import SESSION_PREFIX, csrf_word, hash_of, new_secret
from gwf.identity.validity import is_due, session_counts, token_counts, token_principal, user_principal

MAX_USER_AGENT_CHARS = 200

log = logging.getLogger("gwf.identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody who logs in says."""

    tenant: str
    name: str
    password: str = field(repr=False)
    #: the request came from; "" when there was none
    address: str
    user_agent: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A new session; its secret is known here and by the browser only."""

    user: User
    session: Session
    secret: str = field(repr=False)
    csrf: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    """How long sessions last."""

    lasts_ms: int
    idle_ms: int


class Logins:
    """Sessions and recognition; thread-bound to one event loop."""

    def __init__(
        self, store: IdentityStore, passwords: Passwords, limits: LoginLimits, *, rules: SessionRules, clock: Clock
    ) -> None:
        """Keep the parts."""
        self._store = store
        self._passwords = passwords
        self._limits = limits
        self._rules = rules
        self._clock = clock

    async def login(self, given: Credentials) -> LoggedIn:
        """Open a session. Whether the name or the password was wrong cannot be told, also not by the time it takes.

        Raises:
            LockedOutError: Too many wrong logins; `retry_after_s` tells how long to wait.
            LoginRequiredError: Name or password is wrong, or the user may not log in.
            OverloadedError: Too many log in at a time.
        """
        name = given.name.strip().lower()
        limited = f"{given.tenant}/{name}"
        now_s = self._clock.monotonic_s()
        wait_s = self._limits.wait_s(limited, given.address, now_s=now_s)
        if wait_s > 0:
            raise LockedOutError("too many wrong logins: wait", retry_after_s=wait_s)
        self._limits.failed(limited, given.address, now_s=now_s)
        async with self._store.view() as reads:
            user = await reads.find_user_named(given.tenant, name)
            tenant = await reads.find_tenant(given.tenant)
        fits = await self._passwords.fits(user, given.password)
        is_in_use = tenant is not None and tenant.disabled_at_ms is None
        if user is None or not fits or user.disabled_at_ms is not None or not is_in_use:
            log.warning("login_refused", extra={"tenant": given.tenant, "user": name, "address": given.address})
            raise LoginRequiredError("name or password is wrong")
        self._limits.succeeded(limited, given.address)
        return await self._opened(user, given)

    async def logout(self, secret: str, by: By) -> None:
        """End a session; one that is gone already is no error."""
        hash_ = hash_of(secret)
        async with self._store.change() as change:
            session = await change.find_session(hash_)
            if session is not None and await change.end_session(hash_):
                change.record(entry(by, "session.end", of_user(session.user_id), at_ms=self._clock.now_ms()))

    async def by_session(self, secret: str) -> Principal | None:
        """Return the person with this session, None for one that is unknown or over."""
        hash_ = hash_of(secret)
        now_ms = self._clock.now_ms()
        async with self._store.view() as reads:
            session = await reads.find_session(hash_)
            if session is None or not session_counts(session, idle_ms=self._rules.idle_ms, now_ms=now_ms):
                return None
            user = await reads.find_user(session.tenant, session.user_id)
            tenant = await reads.find_tenant(session.tenant)
        if user is None or user.disabled_at_ms is not None or tenant is None or tenant.disabled_at_ms is not None:
            return None
        if is_due(session.seen_at_ms, now_ms=now_ms):
            async with self._store.change() as change:
                await change.touch_session(hash_, seen_at_ms=now_ms)
        return user_principal(user)

    async def by_token(self, secret: str) -> Principal | None:
        """Return the program with this API token, None for one that is unknown, expired or revoked."""
        now_ms = self._clock.now_ms()
        owner: User | None = None
        async with self._store.view() as reads:
            token = await reads.find_token(hash_of(secret))
            if token is None or not token_counts(token, now_ms=now_ms):
                return None
            tenant = await reads.find_tenant(token.tenant)
            if tenant is None or tenant.disabled_at_ms is not None:
                return None
            if token.user_id is not None:
                owner = await reads.find_user(token.tenant, token.user_id)
                if owner is None or owner.disabled_at_ms is not None:
                    return None
        if is_due(token.used_at_ms, now_ms=now_ms):
            async with self._store.change() as change:
                await change.touch_token(token.id, used_at_ms=now_ms)
        return token_principal(token, owner)

    async def purge(self) -> int:
        """Remove sessions that are over; return how many."""
        async with self._store.change() as change:
            return await change.purge_sessions(expired_before_ms=self._clock.now_ms())

    async def _opened(self, user: User, given: Credentials) -> LoggedIn:
        now_ms = self._clock.now_ms()
        secret = new_secret(SESSION_PREFIX)
        csrf = csrf_word(secret)
        session = Session(
            hash=hash_of(secret),
            tenant=user.tenant,
            user_id=user.id,
            csrf_hash=hash_of(csrf),
            created_at_ms=now_ms,
            seen_at_ms=now_ms,
            expires_at_ms=now_ms + self._rules.lasts_ms,
            address=given.address,
            user_agent=given.user_agent[:MAX_USER_AGENT_CHARS],
        )
        kept = user.password_hash or ""
        if self._passwords.is_outdated(kept):
            kept = await self._passwords.hash(given.password)
        by = By(
            tenant=user.tenant,
            actor=Actor(kind=ActorKind.USER, id=user.id, address=given.address),
            id=user.id,
            request_id=given.request_id,
        )
        async with self._store.change() as change:
            await change.add_session(session)
            await change.put_login(user.id, password_hash=kept, at_ms=now_ms)
            change.record(entry(by, "session.begin", of_user(user), at_ms=now_ms))
        return LoggedIn(user=user, session=session, secret=secret, csrf=csrf)
