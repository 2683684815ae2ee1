from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.filelog.encoding import UTF16_BE, UTF16_LE, Encoding, guessed_encoding, marked_encoding

LOG = "2026-01-02 03:04:05 ERROR 支付服务连接超时，正在重试\n" * 3


@pytest.mark.parametrize(
    ("raw", "codec"),
    [
        (LOG.encode(), "utf-8"),
        (LOG.encode() + b"\xff\xfe broken\n", "utf-8"),
        (LOG.encode("gbk"), "gb18030"),
        (LOG.encode("gb18030") * 20 + b"\xff broken\n", "gb18030"),
        ("错".encode("gbk"), "gb18030"),
        ("Müller, café, naïve\n".encode("latin-1"), "utf-8"),
        (b"ok \xff\xfe bad utf8", "utf-8"),
    ],
)
def test_a_sample_tells_utf_8_from_gb18030(raw: bytes, codec: str) -> None:
    assert guessed_encoding(raw).codecs[0] == codec


def test_ascii_leaves_it_to_each_line() -> None:
    encoding = guessed_encoding(b"plain\n")
    assert [encoding.decode("错误".encode(codec)) for codec in ("utf-8", "gbk")] == ["错误", "错误"]


def test_a_line_in_the_other_encoding_stays_readable() -> None:
    assert guessed_encoding(LOG.encode("gbk")).decode("第一行é".encode()) == "第一行é"


def test_marks_name_the_encoding() -> None:
    assert marked_encoding("﻿a".encode("utf-16-le")) is UTF16_LE
    assert marked_encoding("﻿a".encode("utf-16-be")) is UTF16_BE
    assert marked_encoding("﻿a".encode()) == Encoding(codecs=("utf-8",), bom=b"\xef\xbb\xbf")
    assert marked_encoding(b"a") is None


@given(st.text(alphabet=st.characters(codec="gb2312", min_codepoint=0x4E00), min_size=4))
def test_chinese_text_in_gbk_is_hardly_ever_taken_for_utf_8(text: str) -> None:
    encoding = guessed_encoding(text.encode("gbk"))
    broken = text.encode("gbk").decode("utf-8", "replace").count("\ufffd")
    assert encoding.codecs[0] == "gb18030" or broken * 4 < len(text)
