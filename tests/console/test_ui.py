"""The shared parts on their story page: accessible in both themes, and what a reader does with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gwf.console.site import ConsoleSite
from tests.api.conftest import open_port
from tests.api.fake_edge import FakeEdge
from tests.console.conftest import axe, complain, new_context
from tests.console.matrix import THEMES, put_theme, shot
from tests.console.tools import build_stories

BIG = "[data-story='table ten thousand rows'] table"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def stories(packages: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story page, built as a release never is."""
    return build_stories(tmp_path_factory.mktemp("stories"))


@pytest.fixture(scope="module")
def address(stories: Path) -> Iterator[str]:
    edge = FakeEdge()
    with open_port(edge, site=ConsoleSite(edge, dist=stories)) as port:
        yield port.server.url


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    problems: list[str] = []
    context = new_context(browser, address)
    yield complain(context.new_page(), address, problems)
    context.close()
    assert problems == []


def table(page: Page) -> Page:
    page.goto("/__ui?part=table")
    page.locator(f"{BIG} tbody tr").first.wait_for()
    return page


def rows(page: Page) -> list[str]:
    found: list[str] = page.locator(f"{BIG} tbody tr[data-row]").evaluate_all(
        "rows => rows.map(row => row.dataset.row)"
    )
    return found


def test_a_release_carries_no_stories(dist: Path) -> None:
    assert not (dist / "stories.html").exists()
    assert not any(b"ten thousand rows" in path.read_bytes() for path in (dist / "assets").glob("*.js"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_is_accessible(page: Page, language: str) -> None:
    page.goto(f"/__ui?lang={language}")
    page.locator("[data-story]").last.wait_for()
    for theme in THEMES:
        put_theme(page, theme)
        shot(page, f"ui-{language}-{theme}")
        assert axe(page) == []


def test_ten_thousand_rows_draw_a_window_of_them_only(page: Page) -> None:
    table(page)
    assert rows(page)[0] == "app-09999"
    assert len(rows(page)) < 200
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector(\"[data-row='app-00000']\") !== null")
    assert len(rows(page)) < 200


def test_scrolling_drops_no_frame_for_long(page: Page) -> None:
    table(page)
    worst_ms: float = page.evaluate("""async () => {
      let worst = 0;
      new PerformanceObserver(list => list.getEntries().forEach(one => { worst = Math.max(worst, one.duration); }))
        .observe({type: 'longtask'});
      for (let step = 0; step < 60; step += 1) {
        scrollBy(0, 700);
        await new Promise(requestAnimationFrame);
      }
      return worst;
    }""")
    print(f"longest task while scrolling 1,400 rows: {worst_ms:.0f} ms")  # a figure, not a limit
    assert rows(page)[0] != "app-09999"


def test_keys_walk_open_and_choose_rows(page: Page) -> None:
    table(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("sel=app-"))
    page.keyboard.press("j")
    opened = page.url
    page.keyboard.press("k")
    assert page.url != opened
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("sel="))


def test_a_choice_can_be_a_range_and_is_counted(page: Page) -> None:
    table(page)
    big = page.locator(BIG)
    big.get_by_label("选择 app-09999").click()
    big.get_by_label("选择 app-09996").click(modifiers=["Shift"])
    expect(page.get_by_role("group", name="所选的操作").last).to_contain_text("已选 4 条")
    expect(page.get_by_role("button", name="移动 4 台")).to_be_visible()


def test_new_rows_wait_while_a_list_is_read(page: Page) -> None:
    table(page)
    page.get_by_label("选择 app-09998").click()
    page.get_by_role("button", name="12 台新 Agent").last.click()
    assert rows(page)[0] == "app-09999"
    page.get_by_role("button", name="有 12 条新变化").click()
    expect(page.locator("[data-row='app-10011']")).to_be_visible()


def test_filters_live_in_the_address(page: Page) -> None:
    table(page)
    page.get_by_role("button", name="状态 全部").click()
    page.get_by_role("checkbox", name="异常").last.check()
    expect(page).to_have_url(re.compile("state=crit"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="清除筛选").last.click()
    expect(page).not_to_have_url(re.compile("state="))


def test_columns_are_chosen_and_remembered(page: Page) -> None:
    table(page)
    page.get_by_role("button", name="选择列").last.click()
    page.get_by_role("checkbox", name="IP").check()
    expect(page.get_by_role("columnheader", name="IP")).to_be_visible()
    page.reload()
    expect(page.get_by_role("columnheader", name="IP")).to_be_visible()


def test_an_export_holds_all_that_match(page: Page) -> None:
    table(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="导出筛选出的 10,000 条").click()
    lines = Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), lines[0]) == (10_001, "Agent,状态,队列")


def test_an_act_shows_its_effect_asks_why_and_can_be_undone(page: Page) -> None:
    page.goto("/__ui?part=action")
    page.get_by_role("button", name="回滚…").click()
    dialog = page.get_by_role("dialog")
    act = dialog.get_by_role("button", name="回滚 34 台")
    expect(dialog).to_contain_text("影响 34 个对象")
    expect(dialog).to_contain_text("再发布 v42")
    expect(act).to_be_disabled()
    dialog.get_by_role("button", name="误发布").click()
    act.click()
    expect(dialog.get_by_role("alert")).to_contain_text("期间有人改过")  # somebody was quicker
    dialog.get_by_role("button", name="按现在的状态重新预览").click()
    assert axe(page) == []
    act.click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("status").filter(has_text="已撤销")).to_be_visible()


def test_what_cannot_be_undone_wants_the_name_typed(page: Page) -> None:
    page.goto("/__ui?part=action")
    page.get_by_role("button", name="删除…").click()
    dialog = page.get_by_role("dialog")
    act = dialog.get_by_role("button", name="删除分组 prod-sh")
    expect(dialog).to_contain_text("不能撤回")
    expect(act).to_be_disabled()
    dialog.get_by_label("输入「prod-sh」以确认").fill("prod-sh")
    act.click()
    expect(dialog).to_be_hidden()


def test_many_objects_show_their_own_progress_and_failed_ones_are_retried(page: Page) -> None:
    page.goto("/__ui?part=action")
    page.get_by_role("button", name="批量…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="下线 6 台").click()
    expect(dialog.get_by_role("status")).to_have_text("成功 5 · 失败 1 · 共 6")
    dialog.get_by_role("button", name="重试失败的 1 个").click()
    expect(dialog.get_by_role("status")).to_have_text("成功 6 · 失败 0 · 共 6")


def test_a_stretch_of_time_is_drawn_over_in_a_chart(page: Page) -> None:
    page.goto("/__ui?part=fleet")
    story = page.locator("[data-story='fleet stack']")
    chart = story.locator(".u-over").nth(1)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    expect(story.locator(".panel-series b").first).to_have_text(re.compile("%"))  # all panels tell the same moment
    page.mouse.down()
    page.mouse.move(x + box["width"] / 2, y, steps=4)
    page.mouse.up()
    half = 71 * 300 / 2
    expect(story.locator("output")).to_have_attribute("data-range", re.compile(r"[0-9]+"))
    drawn = float(story.locator("output").get_attribute("data-range") or 0)
    assert abs(drawn - half) < half / 20


def test_cells_are_opened_where_the_pointer_is(page: Page) -> None:
    page.goto("/__ui?part=fleet")
    heat = page.locator("[data-story='fleet heat'] .heat")
    heat.locator("canvas").hover(position={"x": 14 * 4 + 5, "y": 5})
    expect(heat.locator(".heat-tip")).to_have_text("app-00004 · 异常")
