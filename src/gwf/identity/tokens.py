"""What may be done with the tokens of programs and of agents that register."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gwf.audit.model import AuditEntry
from gwf.core.clock import Clock
from gwf.core.errors import InputError, NotFoundError
from gwf.identity.errors import PermissionMissingError
from gwf.identity.model import ApiToken, EnrolmentToken, Page, TokenFilter, TokenId, UserId
from gwf.identity.permissions import PERMISSIONS_OF, Permission, Role, permissions_of
from gwf.identity.ports import IdentityStore
from gwf.identity.principal import Principal
from gwf.identity.record import By, Shift, entry, facts_of_token, of_token
from gwf.identity.secrets import API_TOKEN_PREFIX, ENROLMENT_PREFIX, hash_of, new_secret, new_token_id

MAX_NAME_CHARS = 100
MAX_LABELS = 64
EVERY_TOKEN = TokenFilter()
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ACCOUNT = frozenset({Permission.ACCOUNT})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """An API token to be made."""

    name: str
    role: Role
    #: None = all that the role may
    scopes: frozenset[Permission] | None = None
    #: seconds from now; None = never
    expires_in_s: float | None = None
    #: of nobody: it stays when its maker leaves
    machine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEnrolment:
    """An enrolment token to be made."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    group_id: str | None = None
    max_uses: int | None = None
    #: seconds from now; None = never
    expires_in_s: float | None = None


