"""Accounts in memory: the Bearer token is the name of a role, or `role@tenant`; speaks the port of the API."""

from __future__ import annotations

from gwf.api.access import Recognised
from gwf.api.accounts import Presented
from gwf.identity.permissions import PERMISSIONS_OF, Role
from gwf.identity.principal import DEFAULT_TENANT, Principal, PrincipalKind


class FakeAccounts:
    """Knows four people, one of each role, in every tenant."""

    async def recognise(self, presented: Presented) -> Recognised | None:
        role, _, tenant = presented.bearer.partition("@")
        if role not in list(Role):
            return None
        return Recognised(principal=principal(Role(role), tenant=tenant or DEFAULT_TENANT))


def principal(role: Role, *, tenant: str = DEFAULT_TENANT) -> Principal:
    """Return the person of `role`: user id and name are the role's."""
    return Principal(
        kind=PrincipalKind.USER,
        id=f"u-{role}",
        name=str(role),
        tenant=tenant,
        permissions=PERMISSIONS_OF[role],
        role=role,
    )
