"""Every page in every state, language and theme: it answers, is accessible, complains of nothing and fits a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.console.conftest import axe
from tests.console.matrix import PAGES, THEMES, Scenario, Windows, overflow, put_theme, shot
from tests.console.place import Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {"zh": "没有取到数据", "en": "No data received"}
#: pages that ask for nothing when they are opened, so that nothing of them can fail
STILL = {"missing", "settings-appearance", "trace"}


@pytest.fixture(scope="module")
def windows(browser: Browser, full: Portal, empty: Portal) -> Iterator[Windows]:
    made = Windows(browser, {"full": full, "failing": full, "empty": empty})
    yield made
    made.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scenario", ["empty", "full", "failing"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_answers_and_is_accessible(windows: Windows, name: str, scenario: Scenario, language: str) -> None:
    page = windows.open(PAGES[name], scenario, language)
    if scenario == "failing" and name not in STILL:
        page.get_by_role("alert").filter(has_text=WORDS[language]).first.wait_for()
    assert page.evaluate("document.documentElement.lang") == ("zh-CN" if language == "zh" else "en")
    for theme in THEMES:
        put_theme(page, theme)
        shot(page, f"{name}-{scenario}-{language}-{theme}")
        assert axe(page, colours_only=theme != THEMES[0]) == []
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, f"{name}-{scenario}-{language}-phone")
    assert overflow(page) == []
    assert windows.leave(scenario) == []
