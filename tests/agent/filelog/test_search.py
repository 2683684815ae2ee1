from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.filelog.encoding import UTF16_LE, Encoding
from gwf.agent.filelog.needle import compile_needle
from gwf.agent.filelog.search import MAX_FOUND_BYTES, Extent, Found, Search
from tests.agent.filelog.texts import ENCODINGS, GB, OPEN, QUERIES, TEXTS, UTF8, as_file, found_in, size_of


def search(
    raw: bytes,
    query: str,
    encoding: Encoding = UTF8,
    *,
    case_sensitive: bool = False,
    stopped: Callable[[], bool] = lambda: False,
    **limits: int,
) -> Found:
    with as_file(raw) as descriptor:
        needle = compile_needle(query, encoding, case_sensitive=case_sensitive)
        sizes = {"max_lines": 2000, **limits}
        extent = Extent(start=len(encoding.bom), end=size_of(descriptor), stopped=stopped, **sizes)
        return Search(descriptor, encoding, needle=needle, extent=extent).run()


@given(
    text=TEXTS,
    query=QUERIES,
    case_sensitive=st.booleans(),
    chunk=st.integers(4, 40).map(lambda n: 2 * n),
    data=st.data(),
)
def test_it_finds_what_reading_line_by_line_finds(
    text: str, query: str, case_sensitive: bool, chunk: int, data: st.DataObject
) -> None:
    encoding = data.draw(st.sampled_from(ENCODINGS))
    raw = encoding.bom + text.encode(encoding.codecs[0])
    found = search(raw, query, encoding, case_sensitive=case_sensitive, chunk_bytes=chunk)
    assert found.lines == found_in(raw, encoding, query, case_sensitive=case_sensitive)
    assert (found.truncated, found.scanned_bytes) == (False, len(raw) - len(encoding.bom))


@given(raw=st.binary(max_size=200), query=QUERIES, case_sensitive=st.booleans())
def test_bytes_that_are_no_text_are_searched_as_they_are_shown(raw: bytes, query: str, case_sensitive: bool) -> None:
    for encoding in (UTF8, GB, OPEN):
        found = search(raw, query, encoding, case_sensitive=case_sensitive, chunk_bytes=32)
        assert found.lines == found_in(raw, encoding, query, case_sensitive=case_sensitive)


@given(text=TEXTS, query=QUERIES, limit=st.integers(1, 5))
def test_a_limit_keeps_the_first_lines(text: str, query: str, limit: int) -> None:
    every = found_in(text.encode(), UTF8, query, case_sensitive=False)
    found = search(text.encode(), query, max_lines=limit, chunk_bytes=16)
    assert (found.lines, found.truncated) == (every[:limit], len(every) >= limit)


@pytest.mark.parametrize("encoding", [UTF8, GB, UTF16_LE], ids=["utf-8", "gb18030", "utf-16"])
def test_of_an_endless_line_the_part_around_the_find_is_shown(encoding: Encoding) -> None:
    text = "first\n" + "错 " * 3000 + "Needle" + " 误" * 3000 + "\nlast needle\n"
    raw = encoding.bom + text.encode(encoding.codecs[0])
    found = search(raw, "needle", encoding, max_line_bytes=1000, part_bytes=100, chunk_bytes=256)
    part, last = found.lines
    assert (part[0], part[-1], last) == ("…", "…", "last needle")
    assert part[1:-1] in text
    assert 40 < part.index("Needle") < 100


def test_an_endless_line_is_found_once() -> None:
    raw = b"x needle " * 1000 + b"\nneedle\n"
    found = search(raw, "needle", max_line_bytes=100, part_bytes=40, chunk_bytes=64)
    assert len(found.lines) == 2


def test_an_endless_line_without_a_find_is_not_shown() -> None:
    raw = "ж".encode() * 2000 + b"\n"
    assert search(raw, "жb", max_line_bytes=100, part_bytes=40, chunk_bytes=64).lines == []


def test_a_search_that_is_told_to_stop_says_that_there_may_be_more() -> None:
    calls = iter([False, False, True])
    found = search(b"needle\n" * 100, "needle", stopped=lambda: next(calls), chunk_bytes=70)
    assert (len(found.lines), found.truncated) == (20, True)


def test_an_answer_has_a_largest_size() -> None:
    line = b"needle" + b"x" * 1_000_000 + b"\n"
    found = search(line * 20, "needle")
    assert found.truncated
    assert sum(map(len, found.lines)) <= MAX_FOUND_BYTES + len(line)


def test_lines_that_only_look_alike_do_not_fill_the_answer() -> None:
    line = ("ж" * 400_000).encode() + b"\n"
    found = search(line * 30 + "жЖэ\n".encode(), "жжэ")
    assert (found.lines, found.truncated) == (["жЖэ"], False)


def test_half_a_character_is_found_nowhere() -> None:
    assert search("a\ud800\n".encode("utf-8", "surrogatepass"), "\ud800").lines == []


def test_a_file_that_is_cut_meanwhile_ends_the_search() -> None:
    with as_file(b"needle\n" * 1000) as descriptor:
        needle = compile_needle("needle", UTF8, case_sensitive=True)

        def cut() -> bool:
            os.ftruncate(descriptor, 100)
            return False

        extent = Extent(start=0, end=7000, max_lines=2000, stopped=cut, chunk_bytes=700)
        assert len(Search(descriptor, UTF8, needle=needle, extent=extent).run().lines) == 14


def test_a_search_in_a_line_without_end_stops_when_told() -> None:
    asked: list[None] = []

    def stopped() -> bool:
        asked.append(None)
        return len(asked) > 20

    raw = ("ⱥⱥzz" * 2000).encode()
    found = search(raw, "ⱥⱥⱥzz", stopped=stopped, max_line_bytes=1000, part_bytes=100)
    assert (found.lines, found.truncated, len(asked)) == ([], True, 21)
