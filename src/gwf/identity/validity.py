"""Decides whether a session, a token or a user still counts, and what it may do."""

from __future__ import annotations

from gwf.identity.model import ApiToken, EnrolmentToken, Session, User
from gwf.identity.permissions import PERMISSIONS_OF, Permission, permissions_of
from gwf.identity.principal import Principal, PrincipalKind

SEEN_EVERY_MS = 60_000  #: how exact "last used" is: a write for every request would cost more than it tells


def session_counts(session: Session, *, idle_ms: int, now_ms: int) -> bool:
    """Return whether a session is neither over nor forgotten by its user."""
    return now_ms < session.expires_at_ms and now_ms < session.seen_at_ms + idle_ms + SEEN_EVERY_MS


def token_counts(token: ApiToken | EnrolmentToken, *, now_ms: int) -> bool:
    """Return whether a token is neither revoked nor expired."""
    return token.revoked_at_ms is None and (token.expires_at_ms is None or now_ms < token.expires_at_ms)


def is_used_up(token: EnrolmentToken) -> bool:
    """Return whether an enrolment token lets nobody else in."""
    return token.max_uses is not None and token.uses >= token.max_uses


def is_due(seen_at_ms: int | None, *, now_ms: int) -> bool:
    """Return whether a use should be written down again."""
    return seen_at_ms is None or now_ms >= seen_at_ms + SEEN_EVERY_MS


def user_principal(user: User) -> Principal:
    """Return a person as the one who asks."""
    return Principal(
        kind=PrincipalKind.USER,
        id=user.id,
        name=user.name,
        tenant=user.tenant,
        permissions=PERMISSIONS_OF[user.role],
        user_id=user.id,
        role=user.role,
    )


def token_principal(token: ApiToken, owner: User | None) -> Principal:
    """Return a program as the one who asks; it may never do more than the owner may now."""
    granted: frozenset[Permission] = permissions_of(token.role, token.scopes)
    if owner is not None:
        granted &= PERMISSIONS_OF[owner.role]
    return Principal(
        kind=PrincipalKind.TOKEN,
        id=token.id,
        name=token.name,
        tenant=token.tenant,
        permissions=granted,
        user_id=token.user_id or "",
        role=token.role,
    )
