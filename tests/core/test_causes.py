from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.causes import MAX_CAUSE, cause_id, cause_of
from gwf.core.errors import DeniedError, UnavailableError

SAME = [
    (
        str(DeniedError("the store refuses", key="a/b/1.log", status=403, code="AccessDenied", request_id="7F3A")),
        str(DeniedError("the store refuses", key="c d(e).log", status=403, code="AccessDenied", request_id="9B00")),
    ),
    ("no answer from http://10.0.0.1:9000/x within 60 s", "no answer from https://s3.example.com/y/z?q=1 within 5 s"),
    ("the file /data/a/1.log cannot be read: denied", "the file /mnt/b/2.log cannot be read: denied"),
    (
        "upload 0f8fad5b-d9cb-469f-a165-70867728950e is unknown",
        "upload 7c9e6679-7425-40de-944b-e07fc1f90ae7 is unknown",
    ),
    ("part 17 of 200 differs", "part 3 of 9 differs"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_names_one_file_or_moment_does_not_tell_causes_apart(one: str, other: str) -> None:
    assert cause_of(one) == cause_of(other)
    assert cause_id("auth", one) == cause_id("auth", other)


def test_status_and_code_of_the_answer_tell_causes_apart() -> None:
    denied, wrong_key = (
        str(DeniedError("the store refuses", status=403, code=code)) for code in ("AccessDenied", "InvalidAccessKeyId")
    )
    assert cause_of(denied) == "the store refuses status=403 code=AccessDenied"
    assert cause_id("auth", denied) != cause_id("auth", wrong_key)


def test_the_same_words_of_two_classes_are_two_causes() -> None:
    text = str(UnavailableError("no answer"))
    assert cause_id("network", text) != cause_id("timeout", text)
    assert cause_id(None, None) == cause_id(None, "")


@given(st.text(max_size=600))
def test_any_text_has_a_short_cause_on_one_line(text: str) -> None:
    cause = cause_of(text)
    assert len(cause) <= MAX_CAUSE
    assert "\n" not in cause
    assert len(cause_id("server", text)) == 12
