"""The pages that every language, theme and state is tried on; a new page adds one line to `PAGES`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.console.conftest import SHOTS, complain, new_context
from tests.console.place import PASSWORD, Portal

Scenario = Literal["empty", "full", "failing"]

#: name and address; the page counts as ready when it has a title and nothing on it is loading
PAGES: dict[str, str] = {
    "settings-users": "/settings?tab=users",
    "settings-tokens": "/settings?tab=tokens",
    "settings-account": "/settings?tab=account",
    "settings-appearance": "/settings?tab=appearance",
    "missing": "/no/such/page",
    "fleet": "/?part=fleet",
    "host": "/?part=host",
    "files": "/files",
    "trace": "/files/trace",
    "agents": "/agents",
    "agents-heat": "/agents?show=heat",
    "agents-groups": "/agents?show=groups",
    "configs": "/configs",
    "configs-rollouts": "/configs?tab=rollouts",
    "alerts": "/alerts",
    "alerts-silences": "/alerts/silences",
    "alerts-rules": "/alerts/rules",
    "alerts-rules-new": "/alerts/rules/new",
    "alerts-channels": "/alerts/channels",
    "alerts-oncall": "/alerts/oncall",
    "alerts-inputs": "/alerts/inputs",
    "events": "/events",
    "rules": "/rules",
    "rules-new": "/rules/new",
    "rules-order": "/rules/order",
    "tasks": "/tasks",
    "dlq": "/dlq",
    "events-files": "/events/files",
    "rules-none": "/rules?q=nothing-like-this",
    "tasks-new": "/tasks/new?type=WEBHOOK",
    "flows-new": "/flows/new",
    "runs": "/runs",
    "flows": "/flows",
    "audit": "/audit",
}

READY = """() => document.querySelector('h1') !== null
  && document.querySelector('main .loading, main [aria-busy="true"]') === null"""

#: parts that are wider than the window and are not cut or scrolled by something inside it
OVERFLOW = """() => [...document.querySelectorAll('main *, header *')].filter(part => {
  const box = part.getBoundingClientRect();
  if (!box.width || box.right <= innerWidth + 1 && box.left >= -1) return false;
  for (let above = part.parentElement; above; above = above.parentElement) {
    const clips = getComputedStyle(above).overflowX !== 'visible';
    if (clips && above.getBoundingClientRect().right <= innerWidth + 1) return false;
  }
  return true;
}).map(part => part.outerHTML.slice(0, 120))"""


def overflow(page: Page) -> list[str]:
    """Return what sticks out of the window."""
    found: list[str] = page.evaluate(OVERFLOW)
    return found


def put_theme(page: Page, theme: Literal["light", "dark"]) -> None:
    """Let the system be light or dark, and wait until the page followed."""
    page.emulate_media(color_scheme=theme)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass
class Windows:
    """One window per state, kept open from page to page; somebody with all rights is logged in."""

    browser: Browser
    portals: dict[Scenario, Portal]

    def __post_init__(self) -> None:
        """Begin without windows."""
        self._pages: dict[Scenario, Page] = {}
        self._contexts: list[BrowserContext] = []
        self._problems: dict[Scenario, list[str]] = {"empty": [], "full": [], "failing": []}

    def open(self, path: str, scenario: Scenario, language: str) -> Page:
        """Show a page and wait until it is ready."""
        page = self._pages.get(scenario) or self._new(scenario)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        self._problems[scenario].clear()
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        page.wait_for_function(READY)
        return page

    def leave(self, scenario: Scenario) -> list[str]:
        """Let the window rest, and return what its page complained of; a failing one complains of that."""
        self._pages[scenario].goto("about:blank")
        allowed = "status of 503" if scenario == "failing" else "-"
        return [problem for problem in self._problems[scenario] if allowed not in problem]

    def close(self) -> None:
        """Close all windows."""
        for context in self._contexts:
            context.close()

    def _new(self, scenario: Scenario) -> Page:
        url = self.portals[scenario].url
        context = new_context(self.browser, url)
        self._contexts.append(context)
        answer = context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD})
        assert answer.ok, answer.text()
        page = self._pages[scenario] = complain(context.new_page(), url, self._problems[scenario])
        if scenario == "failing":
            page.route("**/api/v1/**", _fail)
        return page


def is_about_me(route: Route) -> bool:
    """Whether a page asks who looks at it."""
    return urlsplit(route.request.url).path.endswith("/api/v1/me")


def _fail(route: Route) -> None:
    """Answer as a centre does whose database is away; who asks is known all the same."""
    if is_about_me(route):
        route.continue_()
        return
    problem = {
        "type": "urn:gwf:problem:unavailable", "title": "Service Unavailable", "status": 503, "code": "unavailable",
        "detail": "the database did not answer", "params": {}, "request_id": "7f21c0aa31b4d8e2", "retry_after": None,
        "errors": [],
    }  # fmt: skip
    route.fulfill(status=503, json=problem, content_type="application/problem+json")


def shot(page: Page, name: str) -> None:
    """Keep a picture for people to look at, when they ask for pictures by GWF_SHOTS."""
    if not os.environ.get("GWF_SHOTS"):
        return
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=Path(SHOTS / f"{name}.png"))
