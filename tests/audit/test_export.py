from __future__ import annotations

import io
import random

import pytest

from gwf.audit.chain import genesis, head_of
from gwf.audit.export import export_lines, lines_in, row_from_line, verify_export
from gwf.audit.model import AuditRow
from gwf.audit.verify import FaultKind, Verdict
from gwf.core.errors import CorruptDataError
from tests.audit.chains import chain

ROWS = tuple(chain(40))
LINES = tuple(export_lines(ROWS, genesis("default"), at_ms=1_700_000_000_000))
MUTATIONS = 1000


def verified(text: bytes) -> Verdict:
    return verify_export(lines_in(io.BytesIO(text)))


def found(text: bytes) -> FaultKind:
    fault = verified(text).fault
    assert fault is not None
    return fault.kind


def test_an_export_holds_and_gives_the_rows_back() -> None:
    verdict = verified(b"".join(LINES))
    assert verdict.sound
    assert (verdict.tenant, verdict.rows, verdict.head) == ("default", 40, head_of(ROWS[-1]))
    assert tuple(map(row_from_line, LINES[1:-1])) == ROWS


def test_an_export_of_the_newer_rows_begins_behind_the_older_ones() -> None:
    lines = export_lines(ROWS[30:], head_of(ROWS[29]), at_ms=0)
    verdict = verify_export(lines)
    assert verdict.sound
    assert verdict.rows == 10


def test_an_export_without_rows_holds() -> None:
    assert verify_export(export_lines((), genesis("default"), at_ms=0)).sound


@pytest.mark.parametrize("kept", [1, 2, 20, 41])
def test_an_export_that_was_cut_between_lines_is_found(kept: int) -> None:
    assert found(b"".join(LINES[:kept])) is FaultKind.TRUNCATED


def test_an_export_that_was_cut_inside_a_line_is_found() -> None:
    assert found(b"".join(LINES[:20])[:-5]) is FaultKind.TRUNCATED


def test_a_changed_first_or_last_line_is_told_from_changed_rows() -> None:
    whole = b"".join(LINES)
    assert found(whole.replace(b"2023-11-14T22:13:20.000Z", b"2023-11-14T22:13:20.001Z", 1)) is FaultKind.ENVELOPE
    assert found(whole.replace(b'"rows":40', b'"rows":41')) is FaultKind.ENVELOPE
    assert found(b"{}\n" + whole) is FaultKind.ENVELOPE


def test_a_line_in_another_form_counts_as_changed_although_it_says_the_same() -> None:
    assert found(b"".join(LINES).replace(b'{"seq":9,', b'{ "seq":9,')) is FaultKind.CHANGED


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b"\xff", b'{"seq":1}', b"[" * 100_000])
def test_a_line_that_is_no_row_is_refused(line: bytes) -> None:
    with pytest.raises(CorruptDataError):
        row_from_line(line)


def test_every_single_byte_of_a_short_export_counts() -> None:
    whole = b"".join(export_lines(ROWS[:2], genesis("default"), at_ms=0))
    missed = []
    for place in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            if verified(bytes(changed)).sound:
                missed.append((place, bit))
    assert missed == []


def test_each_of_a_thousand_changes_to_an_export_is_found() -> None:
    luck = random.Random(11)
    missed = []
    for number in range(MUTATIONS):
        changed = _changed(number, luck)
        if verified(b"".join(changed)).sound:
            missed.append(number)
    assert missed == []


def _changed(number: int, luck: random.Random) -> list[bytes]:
    lines, place = list(LINES), luck.randrange(len(LINES))
    match number % 5:
        case 0:
            lines[place] = _other_byte(lines[place], luck)
        case 1:
            del lines[place]
        case 2:
            other = luck.choice([index for index in range(len(lines)) if index != place])
            lines[place], lines[other] = lines[other], lines[place]
        case 3:
            lines.insert(place, luck.choice([*lines, b"\n", b"{}\n"]))
        case _:
            cut = luck.randint(1, 200)
            lines = [b"".join(lines)[:-cut]]
    return lines


def _other_byte(line: bytes, luck: random.Random) -> bytes:
    place = luck.randrange(len(line))
    return line[:place] + bytes([line[place] ^ luck.randint(1, 255)]) + line[place + 1 :]


def test_a_row_with_odd_characters_survives_an_export() -> None:
    row: AuditRow = ROWS[0]._replace(reason='"\\\u2028\x7f\x01<&>')
    lines = list(export_lines([row], genesis("default"), at_ms=0))
    assert row_from_line(lines[1]) == row
