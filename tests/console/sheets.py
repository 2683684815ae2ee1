"""Contact sheets of every page and state of the console, for people who judge how it looks.

    .venv/bin/python -m tests.console.sheets                       # all of it, into .gwf/sheets
    .venv/bin/python -m tests.console.sheets rules tasks           # pages whose name begins so
    .venv/bin/python -m tests.console.sheets --states              # the states alone; --pages: the pages alone

A page has three sheets: two of a desk, one above the other (Chinese light and English dark, then Chinese dark and
English light), and one of four phones. A state of a page has one sheet: a desk and a phone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, sync_playwright

from tests.console.conftest import FLAGS, new_context
from tests.console.demo import Demo, running_demo
from tests.console.looks import LOOKS, MISSING, STILL_PAGES, Look, found_in
from tests.console.matrix import is_about_me, overflow
from tests.console.place import PASSWORD, Portal, portal
from tests.console.tools import ROOT, build_console, chromium

OUT = ROOT / ".gwf/sheets"
Theme = Literal["light", "dark"]
State = Literal["empty", "filtered", "failing", "loading", "forbidden", "missing", "memory"]
STATES: tuple[State, ...] = ("empty", "filtered", "failing", "loading", "forbidden", "missing", "memory")
READY = """() => document.querySelector('h1') !== null
  && document.querySelector('main .loading, main [aria-busy="true"]') === null"""
DESK, PHONE = (1440, 900), (390, 844)
#: words that are cut off and can be read nowhere
CUT = """() => [...document.querySelectorAll('main *, header *')].filter(part => {
  const shown = getComputedStyle(part);
  if (!['hidden', 'clip'].includes(shown.overflowX) || shown.display === 'inline') return false;
  if (part.clientWidth < 4 || part.scrollWidth <= part.clientWidth + 1 || !part.innerText?.trim()) return false;
  if (part.children.length && ![...part.childNodes].some(one => one.nodeType === 3 && one.data.trim())) {
    if (shown.textOverflow !== 'ellipsis') return false;
  }
  return !part.closest('[title]') && !part.querySelector('[title]');
}).map(part => `${part.tagName.toLowerCase()}.${part.className} "${part.innerText.slice(0, 60)}"`)"""
#: what a machine says and a person should not have to read
RAW = """() => {
  const found = [], walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.parentElement.closest('code, pre, .mono, .code, textarea, svg, script, style, .log, .diff')) continue;
    if (/^[a-z]+([._][a-z0-9]+)+$/.test(node.data.trim())) found.push(node.data.trim());
  }
  return [...new Set(found)];
}"""
LONGEST_PX = 2_400
SETTLE_MS = 400
HELD_MS = 900
GAP = 8
#: of one answer that is waited for; a page that is not ready then is shown as it is
PATIENCE_MS = 12_000


@dataclass
class Window:
    """A window of somebody who is logged in."""

    page: Page
    #: what pages complained of and what stuck out of the window
    noticed: list[str] = field(default_factory=list[str])

    def go(self, path: str, language: str, *, wait: bool = True) -> None:
        """Open a page in a language."""
        self.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        self.page.emulate_media(color_scheme="light")
        self.page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}", wait_until="commit")
        self.page.locator("h1").first.wait_for()
        if not wait:
            self.page.wait_for_timeout(HELD_MS)
            return
        try:
            self.page.wait_for_function(READY, timeout=PATIENCE_MS)
        except Error:
            self.noticed.append(f"not ready: {path}")
        self.page.wait_for_timeout(SETTLE_MS)

    def height(self) -> int:
        """Return how tall all of the page is."""
        return int(self.page.evaluate("document.documentElement.scrollHeight"))

    def shot(self, size: tuple[int, int], theme: Theme, *, whole: bool = False) -> Image.Image:
        """Return the window in a size and theme; with `whole` all of the page, as far as it makes sense."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme=theme)
        self.page.locator(f"html[data-theme='{theme}']").wait_for()
        self.page.wait_for_timeout(150)
        if theme == "light" and not whole:
            self._look(size)
        taken = Image.open(BytesIO(self.page.screenshot(full_page=whole)))
        return taken.crop((0, 0, taken.width, min(taken.height, LONGEST_PX))).convert("RGB")

    def _look(self, size: tuple[int, int]) -> None:
        """Note what a machine sees to be wrong."""
        self.noticed += [f"cut at {size[0]}: {part}" for part in self.page.evaluate(CUT)]
        self.noticed += [f"a code: {part}" for part in self.page.evaluate(RAW)]
        if size == PHONE:
            self.noticed += [f"sticks out of a phone: {part}" for part in overflow(self.page)]


