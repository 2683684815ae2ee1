"""What a reader does with the page, and what the page does by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pydantic import SecretStr

from gwf.console.site import ConsoleSite
from tests.api.conftest import open_port
from tests.api.fake_edge import FakeEdge
from tests.console.conftest import Console

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def paths(page: Page) -> list[str]:
    found: list[str] = page.locator(".file-table tbody .name").evaluate_all("names => names.map(n => n.title)")
    return found


def test_a_filter_is_in_the_address_and_survives_reload_and_back(console: Console) -> None:
    page = console.open()
    page.get_by_role("button", name="死信").click()
    expect(page).to_have_url(re.compile(r"[?&]state=dead\b"))
    expect(page.locator(".file-table tbody tr")).to_have_count(2)
    page.reload()
    expect(page.locator(".file-table tbody tr")).to_have_count(2)
    page.go_back()
    expect(page.locator(".file-table tbody tr")).to_have_count(50)


def test_the_search_is_done_by_the_server(console: Console) -> None:
    page = console.open()
    page.get_by_label("按路径查找").fill("2026-11-16")
    expect(page).to_have_url(re.compile("q=2026-11-16"))
    expect(page.locator(".files .sub")).to_have_text("共 24 个")  # none of them was on the first page
    assert all("2026-11-16" in path for path in paths(page))


def test_filters_without_a_match_can_be_dropped_one_by_one(console: Console) -> None:
    page = console.open("/?state=dead&q=nowhere")
    page.get_by_role("button", name="路径包含「nowhere」").click()
    expect(page.locator(".file-table tbody tr")).to_have_count(2)


def test_a_row_opens_by_keyboard_and_closes_with_escape(console: Console) -> None:
    page = console.open()
    page.get_by_role("link", name="查看 /data/logs/audit/1122-09.tar").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(console.edge.file(1994).sha256 or "-")
    expect(page).to_have_url(re.compile("sel=1994"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).not_to_have_url(re.compile("sel="))


def test_a_link_to_a_row_opens_it_and_an_unknown_one_says_so(console: Console) -> None:
    console.expected.append("404")
    page = console.open("/?sel=1999")
    expect(page.get_by_role("dialog")).to_contain_text("/data/logs/app/gc-0937.log")
    page.goto("/?sel=7")
    expect(page.get_by_role("dialog")).to_contain_text("没有编号为 7 的文件")


def test_a_new_file_appears_by_itself(console: Console) -> None:
    page = console.open()
    page.mouse.move(5, 300)
    console.edge.arrive("/data/logs/fresh.log")
    expect(page.locator(".file-table tbody .name").first).to_have_attribute("title", "/data/logs/fresh.log")


def test_while_reading_values_change_in_place_and_order_waits(console: Console) -> None:
    page = console.open()
    before = paths(page)
    page.locator(".file-table tbody tr").nth(3).hover()
    console.edge.change(1999, "done")
    console.edge.arrive("/data/logs/fresh.log")
    expect(page.get_by_role("button", name="有 1 条新变化")).to_be_visible()
    assert paths(page) == before
    expect(page.locator(".file-table tbody tr").nth(1)).to_contain_text("已送达")
    page.get_by_role("button", name="有 1 条新变化").click()
    expect(page.locator(".file-table tbody .name").first).to_have_attribute("title", "/data/logs/fresh.log")


def test_more_pages_join_below(console: Console) -> None:
    page = console.open()
    page.get_by_role("button", name="再看 50 个").click()
    expect(page.locator(".file-table tbody tr")).to_have_count(100)
    page.get_by_role("button", name="再看 38 个").click()
    expect(page.locator(".file-table tbody tr")).to_have_count(138)
    assert paths(page) == [file.path for file in console.edge.files_list]


def test_a_failed_request_keeps_the_old_data_and_says_why(console: Console) -> None:
    console.expected.append("503")
    page = console.open()
    console.edge.broken = True
    console.edge.revision += 1
    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("服务暂时没有应答")
    expect(alert).to_contain_text(re.compile(r"请求 [0-9a-f]{16}"))
    expect(page.locator(".verdict")).to_contain_text("部分降级")
    console.edge.broken = False
    alert.get_by_role("button", name="重试").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_page_that_never_got_data_can_be_retried(console: Console) -> None:
    console.expected.append("503")
    console.edge.show("full")
    console.edge.broken = True
    page = console.watch(console.context().new_page())
    page.goto("/")
    expect(page.get_by_role("alert")).to_have_count(2)
    console.edge.broken = False
    for _ in range(2):
        page.get_by_role("button", name="重试").first.click()
    expect(page.locator(".verdict")).to_contain_text("部分降级")


def test_without_the_stream_the_page_polls(console: Console) -> None:
    console.expected.append("Failed to load resource")
    console.edge.show("full")
    page = console.watch(console.context().new_page())

    def refuse(route: Route) -> None:
        route.fulfill(status=502, body="")

    page.route("**/api/v1/stream", refuse)
    page.goto("/")
    expect(page.locator(".live")).to_contain_text("轮询中")
    console.edge.show("failing")
    expect(page.locator(".verdict")).to_contain_text("无法正常工作")


def test_pausing_stops_updates_and_resuming_catches_up(console: Console) -> None:
    page = console.open()
    page.get_by_role("button", name="暂停实时更新").click()
    expect(page.locator(".live")).to_contain_text("已暂停")
    console.edge.show("failing")
    page.get_by_role("button", name="继续实时更新").click()
    expect(page.locator(".verdict")).to_contain_text("无法正常工作")


def test_two_tabs_share_one_stream_and_both_follow(console: Console) -> None:
    streams: list[str] = []
    first = console.open()
    second = console.watch(first.context.new_page())
    second.on("request", lambda request: streams.append(request.url) if "stream" in request.url else None)
    second.goto("/")
    expect(second.locator(".live")).to_contain_text("实时")
    console.edge.show("failing")
    for page in (first, second):
        expect(page.locator(".verdict")).to_contain_text("无法正常工作")
    assert streams == []


def test_language_theme_and_density_are_kept(console: Console) -> None:
    page = console.open()
    page.get_by_label("显示设置").click()
    page.get_by_role("button", name="深色").click()
    page.get_by_role("button", name="舒适").click()
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile("lang=en"))
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-density", "comfortable")


def test_the_first_run_names_the_directory_and_stays_until_it_is_put_away(console: Console) -> None:
    page = console.open(scenario="empty")
    guide = page.get_by_role("region", name="从这里开始")
    expect(guide).to_contain_text("echo hello > /home/ops/inbox/hello.txt")
    console.edge.show("full")
    expect(guide).to_contain_text("三步都完成了")
    guide.get_by_role("button", name="收起").click()
    expect(guide).to_have_count(0)


def test_an_unknown_reason_is_told_in_the_server_s_words(console: Console) -> None:
    page = console.open(scenario="failing")
    expect(page.locator(".reasons")).to_contain_text("the clock jumped by 312 s", ignore_case=True)


def test_dead_letters_offer_a_command_that_works_from_anywhere(console: Console) -> None:
    page = console.open("/?lang=en", width="390")
    command = page.locator(".dead .code").first
    expect(command).to_have_text("gwf queue replay --cause 5f0c9a4b7e21 --data /var/lib/gwf")
    for cell in page.locator(".dead tbody td").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_the_chart_has_a_table_and_another_unit(console: Console) -> None:
    page = console.open()
    page.get_by_role("button", name="字节/秒").click()
    expect(page.get_by_role("img", name=re.compile("MB")).first).to_be_visible()
    page.get_by_role("button", name="表格").click()
    expect(page.get_by_role("region", name="信号").locator("tbody tr")).to_have_count(120)


def test_the_skip_link_moves_the_focus(console: Console) -> None:
    page = console.open()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert "#" not in page.url


def test_a_new_build_is_offered_never_forced(console: Console) -> None:
    page = console.open()
    console.edge.build = "next"
    console.edge.revision += 1
    try:
        expect(page.get_by_role("button", name="有新版本，刷新")).to_be_visible()
    finally:
        console.edge.build = "dev"


def test_it_works_under_a_prefix_and_behind_a_password(browser: Browser, dist: Path) -> None:
    edge = FakeEdge()
    site = ConsoleSite(edge, url_prefix="/ops/gwf", dist=dist)
    with open_port(edge, site=site, url_prefix="/ops/gwf", token=SecretStr("s3cret")) as port:
        context = browser.new_context(http_credentials={"username": "me", "password": "s3cret"}, locale="zh-CN")
        page = context.new_page()
        page.goto(f"{port.server.url}/ops/gwf/?state=dead")
        expect(page.locator(".file-table tbody tr")).to_have_count(2)
        expect(page.locator(".live")).to_contain_text("实时")
        page.get_by_role("button", name="清除筛选").click()
        expect(page).to_have_url(f"{port.server.url}/ops/gwf/")
        context.close()