class Tokens:
    """API tokens and enrolment tokens; their secrets are shown once, when they are made."""

    def __init__(self, store: IdentityStore, clock: Clock) -> None:
        """Keep the parts."""
        self._store = store
        self._clock = clock

    async def page(self, tenant: str, page: Page, wanted: TokenFilter = EVERY_TOKEN) -> Sequence[ApiToken]:
        """Return API tokens, newest first."""
        async with self._store.view() as reads:
            return await reads.tokens(tenant, wanted, page)

    async def count(self, tenant: str, wanted: TokenFilter = EVERY_TOKEN) -> int:
        """Return how many API tokens a filter lets through."""
        async with self._store.view() as reads:
            return await reads.count_tokens(tenant, wanted)

    async def create(self, wish: NewToken, who: Principal, by: By) -> tuple[ApiToken, str]:
        """Make an API token; return it with its secret.

        Raises:
            InputError: The name is blank or too long, or the scopes are none that the role has.
            PermissionMissingError: It would do more than who makes it, or be of nobody without the right to that.
        """
        name = _checked_name(wish.name)
        granted = permissions_of(wish.role, wish.scopes)
        if not granted:
            raise InputError("the role has none of these scopes", role=wish.role.value)
        if not granted - _ACCOUNT <= who.permissions:
            more = sorted(granted - _ACCOUNT - who.permissions)
            raise PermissionMissingError("a token may do no more than who makes it", permission=more[0])
        if wish.machine and not who.may(Permission.USERS_MANAGE):
            raise PermissionMissingError("a token of nobody needs this", permission=Permission.USERS_MANAGE.value)
        now_ms = self._clock.now_ms()
        secret = new_secret(API_TOKEN_PREFIX)
        token = ApiToken(
            id=new_token_id(enrolment=False),
            tenant=by.tenant,
            name=name,
            hash=hash_of(secret),
            role=wish.role,
            scopes=None if wish.scopes is None else wish.scopes & PERMISSIONS_OF[wish.role],
            user_id=None if wish.machine or not who.user_id else UserId(who.user_id),
            created_by=by.id,
            created_at_ms=now_ms,
            expires_at_ms=_expiry(wish.expires_in_s, now_ms),
        )
        async with self._store.change() as change:
            await change.add_token(token)
            shift = Shift(after=facts_of_token(token))
            change.record(entry(by, "api_token.create", of_token(token), at_ms=now_ms, shift=shift))
        return token, secret

    async def revoke(self, token_id: TokenId, who: Principal, by: By) -> ApiToken:
        """Take an API token its effect, at once.

        Raises:
            NotFoundError: There is none of this id, or it is somebody else's and who asks may not manage users.
        """
        now_ms = self._clock.now_ms()
        async with self._store.change() as change:
            token = await change.find_token_by_id(by.tenant, token_id)
            is_own = token is not None and token.user_id is not None and token.user_id == who.user_id
            if token is None or not (is_own or who.may(Permission.USERS_MANAGE)):
                raise NotFoundError("no API token has this id", token=token_id)
            if token.revoked_at_ms is not None:
                return token
            await change.revoke_token(by.tenant, token_id, at_ms=now_ms)
            change.record(_revoked(by, token, now_ms))
        return replace(token, revoked_at_ms=now_ms)

    async def enrolments(self, tenant: str, page: Page, wanted: TokenFilter = EVERY_TOKEN) -> Sequence[EnrolmentToken]:
        """Return enrolment tokens, newest first."""
        async with self._store.view() as reads:
            return await reads.enrolments(tenant, wanted, page)

    async def count_enrolments(self, tenant: str, wanted: TokenFilter = EVERY_TOKEN) -> int:
        """Return how many enrolment tokens a filter lets through."""
        async with self._store.view() as reads:
            return await reads.count_enrolments(tenant, wanted)

    async def create_enrolment(self, wish: NewEnrolment, by: By) -> tuple[EnrolmentToken, str]:
        """Make an enrolment token; return it with its secret.

        Raises:
            InputError: The name is blank or too long, or a label cannot be one.
        """
        name = _checked_name(wish.name)
        _check_labels(wish.labels)
        now_ms = self._clock.now_ms()
        secret = new_secret(ENROLMENT_PREFIX)
        token = EnrolmentToken(
            id=new_token_id(enrolment=True),
            tenant=by.tenant,
            name=name,
            hash=hash_of(secret),
            labels=dict(wish.labels),
            group_id=wish.group_id,
            max_uses=wish.max_uses,
            created_by=by.id,
            created_at_ms=now_ms,
            expires_at_ms=_expiry(wish.expires_in_s, now_ms),
        )
        async with self._store.change() as change:
            await change.add_enrolment(token)
            shift = Shift(after=facts_of_token(token))
            change.record(entry(by, "enrolment_token.create", of_token(token), at_ms=now_ms, shift=shift))
        return token, secret

    async def revoke_enrolment(self, token_id: TokenId, by: By) -> EnrolmentToken:
        """Take an enrolment token its effect; agents that registered with it stay.

        Raises:
            NotFoundError: There is none of this id.
        """
        now_ms = self._clock.now_ms()
        async with self._store.change() as change:
            token = await change.find_enrolment(by.tenant, token_id)
            if token is None:
                raise NotFoundError("no enrolment token has this id", token=token_id)
            if token.revoked_at_ms is not None:
                return token
            await change.revoke_enrolment(by.tenant, token_id, at_ms=now_ms)
            change.record(_revoked(by, token, now_ms))
        return replace(token, revoked_at_ms=now_ms)


def _revoked(by: By, token: ApiToken | EnrolmentToken, now_ms: int) -> AuditEntry:
    resource = of_token(token)
    shift = Shift(before=facts_of_token(token), after=facts_of_token(token) | {"revoked": True})
    return entry(by, f"{resource.kind}.revoke", resource, at_ms=now_ms, shift=shift)


def _expiry(in_s: float | None, now_ms: int) -> int | None:
    return None if in_s is None else now_ms + round(in_s * 1000)


def _checked_name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise InputError("a token needs a name that says what it is for", max_chars=MAX_NAME_CHARS)
    return name


def _check_labels(labels: Mapping[str, str]) -> None:
    if len(labels) > MAX_LABELS:
        raise InputError("these are too many labels", max_labels=MAX_LABELS)
    for name, value in labels.items():
        if _LABEL.fullmatch(name) is None or len(value) > 256 or not value.isprintable():
            raise InputError("a label has a name of letters, digits, . _ - and a value of one line", label=name)
