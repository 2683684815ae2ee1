from __future__ import annotations

from pathlib import Path

import pytest

from gwf.core.errors import ErrorClass, InputError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("it's", '"it\'s"'),
        (Path("/a b"), "'/a b'"),
        (b"/a", "'/a'"),
        (ErrorClass.NOT_FOUND, "not_found"),
        ([ErrorClass.AUTH, ErrorClass.CONFIG], "auth, config"),
        (("settling", "ready"), "settling, ready"),
        ({"a": 1, "b": True}, "a: 1, b: true"),
        (None, "none"),
        (False, "false"),
        (1.5, "1.5"),
    ],
)
def test_values_of_an_error_are_words(value: object, text: str) -> None:
    assert str(InputError("no", about=value)) == f"no (about={text})"
