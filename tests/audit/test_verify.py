from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from gwf.audit.chain import COLUMNS, genesis, hash_of, head_of, seal
from gwf.audit.model import AuditRow, Head
from gwf.audit.verify import ChainVerifier, FaultKind, Verdict
from tests.audit.chains import chain, entry

ROWS = tuple(chain(60))
HEAD = head_of(ROWS[-1])
MUTATIONS = 1000


def verified(rows: Iterable[AuditRow], head: Head | None = HEAD, known: dict[int, bytes] | None = None) -> Verdict:
    verifier = ChainVerifier(genesis("default"), known)
    for row in rows:
        verifier.feed(row)
    return verifier.finish(head)


def found(rows: Iterable[AuditRow], head: Head | None = HEAD) -> tuple[FaultKind, int]:
    fault = verified(rows, head).fault
    assert fault is not None
    return fault.kind, fault.seq


def test_a_sound_chain_holds_to_its_head() -> None:
    verdict = verified(ROWS)
    assert verdict.sound
    assert (verdict.rows, verdict.head) == (60, HEAD)


def test_an_empty_chain_holds() -> None:
    assert verified((), genesis("default")).sound


def test_a_changed_row_is_named() -> None:
    assert found([*ROWS[:9], ROWS[9]._replace(reason="other"), *ROWS[10:]]) == (FaultKind.CHANGED, 10)


def test_a_changed_hash_is_told_from_changed_content() -> None:
    verdict = verified([*ROWS[:9], ROWS[9]._replace(hash=bytes(32)), *ROWS[10:]])
    assert verdict.fault is not None
    assert verdict.fault.says == "the hash of row 10 was changed; its content holds"


def test_a_row_with_a_fresh_hash_breaks_the_link_to_the_next() -> None:
    forged = ROWS[9]._replace(actor_id="somebody else")
    forged = forged._replace(hash=hash_of(forged, ROWS[8].hash))
    verdict = verified([*ROWS[:9], forged, *ROWS[10:]])
    assert verdict.fault is not None
    assert verdict.fault.says.endswith("or row 10 was changed and its hash computed anew")


@pytest.mark.parametrize(("first", "after"), [(0, 1), (20, 21), (20, 35)])
def test_missing_rows_are_named(first: int, after: int) -> None:
    assert found([*ROWS[:first], *ROWS[after:]]) == (FaultKind.MISSING, first + 1)


def test_a_cut_tail_is_found_by_the_head() -> None:
    assert found(ROWS[:50]) == (FaultKind.TRUNCATED, 51)
    assert found(()) == (FaultKind.TRUNCATED, 1)


def test_a_cut_tail_is_found_by_a_head_written_down_elsewhere_when_the_record_was_cut_too() -> None:
    verdict = verified(ROWS[:50], head_of(ROWS[49]), {HEAD.seq: HEAD.hash})
    assert verdict.fault is not None
    assert verdict.fault.kind is FaultKind.TRUNCATED


def test_a_history_that_was_made_anew_is_found_by_a_head_written_down_elsewhere() -> None:
    head = genesis("default")
    rows = []
    for number in range(1, 61):
        rows.append(seal(replace(entry(number), reason="nothing"), head))
        head = head_of(rows[-1])
    assert verified(rows, head).sound
    verdict = verified(rows, head, {30: ROWS[29].hash})
    assert verdict.fault is not None
    assert (verdict.fault.kind, verdict.fault.seq) == (FaultKind.REWRITTEN, 30)


@pytest.mark.parametrize("far", [1, 2, 30])
def test_swapped_rows_are_named(far: int) -> None:
    rows = list(ROWS)
    rows[10], rows[10 + far] = rows[10 + far], rows[10]
    assert found(rows) == (FaultKind.SWAPPED, 11)


def test_a_row_that_was_put_in_is_named() -> None:
    forged = seal(entry(99), head_of(ROWS[9]))
    assert found([*ROWS[:10], forged, *ROWS[10:]]) == (FaultKind.INSERTED, 12)
    assert found([*ROWS[:10], ROWS[4], *ROWS[10:]]) == (FaultKind.INSERTED, 11)


def test_a_row_of_another_tenant_is_named() -> None:
    (foreign,) = chain(1, tenant="other")
    assert found([foreign, *ROWS]) == (FaultKind.INSERTED, 1)


def test_rows_beyond_the_head_and_a_missing_head_are_found() -> None:
    assert found(ROWS, head_of(ROWS[49])) == (FaultKind.HEAD, 51)
    assert found(ROWS, None) == (FaultKind.HEAD, 60)
    assert found(ROWS, replace(HEAD, hash=bytes(32))) == (FaultKind.HEAD, 60)


def test_moving_bytes_from_one_column_into_the_next_is_found() -> None:
    row = ROWS[6]._replace(changes="[]", detail='{"a":[],"detail":{}}')
    row = row._replace(hash=hash_of(row, ROWS[5].hash))
    moved = row._replace(changes='[],"detail":{"a":[]', detail="{}}")
    assert hash_of(moved, ROWS[5].hash) == row.hash
    assert verified([*ROWS[:6], row], head_of(row)).sound
    assert found([*ROWS[:6], moved], head_of(row)) == (FaultKind.CHANGED, 7)


def _another_value(row: AuditRow, luck: random.Random) -> AuditRow:
    """Return the row with one byte of one stored column changed."""
    while True:
        values: dict[str, Any] = row._asdict()
        column = luck.choice(COLUMNS)
        value = values[column]
        if isinstance(value, int):
            values[column] = value ^ (1 << luck.randrange(20))
            return AuditRow(**values)
        raw = bytearray(value if isinstance(value, bytes) else value.encode())
        if raw:
            raw[luck.randrange(len(raw))] ^= 1 << luck.randrange(7)
            values[column] = bytes(raw) if isinstance(value, bytes) else raw.decode("utf-8", "surrogateescape")
            return AuditRow(**values)


def _byte(rows: list[AuditRow], place: int, luck: random.Random) -> None:
    rows[place] = _another_value(rows[place], luck)


def _deletion(rows: list[AuditRow], place: int, luck: random.Random) -> None:
    del rows[place : place + luck.randint(1, 5)]


def _swap(rows: list[AuditRow], place: int, luck: random.Random) -> None:
    other = luck.choice([index for index in range(len(rows)) if index != place])
    rows[place], rows[other] = rows[other], rows[place]


def _insertion(rows: list[AuditRow], place: int, luck: random.Random) -> None:
    rows.insert(place, luck.choice([luck.choice(rows), seal(entry(place + 500), head_of(rows[place]))]))


MUTATE: tuple[Callable[[list[AuditRow], int, random.Random], None], ...] = (_byte, _byte, _deletion, _swap, _insertion)


def test_each_of_a_thousand_changes_to_stored_rows_is_found() -> None:
    luck = random.Random(7)
    missed = []
    for number in range(MUTATIONS):
        rows, place = list(ROWS), luck.randrange(len(ROWS))
        MUTATE[number % len(MUTATE)](rows, place, luck)
        fault = verified(rows).fault
        if fault is None or fault.seq > place + 2:
            missed.append((number, place, fault))
    assert missed == []
