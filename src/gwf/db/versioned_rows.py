"""What heads and versions of all versioned documents keep in the same columns: as fields, and as the row."""

from __future__ import annotations

from typing import Any, TypedDict

import sqlalchemy as sa

from gwf.rules.versioned import Head, Version, VersionState


class HeadFields(TypedDict):
    """Fields of a head beside its id."""

    tenant: str
    name: str
    draft: int | None
    published: int | None
    last_version: int
    created_at_ms: int
    updated_at_ms: int
    revision: int


class VersionFields(TypedDict):
    """Fields of a version beside which one it is and what it says."""

    tenant: str
    state: VersionState
    author: str
    reason: str
    created_at_ms: int
    updated_at_ms: int
    published_at_ms: int | None
    retired_at_ms: int | None


def head_fields(row: sa.RowMapping) -> HeadFields:
    """Return what a row says of a head."""
    return HeadFields(
        tenant=row["tenant_id"],
        name=row["name"],
        draft=row["draft_version"],
        published=row["published_version"],
        last_version=row["last_version"],
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        revision=row["revision"],
    )


def head_columns(head: Head[Any]) -> dict[str, Any]:
    """Return the row of a head, without its id."""
    return {
        "tenant_id": head.tenant,
        "name": head.name,
        "draft_version": head.draft,
        "published_version": head.published,
        "last_version": head.last_version,
        "revision": head.revision,
        "created_at_ms": head.created_at_ms,
        "updated_at_ms": head.updated_at_ms,
    }


def version_fields(row: sa.RowMapping) -> VersionFields:
    """Return what a row says of a version."""
    return VersionFields(
        tenant=row["tenant_id"],
        state=VersionState(row["state"]),
        author=row["author"],
        reason=row["reason"],
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        published_at_ms=row["published_at_ms"],
        retired_at_ms=row["retired_at_ms"],
    )


def version_columns(stored: Version[Any]) -> dict[str, Any]:
    """Return the row of a version, without which one it is and what it says."""
    return {
        "version": stored.ref.version,
        "tenant_id": stored.tenant,
        "state": stored.state.value,
        "author": stored.author,
        "reason": stored.reason,
        "created_at_ms": stored.created_at_ms,
        "updated_at_ms": stored.updated_at_ms,
        "published_at_ms": stored.published_at_ms,
        "retired_at_ms": stored.retired_at_ms,
    }
