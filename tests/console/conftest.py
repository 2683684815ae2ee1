"""The built console on a real server, seen through a real browser."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from gwf.console.site import ConsoleSite
from tests.api.conftest import FAST, Port, open_port
from tests.api.fake_edge import FakeEdge, Scenario
from tests.conftest import UNTESTED
from tests.console.place import Portal, portal
from tests.console.tools import SOURCE, MissingToolError, build_console, chromium, install_packages

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--font-render-hinting=none",
    "--hide-scrollbars", "--disable-dev-shm-usage",
]  # fmt: skip
SHOTS = Path(__file__).parent / "new"

expect.set_options(timeout=30_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of a failed test what stood on its pages."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.when == "call" and report.failed and isinstance(browser, Browser):
        for page in (page for context in browser.contexts for page in context.pages):
            try:
                text = page.locator("body").aria_snapshot(timeout=2000)
            except Error as exc:
                text = f"it does not tell: {exc}"
            report.sections.append((f"page {page.url}", text))
    return report


def _need(reason: MissingToolError) -> None:
    pytest.skip(f"{UNTESTED['THE CONSOLE']}{reason}")


@pytest.fixture(scope="session")
def packages() -> None:
    """The locked packages, test tools included."""
    try:
        install_packages()
    except MissingToolError as exc:
        _need(exc)


@pytest.fixture(scope="session")
def dist(packages: None) -> Path:
    """The console built from these sources; a build that fails is a failure, not a skip."""
    return build_console()


@pytest.fixture(scope="module")  # while it is open, nothing else in this thread can run an event loop
def browser() -> Iterator[Browser]:
    try:
        program = chromium()
    except MissingToolError as exc:
        _need(exc)
        return
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def full(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A process with people, agents, groups and files."""
    with portal(tmp_path_factory.mktemp("full"), seeded=True) as running:
        yield running


@pytest.fixture(scope="session")
def empty(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A process that was just installed."""
    with portal(tmp_path_factory.mktemp("empty"), seeded=False) as running:
        yield running


@pytest.fixture(scope="session")
def console_port(dist: Path) -> Iterator[Port]:
    edge = FakeEdge()
    with open_port(edge, site=ConsoleSite(edge, dist=dist), timing=FAST) as running:
        yield running


def new_context(
    browser: Browser, url: str, *, theme: str = "light", width: int = 1440, locale: str = "zh-CN"
) -> BrowserContext:
    """Return a window of a reader in Shanghai."""
    made = browser.new_context(
        viewport={"width": width, "height": 844 if width < 760 else 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale=locale,
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        base_url=url,
    )
    made.set_default_timeout(30_000)
    return made


def complain(page: Page, own: str, problems: list[str]) -> Page:
    """Note every complaint of a page and every request that leaves the origin `own`."""
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("console", lambda m: problems.append(f"console: {m.text}") if m.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((own, "data:", "blob:")) else problems.append(f"left: {request.url}")
        ),
    )
    return page


NO_ALERTS: dict[str, Any] = {
    "items": [], "next_cursor": None, "total": 0, "as_of": "2026-11-01T00:00:00.000Z",
    "facets": {"status": {}, "severity": {}, "rule": {}, "owner": {}},
}  # fmt: skip


def without_alerts(context: BrowserContext) -> None:
    """Let a centre that has no database, only an edge to show, have no alerts."""
    context.route(re.compile(r"/api/v1/alerts\?"), lambda route: route.fulfill(json=NO_ALERTS))


@dataclass
class Console:
    """Opens pages and collects what they complain about."""

    browser: Browser
    port: Port
    #: parts of complaints that a test provokes on purpose
    expected: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def edge(self) -> FakeEdge:
        return self.port.edge

    def context(self, *, theme: str = "light", width: int = 1440, **options: str) -> BrowserContext:
        made = new_context(self.browser, self.port.server.url, theme=theme, width=width, **options)
        without_alerts(made)
        self.contexts.append(made)
        return made

    def watch(self, page: Page) -> Page:
        """Note every complaint of a page and every request that leaves the origin."""
        return complain(page, self.port.server.url, self.problems)

    def open(self, path: str = "/", *, scenario: Scenario = "full", **options: str) -> Page:
        """Open a page of a scenario; wait until it shows its answer."""
        self.edge.show(scenario)
        width = int(options.pop("width", "1440"))
        page = self.watch(self.context(width=width, **options).new_page())
        page.goto(path)
        page.locator(".verdict").wait_for()
        page.locator(".file-table, .files .empty").first.wait_for()
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        unexpected = [p for p in self.problems if not any(part in p for part in self.expected)]
        assert unexpected == []


@pytest.fixture
def console(browser: Browser, console_port: Port) -> Iterator[Console]:
    made = Console(browser, console_port)
    yield made
    made.close()


TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
AXE = """([rules, type]) => axe.run(
  // twenty rows show every state; the others, and stories of very many, are more of the same
  {exclude: ['.file-table tbody tr:nth-child(n + 21)', '[data-story*=thousand]']},
  {runOnly: {type, values: rules}, resultTypes: ['violations', 'incomplete']},
)"""


def axe(page: Page, *, colours_only: bool = False) -> list[str]:
    """Return WCAG A/AA violations, and text whose colour equals its background (axe calls that incomplete).

    `colours_only`: all that another theme can change of a page that was looked at in one.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate((SOURCE / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(AXE, [["color-contrast"], "rule"] if colours_only else [TAGS, "tag"])
    bad = [f"{rule['id']}: {node['html'][:120]}" for rule in found["violations"] for node in rule["nodes"]]
    for rule in found["incomplete"]:
        for node in rule["nodes"] if rule["id"] == "color-contrast" else []:
            data = (node["any"] or [{}])[0].get("data") or {}
            if data.get("messageKey") == "equalRatio":
                bad.append(f"invisible text: {node['html'][:120]}")
    return bad
