from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gwf.agent.files import hits, unpack
from gwf.agent.files.content import Patience
from gwf.agent.files.refusals import BadPatternError, FileGoneError, SlowPatternError
from gwf.agent.files.severity import level_of
from gwf.core.errors import CorruptDataError, UnavailableError
from gwf.wire.agentfiles import ContentQuery, FileContent, LogLine
from tests.agent.files.conftest import Shop

LINES = [
    f"2026-11-22 10:{number // 60 % 60:02}:{number % 60:02} {level} line {number} {word}"
    for number, (level, word) in enumerate(
        (("ERROR", "503 慢"), ("INFO", "ok"), ("WARN", "timeout"), ("DEBUG", "x"))[number % 4] for number in range(4000)
    )
]


def put(shop: Shop, raw: bytes, name: str = "a.log") -> Path:
    path = shop.place.tree / name
    path.write_bytes(raw)
    return path


def texts(lines: list[LogLine]) -> list[str]:
    return [line.text for line in lines]


@pytest.fixture
def log(shop: Shop) -> Path:
    return put(shop, "".join(f"{line}\n" for line in LINES).encode())


def test_the_end_comes_first_and_the_whole_can_be_read_from_there(shop: Shop, log: Path) -> None:
    window = shop.content(log, max_bytes=8 * 1024)
    assert (window.at_end, window.at_start, window.encoding, window.total_lines) == (True, False, "utf-8", 4000)
    lines = window.lines
    while not window.at_start:
        window = shop.content(log, max_bytes=8 * 1024, offset=window.start_offset, direction="backward")
        lines = window.lines + lines
    assert texts(lines) == LINES
    assert [line.number for line in lines] == list(range(1, 4001))


def test_the_whole_can_be_read_from_the_beginning(shop: Shop, log: Path) -> None:
    lines, offset = list[LogLine](), 0
    while True:
        window = shop.content(log, max_bytes=5_000, offset=offset)
        lines, offset = lines + window.lines, window.end_offset
        if window.at_end:
            break
    assert texts(lines) == LINES


def test_a_line_is_found_by_its_number(shop: Shop, log: Path) -> None:
    window = shop.content(log, line=3210, max_bytes=16 * 1024)
    assert next(line.text for line in window.lines if line.number == 3210) == LINES[3209]
    assert window.lines[0].number is not None
    assert window.lines[0].number < 3210
    with pytest.raises(FileGoneError):
        shop.content(log, line=4001)


def test_who_follows_gets_each_line_whole(shop: Shop) -> None:
    path = put(shop, b"one\ntw")
    window = shop.content(path)
    assert texts(window.lines) == ["one", "tw"]
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    later = shop.content(path, offset=window.end_offset)
    assert (later.start_offset, texts(later.lines)) == (4, ["two", "three"])
    assert shop.content(path, offset=later.end_offset).lines == []


def test_levels_are_told(shop: Shop, log: Path) -> None:
    assert [line.level for line in shop.content(log).lines[-4:]] == ["error", "info", "warn", "debug"]
    for line, level in (
        ('{"level":"warn","msg":"error in x"}', "warn"),
        ("E1122 10:00:00.1 1 a.go:3] bad", "error"),
        ("no_error_here /var/log/error.log", None),
        ("10:00 [ERROR] x", "error"),
        ("FATAL: out of memory", "error"),
        ("terror warning-free", None),
    ):
        assert level_of(line) == level, line


def both(shop: Shop, log: Path, q: str, expected: Callable[[str], bool], **more: object) -> FileContent:
    answer = shop.content(log, q=q, limit=1000, **more)
    wanted = [(number, line) for number, line in enumerate(LINES, 1) if expected(line)]
    assert [(line.number, line.text) for line in answer.lines if line.hit] == wanted[:1000]
    assert answer.search is not None
    assert answer.search.hits == len(wanted)
    assert sum(cell.hits for cell in answer.search.strip) == len(wanted)
    return answer


def test_a_search_finds_every_line_and_counts_all(shop: Shop, log: Path) -> None:
    answer = both(shop, log, "TIMEOUT", lambda line: "timeout" in line)
    assert answer.search is not None
    assert answer.search.levels == {"warn": 1000}
    assert answer.lines[0].text[slice(*answer.lines[0].spans[0])] == "timeout"
    both(shop, log, "503 慢", lambda line: "503 慢" in line, case_sensitive=True)
    both(shop, log, "TIMEOUT", lambda line: False, case_sensitive=True)
    both(shop, log, r"line \d*99 ", lambda line: bool(re.search(r"line \d*99 ", line)), regex=True)
    both(shop, log, "慢$|TIMEOUT$", lambda line: line.endswith(("慢", "timeout")), regex=True)
    assert answer.total_lines == 4000


def test_levels_alone_and_with_a_text_choose_lines(shop: Shop, log: Path) -> None:
    answer = shop.content(log, level=["error"], limit=10)
    assert answer.search is not None
    assert (answer.search.hits, {line.level for line in answer.lines}) == (1000, {"error"})
    narrowed = shop.content(log, q="line", level=["warn"], limit=10)
    assert narrowed.search is not None
    assert (narrowed.search.hits, narrowed.search.levels["error"]) == (4000, 1000)
    assert {line.level for line in narrowed.lines} == {"warn"}