def beside(*parts: Image.Image) -> Image.Image:
    """Return pictures in one row."""
    made = Image.new("RGB", (sum(p.width + GAP for p in parts) - GAP, max(p.height for p in parts)), "#7a3b8f")
    at = 0
    for part in parts:
        made.paste(part, (at, 0))
        at += part.width + GAP
    return made


def above(*parts: Image.Image) -> Image.Image:
    """Return pictures one above the other."""
    made = Image.new("RGB", (max(p.width for p in parts), sum(p.height + GAP for p in parts) - GAP), "#7a3b8f")
    at = 0
    for part in parts:
        made.paste(part, (0, at))
        at += part.height + GAP
    return made


class Photographer:
    """Takes the sheets."""

    def __init__(self, browser: Browser, out: Path, wanted: tuple[str, ...]) -> None:
        """Put what is `wanted` into `out`; () = everything."""
        self._browser = browser
        self._out = out
        self._wanted = wanted

    def wants(self, name: str) -> bool:
        return not self._wanted or name.startswith(self._wanted)

    def keep(self, name: str, sheet: Image.Image, window: Window) -> None:
        self._out.mkdir(parents=True, exist_ok=True)
        sheet.save(self._out / f"{name}.png", compress_level=1)
        print(name, *dict.fromkeys(window.noticed), sep="\n  ", flush=True)
        window.noticed.clear()

    def pages(self, window: Window, looks: Mapping[str, Look], ids: Mapping[str, str]) -> None:
        """Take each page in both languages and themes, on a desk and on a phone."""
        for name, look in looks.items():
            if not self.wants(name):
                continue
            try:
                self._page(window, name, look, ids)
            except (Error, KeyError) as exc:
                print(f"{name}: {exc}", flush=True)

    def _page(self, window: Window, name: str, look: Look, ids: Mapping[str, str]) -> None:
        desk: dict[tuple[str, Theme], Image.Image] = {}
        phone: list[Image.Image] = []
        long: list[Image.Image] = []
        for language in ("zh", "en"):
            window.go(look.path.format_map(ids), language)
            look.act(window.page)
            for theme in ("light", "dark"):
                desk[language, theme] = window.shot(DESK, theme)
            if language == "en" and window.height() > DESK[1] + 60:
                long.append(window.shot(DESK, "light", whole=True))
            phone += [window.shot(PHONE, theme) for theme in ("light", "dark")]
            if language == "en" and window.height() > PHONE[1] + 60:
                long.append(window.shot(PHONE, "dark", whole=True))
        self.keep(f"{name}-desk-1", above(desk["zh", "light"], desk["en", "dark"]), window)
        self.keep(f"{name}-desk-2", above(desk["zh", "dark"], desk["en", "light"]), window)
        self.keep(f"{name}-phone", beside(*phone), window)
        if long:
            self.keep(f"{name}-long", beside(*long), window)

    def state(self, window: Window, state: State, looks: Mapping[str, Look], ids: Mapping[str, str]) -> None:
        """Take each page in a state: Chinese, on a desk in light and on a phone in dark."""
        for name, look in looks.items():
            if not self.wants(name):
                continue
            path = look.path.format_map(ids)
            if state == "filtered":
                path += f"{'&' if '?' in path else '?'}q=nothing-like-this"
            try:
                window.go(path, "en" if state == "forbidden" else "zh", wait=state != "loading")
                sheet = beside(window.shot(DESK, "light"), window.shot(PHONE, "dark"))
                self.keep(f"{state}-{name}", sheet, window)
            except (Error, KeyError) as exc:
                print(f"{state}-{name}: {exc}", flush=True)


