"""Turns the filters of lists of people and tokens into conditions of SQL. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gwf.db.tables.identity import users
from gwf.identity.model import TokenFilter, TokenState, UserFilter

Conditions = Sequence[sa.ColumnElement[bool]]


def user_conditions(tenant: str, wanted: UserFilter) -> Conditions:
    """Return what is true of the people that a filter lets through."""
    table = users.c
    found: list[sa.ColumnElement[bool]] = [table.tenant_id == tenant]
    if wanted.roles:
        found.append(table.role.in_(sorted(wanted.roles)))
    if wanted.disabled is not None:
        off = table.disabled_at_ms.is_not(None)
        found.append(off if wanted.disabled else sa.not_(off))
    if wanted.text:
        holds = (column.icontains(wanted.text, autoescape=True) for column in (table.name, table.display_name))
        found.append(sa.or_(*holds))
    return found


def token_conditions(table: sa.Table, tenant: str, wanted: TokenFilter) -> Conditions:
    """Return what is true of the tokens that a filter lets through; `table` is that of either kind."""
    column = table.c
    found: list[sa.ColumnElement[bool]] = [column.tenant_id == tenant]
    if wanted.user_id is not None:
        found.append(column.user_id == wanted.user_id)
    if wanted.roles:
        found.append(column.role.in_(sorted(wanted.roles)))
    if wanted.text:
        found.append(column.name.icontains(wanted.text, autoescape=True))
    if wanted.states:
        found.append(sa.or_(*(_in_state(table, state, wanted.now_ms) for state in sorted(wanted.states))))
    return found


def _in_state(table: sa.Table, state: TokenState, now_ms: int) -> sa.ColumnElement[bool]:
    revoked, ends = table.c.revoked_at_ms, table.c.expires_at_ms
    match state:
        case TokenState.REVOKED:
            return revoked.is_not(None)
        case TokenState.EXPIRED:
            return sa.and_(revoked.is_(None), ends.is_not(None), ends <= now_ms)
        case TokenState.ACTIVE:
            return sa.and_(revoked.is_(None), sa.or_(ends.is_(None), ends > now_ms))