def test_what_does_not_fit_is_gone_on_with(shop: Shop, log: Path) -> None:
    first = shop.content(log, q="timeout", limit=300)
    assert first.search is not None
    second = shop.content(log, q="timeout", limit=1000, offset=first.search.next_offset)
    assert second.search is not None
    assert (len(first.lines), len(second.lines), second.search.next_offset) == (300, 700, None)


def test_lines_around_come_once_and_with_numbers(shop: Shop, log: Path) -> None:
    answer = shop.content(log, q=r"line (100|102) ", regex=True, context=2)
    assert [(line.number, line.hit) for line in answer.lines] == [
        (99, False), (100, False), (101, True), (102, False), (103, True), (104, False), (105, False),
    ]  # fmt: skip
    assert texts(answer.lines) == LINES[98:105]


@pytest.mark.parametrize("codec", ["gb18030", "utf-16", "utf-8-sig"])
def test_other_encodings_are_read_and_searched(shop: Shop, codec: str) -> None:
    path = put(shop, "".join(f"第 {number} 行 错误 😀 Ende\r\n" for number in range(500)).encode(codec))
    assert shop.content(path).lines[-1].text == "第 499 行 错误 😀 Ende"
    for query, regex in (("第 77 行 错误", False), (r"第 77 行 .+ ende$", True)):
        found = shop.content(path, q=query, regex=regex)
        assert [(line.number, line.text) for line in found.lines] == [(78, "第 77 行 错误 😀 Ende")]
    units = found.lines[0].text.encode("utf-16-le")
    start, end = found.lines[0].spans[0]
    assert units[2 * start : 2 * end].decode("utf-16-le") == "第 77 行 错误 😀 Ende"
    assert shop.content(path, line=300).lines[0].number in range(1, 301)


@pytest.mark.parametrize(("pack", "word"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz")])
def test_compressed_files_are_read_like_others(shop: Shop, pack: Callable[[bytes], bytes], word: str) -> None:
    raw = "".join(f"{line}\n" for line in LINES).encode()
    path = put(shop, pack(raw[:1000]) + pack(raw[1000:]), "a.packed")
    window = shop.content(path)
    assert (window.compressed, window.size_bytes, window.total_lines) == (word, len(raw), 4000)
    both(shop, path, "timeout", lambda line: "timeout" in line)
    path.write_bytes(pack(raw)[:-200][:40] + b"broken" * 50)
    with pytest.raises(CorruptDataError):
        shop.content(path)


def test_a_bomb_is_unpacked_up_to_a_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(b"0" * 3_000_000))
    descriptor = os.open(tmp_path / "a", os.O_RDONLY)
    found = unpack.unpack(descriptor, "gzip", max_bytes=100_000, stopped=lambda: False)
    assert (found.size_bytes, found.partial, os.fstat(found.descriptor).st_size) == (100_000, True, 100_000)
    os.close(found.descriptor)
    os.close(descriptor)


def test_a_binary_file_shows_its_beginning(shop: Shop) -> None:
    answer = shop.content(put(shop, b"\x7fELF\0\0" + bytes(600)))
    assert answer.binary is not None
    assert (answer.binary.type, len(answer.binary.hex), answer.lines) == ("elf", 1024, [])


def test_an_endless_line_is_shown_in_pieces(shop: Shop) -> None:
    path = put(shop, b"x" * 50_000 + b"\nlast\n")
    window = shop.content(path, offset=0, max_bytes=10_000)
    assert (window.lines[0].cut, window.end_offset) == (True, 10_000)
    assert texts(shop.content(path, offset=49_000, max_bytes=10_000).lines)[1:] == ["last"]
    assert [line.number for line in shop.content(path, q="last").lines] == [2]


def test_a_pattern_of_no_end_is_ended(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hits, "GRACE_S", 0.0)
    path = put(shop, b"a" * 40 + b"b\n")
    slow = ContentQuery(path=str(path), q="(a+)+$", regex=True)
    with pytest.raises(SlowPatternError):
        shop.desk.content(slow, Patience(seconds=0.6, stopped=lambda: False))
    with pytest.raises(UnavailableError):
        shop.desk.content(slow, Patience(seconds=20.0, stopped=lambda: True))
    with pytest.raises(BadPatternError) as raised:
        shop.content(path, q="(", regex=True)
    assert raised.value.context["field"] == "q"


def test_searches_agree_with_a_plain_reading(shop: Shop) -> None:
    chance = random.Random(7)
    lines = ["".join(chance.choice("ab慢 \r") for _ in range(chance.randrange(12))).rstrip("\r") for _ in range(3000)]
    path = put(shop, "".join(f"{line}\n" for line in lines).encode())
    for query, regex in (("a慢", False), ("^b.*a$", True), ("(?:ab|慢慢){2}", True), ("^$", True)):
        found = shop.content(path, q=query, regex=regex, limit=1000, case_sensitive=True)
        fits = re.compile(query if regex else re.escape(query)).search
        assert found.search is not None
        assert found.search.hits == sum(1 for line in lines if fits(line)), query
