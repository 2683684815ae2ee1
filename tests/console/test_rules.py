"""A rule's whole way in the console, on a real centre: written, tried, refused, in force, fired, taken back."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agent.waiting import until
from tests.console.conftest import axe, complain, new_context
from tests.console.place import PASSWORD, Portal, portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def house(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal(tmp_path_factory.mktemp("rules"), seeded=False) as made:
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


def happened(house: Portal, number: int, amount: int) -> None:
    """Tell the centre of an order that was paid."""
    event = {
        "specversion": "1.0", "id": f"paid-{number}", "source": "shop", "type": "shop.paid",
        "subject": f"order/{number}", "data": {"amount": amount},
    }  # fmt: skip
    headers = {"Content-Type": "application/cloudevents+json", "Authorization": f"Bearer {house.token}"}
    asked = urllib.request.Request(f"{house.url}/api/v1/events", json.dumps(event).encode(), headers, method="POST")
    with urllib.request.urlopen(asked, timeout=20) as answer:
        assert answer.status < 300


def the_rule(house: Portal) -> dict[str, Any]:
    return next(rule for rule in house.ask("/rules")["items"] if rule["name"] == "大额订单")


def test_a_rule_is_written_tried_published_fired_and_taken_back(window: Page, house: Portal) -> None:
    page = window
    happened(house, 1, 200)
    happened(house, 2, 700)
    # write by form; the server judges it while it is typed
    page.goto("/rules")
    page.get_by_role("link", name="新建规则").first.click()
    expect(page.get_by_text(re.compile(r"\d 处错误"))).to_be_visible()
    page.get_by_label("名称", exact=True).fill("大额订单")
    expect(page.get_by_text("校验通过")).to_be_visible()
    page.get_by_label("事件类型", exact=True).fill("shop.paid")
    page.get_by_label("条件类型").nth(2).select_option("field")
    page.get_by_label("字段名").fill("data.amount")
    page.get_by_label("比较", exact=True).select_option("ge")
    page.get_by_label("值", exact=True).fill("500")
    page.get_by_role("button", name="+ 动作").click()
    page.get_by_label("地址", exact=True).first.fill("https://hook.example/${subject}")
    page.get_by_label("请求体", exact=True).first.fill('{"amount": "${data.amount}"}')
    # an action that cannot work is told at its field, before anything is kept
    page.get_by_label("跟随跳转的次数", exact=True).fill("9")
    expect(page.get_by_text("1 处动作配置有误")).to_be_visible()
    page.get_by_label("跟随跳转的次数", exact=True).fill("")
    expect(page.get_by_text("校验通过")).to_be_visible()
    # dry run: the conditions with what the event has there, and the templates filled in
    side = page.get_by_role("region", name="试一试")
    side.get_by_role("button", name="事件 JSON").click()
    side.get_by_label("事件 JSON").fill('{"type": "shop.paid", "subject": "order/9", "data": {"amount": 499}}')
    expect(side.locator(".cond-leaf.no", has_text="499")).to_be_visible()
    side.get_by_label("事件 JSON").fill('{"type": "shop.paid", "subject": "order/9", "data": {"amount": 501}}')
    expect(side.get_by_text("https://hook.example/order/9")).to_be_visible()
    # a test case from it that expects the wrong thing refuses to be published
    side.get_by_role("button", name="存为测试用例").click()
    side.get_by_label("期望").select_option("false")
    expect(page.get_by_text("1 个用例没通过")).to_be_visible()
    page.get_by_label("变更原因").fill("large orders are looked at")
    page.get_by_role("button", name="保存并发布…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("没通过")
    expect(dialog.get_by_label("原因（必填）")).to_have_value("large orders are looked at")  # is not asked for twice
    expect(dialog.get_by_role("button", name="发布 v1")).to_be_disabled()
    assert the_rule(house)["state"] == "draft"
    dialog.get_by_role("button", name="取消").click()
    # mended, tried on the record, and in force
    page.get_by_role("link", name="编辑").click()
    side.get_by_role("tab", name="回测").click()
    expect(side.locator(".difference-list")).to_contain_text("order/2")
    expect(side.locator(".difference-list")).not_to_contain_text("order/1")
    side.get_by_role("tab", name="测试用例").click()
    side.get_by_label("期望").select_option("true")
    expect(page.get_by_text("校验通过")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="保存并发布…").click()
    # what it would have done is seen before it is in force, and the record says so
    expect(dialog.locator(".difference-list")).to_contain_text("order/2")
    dialog.get_by_label("原因（必填）").fill("go")
    dialog.get_by_role("button", name="发布 v1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("大额订单")
    path = f"/rules/{the_rule(house)['rule_id']}"
    assert the_rule(house)["state"] == "published"
    (entry,) = house.ask(f"/audit?action=rule.publish&resource={the_rule(house)['rule_id']}")["items"]
    assert entry["detail"]["backtest"]["events"] >= 2
    assert entry["detail"]["backtest"]["gained"] >= 1
    # it fires on real events, once each, and says why
    happened(house, 3, 100)
    happened(house, 4, 900)
    until(lambda: len(house.ask(f"{path}/matches")["items"]) == 1)
    page.goto(f"{path}?tab=matches")
    page.get_by_role("link", name="order/4").click()
    drawer = page.locator(".detail-drawer")
    expect(drawer).to_contain_text("已判定")
    expect(drawer).to_contain_text("https://hook.example/order/4")
    drawer.get_by_role("link", name="用这条事件试").click()
    expect(page.locator(".cond-leaf.yes", has_text="900")).to_be_visible()
    # changed, and back to what it was with the difference on screen
    rule = house.ask(path)["rule"]
    house.ask(path, {"rule": {**rule, "priority": 7}, "reason": "first"}, method="PUT")
    house.ask(f"{path}:publish", {"reason": "sooner"})
    page.goto(f"{path}?tab=versions")
    expect(page.locator(".field-diff")).to_contain_text("优先级")
    page.get_by_role("button", name="回到 v1").click()
    expect(dialog.locator("del")).to_have_text("7")
    dialog.get_by_label("原因（必填）").fill("not sooner")
    dialog.get_by_role("button", name="回到 v1").click()
    expect(page.locator(".version-tag")).to_have_text("v3")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)  # a table that is read again is pale until then
    assert axe(page) == []
    assert house.ask(path)["published"]["priority"] == 0


def put_into_force(house: Portal, name: str, priority: int, **more: Any) -> str:
    rule = {"name": name, "when": {"type": "shop.order"}, "then": [], "priority": priority, **more}
    made = str(house.ask("/rules", {"rule": rule})["rule_id"])
    house.ask(f"/rules/{made}:publish", {"reason": "test"})
    return made


def in_force(house: Portal) -> list[str]:
    items = house.ask("/rules")["items"]
    return [one["name"] for one in items if one["published_version"] is not None and one["name"].startswith("o-")]


def test_rules_are_put_into_another_order_by_keys_and_by_dragging(window: Page, house: Portal) -> None:
    page = window
    for at, name in enumerate(("o-last", "o-second")):
        put_into_force(house, name, 5000 + at)
    put_into_force(house, "o-first", 5005, on_match="stop", when={"type": "shop.none"})
    put_into_force(house, "o-stop", 4000, on_match="stop")
    page.goto("/rules")
    page.get_by_role("link", name="调整顺序").click()
    names = page.locator(".order-list li a")
    expect(names.nth(0)).to_have_text("o-first")
    expect(page.get_by_role("button", name="保存顺序…")).to_be_disabled()
    # by keys, with the effect told beside it
    grip = page.get_by_role("button", name="移动「o-last」")
    grip.focus()
    page.keyboard.press("ArrowUp")
    expect(names.nth(1)).to_have_text("o-last")
    expect(grip).to_be_focused()
    expect(page.locator(".order-moves")).to_contain_text("o-last")
    # by dragging: the one that stops goes to the front, and hides the others
    held, front = page.get_by_role("button", name="移动「o-stop」"), page.locator(".order-list li").first
    box, target = held.bounding_box(), front.bounding_box()
    assert box is not None
    assert target is not None
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, target["y"] + 40, steps=10)
    page.mouse.move(box["x"] + 10, target["y"] + 4, steps=5)
    page.mouse.up()
    expect(names.nth(0)).to_have_text("o-stop")
    expect(page.get_by_text("「o-last」再也轮不到：总被「o-stop」遮挡")).to_be_visible()
    assert in_force(house) == ["o-first", "o-second", "o-last", "o-stop"]  # nothing was kept so far
    assert axe(page) == []
    page.get_by_role("button", name="保存顺序…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("原因（必填）").fill("stop first")
    dialog.get_by_role("button", name="保存，改").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("规则")
    assert in_force(house) == ["o-stop", "o-first", "o-last", "o-second"]


def test_a_rule_observes_first_and_events_say_what_was_decided(window: Page, house: Portal) -> None:
    page = window
    made = house.ask("/rules", {"rule": {"name": "watching", "when": {"field": "data.amount", "ge": 9000}, "then": []}})
    page.goto(f"/rules/{made['rule_id']}")
    page.get_by_role("button", name="发布 v1…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="仅记录").click()
    dialog.get_by_label("原因（必填）").fill("look first")
    dialog.get_by_role("button", name="发布 v1").click()
    expect(page.get_by_role("button", name="启用")).to_be_visible()
    expect(page.get_by_role("button", name="仅记录", exact=True)).not_to_be_attached()
    happened(house, 91, 9001)
    until(lambda: len(house.ask(f"/rules/{made['rule_id']}/matches")["items"]) == 1)
    row = house.ask(f"/rules/{made['rule_id']}/matches")["items"][0]["row_id"]
    page.goto(f"/events?sel={row}")
    page.get_by_role("link", name="规则怎么判的").click()
    expect(page.locator(".story-list li", has_text="watching")).to_contain_text("仅记录")
    # an event that nothing matched says what kept each rule from it
    happened(house, 92, 1)
    (other,) = [one for one in house.ask("/events?type=shop.paid")["items"] if one["id"] == "paid-92"]
    page.goto(f"/rules/decisions/event/{other['row_id']}")
    expect(page.locator(".story-list li", has_text="watching")).to_contain_text("没命中")
    expect(page.locator(".story-list li", has_text="watching")).to_contain_text("data.amount ≥ 9000 实际 1")
    assert axe(page) == []


def test_a_reader_sees_rules_and_may_change_none(browser: Browser, house: Portal) -> None:
    body = {"rule": {"name": "seen", "when": {"type": "a.b"}, "then": []}}
    rule = house.ask("/rules", body)
    problems: list[str] = []
    context = new_context(browser, house.url)
    assert context.request.post("/api/v1/login", data={"name": "lihang", "password": PASSWORD}).ok
    page = complain(context.new_page(), house.url, problems)
    page.goto(f"/rules/{rule['rule_id']}?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("seen")
    expect(page.get_by_role("button", name="Publish v1…")).to_be_disabled()
    page.get_by_role("tab", name="Dry run").click()
    expect(page.get_by_text("write and try rules")).to_be_visible()
    page.goto("/rules/rul_nobody")
    expect(page.get_by_text("rul_nobody").first).to_be_visible()
    context.close()
    assert [problem for problem in problems if "status of 404" not in problem] == []
