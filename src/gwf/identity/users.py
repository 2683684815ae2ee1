"""What may be done with people: make them, change their role, shut them out, give them passwords."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError
from gwf.identity.errors import LoginRequiredError
from gwf.identity.model import Page, Tenant, User, UserFilter, UserId
from gwf.identity.passwords import PasswordError, Passwords, check_password
from gwf.identity.permissions import Role
from gwf.identity.ports import IdentityChange, IdentityStore
from gwf.identity.record import By, Shift, entry, facts_of_user, of_user
from gwf.identity.secrets import new_user_id

EVERYBODY = UserFilter()
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class LastAdminError(ConflictError):
    """The change would leave a tenant without an administrator who can log in."""

    code = "last_admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A person to be made."""

    name: str
    role: Role
    display_name: str = ""
    #: None = cannot log in until one is given
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserWish:
    """What should become of a person; None = stays as it is."""

    role: Role | None = None
    display_name: str | None = None
    disabled: bool | None = None
    #: new one; ends all sessions
    password: str | None = field(default=None, repr=False)


class Users:
    """The people of each tenant."""

    def __init__(self, store: IdentityStore, passwords: Passwords, clock: Clock) -> None:
        """Keep the parts."""
        self._store = store
        self._passwords = passwords
        self._clock = clock

    async def get(self, tenant: str, user_id: UserId) -> User:
        """Return a user.

        Raises:
            NotFoundError: The tenant has none of this id.
        """
        async with self._store.view() as reads:
            return _there(await reads.find_user(tenant, user_id), user_id)

    async def get_named(self, tenant: str, name: str) -> User:
        """Return the user of a name.

        Raises:
            NotFoundError: The tenant has none of this name.
        """
        async with self._store.view() as reads:
            user = await reads.find_user_named(tenant, name.strip().lower())
        if user is None:
            raise NotFoundError("no user has this name", name=name)
        return user

    async def page(self, tenant: str, page: Page, wanted: UserFilter = EVERYBODY) -> Sequence[User]:
        """Return users, newest first."""
        async with self._store.view() as reads:
            return await reads.users(tenant, wanted, page)

    async def count(self, tenant: str, wanted: UserFilter = EVERYBODY) -> int:
        """Return how many users a filter lets through."""
        async with self._store.view() as reads:
            return await reads.count_users(tenant, wanted)

    async def create(self, wish: NewUser, by: By) -> User:
        """Make a user.

        Raises:
            InputError: The name cannot be one.
            PasswordError: The password cannot be one.
            ConflictError: The name is taken.
        """
        name = wish.name.strip().lower()
        if _NAME.fullmatch(name) is None:
            raise InputError("a name has up to 64 of a-z 0-9 . _ @ + - and begins with a letter or digit", name=name)
        kept = None if wish.password is None else await self._hash(wish.password, name)
        now_ms = self._clock.now_ms()
        user = User(
            id=new_user_id(),
            tenant=by.tenant,
            name=name,
            display_name=wish.display_name.strip(),
            role=wish.role,
            password_hash=kept,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )
        async with self._store.change() as change:
            if await change.find_user_named(by.tenant, name) is not None:
                raise ConflictError("a user of this name is there already", name=name)
            await change.add_user(user)
            change.record(entry(by, "user.create", of_user(user), at_ms=now_ms, shift=Shift(after=facts_of_user(user))))
        return user

    async def change(self, user_id: UserId, wish: UserWish, by: By) -> User:
        """Change a user; being shut out, a new role or a new password ends the sessions.

        Raises:
            NotFoundError: The tenant has none of this id.
            PasswordError: The password cannot be one.
            LastAdminError: No administrator would be left.
            ConflictError: Somebody else changed the user meanwhile.
        """
        known = await self.get(by.tenant, user_id)
        kept = None if wish.password is None else await self._hash(wish.password, known.name)
        async with self._store.change() as change:
            before = _there(await change.find_user(by.tenant, user_id), user_id)
            after = _wished(before, wish, kept, now_ms=self._clock.now_ms())
            if after == before:
                return before
            await self._keep_an_admin(change, before, after)
            await change.put_user(after)
            if kept is not None or after.disabled_at_ms is not None or after.role is not before.role:
                await change.end_sessions(after.tenant, after.id)
            shift = Shift(before=facts_of_user(before), after=facts_of_user(after))
            change.record(entry(by, _action(wish), of_user(after), at_ms=after.updated_at_ms, shift=shift))
        return after

    async def change_own_password(self, user_id: UserId, old: str, new: str, *, session: bytes, by: By) -> None:
        """Give oneself a new password; all other sessions end.

        Raises:
            LoginRequiredError: The old password is wrong.
            PasswordError: The new one cannot be one.
        """
        user = await self.get(by.tenant, user_id)
        if not await self._passwords.fits(user, old):
            raise LoginRequiredError("the old password is wrong")
        if old == new:
            raise PasswordError("the new password is the old one")
        kept = await self._hash(new, user.name)
        async with self._store.change() as change:
            before = _there(await change.find_user(by.tenant, user_id), user_id)
            after = _wished(before, UserWish(), kept, now_ms=self._clock.now_ms())
            await change.put_user(after)
            await change.end_sessions(user.tenant, user.id, but=session)
            change.record(entry(by, "user.password", of_user(after), at_ms=after.updated_at_ms))

    async def ensure_tenant(self, tenant: str, by: By) -> bool:
        """Make a tenant; return False when it was there already.

        Raises:
            InputError: The id cannot be one.
        """
        if _TENANT.fullmatch(tenant) is None:
            raise InputError("a tenant is named by up to 63 of a-z 0-9 - and begins with no dash", tenant=tenant)
        made = Tenant(id=tenant, name=tenant, created_at_ms=self._clock.now_ms())
        async with self._store.change() as change:
            is_new = await change.ensure_tenant(made)
            if is_new:
                resource = replace(of_user(tenant), kind="tenant")
                change.record(entry(by, "tenant.create", resource, at_ms=made.created_at_ms))
        return is_new

    async def _hash(self, password: str, name: str) -> str:
        check_password(password, name=name)
        return await self._passwords.hash(password)

    @staticmethod
    async def _keep_an_admin(change: IdentityChange, before: User, after: User) -> None:
        was = before.role is Role.ADMIN and before.disabled_at_ms is None
        stays = after.role is Role.ADMIN and after.disabled_at_ms is None
        if was and not stays and await change.count_admins(before.tenant) <= 1:
            raise LastAdminError("nobody else could administrate: make another administrator first", user=before.name)


def _wished(user: User, wish: UserWish, kept: str | None, *, now_ms: int) -> User:
    disabled = user.disabled_at_ms
    if wish.disabled is not None and wish.disabled is not (disabled is not None):
        disabled = now_ms if wish.disabled else None
    changed = replace(
        user,
        role=wish.role or user.role,
        display_name=user.display_name if wish.display_name is None else wish.display_name.strip(),
        password_hash=kept or user.password_hash,
        disabled_at_ms=disabled,
    )
    return user if changed == user else replace(changed, updated_at_ms=now_ms, revision=user.revision + 1)


def _action(wish: UserWish) -> str:
    if wish.disabled is not None:
        return "user.disable" if wish.disabled else "user.enable"
    return "user.password" if wish.password is not None else "user.change"


def _there(user: User | None, user_id: UserId) -> User:
    if user is None:
        raise NotFoundError("no user has this id", user=user_id)
    return user
