"""Alerts in the console, on a real centre: seen, taken, given back, silenced; a rule is written and put into force."""

from __future__ import annotations

import itertools
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agent.waiting import until
from tests.console.conftest import axe, complain, new_context
from tests.console.matrix import overflow, shot
from tests.console.place import PASSWORD, Portal, portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FAILED = "com.shop.order.failed"
RULE = {
    "name": "下单失败", "when": {"type": FAILED}, "by": ["data.shop"], "severity": "critical",
    "title": "${data.shop} 下单失败", "labels": {"team": "trade"},
}  # fmt: skip


def happen(port: Portal, kind: str, number: int, **data: str) -> None:
    """Post an event."""
    event = {"specversion": "1.0", "id": f"{kind}-{number}", "source": "/shop", "type": kind, "data": data}
    heads = {"Content-Type": "application/cloudevents+json", "Authorization": f"Bearer {port.token}"}
    asked = urllib.request.Request(f"{port.url}/api/v1/events", json.dumps(event).encode(), heads)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        assert answer.status < 300


def alerts(port: Portal, query: str = "") -> list[dict[str, Any]]:
    """Return alerts of the shop."""
    found: list[dict[str, Any]] = port.ask(f"/alerts?label=team=trade{query}")["items"]
    return found


@pytest.fixture(scope="module")
def shop(dist: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A centre with a rule in force and an alert of each of three shops."""
    with portal(tmp_path_factory.mktemp("shop"), seeded=False) as port:
        port.ask("/alert-rules", {"document": RULE, "publish": True, "reason": "agreed"})

        numbers = itertools.count()

        def come() -> bool:  # what was told before the rule was known here alerts nobody: anew, each with its own id
            for name in ("north", "south", "west"):
                happen(port, FAILED, next(numbers), shop=name)
            return len(alerts(port)) == 3

        until(come)
        yield port


@pytest.fixture
def page(browser: Browser, shop: Portal) -> Iterator[Page]:
    problems: list[str] = []
    context = new_context(browser, shop.url)
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    yield complain(context.new_page(), shop.url, problems)
    context.close()
    assert problems == []


def test_an_alert_is_found_taken_by_key_and_given_back(page: Page, shop: Portal) -> None:
    page.goto("/alerts?label=team%3Dtrade")
    expect(page.get_by_role("region", name="告警").first).to_contain_text("条告警无人处理")
    expect(page.locator("nav .badge.crit").first).to_be_visible()
    over = page.get_by_role("region", name="告警分布")
    over.get_by_role("button", name=re.compile("^仅记录")).click()
    expect(page).to_have_url(re.compile("telling=noted"))
    over.get_by_role("button", name=re.compile("^仅记录")).click()
    page.get_by_role("group", name="怎样汇总").get_by_role("button", name="规则").click()
    expect(page.get_by_role("table", name="规则").get_by_role("row").last).to_contain_text("下单失败")
    page.get_by_role("group", name="怎样汇总").get_by_role("button", name="逐条").click()
    shot(page, "alerts-some")
    page.get_by_role("link", name="north 下单失败").click()
    why = page.get_by_role("region", name="为什么触发、为什么通知")
    expect(why).to_contain_text("规则 下单失败 第 1 版命中")
    expect(why).to_contain_text("没有通知任何人：规则没有指定升级链")
    expect(why).to_contain_text("复算结果一致")
    expect(page.get_by_role("region", name="触发它的事件")).to_contain_text("shop=north")
    expect(page.get_by_role("region", name="证据", exact=True)).to_contain_text("shop=north")
    expect(page.get_by_role("region", name="影响范围")).to_contain_text("/shop")
    expect(page.get_by_role("region", name="信号").locator("canvas")).to_be_visible()
    page.keyboard.press("c")
    page.get_by_role("textbox", name="备注").fill("看过了，是上游")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="经过")).to_contain_text("看过了，是上游")
    shot(page, "alert-one")
    assert axe(page) == []
    page.keyboard.press("a")
    expect(page.get_by_text("admin 在处理")).to_be_visible()
    (taken,) = alerts(shop, "&label=shop=north")
    assert (taken["status"], taken["owner"].rpartition(":")[2]) == ("acknowledged", "admin")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("无人处理", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == []
    page.go_back()
    expect(page).to_have_url(re.compile("label=team%3Dtrade"))


def test_a_silence_tells_first_what_it_holds_back(page: Page, shop: Portal) -> None:
    (alert,) = alerts(shop, "&label=shop=south")
    page.goto(f"/alerts/{alert['alert_id']}")
    page.locator(".alert-acts").get_by_role("link", name="静默").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("会压下 1 条未恢复的告警")
    expect(dialog.get_by_role("button", name=re.compile("^静默"))).to_be_disabled()
    dialog.get_by_role("button", name="计划内维护").click()
    shot(page, "silence-new")
    assert axe(page) == []
    dialog.get_by_role("button", name=re.compile("^静默 1 小时")).click()
    row = page.get_by_role("row").filter(has_text="shop=south")
    expect(row).to_contain_text("生效中")
    row.get_by_role("button", name="提前结束").click()
    page.get_by_role("dialog").get_by_role("button", name="提前结束").click()
    expect(page.get_by_text("没有静默在生效")).to_be_visible()
    assert [one["state"] for one in shop.ask("/silences")["items"]] == ["over"]


def test_a_rule_is_written_judged_and_put_into_force(page: Page, shop: Portal) -> None:
    page.goto("/alerts/rules/new")
    form = page.get_by_role("region", name="告警规则")
    expect(form).to_contain_text("2 处错误")
    form.get_by_role("textbox", name="名称").fill("日志里的错误")
    form.get_by_role("textbox", name="标题").fill("${agent_id} 日志报错")
    form.get_by_role("combobox", name="怎样触发").select_option("count")
    expect(form).to_contain_text("校验通过")
    page.get_by_role("button", name="YAML").click()  # another view of the same: nothing is lost, nothing is asked
    expect(form).to_contain_text("日志里的错误")
    page.get_by_role("button", name="表单").click()
    expect(form.get_by_role("textbox", name="名称")).to_have_value("日志里的错误")
    page.get_by_role("tab", name="测试用例").click()
    side = page.get_by_role("tabpanel")
    side.get_by_role("button", name="+ 用例").click()
    expect(form).to_contain_text("1 个用例没通过")  # one line is not five
    expect(form.get_by_role("button", name="保存并发布")).to_be_disabled()
    expect(side).to_contain_text("没通过：没有告警")
    shot(page, "alert-rule-cases")
    side.get_by_role("combobox", name="期望").select_option("none")
    expect(side).to_contain_text("1 / 1 通过")
    shot(page, "alert-rule-new")
    assert axe(page) == []
    form.get_by_role("button", name="保存并发布").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("按评审意见")
    dialog.get_by_role("button", name="发布 v1").click()
    expect(page).to_have_url(re.compile("/alerts/rules/alr_"))
    expect(page.get_by_role("tabpanel")).to_contain_text("5m 内达到 5 次")
    (made,) = [rule for rule in shop.ask("/alert-rules")["items"] if rule["name"] == "日志里的错误"]
    assert made["document"]["threshold"] == {"count": 5, "within": "5m"}
    assert made["state"] == "published"
    page.get_by_role("tab", name="测试用例").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("type gwf.log.matched")
    expect(page.get_by_role("tabpanel")).to_contain_text("1 / 1 通过")


def test_inputs_say_what_came_in_and_what_did_not(page: Page, shop: Portal) -> None:
    with pytest.raises(urllib.error.HTTPError):
        happen(shop, "gwf.agent.offline", 1)  # events of others are not called so
    page.goto("/alerts/inputs")
    one = page.get_by_role("listitem").filter(has_text="cloudevents")
    expect(one).to_contain_text("有内容没收下")
    expect(one).to_contain_text("1 条不合格")
    expect(page.get_by_role("listitem").filter(has_text="syslog")).to_contain_text("未开启")
    happen(shop, FAILED, 0, shop="north")
    expect(one).to_contain_text("正常")
    assert axe(page) == []
    shot(page, "alerts-inputs")
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == []
    shot(page, "alerts-inputs-phone")


def test_on_a_phone_the_open_part_is_in_view_and_sums_are_cards(page: Page, shop: Portal) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/alerts/inputs")
    part = page.get_by_role("navigation", name="告警的各部分").locator("[aria-current=page]")
    expect(part).to_be_in_viewport(ratio=1)
    page.goto("/alerts?by=rule")
    title = page.get_by_role("table").get_by_role("link").first
    box = title.bounding_box()
    assert box is not None
    assert box["width"] > box["height"]  # its words stand beside each other
    assert overflow(page) == []


def test_a_table_that_waits_for_fresh_rows_can_be_read(page: Page, shop: Portal) -> None:
    page.goto("/alerts")
    page.locator(".data-table tbody tr").first.wait_for()
    page.locator(".data-table").evaluate("table => table.setAttribute('aria-busy', 'true')")
    assert axe(page, colours_only=True) == []