def _refuse(status: int, code: str) -> Callable[[Route], None]:
    """Answer everything but who asks with a problem."""
    problem = {
        "type": f"urn:gwf:problem:{code}", "title": code, "status": status, "code": code,
        "detail": "the database did not answer" if status == 503 else "this needs a permission",
        "params": {"permission": "fleet:read"} if status == 403 else {}, "request_id": "7f21c0aa31b4d8e2",
        "retry_after": None, "errors": [],
    }  # fmt: skip

    def refuse(route: Route) -> None:
        if is_about_me(route):
            route.continue_()
        else:
            route.fulfill(status=status, json=problem, content_type="application/problem+json")

    return refuse


def _hold(route: Route) -> None:
    """Leave everything but who asks without an answer."""
    if is_about_me(route):
        route.continue_()


ROUTES: Mapping[State, Callable[[Route], None]] = {
    "failing": _refuse(503, "unavailable"),
    "forbidden": _refuse(403, "denied"),
    "loading": _hold,
}


def _window(browser: Browser, url: str, enter: Callable[[BrowserContext], None]) -> Window:
    context = new_context(browser, url)
    context.set_default_timeout(PATIENCE_MS)
    enter(context)
    window = Window(context.new_page())
    window.page.on("pageerror", lambda error: window.noticed.append(f"page error: {error}"))
    return window


def _as_admin(of: Portal) -> Callable[[BrowserContext], None]:
    def enter(context: BrowserContext) -> None:
        answer = context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD})
        assert answer.ok, answer.text()

    return enter


def take(browser: Browser, demo: Demo, base: Path, asked: argparse.Namespace) -> None:
    """Take what is asked for."""
    photographer = Photographer(browser, asked.out, tuple(asked.names))
    window = _window(browser, demo.url, demo.enter)
    ids = found_in(demo.scene, _asking(window.page, demo.url))
    if not asked.states:
        photographer.pages(window, LOOKS, ids)
    if asked.pages:
        return
    still = {name: LOOKS[name] for name in LOOKS if name in STILL_PAGES}
    for state in STATES:
        if asked.state and state not in asked.state:
            continue
        with ExitStack() as stack:
            if state in {"empty", "memory"}:
                kept = {"database": "memory"} if state == "memory" else {}
                other = stack.enter_context(portal(base / state, seeded=state == "memory", **kept))
                made = _window(browser, other.url, _as_admin(other))
            else:
                made = _window(browser, demo.url, demo.enter)
            if state in ROUTES:
                made.page.route("**/api/v1/**", ROUTES[state])
            photographer.state(made, state, MISSING if state == "missing" else still, ids)
            made.page.context.close()


def _asking(page: Page, url: str) -> Callable[[str], Any]:
    return lambda path: page.request.get(f"{url}/api/v1{path}").json()


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("names", nargs="*", help="pages whose name begins so; none = all")
    words.add_argument("--out", type=Path, default=OUT)
    words.add_argument("--pages", action="store_true", help="without the states")
    words.add_argument("--states", action="store_true", help="without the pages")
    words.add_argument("--state", action="append", choices=STATES, help="only this state; may be repeated")
    words.add_argument("--scene", type=Path, help="the --json output of a `gwf demo` that runs already")
    return words.parse_args()


def main() -> None:
    """Take the sheets of a demo that is started for it."""
    asked = _asked()
    build_console()
    with tempfile.TemporaryDirectory(prefix="gwf-sheets-") as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        with ExitStack() as stack:
            if asked.scene is None:
                demo = stack.enter_context(running_demo(Path(base) / "demo"))
            else:
                scene = json.loads(asked.scene.read_text(encoding="utf-8"))
                demo = Demo(url=str(scene["url"]).rstrip("/"), scene=scene)
            take(browser, demo, Path(base), asked)
        browser.close()


if __name__ == "__main__":
    main()
