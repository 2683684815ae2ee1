"""Rows of identity: from the database to its values and back."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from gwf.identity.model import ApiToken, EnrolmentToken, Session, Tenant, TokenId, User, UserId
from gwf.identity.permissions import Permission, Role

Row = sa.Row[tuple[object, ...]]


def tenant_of(row: Row) -> Tenant:
    """Return a tenant."""
    return Tenant(id=row.tenant_id, name=row.name, created_at_ms=row.created_at_ms, disabled_at_ms=row.disabled_at_ms)


def tenant_values(tenant: Tenant) -> Mapping[str, object]:
    """Return the columns of a tenant."""
    return {
        "tenant_id": tenant.id,
        "name": tenant.name,
        "created_at_ms": tenant.created_at_ms,
        "disabled_at_ms": tenant.disabled_at_ms,
    }


def user_of(row: Row) -> User:
    """Return a user."""
    return User(
        id=UserId(row.user_id),
        tenant=row.tenant_id,
        name=row.name,
        display_name=row.display_name,
        role=Role(row.role),
        password_hash=row.password_hash,
        created_at_ms=row.created_at_ms,
        updated_at_ms=row.updated_at_ms,
        last_login_at_ms=row.last_login_at_ms,
        disabled_at_ms=row.disabled_at_ms,
        revision=row.revision,
    )


def user_values(user: User) -> Mapping[str, object]:
    """Return the columns of a user."""
    return {
        "user_id": user.id,
        "tenant_id": user.tenant,
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role.value,
        "password_hash": user.password_hash,
        "created_at_ms": user.created_at_ms,
        "updated_at_ms": user.updated_at_ms,
        "last_login_at_ms": user.last_login_at_ms,
        "disabled_at_ms": user.disabled_at_ms,
        "revision": user.revision,
    }


def session_of(row: Row) -> Session:
    """Return a session."""
    return Session(
        hash=row.session_hash,
        tenant=row.tenant_id,
        user_id=UserId(row.user_id),
        csrf_hash=row.csrf_hash,
        created_at_ms=row.created_at_ms,
        seen_at_ms=row.seen_at_ms,
        expires_at_ms=row.expires_at_ms,
        address=row.address,
        user_agent=row.user_agent,
    )


def session_values(session: Session) -> Mapping[str, object]:
    """Return the columns of a session."""
    return {
        "session_hash": session.hash,
        "tenant_id": session.tenant,
        "user_id": session.user_id,
        "csrf_hash": session.csrf_hash,
        "created_at_ms": session.created_at_ms,
        "seen_at_ms": session.seen_at_ms,
        "expires_at_ms": session.expires_at_ms,
        "address": session.address,
        "user_agent": session.user_agent,
    }


def token_of(row: Row) -> ApiToken:
    """Return an API token; a permission that this release does not know gives nothing."""
    known = set(Permission)
    words: list[str] | None = row.permissions
    return ApiToken(
        id=TokenId(row.token_id),
        tenant=row.tenant_id,
        name=row.name,
        hash=row.token_hash,
        role=Role(row.role),
        scopes=None if words is None else frozenset(Permission(word) for word in words if word in known),
        user_id=None if row.user_id is None else UserId(row.user_id),
        created_by=row.created_by,
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        used_at_ms=row.used_at_ms,
        revoked_at_ms=row.revoked_at_ms,
    )


def token_values(token: ApiToken) -> Mapping[str, object]:
    """Return the columns of an API token."""
    return {
        "token_id": token.id,
        "tenant_id": token.tenant,
        "name": token.name,
        "token_hash": token.hash,
        "role": token.role.value,
        "permissions": None if token.scopes is None else sorted(token.scopes),
        "user_id": token.user_id,
        "created_by": token.created_by,
        "created_at_ms": token.created_at_ms,
        "expires_at_ms": token.expires_at_ms,
        "used_at_ms": token.used_at_ms,
        "revoked_at_ms": token.revoked_at_ms,
    }


def enrolment_of(row: Row) -> EnrolmentToken:
    """Return an enrolment token."""
    return EnrolmentToken(
        id=TokenId(row.token_id),
        tenant=row.tenant_id,
        name=row.name,
        hash=row.token_hash,
        labels=row.labels,
        group_id=row.group_id,
        max_uses=row.max_uses,
        uses=row.uses,
        created_by=row.created_by,
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        revoked_at_ms=row.revoked_at_ms,
    )


def enrolment_values(token: EnrolmentToken) -> Mapping[str, object]:
    """Return the columns of an enrolment token."""
    return {
        "token_id": token.id,
        "tenant_id": token.tenant,
        "name": token.name,
        "token_hash": token.hash,
        "labels": dict(token.labels),
        "group_id": token.group_id,
        "max_uses": token.max_uses,
        "uses": token.uses,
        "created_by": token.created_by,
        "created_at_ms": token.created_at_ms,
        "expires_at_ms": token.expires_at_ms,
        "revoked_at_ms": token.revoked_at_ms,
    }
