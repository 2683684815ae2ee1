"""The reference page names everything that it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from gwf.storage.bucket.refusals import BY_CODE
from gwf.storage.keys import MAX_RENDERED_BYTES, VARIABLES

PAGE = (Path(__file__).parents[2] / "docs/reference/storage.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_every_code_is_documented_with_its_class(code: str) -> None:
    rows = [line for line in PAGE.splitlines() if f"`{code}`" in line]
    meaning = BY_CODE[code]
    retried = "yes" if meaning.retryable else "no"
    assert len(rows) == 1
    assert f"| {meaning.error_class} | {meaning.scope} | {retried} | {meaning.message} |" in rows[0]


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_is_documented(name: str) -> None:
    assert f"| `{{{name}}}` |" in PAGE


def test_the_longest_key_is_documented() -> None:
    assert f"more than {MAX_RENDERED_BYTES} bytes in the key" in PAGE
