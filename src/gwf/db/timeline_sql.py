"""Writes the SQL of lists by time: a few probes of one index each, merged, and only then the whole rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gwf.db.rowids import first_row_id
from gwf.events.model import FAST_CLOCK_MS
from gwf.events.ports import PageWish, Span

Row = TypeVar("Row", bound=Mapping[Any, Any])

LIKE_ESCAPE = "\\"
GLANCE = 2_000  #: of the newest rows, when a page is looked for among them first
#: what lets PostgreSQL read an index in its order whatever it believes of the rows: of a partition of today it knows
#: nothing yet, and then sorts or filters all of it for a page of fifty
STEER = "SELECT {}".format(
    ", ".join(
        f"set_config('{name}', '{value}', true)"
        for name, value in {
            "enable_sort": "off",
            "enable_bitmapscan": "off",
            "enable_seqscan": "off",
            "plan_cache_mode": "force_custom_plan",
            "jit": "off",
        }.items()
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Begin of an index: columns that equal a value, and the index's name."""

    index: str
    #: the same columns in every probe of a list, in the order of the index
    equals: Mapping[str, str | int]


@dataclass(slots=True, kw_only=True)
class Wish:
    """What a list shows, as conditions."""

    table: str
    span: Span
    page: PageWish
    probes: Sequence[Probe]
    #: further conditions, joined by AND
    conditions: list[str] = field(default_factory=list[str])
    parameters: dict[str, object] = field(default_factory=dict[str, object])
    #: columns that the conditions look at
    columns: list[str] = field(default_factory=list[str])

    def add(self, condition: str, *columns: str, **parameters: object) -> None:
        """Add a condition on `columns` with its parameters."""
        self.conditions.append(condition)
        self.columns += columns
        self.parameters.update(parameters)

    def one_of(self, column: str, values: Sequence[str | int]) -> None:
        """Let `column` be one of `values`, if there are any."""
        if not values:
            return
        names = [f"{column}_{at}" for at in range(len(values))]
        marks = ", ".join(f":{name}" for name in names)
        self.add(f"{column} IN ({marks})", column, **dict(zip(names, values, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """SQL text with named parameters and their values."""

    text: str
    parameters: Mapping[str, object]


def rows_of(wish: Wish, *, sqlite: bool) -> Statement:
    """Return the statement for one page and the one row after it; its rows are in the direction of the page."""
    order = _order(wish)
    conditions = [*_time(wish), *wish.conditions]
    parameters = {**wish.parameters, "n": wish.page.limit + 1}
    if sqlite:
        inner = _by_union(wish, conditions, parameters)
        text = (
            f"SELECT f.* FROM ({inner} ORDER BY at_ms {order}, row_id {order} LIMIT :n) AS p"
            f" JOIN {wish.table} AS f ON f.row_id = p.row_id ORDER BY p.at_ms {order}, p.row_id {order}"
        )
    else:
        text = _by_lateral(wish, conditions, parameters)
    return Statement(text=text, parameters=parameters)


def counts_of(wish: Wish, columns: Sequence[str], *, sqlite: bool) -> Statement:
    """Return the statement that counts the rows of a page, and the one after it, by `columns`, as `events`."""
    page, names = rows_of(wish, sqlite=sqlite), ", ".join(columns)
    text = f"SELECT {names}, count(*) AS events FROM ({page.text}) AS page GROUP BY {names}"
    return Statement(text=text, parameters=page.parameters)


def newest_of(wish: Wish, *, sqlite: bool) -> Statement:
    """Return the statement for a page that is looked for in the GLANCE newest rows of the wish's only probe.

    Each of its rows has `seen`, how many rows there were to look at; a row of it alone has no `row_id`. `page_among`
    tells what they come to.
    """
    (probe,) = wish.probes
    order = f"at_ms {_order(wish)}, row_id {_order(wish)}"
    where = " AND ".join([*(f"{column} = :glance_{column}" for column in probe.equals), *_time(wish)])
    parameters = wish.parameters | {f"glance_{column}": value for column, value in probe.equals.items()}
    source = f"{wish.table} INDEXED BY {probe.index}" if sqlite else wish.table
    kept = f"WHERE {' AND '.join(wish.conditions)}" if wish.conditions else ""
    looked = ", ".join(dict.fromkeys(("row_id", "at_ms", *wish.columns)))  # no more: an index may hold them all
    text = (
        f"WITH newest AS MATERIALIZED (SELECT {looked} FROM {source} WHERE {where} ORDER BY {order} LIMIT :glance),"
        f" kept AS MATERIALIZED (SELECT row_id FROM newest {kept} ORDER BY {order} LIMIT :n)"
        f" SELECT s.seen, f.* FROM (SELECT count(*) AS seen FROM newest) AS s"
        f" LEFT JOIN (SELECT t.* FROM kept JOIN {wish.table} AS t ON t.row_id = kept.row_id) AS f ON TRUE"
        f" ORDER BY f.at_ms {_order(wish)}, f.row_id {_order(wish)}"
    )
    return Statement(text=text, parameters=parameters | {"n": wish.page.limit + 1, "glance": GLANCE})


def page_among(rows: Sequence[Row], wish: Wish) -> Sequence[Row] | None:
    """Return the page out of the rows of `newest_of`, None where older rows may belong to it."""
    found = [row for row in rows if row["row_id"] is not None]
    return found if rows[0]["seen"] < GLANCE or len(found) > wish.page.limit else None


def like(text: str) -> str:
    """Return the pattern of LIKE for what contains `text`."""
    for sign in (LIKE_ESCAPE, "%", "_"):
        text = text.replace(sign, LIKE_ESCAPE + sign)
    return f"%{text}%"


def begins(text: str) -> str:
    """Return the pattern of LIKE for what begins with `text`."""
    return like(text)[1:]


def _time(wish: Wish) -> list[str]:
    span, after = wish.span, wish.page.after
    parameters = wish.parameters
    parameters |= {"since": span.since_ms, "until": span.until_ms}
    found = ["at_ms >= :since", "at_ms < :until"]
    if span.as_of_ms is not None:
        parameters["row_end"] = first_row_id(span.as_of_ms + 1)
        found.append("row_id < :row_end")
    if span.since_ms > FAST_CLOCK_MS:  # lets PostgreSQL leave out the days before
        parameters["row_begin"] = first_row_id(span.since_ms - FAST_CLOCK_MS)
        found.append("row_id >= :row_begin")
    if after is not None:
        parameters |= {"after_ms": after.at_ms, "after_id": after.row_id}
        sign = ">" if wish.page.newer else "<"
        found.append(f"(at_ms, row_id) {sign} (:after_ms, :after_id)")
    return found


def _order(wish: Wish) -> str:
    return "ASC" if wish.page.newer else "DESC"


def _by_union(wish: Wish, conditions: Sequence[str], parameters: dict[str, object]) -> str:
    order = _order(wish)
    parts: list[str] = []
    for number, probe in enumerate(wish.probes):
        names = {column: f"p{number}_{column}" for column in probe.equals}
        parameters |= {names[column]: value for column, value in probe.equals.items()}
        where = " AND ".join([*(f"{column} = :{name}" for column, name in names.items()), *conditions])
        parts.append(
            f"SELECT * FROM (SELECT row_id, at_ms FROM {wish.table} INDEXED BY {probe.index}"
            f" WHERE {where} ORDER BY at_ms {order}, row_id {order} LIMIT :n)"
        )
    return f"SELECT row_id, at_ms FROM ({' UNION ALL '.join(parts)})"


def _by_lateral(wish: Wish, conditions: Sequence[str], parameters: dict[str, object]) -> str:
    order = _order(wish)
    columns = list(wish.probes[0].equals)
    arrays: list[str] = []
    for column in columns:
        values = [probe.equals[column] for probe in wish.probes]
        kind = "text" if isinstance(values[0], str) else "bigint"
        parameters[f"all_{column}"] = values
        arrays.append(f"CAST(:all_{column} AS {kind}[])")
    where = " AND ".join([*(f"{wish.table}.{column} = v.{column}" for column in columns), *conditions])
    by = f"ORDER BY at_ms {order}, row_id {order} LIMIT :n"
    return (
        f"SELECT f.* FROM unnest({', '.join(arrays)}) AS v({', '.join(columns)}),"
        f" LATERAL (SELECT * FROM {wish.table} WHERE {where} {by}) AS f {by}"
    )
