"""A file log the simple way: all in memory, line by line; and open files to try the real one on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import strategies as st

from gwf.agent.filelog.encoding import UTF16_BE, UTF16_LE, Encoding
from gwf.agent.filelog.folding import fold

UTF8 = Encoding(codecs=("utf-8",))
GB = Encoding(codecs=("gb18030", "utf-8"))
OPEN = Encoding(codecs=("utf-8", "gb18030"))
ENCODINGS = [UTF8, GB, OPEN, UTF16_LE, UTF16_BE]

#: few characters, so that finds, half finds and foldings are frequent; 䄀 and ਊ hold the bytes of A and newline,
#: the forms of å and ⱥ have several lengths
WORDS = st.text("abAB 1ßẞΣσςжЖåÅ\u212bȺⱥ错误䄀ਊ…\r", max_size=8)
TEXTS = st.lists(WORDS, max_size=12).map("\n".join)
QUERIES = st.text("abABΣσςжЖåÅ\u212bȺⱥ错误䄀ßẞ", min_size=1, max_size=4)


def lines_of(raw: bytes, encoding: Encoding) -> list[str]:
    """Return every line of a file; each is decoded by itself."""
    raw = raw[len(encoding.bom) :]
    if encoding.unit == 1:
        pieces = [encoding.decode(line) for line in raw.split(b"\n")]
    else:
        pieces = encoding.decode(raw).split("\n")
    if pieces[-1] == "":
        pieces.pop()
    return [line.removesuffix("\r") for line in pieces]


def found_in(raw: bytes, encoding: Encoding, query: str, *, case_sensitive: bool) -> list[str]:
    """Return the lines that hold `query`."""
    same = str if case_sensitive else fold
    return [line for line in lines_of(raw, encoding) if same(query) in same(line)]


@contextmanager
def as_file(raw: bytes) -> Iterator[int]:
    """Yield a descriptor of an open file with these bytes."""
    with tempfile.TemporaryFile() as file:
        file.write(raw)
        file.flush()
        yield file.fileno()


def size_of(descriptor: int) -> int:
    """Return the size of an open file."""
    return os.fstat(descriptor).st_size
