"""Dead letters and lives of files in the console, on a real centre: looked into, changed, done again, told whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agent.waiting import until
from tests.console.conftest import SHOTS, axe, complain, new_context
from tests.console.matrix import overflow
from tests.console.place import PASSWORD
from tests.console.workplace import Workplace, workplace

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def work(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with workplace(tmp_path_factory.mktemp("work")) as running:
        yield running


@pytest.fixture
def page(browser: Browser, work: Workplace) -> Iterator[Page]:
    problems: list[str] = []
    context = new_context(browser, work.portal.url)
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    yield complain(context.new_page(), work.portal.url, problems)
    context.close()
    assert [problem for problem in problems if "status of 400" not in problem] == []


def shot(page: Page, name: str) -> None:
    if os.environ.get("GWF_SHOTS"):
        page.screenshot(path=SHOTS / f"{name}.png")


def test_a_cause_is_probed_and_its_letters_are_done_again(page: Page, work: Workplace) -> None:
    tasks = [work.webhook(f"gone-{number}", 404) for number in range(3)]
    until(lambda: {work.state(task) for task in tasks} == {"dead"})
    page.goto("/dlq")
    cause = page.get_by_role("row").filter(has=page.get_by_role("button", name=re.compile("目标不存在.*answered 404")))
    cause.get_by_role("button", name="探测原因").click()
    expect(cause).to_contain_text("仍存在")
    for number in range(3):
        work.beyond.answers[f"gone-{number}"] = [200]
    cause.get_by_role("button", name="探测原因").click()
    expect(cause).to_contain_text("已恢复")
    shot(page, "dlq")
    assert axe(page) == []
    cause.get_by_role("button", name=re.compile("目标不存在.*answered 404")).click()
    expect(page).to_have_url(re.compile("cause="))
    cause.get_by_role("button", name="重放…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("已经做成的不会再做一次")
    shot(page, "dlq-replay")
    assert axe(page) == []
    dialog.get_by_role("button", name="重放 3 条").click()
    until(lambda: {work.state(task) for task in tasks} == {"succeeded"})
    expect(page.get_by_role("listitem").filter(has_text="重放 3 条")).to_contain_text("已解决 3")


def test_the_desk_shows_what_fails_and_what_is_done_while_somebody_looks(page: Page, work: Workplace) -> None:
    page.goto("/dlq?q=live")
    expect(
        page.get_by_text("实时 ·")
    ).to_be_visible()  # the stream is open: nothing is asked for by itself for a minute
    task = work.webhook("live", 404)
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="live.log"))
    expect(row).to_contain_text("待处理")
    work.beyond.answers["live"] = [200]
    (letter,) = work.portal.ask("/dlq?text=live")["items"]
    work.portal.ask("/dlq:replay", {"ids": [letter["letter_id"]], "reason": "mended"})
    until(lambda: work.state(task) == "succeeded")
    expect(row).to_have_count(0)


def test_a_letter_is_changed_before_it_is_done_again(page: Page, work: Workplace) -> None:
    task = work.webhook("wrong", 404)
    until(lambda: work.state(task) == "dead")
    page.goto("/dlq?q=wrong")
    page.get_by_role("link", name="wrong.log").click()
    drawer = page.get_by_role("dialog", name="死信")
    expect(drawer).to_contain_text("answered 404")
    shot(page, "dlq-letter")
    drawer.get_by_role("button", name="修改后重放…").click()
    dialog = page.get_by_role("dialog", name="修改后重放")
    content = dialog.get_by_role("textbox", name="要修改的内容")
    old = content.input_value()
    content.fill(old.replace('/wrong"', '/nowhere"').replace("http://", "ftp://", 1))
    expect(dialog).to_contain_text("http")
    expect(dialog.get_by_role("button", name="重放 1 条")).to_be_disabled()
    content.fill(old.replace('/wrong"', '/right"'))
    expect(dialog.get_by_role("table")).to_contain_text("config.url")
    shot(page, "dlq-edit")
    assert axe(page) == []
    dialog.get_by_role("button", name="重放 1 条").click()
    until(lambda: work.state(task) == "succeeded")
    assert ("right", task) in work.beyond.heard


def test_the_life_of_a_file_is_told_whole(page: Page, work: Workplace) -> None:
    work.portal.place.write("whole.log", content=b"one\n")
    until(work.portal.place.is_carried)
    agent = until(lambda: work.portal.ask("/agents")["items"])[0]["agent_id"]
    path = str(work.portal.place.tree / "whole.log")
    until(lambda: work.portal.ask(f"/file-events?path_prefix={path}")["items"])
    page.goto(f"/files/trace?agent={agent}&path={path}")
    expect(page.get_by_role("main")).to_contain_text("全程完整")
    expect(page.get_by_role("main")).to_contain_text("已送达")
    shot(page, "trace")
    assert axe(page) == []
    event = work.portal.ask(f"/file-events?path_prefix={path}")["items"][-1]
    page.goto(f"/files/trace?event={event['row_id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("whole.log")
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == []
    page.goto(f"/events/files?sel={event['row_id']}")
    page.get_by_role("dialog").get_by_role("link", name="文件的全程").click()
    expect(page.get_by_role("main")).to_contain_text("全程完整")
