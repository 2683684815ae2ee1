"""The console in a real Chromium: what its first page weighs, how soon it shows something, how it scrolls a lot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from tests.api.conftest import open_port
from tests.api.fake_edge import FakeEdge
from tests.console.conftest import FLAGS, new_context
from tests.console.tools import build_console, build_stories, chromium, page_weights

from bench.centre import Centre, CentreError
from bench.plan import Plan
from bench.report import Column, Goal, Report
from gwf.console.site import ConsoleSite

AGENTS = 10_000  #: in the list whose first page the API gives
ASKED = 200  #: times that it is asked for
PAGE = 100  #: rows that the console asks for at once
STEPS = 240
STEP_PX = 700
#: the reader that the budgets are about: a CPU half as fast, 20 Mbit/s, 20 ms away
SLOWER = 2
BITS_PER_S = 20_000_000
LATENCY_MS = 20

COLUMNS = (
    Column("gz_kb", "KB gz", 1),
    Column("ms", "ms", spread=True),
    Column("frames", "frames"),
    Column("p95_ms", "p95 frame ms", 1),
    Column("worst_ms", "worst frame ms", 1, spread=True),
    Column("long", "tasks > 50 ms"),
    Column("cpu_ms", "worst task CPU ms", 1, spread=True),
)
GOALS = (
    Goal("first page", "gz_kb", "at most", 450),
    Goal("heaviest further page", "gz_kb", "at most", 60),
    Goal("skeleton is painted", "ms", "at most", 300),
    Goal("overview is usable", "ms", "at most", 2_500),
    Goal("scroll a list of 10,000 rows", "cpu_ms", "at most", 50),
    Goal("scroll a tree of 100,000 nodes", "cpu_ms", "at most", 50),
    Goal("first page of the list of agents, p95", "ms", "at most", 100),
)
SCROLLED = {
    "scroll a list of 10,000 rows": ("table", "html"),
    "scroll a tree of 100,000 nodes": ("tree", "[data-story='tree a hundred thousand nodes'] .tree"),
    "scroll a log of 100,000 lines": ("log", "[data-story='log a hundred thousand lines'] .log"),
}
SCROLL = """async ([place, steps, px]) => {
  const what = document.querySelector(place);
  const tasks = [], frames = [];
  const seen = new PerformanceObserver(list => tasks.push(...list.getEntries().map(one => one.duration)));
  seen.observe({type: 'longtask'});
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < steps; step += 1) {
    what.scrollBy(0, step % 80 < 60 ? px : -px);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  await new Promise(resolve => setTimeout(resolve, 100));
  seen.disconnect();
  frames.sort((a, b) => a - b);
  return {
    frames: frames.length, p95_ms: frames[Math.floor(frames.length * 0.95)], worst_ms: frames.at(-1),
    long: tasks.filter(one => one > 50).length,
  };
}"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
USABLE = "() => document.querySelector('.file-table tbody tr') !== null && performance.now()"


def run(plan: Plan) -> Report:
    """Weigh the build, open the overview as a slow reader does, then scroll what is long."""
    report = Report("console", "the console in Chromium", COLUMNS, goals=GOALS)
    dist = build_console()
    first, further = page_weights(dist)
    report.row("first page").add(gz_kb=first / 1024)
    report.row("heaviest further page").add(gz_kb=max(further.values()) / 1024)
    home = plan.workplace("console")
    stories = build_stories(home / "stories")
    _ask(report, home / "centre", agents=plan.count(AGENTS))
    with chromium_open() as browser:
        for _ in range(plan.rounds):
            with _served(dist) as url:
                _open(report, browser, url)
            with _served(stories) as url:
                _scroll(report, browser, url, steps=plan.count(STEPS))
    shutil.rmtree(home)
    return report


def _ask(report: Report, home: Path, *, agents: int) -> None:
    """Ask a centre, a process of its own on SQLite, for the agents as the console's list does."""
    times = []
    with Centre(home) as centre:
        command = [sys.executable, "-m", "gwf", "sim", "fleet", "--json", "--config", str(centre.config)]
        subprocess.run([*command, "--agents", str(agents), "--for", "1s"], check=True, stdout=subprocess.DEVNULL)
        for _ in range(ASKED):
            began_s = time.perf_counter()
            page = centre.ask(f"/api/v1/agents?sort=-contact&limit={PAGE}")
            times.append(1000 * (time.perf_counter() - began_s))
    report.row("first page of the list of agents, p95").add(ms=sorted(times)[int(0.95 * (ASKED - 1))])
    if page["total"] != agents:
        raise CentreError(f"the list has {page['total']} agents")


def _open(report: Report, browser: Browser, url: str) -> None:
    context = new_context(browser, url)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    through = BITS_PER_S / 8
    limits: dict[str, Any] = {"offline": False, "latency": LATENCY_MS}
    tools.send("Network.enable")
    tools.send(
        "Network.emulateNetworkConditions", {**limits, "downloadThroughput": through, "uploadThroughput": through}
    )
    with urllib.request.urlopen(url) as answer:  # a server that was started a moment ago has yet to warm up
        answer.read()
    page.goto("/")
    usable = page.wait_for_function(USABLE, polling=20).json_value()
    report.row("skeleton is painted").add(ms=float(page.evaluate(PAINTED)))
    report.row("overview is usable").add(ms=float(usable))
    context.close()


def busiest_ms(trace: bytes) -> float:
    """Return the most CPU time that a task of the page's thread took, which no other program on the machine changes."""
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    names = [event for event in events if event["name"] == "thread_name"]
    threads = {(one["pid"], one["tid"]) for one in names if one["args"]["name"] == "CrRendererMain"}
    return max(float(event.get("tdur", 0)) / 1000 for event in events if (event["pid"], event["tid"]) in threads)


def _scroll(report: Report, browser: Browser, url: str, *, steps: int) -> None:
    context = new_context(browser, url)
    page = context.new_page()
    for case, (part, place) in SCROLLED.items():
        _story(page, part, place)
        browser.start_tracing(page=page, categories=["toplevel"])
        seen = page.evaluate(SCROLL, [place, steps, STEP_PX])
        report.row(case).add(**seen, cpu_ms=busiest_ms(browser.stop_tracing()))
    context.close()


def _story(page: Page, part: str, place: str) -> None:
    page.goto(f"/__ui?part={part}")
    page.locator("[data-story]").last.wait_for()
    page.wait_for_function("place => document.querySelector(place)?.scrollHeight > 100000", arg=place)
    page.wait_for_timeout(500)  # what the first draw left to do


@contextmanager
def _served(dist: Path) -> Iterator[str]:
    edge = FakeEdge()
    with open_port(edge, site=ConsoleSite(edge, dist=dist)) as port:
        yield port.server.url


@contextmanager
def chromium_open() -> Iterator[Browser]:
    """Open a browser until the block ends."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()
