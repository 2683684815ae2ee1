"""Agents in the console by keyboard, against a real centre: find one, act on it, take it back, let one in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.conftest import axe, complain, new_context
from tests.console.place import PASSWORD, Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def window(browser: Browser, full: Portal) -> Iterator[Page]:
    """Return one page of somebody with all rights; it complains of nothing."""
    problems: list[str] = []
    context = new_context(browser, full.url)
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    yield complain(context.new_page(), full.url, problems)
    context.close()
    # a rule that cannot be read is refused by the server, and the browser notes that by itself
    assert [problem for problem in problems if "status of 400" not in problem] == []


def listed(page: Page, path: str = "/agents") -> Page:
    page.goto(path)
    page.locator("tr[data-row]").first.wait_for()
    return page


def test_an_agent_is_found_and_opened_without_a_mouse(window: Page) -> None:
    page = listed(window)
    page.keyboard.press("/")
    page.keyboard.type("app-00003")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=app-00003"))
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("app-00003")
    page.get_by_role("tab", name="概况").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="运行")).to_have_attribute("aria-selected", "true")
    expect(page.locator("tr[data-row]").first).to_contain_text("已送达")
    page.go_back()
    page.go_back()
    expect(page.locator("tr[data-row]")).to_have_count(1)


@pytest.mark.parametrize("tab", ["summary", "config", "host", "audit"])
def test_each_part_of_an_agent_is_accessible(window: Page, full: Portal, tab: str) -> None:
    (agent,) = full.ask("/agents?text=app-00005")["items"]
    window.goto(f"/agents/{agent['agent_id']}?tab={tab}")
    window.get_by_role("tabpanel").wait_for()
    expect(window.locator("main .loading")).to_have_count(0)
    assert axe(window) == []


def test_chosen_agents_are_drained_with_effect_reason_and_result(window: Page, full: Portal) -> None:
    page = listed(window, "/agents?q=app-0000&sort=hostname")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("group", name="所选的操作").get_by_role("button", name="维护", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("影响 2 个对象")
    dialog.get_by_label("原因（选填）").fill("kernel update")
    dialog.get_by_role("button", name="维护 2 台").click()
    expect(dialog).to_contain_text("成功 2 · 失败 0 · 共 2")
    dialog.get_by_role("button", name="关闭").last.click()
    drained = full.ask("/agents?condition=draining&condition=offline&text=app-0000")["items"]
    assert sum(agent["drain"] for agent in drained) == 2
    entry = full.ask("/audit?action=agent.drain")["items"][0]
    assert entry["reason"] == "kernel update"


def test_the_heat_map_is_walked_by_arrows(window: Page) -> None:
    page = listed(window)
    page.keyboard.press("h")
    cells = page.get_by_role("listbox", name=re.compile("prod-sh"))
    cells.focus()
    page.keyboard.press("ArrowRight")
    told = cells.locator("[role=option]").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(told.split(" · ")[0])


def test_a_rule_tells_who_would_move_before_it_counts(window: Page, full: Portal) -> None:
    group = next(one for one in full.ask("/agent-groups")["items"] if one["name"] == "prod-bj")
    window.goto(f"/groups/{group['group_id']}")
    window.get_by_role("button", name="修改", exact=True).click()
    dialog = window.get_by_role("dialog")
    dialog.get_by_label("归组规则").fill("env=prod")
    moves = dialog.get_by_role("status", name="谁会变动")
    expect(moves).to_contain_text("加入")
    dialog.get_by_label("归组规则").fill("env=")
    expect(dialog.get_by_role("button", name="保存分组")).to_be_disabled()
    window.keyboard.press("Escape")
    assert full.ask(f"/agent-groups/{group['group_id']}")["selector"] == "env=prod,site=bj"


def test_a_host_is_let_in_by_one_command_that_holds_a_real_token(window: Page, full: Portal) -> None:
    page = listed(window)
    page.get_by_role("button", name="接入 Agent").click()
    page.get_by_label("要盯住的目录").press("Enter")
    command = page.locator(".command .code")
    expect(command).to_contain_text("gwf up --no-centre")
    found = re.search(r"ENROLMENT_TOKEN=(\S+)", command.inner_text())
    assert found is not None
    register = {
        "protocol": 1, "instance_id": "00000000-0000-4000-8000-00000000abcd", "hostname": "let-in", "version": "0.1.0",
        "started_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {found[1]}"}
    assert page.context.request.post("/api/v1/agents/register", data=register, headers=headers).status == 201
    expect(page.get_by_text("已连接")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("link", name="let-in")).to_be_visible()
