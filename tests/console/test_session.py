"""Logging in at a centre, being logged out while a page is open, and who is offered what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gwf.app.server import CentreProcess
from gwf.core.settings.load import load_settings
from tests.agent.edges import Place
from tests.console.conftest import axe, complain, new_context
from tests.console.matrix import THEMES, put_theme, shot
from tests.console.place import PASSWORD, PEOPLE, Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: what a stranger's requests, and those of somebody without a right, are answered with
REFUSED = ("status of 401", "status of 403")


@dataclass
class Visitors:
    """Opens windows at a centre, each as somebody else."""

    browser: Browser
    url: str
    problems: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def stranger(self, path: str) -> Page:
        """Open a page without being logged in."""
        context = new_context(self.browser, self.url)
        self.contexts.append(context)
        page = complain(context.new_page(), self.url, self.problems)
        page.goto(path)
        return page

    def person(self, name: str, path: str) -> Page:
        """Open a page as somebody."""
        page = self.stranger("/login")
        answer = page.context.request.post("/api/v1/login", data={"name": name, "password": PASSWORD})
        assert answer.ok, answer.text()
        page.goto(path)
        return page


@pytest.fixture(scope="module")
def centre(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("centre")
    overrides = {"data_dir": str(data), "listen": "127.0.0.1:0", "server.enabled": True}
    process = CentreProcess(load_settings(None, environ={}, overrides=overrides))
    process.start()
    try:
        owner = Portal(process.server.url, process.local.token, Place(data))
        for name, role in PEOPLE.items():
            owner.ask("/users", {"name": name, "role": role, "password": PASSWORD})
        yield process.server.url
    finally:
        process.stop()


@pytest.fixture
def visitors(browser: Browser, centre: str) -> Iterator[Visitors]:
    made = Visitors(browser, centre)
    yield made
    for context in made.contexts:
        context.close()
    assert [problem for problem in made.problems if not any(status in problem for status in REFUSED)] == []


def fill_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_stranger_logs_in_first_and_comes_to_where_they_wanted(visitors: Visitors) -> None:
    page = visitors.stranger("/settings?tab=tokens&lang=zh")
    expect(page).to_have_url(re.compile(r"/login\?"))
    expect(page.locator("nav")).to_have_count(0)
    for theme in THEMES:
        put_theme(page, theme)
        shot(page, f"login-{theme}")
        assert axe(page) == []
    fill_in(page, "admin", "wrong-one-4711")
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不对")
    fill_in(page, "admin")
    expect(page).to_have_url(re.compile(r"/settings\?tab=tokens"))
    expect(page.get_by_role("tab", name="API 令牌")).to_have_attribute("aria-selected", "true")


def test_a_session_that_ends_takes_nothing_typed_with_it(visitors: Visitors) -> None:
    page = visitors.person("wanglin", "/settings?tab=tokens")
    page.get_by_role("button", name="新建令牌").click()
    page.get_by_role("dialog").get_by_label("名称").fill("nightly-report")
    page.context.clear_cookies()
    page.get_by_role("button", name="新建令牌 nightly-report").click()
    again = page.get_by_role("dialog", name="登录已过期")
    again.get_by_label("密码").fill(PASSWORD)
    again.get_by_role("button", name="登录", exact=True).click()
    expect(again).to_be_hidden()
    page.get_by_role("button", name="新建令牌 nightly-report").click()
    expect(page.get_by_role("dialog")).to_contain_text("只显示这一次")
    expect(page.get_by_role("dialog").locator("code")).to_have_text(re.compile(r"^gwft_"))


def test_whoever_logs_out_is_a_stranger_again(visitors: Visitors) -> None:
    page = visitors.person("wanglin", "/settings")
    page.get_by_role("button", name="wanglin 的菜单").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto("/settings")
    expect(page).to_have_url(re.compile("/login"))


def test_pages_that_may_not_be_seen_are_not_offered(visitors: Visitors) -> None:
    page = visitors.person("lihang", "/settings")
    expect(page.get_by_role("tab", name="API 令牌")).to_be_visible()
    expect(page.get_by_role("tab", name="用户与角色")).to_have_count(0)
    expect(page.get_by_role("link", name="审计")).to_have_count(0)
    page.goto("/settings?tab=users")
    expect(page.locator("main")).to_contain_text("没有权限查看")


def test_choices_follow_a_person_to_another_browser(visitors: Visitors) -> None:
    page = visitors.person("zhangwei", "/settings?tab=appearance")
    with page.expect_response("**/me/preferences"):
        page.get_by_role("main").get_by_role("button", name="深色").click()
    other = visitors.person("zhangwei", "/settings?tab=appearance")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_palette_goes_to_a_page_by_the_initials_of_its_name(visitors: Visitors) -> None:
    page = visitors.person("admin", "/settings?tab=account")
    expect(page.get_by_role("heading", level=1)).to_have_text("设置")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("暂停或继续实时更新")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("fz")
    expect(page.get_by_role("option").first).to_contain_text("Agent 与分组")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/agents"))
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/settings"))


def test_a_view_is_saved_and_shown_again(visitors: Visitors) -> None:
    page = visitors.person("admin", "/agents?q=app")
    page.get_by_role("button", name="视图", exact=True).click()
    page.get_by_label("把现在的筛选、排序和列存为").fill("我的主机")
    page.get_by_role("button", name="保存视图").click()
    expect(page.get_by_role("button", name="视图：我的主机")).to_be_visible()
    page.goto("/agents")
    page.get_by_role("button", name="视图", exact=True).click()
    page.get_by_role("button", name="我的主机", exact=True).click()
    expect(page).to_have_url(re.compile("q=app"))
