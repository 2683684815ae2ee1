from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.filelog.encoding import UTF16_LE, Encoding, guessed_encoding
from gwf.agent.filelog.refusals import NotTextError
from gwf.agent.filelog.tail import MAX_LINES, WINDOW_BYTES, tail
from tests.agent.filelog.texts import ENCODINGS, TEXTS, as_file, lines_of, size_of


def tail_of(raw: bytes) -> list[str]:
    with as_file(raw) as descriptor:
        return tail(descriptor, size_of(descriptor))


@given(text=TEXTS, encoding=st.sampled_from(ENCODINGS))
def test_a_small_file_is_shown_whole(text: str, encoding: Encoding) -> None:
    raw = encoding.bom + text.encode(encoding.codecs[0])
    assert tail_of(raw) == lines_of(raw, encoding if encoding.bom else guessed_encoding(raw))


@given(raw=st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\0", b"")), max_size=30).map(b"\n".join))
def test_what_no_codec_reads_is_shown_with_replacements(raw: bytes) -> None:
    if raw[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        assert tail_of(raw) == lines_of(raw, guessed_encoding(raw))


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"one\r\ntwo\r\nthree\r\n", ["one", "two", "three"]),
        (b"a\nb\nlast-without-newline", ["a", "b", "last-without-newline"]),
        (b"a\r\r\n", ["a\r"]),
        (b"ok \xff\xfe bad utf8\n", ["ok \ufffd\ufffd bad utf8"]),
        (b"cut \xe9\x94\n", ["cut \ufffd\ufffd"]),
        (b"\xef\xbb\xbfmarked\n", ["marked"]),
        ("错误\n".encode("gbk"), ["错误"]),
        ("caf\xe9 cr\xe8me\n".encode("latin-1"), ["caf\ufffd cr\ufffdme"]),
        ("﻿错\r\n".encode("utf-16-le"), ["错"]),
        ("﻿错\r\n".encode("utf-16-be") + b"\0", ["错"]),
        (b"a\x85b\x0bc\n", ["a\ufffdb\x0bc"]),
    ],
)
def test_line_ends_and_encodings(raw: bytes, lines: list[str]) -> None:
    assert tail_of(raw) == lines


@pytest.mark.parametrize("raw", [b"a\0b\n", b"x" * 5000 + b"\0", b"\xff\xfea\0\0\0"])
def test_a_nul_character_in_the_window_makes_a_file_binary(raw: bytes) -> None:
    with pytest.raises(NotTextError):
        tail_of(raw)


def test_a_nul_before_the_window_does_not_matter() -> None:
    assert tail_of(b"\0\n" + b"x\n" * WINDOW_BYTES)[0] == "x"


def test_there_are_at_most_so_many_lines() -> None:
    assert tail_of(b"".join(b"hit %d\n" % n for n in range(2500))) == [f"hit {n}" for n in range(2000, 2500)]
    assert MAX_LINES == 500


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: encoding.codecs[0])
def test_of_a_large_file_the_first_line_of_the_window_is_left_out(encoding: Encoding) -> None:
    text = "".join(f"{n:04d} {'错误x' * 1111}\n" for n in range(150))
    raw = encoding.bom + text.encode(encoding.codecs[0])
    lines = tail_of(raw)
    assert lines == text.splitlines()[-len(lines) :]
    per_line = len(text.splitlines()[0].encode(encoding.codecs[0])) + encoding.unit
    assert len(lines) == min(150, WINDOW_BYTES // per_line)


def test_of_one_endless_line_the_end_is_shown() -> None:
    assert tail_of(b"x" * 2 * WINDOW_BYTES + b"end") == ["x" * (WINDOW_BYTES - 3) + "end"]


def test_half_a_code_unit_at_the_end_is_left_out() -> None:
    assert tail_of(UTF16_LE.bom + "ab".encode("utf-16-le") + b"c") == ["ab"]
