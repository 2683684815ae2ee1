"""The frame on a real process: the palette finds things, the navigation counts, links that say too much are tidied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.agent.waiting import until
from tests.console.conftest import Console, axe, complain, new_context
from tests.console.matrix import THEMES, put_theme, shot
from tests.console.place import PASSWORD, Portal, portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(browser: Browser, full: Portal) -> Iterator[Page]:
    problems: list[str] = []
    context = new_context(browser, full.url)
    answer = context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD})
    assert answer.ok, answer.text()
    yield complain(context.new_page(), full.url, problems)
    context.close()
    assert [problem for problem in problems if "status of 503" not in problem] == []


def ask(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(text)


def test_the_palette_finds_things_kind_by_kind_and_opens_them_by_key(page: Page, full: Portal) -> None:
    page.goto("/settings?tab=appearance")
    page.get_by_role("heading", level=1).wait_for()
    ask(page, "prod-")
    expect(page.get_by_role("group", name="分组").get_by_role("option")).to_have_count(2)
    ask(page, "access.gz")
    expect(page.get_by_role("group", name="文件")).to_contain_text(re.compile("access.gz.*已送达.*host"))
    ask(page, "app-")
    agents = page.get_by_role("group", name="Agent")
    expect(agents.get_by_role("option", name="在列表里看全部")).to_be_visible()
    for theme in THEMES:
        put_theme(page, theme)
        shot(page, f"palette-{theme}")
        assert axe(page) == []
    page.keyboard.press("ArrowDown")
    chosen = agents.get_by_role("option").nth(1)
    expect(chosen).to_have_attribute("aria-selected", "true")
    name = chosen.locator(".el").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_search_that_fails_says_so_and_pages_are_found_all_the_same(page: Page) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(
            status=503, json={"code": "unavailable", "status": 503, "request_id": "1", "detail": "", "title": ""}
        )

    page.route("**/api/v1/search?*", refuse)
    page.goto("/settings?tab=appearance")
    page.get_by_role("heading", level=1).wait_for()
    ask(page, "shenji")
    expect(page.get_by_role("alert")).to_contain_text("没有查到对象")
    expect(page.get_by_role("option").first).to_contain_text("审计")
    page.unroute_all()
    page.get_by_role("alert").get_by_role("button", name="重试").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_a_link_says_wrongly_is_left_out_and_told(page: Page) -> None:
    page.goto("/agents?condition=online&condition=sleepy&sort=size&unknown=1")
    notice = page.get_by_role("status").filter(has_text="已忽略")
    expect(notice).to_contain_text("condition=sleepy")
    expect(notice).to_contain_text("sort=size")
    expect(notice).not_to_contain_text("unknown")
    expect(page).to_have_url(re.compile(r"condition=online(?!.*sleepy)(?!.*sort=)"))
    expect(page.locator("[data-row]").first).to_be_visible()
    notice.get_by_role("button", name="关闭").click()
    expect(notice).to_have_count(0)


def test_the_navigation_counts_what_needs_attention_and_follows_it(console: Console) -> None:
    page = console.open()
    overview = page.get_by_role("link", name=re.compile("^总览"))
    expect(overview).to_contain_text("项需要留意")
    expect(page.get_by_role("link", name=re.compile("^文件与目录"))).to_contain_text(re.compile(r"\d+ 项需要留意"))
    console.edge.show("failing")
    expect(overview).to_contain_text("项需要马上处理")
    console.edge.show("empty")
    expect(overview).to_have_text("总览")


def test_a_list_has_views_that_everybody_finds(page: Page) -> None:
    page.goto("/agents")
    page.get_by_role("button", name="视图", exact=True).click()
    page.get_by_role("button", name="需要处理", exact=True).click()
    expect(page).to_have_url(re.compile("view=todo"))
    expect(page).to_have_url(re.compile("condition=failing.*condition=offline"))
    expect(page.get_by_role("button", name="视图：需要处理")).to_be_visible()


def test_values_that_are_not_renewed_are_dimmed_and_dated(page: Page) -> None:
    page.clock.install()
    page.goto("/agents")
    page.locator("[data-row]").first.wait_for()
    page.get_by_role("button", name="暂停实时更新").click()
    page.clock.fast_forward(40_000)
    expect(page.locator(".aged")).to_have_count(0)
    page.clock.fast_forward(20_000)
    expect(page.locator(".aged-note")).to_contain_text("数据停在")
    assert axe(page) == []
    page.get_by_role("button", name="继续实时更新").click()
    expect(page.locator(".aged")).to_have_count(0)


PLACES = """names => Object.fromEntries(names.map(([name, where]) => {
  const {x, y, width, height} = document.querySelector(where).getBoundingClientRect();
  return [name, [x, y, width, height].map(Math.round)];
}))"""
SKELETON = [
    ("nav", ".sk-nav"),
    ("brand", ".sk-brand svg"),
    ("first", ".sk-nav i"),
    ("top", ".sk-top"),
    ("main", ".sk-main"),
]
FRAME = [("nav", ".nav"), ("brand", ".brand svg"), ("first", ".nav a"), ("top", ".top"), ("main", "main")]


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_the_frame_is_painted_without_scripts_and_styles_and_stays_where_it_is(
    browser: Browser, full: Portal, theme: str, language: str
) -> None:
    context = new_context(browser, full.url, theme=theme, locale="de-DE" if language == "en" else "zh-CN")
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    page = context.new_page()
    held: list[Route] = []
    holding = [True]
    page.route("**/assets/**", lambda route: held.append(route) if holding else route.continue_())
    page.goto("/", wait_until="commit")
    # asked again from here: the page's own policy forbids what would ask again in it
    until(lambda: page.evaluate("performance.getEntriesByName('first-contentful-paint').length") == 1)
    expect(page.get_by_role("status")).to_have_text(
        "Opening the console…" if language == "en" else "正在打开控制台…", use_inner_text=True
    )
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(244, 245, 247)" if theme == "light" else "rgb(12, 16, 21)"
    )
    assert axe(page) == []
    before = page.evaluate(PLACES, SKELETON)
    shot(page, f"skeleton-{theme}")
    holding.clear()
    for route in held:
        route.continue_()
    page.locator(".nav a").first.wait_for()
    after = page.evaluate(PLACES, FRAME)
    assert {name: after[name][:2] for name in before} == {name: before[name][:2] for name in before}
    assert (after["nav"], after["top"]) == (before["nav"], before["top"])
    context.close()


def test_the_first_steps_of_a_host_tick_by_themselves(browser: Browser, dist: Path, tmp_path: Path) -> None:
    with portal(tmp_path / "fresh", seeded=False) as fresh:
        context = new_context(browser, fresh.url)
        assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
        page = context.new_page()
        page.goto("/")
        steps = page.locator(".guide li")
        expect(steps.nth(0)).to_contain_text("完成")
        expect(steps.nth(1)).to_contain_text("待办")
        expect(steps.nth(2)).to_contain_text("待办")
        fresh.place.write("hello.txt")
        expect(steps.nth(2)).to_contain_text("完成")
        expect(steps.nth(1)).to_contain_text("完成")
        expect(page.get_by_text("三步都完成了")).to_be_visible()
        assert axe(page) == []
        shot(page, "guide-done")
        page.reload()
        expect(steps).to_have_count(3)
        page.get_by_role("button", name="收起").click()
        expect(steps).to_have_count(0)
        context.close()
