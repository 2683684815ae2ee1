"""The pictures of docs/images, taken of a demo: `make screenshots`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.console.conftest import FLAGS, new_context
from tests.console.demo import Demo, running_demo
from tests.console.tools import ROOT, build_console, chromium

IMAGES = ROOT / "docs/images"
READY = """() => document.querySelector('h1') !== null
  && document.querySelector('main .loading, main [aria-busy="true"]') === null"""
#: the demo goes on: charts get their first minutes
LET_IT_RUN_MS = 90_000
SETTLE_MS = 1_500
QUALITY = 72
PLACE = Path("/srv/gwf-demo")


@dataclass(frozen=True)
class View:
    """One picture: a page in one language, theme and size."""

    name: str
    path: str
    language: str = "zh"
    theme: str = "light"
    width: int = 1440


def views(demo: Demo) -> list[View]:
    """Return what is shown; both themes and both languages, the phone once."""
    running = demo.scene["rollouts"]["running"]
    halted = demo.scene["rollouts"]["halted"]
    return [
        View("overview-light", "/?part=fleet"),
        View("overview-dark", "/?part=fleet", theme="dark"),
        View("overview-en-light", "/?part=fleet", "en"),
        View("overview-en-dark", "/?part=fleet", "en", "dark"),
        View("agents-light", "/agents"),
        View("agents-en-dark", "/agents?show=heat", "en", "dark"),
        View("agent-light", "/agents/{agent}"),
        View("files-light", "/files"),
        View("files-en-dark", "/files", "en", "dark"),
        View("configs-light", "/configs"),
        View("rollout-dark", f"/rollouts/{running}", theme="dark"),
        View("rollout-en-light", f"/rollouts/{halted}", "en"),
        View("audit-light", "/audit"),
        View("audit-en-dark", "/audit", "en", "dark"),
        View("phone-light", "/?part=fleet", width=390),
        View("phone-dark", "/agents", theme="dark", width=390),
    ]


def open_view(browser: Browser, demo: Demo, view: View) -> Page:
    """Show a view as the first person of the demo."""
    locale = "zh-CN" if view.language == "zh" else "en-US"
    context = new_context(browser, demo.url, theme=view.theme, width=view.width, locale=locale)
    demo.enter(context)
    page = context.new_page()
    path = view.path.replace("{agent}", _ailing(page))
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={view.language}")
    page.wait_for_function(READY)
    page.wait_for_timeout(SETTLE_MS)
    return page


def _ailing(page: Page) -> str:
    """Return the id of an agent that has something to tell."""
    answer = page.request.get("/api/v1/agents?condition=failing&limit=1").json()
    return str(answer["items"][0]["agent_id"])


def main() -> None:
    """Take all pictures anew."""
    build_console()
    # paths stand in the pictures: this one is plain, and must not be there before
    with running_demo(PLACE) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        browser.new_page().wait_for_timeout(LET_IT_RUN_MS)
        for view in views(demo):
            page = open_view(browser, demo, view)
            target = IMAGES / f"{view.name}.jpg"
            page.screenshot(path=target, type="jpeg", quality=QUALITY)
            page.context.close()
            print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} KB")
        browser.close()
    shutil.rmtree(PLACE)


if __name__ == "__main__":
    main()
