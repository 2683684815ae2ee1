"""Decides how the bytes of a text file are read: UTF-8, UTF-16 with a mark, or GB18030."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

PROBE_BYTES = 4096  #: a NUL byte in so much of the beginning makes a file binary
SAMPLE_BYTES = 64 * 1024  #: looked at, at the beginning and at the end, to tell UTF-8 from GB18030

_UTF8 = "utf-8"
_GB = "gb18030"
_MIN_CHINESE = 0.8  #: least share of GB 2312 characters among all that are not ASCII; Latin-1 misread has next to none
_MAX_BROKEN = 0.02  #: largest share of unreadable bytes in a text that is still taken for GB18030
_BROKEN_BYTE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How to read a file. The first codec that fits a line reads it, so that mixed files stay readable."""

    codecs: Sequence[str]
    #: bytes at the beginning that are no text
    bom: bytes = b""
    newline: bytes = b"\n"
    #: bytes of one code unit; newlines stand at its multiples
    unit: int = 1

    def decode(self, raw: bytes) -> str:
        """Return a line as text; what no codec reads becomes U+FFFD, byte by byte."""
        for at, name in enumerate(self.codecs):
            try:
                text = raw.decode(name)
            except UnicodeDecodeError:
                continue
            if at == 0 or name != _GB or _chinese_share(text) >= _MIN_CHINESE:
                return text
        if self.codecs[0] == _UTF8:
            return _BROKEN_BYTE.sub("\ufffd", raw.decode(_UTF8, "surrogateescape"))
        return raw.decode(self.codecs[0], "replace")

    def newline_at(self, data: bytes, start: int, *, origin: int) -> int:
        """Return where the first newline from `start` on begins, -1 for none; `origin` is the place of data[0]."""
        at = data.find(self.newline, start)
        while at >= 0 and (origin + at) % self.unit:
            at = data.find(self.newline, at + 1)
        return at

    def newline_before(self, data: bytes, end: int, *, origin: int) -> int:
        """Return where the last newline that ends at or before `end` begins, -1 for none."""
        at = data.rfind(self.newline, 0, end)
        while at >= 0 and (origin + at) % self.unit:
            at = data.rfind(self.newline, 0, at + len(self.newline) - 1)
        return at


UTF16_LE = Encoding(codecs=("utf-16-le",), bom=codecs.BOM_UTF16_LE, newline=b"\n\0", unit=2)
UTF16_BE = Encoding(codecs=("utf-16-be",), bom=codecs.BOM_UTF16_BE, newline=b"\0\n", unit=2)


def marked_encoding(beginning: bytes) -> Encoding | None:
    """Return the encoding that the first bytes of a file name, None when they name none."""
    for encoding in (UTF16_LE, UTF16_BE):
        if beginning.startswith(encoding.bom):
            return encoding
    if beginning.startswith(codecs.BOM_UTF8):
        return Encoding(codecs=(_UTF8,), bom=codecs.BOM_UTF8)
    return None


def guessed_encoding(sample: bytes) -> Encoding:
    """Return the encoding of a file without a mark; `sample` should begin and end with whole lines.

    A sample of nothing but ASCII leaves both open, line by line.
    """
    if sample.isascii():
        return Encoding(codecs=(_UTF8, _GB))
    text = sample.decode(_UTF8, "replace")
    broken = text.count("\ufffd")
    if broken == 0 or _foreign(text) - broken > 4 * broken:
        return Encoding(codecs=(_UTF8,))
    text = sample.decode(_GB, "replace")
    if text.count("\ufffd") <= _MAX_BROKEN * _foreign(text) and _chinese_share(text) >= _MIN_CHINESE:
        return Encoding(codecs=(_GB, _UTF8))
    return Encoding(codecs=(_UTF8,))


def _foreign(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _chinese_share(text: str) -> float:
    foreign = _foreign(text)
    if foreign == 0:
        return 1.0
    known = len(text.encode("gb2312", "ignore")) - (len(text) - foreign)
    return known / 2 / foreign
