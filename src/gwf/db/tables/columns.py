"""The kinds of columns and the two sets of tables, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import sqlalchemy as sa

_NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_index",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "pk": "%(table_name)s_pkey",
}

CORE = sa.MetaData(naming_convention=_NAMES)  #: what people and agents decide; small, every commit synced
EVENTS = sa.MetaData(naming_convention=_NAMES)  #: what happened; large, appended in batches, kept for a while

Integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  #: 63 bits; on SQLite the kind that a key can be


_decode = msgspec.json.Decoder().decode


class Json(sa.TypeDecorator[Any]):
    """A JSON value as text with sorted keys: the same bytes on every database, and any string fits in it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's form
        """Return the text of a plain value; None is NULL."""
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's form
        """Return the plain value."""
        return None if value is None else json_value_of(value)


def json_value_of(text: str) -> Any:
    """Return the plain value of a text that was stored."""
    try:
        return _decode(text)
    except msgspec.DecodeError:  # half of a surrogate pair, written as its escape
        return json.loads(text)


def json_text(value: object) -> str:
    """Return the text under which a plain value is stored."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no database takes
        return json.dumps(value, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text


def key(name: str, kind: sa.types.TypeEngine[Any] | None = None) -> sa.Column[Any]:
    """Return a column of the primary key."""
    return sa.Column(name, kind or sa.Text(), primary_key=True, autoincrement=False)


def tenant() -> sa.Column[str]:
    """Return the column that every row has: whose it is."""
    return sa.Column("tenant_id", sa.Text(), nullable=False, server_default="default")


def text(name: str, *, default: str | None = None) -> sa.Column[str]:
    """Return a text that is always there."""
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def maybe_text(name: str) -> sa.Column[str]:
    """Return a text that may be missing."""
    return sa.Column(name, sa.Text(), nullable=True)


def number(name: str, *, default: int | None = None) -> sa.Column[int]:
    """Return a whole number that is always there; of a time the name ends in `_at_ms`, and it is ms UTC."""
    return sa.Column(name, Integer, nullable=False, server_default=None if default is None else sa.text(str(default)))


def maybe_number(name: str) -> sa.Column[int]:
    """Return a whole number that may be missing."""
    return sa.Column(name, Integer, nullable=True)


def measure(name: str) -> sa.Column[float]:
    """Return a number with a fraction that may be missing."""
    return sa.Column(name, sa.Double(), nullable=True)


def flag(name: str) -> sa.Column[bool]:
    """Return a yes or no that begins as no."""
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))


def json_value(name: str, *, default: str) -> sa.Column[Any]:
    """Return a JSON value that is always there; `default` is its text."""
    return sa.Column(name, Json(), nullable=False, server_default=default)


def maybe_json(name: str) -> sa.Column[Any]:
    """Return a JSON value that may be missing."""
    return sa.Column(name, Json(), nullable=True)


def digest(name: str) -> sa.Column[bytes]:
    """Return a hash that is always there."""
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def maybe_digest(name: str) -> sa.Column[bytes]:
    """Return a hash that may be missing."""
    return sa.Column(name, sa.LargeBinary(), nullable=True)


def later(revision: str, column: sa.Column[Any]) -> sa.Column[Any]:
    """Return a column that came with a later revision: the table's first one makes it without."""
    column.info["since"] = revision
    return column
