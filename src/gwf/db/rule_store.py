"""Rules in SQL: heads, versions, and the sets that were in force."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry, Resource
from gwf.core.errors import ConflictError, NotFoundError
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.tables.rules import rule_sets, rules
from gwf.db.tables.work import routing_rules
from gwf.db.versioned_rows import head_columns, head_fields, version_columns, version_fields
from gwf.rules.decision import RuleVersion
from gwf.rules.record import RuleHead, StoredRule, StoredSet
from gwf.rules.versioned import VersionState

_MANY = 400  #: pairs of one statement
_HEAD, _VERSION, _SET = rules.c, routing_rules.c, rule_sets.c
_OWN_COLUMNS = ("name", "priority", "enabled", "when", "then")


class SqlRules:
    """Speaks the port `RuleStore`."""

    def __init__(self, core: CoreHalf) -> None:
        """Keep everything in `core`."""
        self._core = core

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[SqlRuleReads]:
        """Open a moment to read from."""
        async with self._core.view() as connection:
            yield SqlRuleReads(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[SqlRuleChange]:
        """Open a transaction."""
        async with self._core.change() as change:
            yield SqlRuleChange(change)


class SqlRuleReads:
    """Speaks the port `RuleReads`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read through `connection`."""
        self._connection = connection

    async def heads(self, tenant: str) -> Sequence[RuleHead]:
        """Return all rules, by name."""
        wanted = sa.select(rules).where(_HEAD.tenant_id == tenant).order_by(_HEAD.name, _HEAD.rule_id)
        return [_head(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def head(self, tenant: str, rule_id: str) -> RuleHead:
        """Return a rule, or raise NotFoundError."""
        return await self._find(sa.select(rules).where(_HEAD.tenant_id == tenant, _HEAD.rule_id == rule_id), rule_id)

    async def versions_of(self, tenant: str, refs: Sequence[RuleVersion]) -> Sequence[StoredRule]:
        """Return those versions that there are."""
        found: list[StoredRule] = []
        pair = sa.tuple_(_VERSION.rule_id, _VERSION.version)
        for at in range(0, len(refs), _MANY):
            some = [tuple(ref) for ref in refs[at : at + _MANY]]
            wanted = sa.select(routing_rules).where(_VERSION.tenant_id == tenant, pair.in_(some))
            found += [_stored(row) for row in (await self._connection.execute(wanted)).mappings()]
        return found

    async def history(self, tenant: str, rule_id: str, *, before: int | None, limit: int) -> Sequence[StoredRule]:
        """Return versions, newest first."""
        wanted = sa.select(routing_rules).where(_VERSION.tenant_id == tenant, _VERSION.rule_id == rule_id)
        if before is not None:
            wanted = wanted.where(_VERSION.version < before)
        wanted = wanted.order_by(_VERSION.version.desc()).limit(limit)
        return [_stored(row) for row in (await self._connection.execute(wanted)).mappings()]

    async def newest_sets(self) -> Sequence[StoredSet]:
        """Return the newest set of each tenant."""
        newest = sa.select(_SET.tenant_id, sa.func.max(_SET.set_no).label("set_no")).group_by(_SET.tenant_id).subquery()
        same = sa.and_(newest.c.tenant_id == _SET.tenant_id, newest.c.set_no == _SET.set_no)
        rows = await self._connection.execute(sa.select(rule_sets).join(newest, same))
        return [_set(row) for row in rows.mappings()]

    async def set_numbered(self, tenant: str, number: int) -> StoredSet:
        """Return a set, or raise NotFoundError."""
        wanted = sa.select(rule_sets).where(_SET.tenant_id == tenant, _SET.set_no == number)
        row = (await self._connection.execute(wanted)).mappings().first()
        if row is None:
            raise NotFoundError("no such set of rules", set_no=number)
        return _set(row)

    async def _find(self, wanted: sa.Select[Any], rule_id: str) -> RuleHead:
        row = (await self._connection.execute(wanted)).mappings().first()
        if row is None:
            raise NotFoundError("no such rule", rule_id=rule_id)
        return _head(row)


class SqlRuleChange(SqlRuleReads):
    """Speaks the port `RuleChange`."""

    def __init__(self, change: CoreChange) -> None:
        """Write with `change`."""
        super().__init__(change.connection)
        self._change = change

    async def head(self, tenant: str, rule_id: str) -> RuleHead:
        """Return a rule that nobody else changes before this transaction ends, or raise NotFoundError."""
        wanted = sa.select(rules).where(_HEAD.tenant_id == tenant, _HEAD.rule_id == rule_id)
        return await self._find(wanted.with_for_update(), rule_id)

    async def add_head(self, head: RuleHead) -> None:
        """Store a new rule, or raise ConflictError."""
        await self._check_name(head)
        await self._connection.execute(sa.insert(rules).values(_head_values(head)))

    async def put_head(self, head: RuleHead) -> None:
        """Store what changed of a rule."""
        check_revision(Resource(kind="rule", id=head.rule_id), head.revision - 1)
        await self._check_name(head)
        mine = sa.and_(_HEAD.tenant_id == head.tenant, _HEAD.rule_id == head.rule_id)
        changed = sa.update(rules).where(mine, _HEAD.revision == head.revision - 1).values(_head_values(head))
        if (await self._connection.execute(changed.returning(_HEAD.revision))).first() is None:
            raise ConflictError("the rule was changed meanwhile: look at it again", rule_id=head.rule_id)

    async def put_version(self, stored: StoredRule) -> None:
        """Store a version; one that is there is written over."""
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        values = _version_values(stored)
        statement = insert(routing_rules).values(values)
        changed = {name: statement.excluded[name] for name in values if name not in {"rule_id", "version"}}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=[_VERSION.rule_id, _VERSION.version], set_=changed)
        )

    async def drop_version(self, stored: StoredRule) -> None:
        """Remove a draft."""
        mine = sa.and_(
            _VERSION.tenant_id == stored.tenant,
            _VERSION.rule_id == stored.ref.rule_id,
            _VERSION.version == stored.ref.version,
            _VERSION.state == VersionState.DRAFT.value,
        )
        await self._connection.execute(sa.delete(routing_rules).where(mine))

    async def add_set(self, members: Sequence[RuleVersion], *, tenant: str, now_ms: int) -> StoredSet:
        """Store the next set of a tenant; two at once: one of them fails on the key and is made again."""
        last = await self._connection.scalar(sa.select(sa.func.max(_SET.set_no)).where(_SET.tenant_id == tenant))
        made = StoredSet(tenant=tenant, number=(last or 0) + 1, members=tuple(members), created_at_ms=now_ms)
        values = {
            "tenant_id": tenant,
            "set_no": made.number,
            "members": [list(member) for member in members],
            "created_at_ms": now_ms,
        }
        await self._connection.execute(sa.insert(rule_sets).values(values))
        return made

    def record(self, entry: AuditEntry) -> None:
        """Write an audit entry with this change."""
        self._change.record(entry)

    async def _check_name(self, head: RuleHead) -> None:
        other = sa.select(_HEAD.rule_id).where(
            _HEAD.tenant_id == head.tenant, _HEAD.name == head.name, _HEAD.rule_id != head.rule_id
        )
        known = await self._connection.scalar(other)
        if known is not None:
            raise ConflictError("another rule has this name", field="rule/name", rule_id=known)


def _head(row: sa.RowMapping) -> RuleHead:
    return RuleHead(rule_id=row["rule_id"], **head_fields(row))


def _head_values(head: RuleHead) -> dict[str, Any]:
    return {"rule_id": head.rule_id, **head_columns(head)}


def _stored(row: sa.RowMapping) -> StoredRule:
    document = {**row["options"], "when": row["matcher"], "then": row["actions"], "name": row["name"]}
    document |= {"priority": row["priority"], "enabled": row["enabled"]}
    return StoredRule(ref=RuleVersion(row["rule_id"], row["version"]), document=document, **version_fields(row))


def _version_values(stored: StoredRule) -> dict[str, Any]:
    document = stored.document
    return {
        "rule_id": stored.ref.rule_id,
        "name": stored.name,
        "enabled": stored.enabled,
        "priority": stored.priority,
        "matcher": document.get("when", {}),
        "actions": document.get("then", []),
        "options": {key: value for key, value in document.items() if key not in _OWN_COLUMNS},
        **version_columns(stored),
    }


def _set(row: sa.RowMapping) -> StoredSet:
    members = tuple(RuleVersion(rule_id, version) for rule_id, version in row["members"])
    return StoredSet(tenant=row["tenant_id"], number=row["set_no"], members=members, created_at_ms=row["created_at_ms"])
