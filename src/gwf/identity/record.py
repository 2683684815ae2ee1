"""Makes the audit entries of identity: what a user or token looked like before and after, without what opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gwf.audit.changes import field_changes
from gwf.audit.model import Actor, AuditEntry, Resource
from gwf.core.clock import utc_text
from gwf.identity.model import ApiToken, EnrolmentToken, User


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """On whose behalf something is done."""

    tenant: str
    actor: Actor
    #: id of who asks; kept as the maker of what is made
    id: str
    #: why, in their words
    reason: str = ""
    #: of the HTTP request; "" when there was none
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A thing before and after a change; None = it does not exist."""

    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


def entry(by: By, action: str, resource: Resource, *, at_ms: int, shift: Shift | None = None) -> AuditEntry:
    """Return the entry of one change."""
    shift = shift or Shift()
    return AuditEntry(
        tenant=by.tenant,
        actor=by.actor,
        action=action,
        resource=resource,
        at_ms=at_ms,
        reason=by.reason,
        request_id=by.request_id,
        changes=field_changes(shift.before, shift.after),
    )


def of_user(user: User | str) -> Resource:
    """Return a user as the thing acted upon."""
    return Resource(kind="user", id=user if isinstance(user, str) else user.id)


def of_token(token: ApiToken | EnrolmentToken) -> Resource:
    """Return a token as the thing acted upon."""
    return Resource(kind="enrolment_token" if isinstance(token, EnrolmentToken) else "api_token", id=token.id)


def facts_of_user(user: User) -> dict[str, object]:
    """Return what the record tells of a user."""
    return {
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role.value,
        "may_log_in": user.disabled_at_ms is None,
        "has_password": user.password_hash is not None,
    }


def facts_of_token(token: ApiToken | EnrolmentToken) -> dict[str, object]:
    """Return what the record tells of a token."""
    facts: dict[str, object] = {
        "name": token.name,
        "expires_at": None if token.expires_at_ms is None else utc_text(token.expires_at_ms),
        "revoked": token.revoked_at_ms is not None,
    }
    if isinstance(token, EnrolmentToken):
        return facts | {"labels": dict(token.labels), "group": token.group_id, "max_uses": token.max_uses}
    scopes = None if token.scopes is None else sorted(token.scopes)
    return facts | {"role": token.role.value, "scopes": scopes, "user": token.user_id}
