"""A configuration's whole way in the console, on a real centre with agents that take it: to them, and back."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from gwf.sim.fleet import SimFleet
from gwf.sim.model import Plan
from tests.agent.waiting import until
from tests.console.conftest import axe, complain, new_context
from tests.console.place import PASSWORD, Portal, portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AGENTS = 10


@contextmanager
def living(made: Portal) -> Iterator[None]:
    """Let simulated agents live until the block ends; they listen, so that each takes what is offered at once."""
    secret = made.ask("/enrolment-tokens", {"name": "hosts", "max_uses": AGENTS})["secret"]
    plan = Plan(
        url=made.url,
        token=secret,
        agents=AGENTS,
        seconds=600,
        prefix="cfg",
        events_per_s=20,
        confirm_s=0.2,
        listens=True,
    )
    loop, done = asyncio.new_event_loop(), threading.Event()
    task: asyncio.Task[Any] = loop.create_task(SimFleet(plan).run())

    def live() -> None:
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.close()
        done.set()

    threading.Thread(target=live, name="agents").start()
    try:
        until(lambda: made.ask("/agents?text=cfg&limit=1")["total"] == AGENTS)
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        assert done.wait(30)


@pytest.fixture(scope="module")
def house(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal(tmp_path_factory.mktemp("configs"), seeded=False) as made, living(made):
        # tests come in any order: each has a layer of its own
        for name, matches in (("simulated", "true"), ("written twice", "no")):
            group = made.ask("/agent-groups", {"name": name, "selector": f"simulated={matches}"})
            made.ask("/config-layers", {"kind": "group", "subject": group["group_id"]})
        yield made


@pytest.fixture
def window(browser: Browser, house: Portal) -> Iterator[Page]:
    """One page of somebody with all rights; it complains of nothing but refusals that a test provokes."""
    problems: list[str] = []
    context = new_context(browser, house.url)
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    yield complain(context.new_page(), house.url, problems)
    context.close()
    assert [problem for problem in problems if "status of 409" not in problem] == []


def the_layer(house: Portal, group: str = "simulated") -> dict[str, Any]:
    subject = next(one["group_id"] for one in house.ask("/agent-groups")["items"] if one["name"] == group)
    found: dict[str, Any] = next(one for one in house.ask("/config-layers")["items"] if one["subject"] == subject)
    return found


def write(page: Page, layer: str, text: str, reason: str, number: int) -> None:
    """Write a version as YAML, by hand."""
    page.goto(f"/configs/{layer}/edit?as=yaml")
    page.get_by_label("配置文档（YAML）").fill(text)
    page.get_by_label("变更原因").fill(reason)
    page.get_by_role("button", name=f"写下 v{number}").click()
    expect(page).to_have_url(re.compile(f"/v/{number}"))


def launch(page: Page, waves: str, *, soak_s: int) -> None:
    """Begin a rollout of the version on screen, with a short quiet time."""
    page.get_by_role("button", name=waves).click()
    page.get_by_label("每批稳定观察").fill(str(soak_s))
    expect(page.get_by_text(re.compile(f"{AGENTS} 台会改变"))).to_be_visible()
    page.get_by_label("发布原因").fill("try it")
    page.get_by_role("button", name=f"发布到 {AGENTS} 台").click()
    expect(page).to_have_url(re.compile("/rollouts/"))


def test_a_configuration_is_written_rolled_out_in_waves_and_taken_back(window: Page, house: Portal) -> None:
    page, layer = window, str(the_layer(house)["layer_id"])
    # edit and validate: what is wrong is told at its line while it is typed
    page.goto(f"/configs/{layer}/edit?as=yaml")
    page.get_by_label("配置文档（YAML）").fill("agent:\n  transfer:\n    workers: many\n")
    expect(page.get_by_text("1 处错误")).to_be_visible()
    expect(page.get_by_role("button", name="第 3 行")).to_be_visible()
    page.get_by_label("配置文档（YAML）").fill("agent:\n  transfer:\n    workers: 8\n")
    expect(page.get_by_text("校验通过")).to_be_visible()
    # the difference stands beside it
    expect(page.locator(".publish .field-diff")).to_contain_text("agent.transfer.workers")
    page.get_by_label("变更原因").fill("catch up")
    page.get_by_role("button", name="写下 v1（改 1 项）").click()
    page.get_by_role("link", name="发布 v1…").click()
    launch(page, "一次全部", soak_s=0)
    expect(page.get_by_role("heading", level=2).first).to_contain_text("已完成")
    assert the_layer(house)["current"]["number"] == 1
    # the next one goes in waves, live
    write(page, layer, "agent:\n  transfer:\n    workers: 32\n", "much more", 2)
    expect(page.locator(".field-diff")).to_contain_text("32")
    page.get_by_role("link", name="发布 v2…").click()
    launch(page, "谨慎", soak_s=2)
    waves = page.get_by_role("list", name="批次").get_by_role("listitem")
    expect(waves.first).to_contain_text("通过")
    expect(page.get_by_role("list", name="门禁")).to_contain_text("失败率")
    page.get_by_role("button", name="暂停", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="暂停发布").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("已暂停")
    expect(waves.last).to_contain_text("未开始")
    # and back, with the reverse difference on screen
    page.get_by_role("button", name="全部回滚…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("会回到 v1")
    expect(dialog.locator("del")).to_have_text("32")
    expect(dialog.locator("ins")).to_have_text("8")
    dialog.get_by_label("原因（必填）").fill("too much")
    dialog.get_by_role("button", name=re.compile(r"回滚 \d+ 台")).click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("已全部回滚")
    expect(page.get_by_text("前后对比").first).to_be_visible()
    assert axe(page) == []
    assert the_layer(house)["current"]["number"] == 1
    until(
        lambda: {agent["config_stand"]["standing"] for agent in house.ask("/agents?text=cfg")["items"]} == {"in_sync"}
    )


def test_a_draft_is_merged_with_what_somebody_else_wrote_meanwhile(window: Page, house: Portal) -> None:
    layer = the_layer(house, "written twice")
    path, number = f"/config-layers/{layer['layer_id']}/versions", layer["newest_number"]
    start = {"agent": {"transfer": {"workers": 4}, "retry": {"max_attempts": 5}}}
    house.ask(f"{path}?reason=start", start)
    window.goto(f"/configs/{layer['layer_id']}/edit?as=yaml")
    text = window.get_by_label("配置文档（YAML）")
    expect(text).to_have_value(re.compile("workers: 4"))
    text.fill("agent:\n  transfer:\n    workers: 12\n  retry:\n    max_attempts: 5\n")
    window.get_by_label("变更原因").fill("mine")
    expect(window.get_by_role("button", name=f"写下 v{number + 2}（改 1 项）")).to_be_enabled()
    theirs = {"agent": {"transfer": {"workers": 6}, "retry": {"max_attempts": 9}}}
    house.ask(f"{path}?reason=theirs", theirs)
    window.get_by_role("button", name=re.compile("写下 v")).click()
    newer = window.get_by_role("region", name=f"有人写下了更新的 v{number + 2}")
    expect(newer).to_contain_text("theirs")
    clash = newer.get_by_role("radiogroup", name="agent.transfer.workers")
    expect(newer.get_by_role("button", name="还有 1 处要选")).to_be_disabled()
    clash.get_by_label("我的").check()
    newer.get_by_role("button", name=f"把我的改动合并到 v{number + 2}").click()
    expect(window.locator(".publish .field-diff")).to_contain_text("12")
    window.get_by_role("button", name=f"写下 v{number + 3}（改 1 项）").click()
    expect(window).to_have_url(re.compile(f"/v/{number + 3}"))
    merged = house.ask(f"{path}/{number + 3}")
    assert merged["document"] == {"agent": {"transfer": {"workers": 12}, "retry": {"max_attempts": 9}}}


def test_a_stale_change_tells_what_was_done_meanwhile_by_name(window: Page, house: Portal) -> None:
    group = next(one for one in house.ask("/agent-groups")["items"] if one["name"] == "simulated")
    window.goto(f"/groups/{group['group_id']}")
    window.get_by_role("button", name="修改", exact=True).click()
    dialog = window.get_by_role("dialog")
    dialog.get_by_label("说明").fill("mine")
    house.ask(f"/agent-groups/{group['group_id']}", {"description": "theirs", "reason": "first"}, method="PATCH")
    dialog.get_by_role("button", name="保存分组").click()
    conflict = dialog.get_by_role("alert")
    expect(conflict).to_contain_text("修改")
    expect(conflict.locator("ins")).to_have_text("theirs")
    assert house.ask(f"/agent-groups/{group['group_id']}")["description"] == "theirs"
