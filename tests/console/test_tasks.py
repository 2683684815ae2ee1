"""Tasks in the console, on a real centre whose workers call a real system beyond: seen, made, done again, stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agent.waiting import until
from tests.console.conftest import axe, complain, new_context
from tests.console.place import PASSWORD
from tests.console.workplace import Workplace, workplace

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def work(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with workplace(tmp_path_factory.mktemp("work")) as running:
        yield running


@pytest.fixture
def window(browser: Browser, work: Workplace) -> Iterator[Page]:
    """One page of somebody with all rights; it complains of nothing but refusals that a test provokes."""
    problems: list[str] = []
    context = new_context(browser, work.portal.url)
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    yield complain(context.new_page(), work.portal.url, problems)
    context.close()
    assert [problem for problem in problems if "status of 400" not in problem] == []


def test_an_attempt_is_found_by_keys_and_stays_in_the_address(window: Page, work: Workplace) -> None:
    task = work.webhook("slowly-well", 503, 503, 200)
    until(lambda: work.state(task) == "succeeded")
    page = window
    page.goto("/tasks?q=slowly-well")
    page.get_by_role("link", name="slowly-well.log").click()
    picture = page.get_by_role("group", name="时间线：共 3 次尝试，其中 2 次失败")
    bars = picture.get_by_role("button")
    expect(bars).to_have_count(3)
    bars.nth(2).focus()
    page.keyboard.press("Home")
    expect(bars.first).to_be_focused()
    expect(bars.first).to_have_accessible_name(re.compile("第 1 次尝试，失败（服务端错误）"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"attempt=1\.1"))
    page.reload()
    expect(page.get_by_label("输出").last).to_contain_text('"status": 503')
    page.keyboard.press("f")
    expect(page.get_by_role("table", name="尝试").get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="表格").click()
    expect(page.get_by_role("table", name=re.compile("时间线"))).to_contain_text("第 3 次")
    page.get_by_role("tab", name="经过").click()
    expect(page.get_by_role("list", name="经过").get_by_role("listitem")).to_have_count(7)
    assert axe(page) == []


def test_a_task_is_made_by_a_form_that_the_centre_judges(window: Page, work: Workplace) -> None:
    page = window
    page.goto("/tasks/new?type=WEBHOOK")
    address = page.get_by_role("textbox", name=re.compile("^地址"))
    address.first.fill("ftp://nowhere")
    expect(page.get_by_role("status").filter(has_text="1 处需要修改")).to_contain_text("/config/url")
    expect(address.first).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="新建任务…")).to_be_disabled()
    address.first.fill(f"{work.beyond.url}/by-hand")
    expect(page.get_by_text("可以执行")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="新建任务…").click()
    page.get_by_role("dialog").get_by_label(re.compile("^原因")).fill("try it")
    page.get_by_role("button", name="新建并排队").click()
    expect(page).to_have_url(re.compile("/tasks/tsk-"))
    expect(page.get_by_text("第 1 次尝试成功")).to_be_visible()  # told live
    assert "by-hand" in [name for name, _ in work.beyond.heard]


def test_what_is_dead_is_done_again_under_the_same_key(window: Page, work: Workplace) -> None:
    task = work.webhook("dead-first", 503)
    until(lambda: work.state(task) == "dead")
    work.beyond.answers["dead-first"] = [200]
    page = window
    page.goto(f"/tasks/{task}")
    expect(page.get_by_text("试了 3 次（最多 3 次）仍未成功（服务端错误）")).to_be_visible()
    expect(page.get_by_role("button", name="取消…")).to_be_disabled()
    page.keyboard.press("r")
    page.get_by_role("button", name="原因已排除").click()
    page.get_by_role("button", name="重试这个任务").click()
    expect(page.get_by_text("第 1 次尝试成功")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^第 . 次尝试"))).to_have_count(4)
    assert {key for name, key in work.beyond.heard if name == "dead-first"} == {task}
    assert work.portal.ask(f"/audit?resource={task}&action=task.retry")["items"][0]["reason"] == "原因已排除"


def test_many_are_stopped_as_the_centre_said_beforehand(window: Page, work: Workplace) -> None:
    later = [work.webhook(f"many-{number}", delay_s=3600) for number in range(3)]
    done = work.webhook("many-done")
    until(lambda: work.state(done) == "succeeded")
    page = window
    page.goto("/tasks?q=many-")
    page.get_by_label("选择已加载的全部").check()
    page.get_by_role("group", name="所选的操作").get_by_role("button", name="取消…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("影响 3 个对象")
    expect(dialog).to_contain_text("其中 1 个的状态不允许，会跳过")
    assert axe(page) == []
    dialog.get_by_label(re.compile("^原因")).fill("no disk")
    dialog.get_by_role("button", name="取消 3 个任务").click()
    expect(page.get_by_role("row").filter(has_text="已取消")).to_have_count(3)
    assert [work.state(task) for task in later] == ["cancelled"] * 3


def test_whoever_may_only_look_is_told_why(browser: Browser, work: Workplace) -> None:
    task = work.webhook("looked-at")
    context = new_context(browser, work.portal.url, width=390)
    assert context.request.post("/api/v1/login", data={"name": "lihang", "password": PASSWORD}).ok
    page = context.new_page()
    page.goto(f"/tasks/{task}")
    expect(page.get_by_role("button", name="重试…")).to_be_disabled()
    page.goto("/tasks/new")
    expect(page.get_by_text("没有权限查看")).to_be_visible()
    context.close()
