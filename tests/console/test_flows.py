"""Flows in the console, on a real centre: written, published, run, approved, failed, resumed, undone, replayed."""

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
    with workplace(tmp_path_factory.mktemp("flows")) as running:
        yield running


@pytest.fixture
def window(browser: Browser, work: Workplace) -> Iterator[Page]:
    """One page of somebody with all rights; it complains of nothing."""
    problems: list[str] = []
    context = new_context(browser, work.portal.url)
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    yield complain(context.new_page(), work.portal.url, problems)
    context.close()
    assert problems == []


def do(page: Page, act: str, reason: str) -> None:
    """Give the reason of a dialog and do what it is about."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("^原因")).fill(reason)
    dialog.get_by_role("button", name=act).click()


def test_a_flow_is_written_by_hand_published_and_run_to_its_approval(window: Page, work: Workplace) -> None:
    page = window
    page.goto("/flows/new")
    text = page.get_by_label("流程定义（YAML）")
    written = (
        f"name: by hand\nsteps:\n  - id: tell\n    action: WEBHOOK\n    config: {{url: '{work.beyond.url}/tell'}}\n"
    )
    text.fill(written + "    needs: [nobody]\n")
    expect(page.get_by_role("button", name="第 6 行")).to_be_visible()
    expect(page.get_by_role("button", name="保存草稿…")).to_be_disabled()
    text.fill(written)
    expect(page.get_by_text("检查通过")).to_be_visible()
    page.get_by_role("button", name="添加步骤…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("编号").fill("confirm")
    dialog.get_by_label("动作").select_option("APPROVAL")
    assert axe(page) == []
    dialog.get_by_role("button", name="放进流程").click()
    graph = page.get_by_role("group", name=re.compile("正在编辑的流程图"))
    expect(graph.get_by_role("button")).to_have_count(2)
    expect(text).to_have_value(re.compile("action: APPROVAL"))  # the text follows the form
    page.get_by_role("button", name="保存草稿…").click()
    do(page, "保存草稿", "agreed")
    expect(page).to_have_url(re.compile("/flows/flw_"))
    page.get_by_role("button", name="发布 v1…").click()
    do(page, "发布 v1", "reviewed")
    expect(page.get_by_text("生效 v1")).to_be_visible()
    page.get_by_role("button", name="运行…").click()
    do(page, "开始运行", "try it")
    expect(page).to_have_url(re.compile("/runs/run-"))
    expect(page.get_by_text("等待审批：confirm")).to_be_visible()  # told live
    page.get_by_role("button", name="批准…").click()
    do(page, "批准", "fine")
    expect(page.get_by_text("全部完成（2 / 2 步）")).to_be_visible()
    page.get_by_role("tab", name="经过").click()
    expect(page.get_by_role("list", name="经过")).to_contain_text("批准")
    assert "tell" in [name for name, _ in work.beyond.heard]


def test_what_failed_goes_on_from_there_once_it_is_mended(window: Page, work: Workplace) -> None:
    flow = work.flow(
        "stops", {"id": "first"}, {"id": "broken", "needs": ["first"]}, {"id": "last", "needs": ["broken"]}
    )
    work.beyond.answers["broken"] = [503]
    run = work.begin(flow, "/data/a.log")
    until(lambda: work.run(run)["state"] == "failed")
    work.beyond.answers["broken"] = [200]
    page = window
    page.goto("/runs?q=a.log")
    page.get_by_role("link", name="/data/a.log").click()
    picture = page.get_by_role("group", name=re.compile("^步骤的时间线"))
    expect(picture.get_by_role("button", name=re.compile("^broken，第 . 次，失败"))).to_have_count(2)
    page.get_by_role("button", name="从失败处继续…").click()
    expect(page.get_by_role("dialog")).to_contain_text("broken · last")
    do(page, "继续", "mended")
    expect(page.get_by_text("全部完成（3 / 3 步）")).to_be_visible()
    assert [name for name, _ in work.beyond.heard].count("first") == 1
    page.get_by_role("tab", name="图").click()
    graph = page.get_by_role("group", name=re.compile("^步骤的图"))
    graph.get_by_role("button", name=re.compile("^first")).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("step=broken"))
    assert axe(page) == []


def test_what_was_done_is_undone_and_the_run_is_replayed_from_a_step(window: Page, work: Workplace) -> None:
    flow = work.flow("undoes", {"id": "store"}, {"id": "register", "needs": ["store"]}, on_failure="compensate")
    work.beyond.answers["register"] = [403]
    run = work.begin(flow, "/data/b.log")
    until(lambda: work.run(run)["state"] == "compensated")
    assert "undo-store" in [name for name, _ in work.beyond.heard]
    work.beyond.answers["register"] = [200]
    page = window
    page.goto(f"/runs/{run}?step=store")
    expect(page.get_by_text("已做的事都已撤销")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^store，第 1 次，成功"))).to_have_count(2)  # done, and undone
    page.get_by_role("button", name="重放…", exact=True).click()
    do(page, "开始重放", "mended")
    expect(page).not_to_have_url(re.compile(run))
    expect(page.get_by_text("全部完成（2 / 2 步）")).to_be_visible()
    page.get_by_role("link", name="重放自").click()
    expect(page).to_have_url(re.compile(run))


def test_a_draft_is_compared_and_an_old_version_comes_back(window: Page, work: Workplace) -> None:
    flow = work.flow("versions", {"id": "only"})
    document = work.portal.ask(f"/flows/{flow}")["flow"]
    work.portal.ask(f"/flows/{flow}", {"flow": {**document, "description": "said"}, "reason": "why"}, method="PUT")
    page = window
    page.goto(f"/flows/{flow}?tab=versions")
    expect(page.get_by_role("region", name="v1 与 v2 的差异")).to_contain_text("description: said")
    page.get_by_role("button", name="发布 v2…").click()
    do(page, "发布 v2", "reviewed")
    page.get_by_role("button", name="回到 v1…").click()
    do(page, "以新版本发布 v1 的内容", "it was wrong")
    expect(page.get_by_text("生效 v3")).to_be_visible()
    assert axe(page) == []
