"""Every state of the page in both languages and themes, on a desk and on a phone."""

from __future__ import annotations

import pytest

from tests.api.fake_edge import Scenario
from tests.console.conftest import Console, axe
from tests.console.matrix import THEMES, overflow, put_theme, shot

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {
    ("empty", "zh"): "一切正常",
    ("empty", "en"): "All well",
    ("full", "zh"): "部分降级：目的地 archive 连续失败",
    ("full", "en"): "Degraded: destination archive keeps failing",
    ("failing", "zh"): "无法正常工作：传输日志无法写入",
    ("failing", "en"): "Not working: the journal cannot be written",
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scenario", ["empty", "full", "failing"])
def test_the_page_answers_and_is_accessible(console: Console, scenario: Scenario, language: str) -> None:
    page = console.open(f"/?lang={language}", scenario=scenario)
    assert WORDS[scenario, language] in page.locator(".verdict").inner_text()
    assert page.evaluate("document.documentElement.lang") == ("zh-CN" if language == "zh" else "en")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            put_theme(page, theme)
            assert overflow(page) == []
            shot(page, f"overview-{scenario}-{language}-{theme}-{width}")
            assert axe(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_an_open_row_and_the_menu_are_accessible(console: Console, theme: str, width: int) -> None:
    page = console.open("/?sel=1995&state=waiting", theme=theme, width=str(width))
    page.get_by_role("dialog").get_by_text("SHA-256").wait_for()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_label("显示设置").click()
    page.get_by_role("group", name="主题").wait_for()
    assert axe(page) == []


@pytest.mark.parametrize("width", [1280, 1000, 768])
def test_nothing_sticks_out_between_desk_and_phone(console: Console, width: int) -> None:
    assert overflow(console.open("/?lang=en", scenario="failing", width=str(width))) == []
