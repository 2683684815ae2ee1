from __future__ import annotations

from pathlib import Path

from gwf.core.settings.reference import render_reference
from gwf.core.settings.schema import walk

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"


def test_the_page_is_what_the_code_says() -> None:
    wanted = render_reference()
    assert PAGE.read_text(encoding="utf-8") == wanted, f"run: python -m gwf.core.settings.reference {PAGE}"


def test_every_setting_has_a_meaning() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for key, _, _ in walk():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{key}` |")]
        assert row.rsplit("|", 2)[1].strip(), key
