"""One stream for all tabs of a browser, whatever becomes of a tab, of the reader's clock or of the stream."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.console.buffering import buffering_proxy
from tests.console.conftest import Console, complain, new_context, without_alerts
from tests.console.place import PASSWORD, Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABS = 8
CLOCK_OFF_S = 300
#: what a browser says of a tab that is not in sight
HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


class Tabs:
    """Tabs of one browser, and which of them asked for a stream."""

    def __init__(self, console: Console) -> None:
        """Open none yet."""
        self.console = console
        self.context: BrowserContext = console.context()
        self.streams: list[Page] = []

    def open(self) -> Page:
        """Open a tab whose page itself shows nothing of the edge: its frame does."""
        page = self.console.watch(self.context.new_page())
        page.on("request", lambda request: self.streams.append(page) if "/stream" in request.url else None)
        page.goto("/settings?tab=appearance")
        expect(page.locator(".live")).to_contain_text("实时")
        return page


def trouble(page: Page) -> Locator:
    """Return what the navigation says of the overview."""
    return page.get_by_role("link", name=re.compile("^总览"))


@pytest.fixture
def tabs(console: Console) -> Tabs:
    console.edge.show("empty")
    return Tabs(console)


def test_eight_tabs_share_one_stream_and_all_follow(tabs: Tabs) -> None:
    pages = [tabs.open() for _ in range(TABS)]
    assert len(tabs.streams) == 1
    tabs.console.edge.show("failing")
    for page in pages:
        expect(trouble(page)).to_contain_text("项需要马上处理")
    assert len(tabs.streams) == 1


def test_when_the_tab_with_the_stream_closes_another_takes_it_over(tabs: Tabs) -> None:
    first, second, third = [tabs.open() for _ in range(3)]
    assert tabs.streams == [first]
    first.close()
    tabs.console.edge.show("failing")
    for page in (second, third):
        expect(trouble(page)).to_contain_text("项需要马上处理")
    assert len(tabs.streams) == 2
    assert tabs.streams[1] in (second, third)
    expect(third.locator(".live")).to_contain_text("实时")


def test_a_hidden_tab_asks_for_nothing_and_catches_up_when_it_is_seen(tabs: Tabs) -> None:
    context, edge = tabs.context, tabs.console.edge
    page = tabs.console.watch(context.new_page())
    page.clock.install()
    page.goto("/settings?tab=appearance")
    expect(page.locator(".live")).to_contain_text("实时")
    asked: list[str] = []
    page.evaluate(HIDE, True)  # of the page's function
    page.wait_for_load_state("networkidle")
    page.on("request", lambda request: asked.append(request.url))
    edge.show("failing")
    page.clock.fast_forward(180_000)
    page.clock.run_for(2_000)
    assert asked == []
    page.evaluate(HIDE, False)
    expect(trouble(page)).to_contain_text("项需要马上处理")
    expect(page.locator(".live")).to_contain_text("实时")


def test_a_stream_that_a_proxy_holds_back_is_replaced_by_asking_and_the_page_says_so(tabs: Tabs) -> None:
    console = tabs.console
    with buffering_proxy(urlsplit(console.port.server.url).port or 0) as url:
        context = new_context(console.browser, url)
        without_alerts(context)
        console.contexts.append(context)
        page = complain(context.new_page(), url, console.problems)
        page.goto("/settings?tab=appearance")
        expect(page.locator(".live")).to_contain_text("轮询中")
        expect(page.get_by_role("status").filter(has_text="轮询更新中")).to_be_attached()
        console.edge.show("failing")
        expect(trouble(page)).to_contain_text("项需要马上处理")
        context.close()


@pytest.fixture
def reader(browser: Browser, full: Portal) -> Iterator[Page]:
    problems: list[str] = []
    context = new_context(browser, full.url)
    answer = context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD})
    assert answer.ok, answer.text()
    yield complain(context.new_page(), full.url, problems)
    context.close()
    assert problems == []


@pytest.mark.parametrize("off_s", [CLOCK_OFF_S, -CLOCK_OFF_S])
def test_ages_are_told_by_the_server_s_clock(reader: Page, off_s: int) -> None:
    reader.clock.install(time=time.time() + off_s)
    reader.goto("/agents?q=host&sort=hostname")
    beat = reader.locator("[data-row] time").last
    expect(beat).to_have_text(re.compile(r"刚刚|^\d+ 秒前"))  # the edge of the process itself reports every 10 s
    expect(reader.locator(".live")).to_contain_text(re.compile(r"实时 · (刚刚|\d 秒前)"))


#: many hints at once, as another tab relays them
BURST = """async count => {
  const relay = new BroadcastChannel(`gwf.stream ${new URL('api/v1/stream', document.baseURI).href}`);
  for (let at = 0; at < count; at++) relay.postMessage({type: 'hint', hint: {topic: 'nobody', id: String(at)}});
  await new Promise(resolve => setTimeout(resolve, 500));
}"""


def test_a_burst_of_hints_leaves_an_open_drawer_alone(reader: Page, full: Portal) -> None:
    one = full.ask("/events?limit=1")["items"][0]["row_id"]
    reader.goto(f"/events?sel={one}")
    expect(reader.locator(".event-data")).to_be_visible()
    reader.evaluate(BURST, 400)
    expect(reader.locator(".detail-drawer .event-data")).to_be_visible()
    expect(reader.get_by_role("alert")).to_have_count(0)


def test_what_is_not_there_stays_so_while_it_is_asked_for_again(browser: Browser, full: Portal) -> None:
    context = new_context(browser, full.url)
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    page = context.new_page()
    page.goto("/agents/agt_00000000000000000000000000")
    expect(page.get_by_text("不存在")).to_be_visible()
    asked = "**/api/v1/agents/agt_00000000000000000000000000"
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(asked, hold)
    with page.expect_request(asked):
        page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")  # all may be newer
    page.wait_for_timeout(200)
    assert page.locator("main .loading").count() == 0
    expect(page.get_by_text("不存在")).to_be_visible()
    context.close()
