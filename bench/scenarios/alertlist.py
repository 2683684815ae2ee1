"""A list of 100,000 alerts: what the API answers on both databases, and how Chromium bears it."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from tests.console.conftest import new_context
from tests.console.tools import build_console

from bench.alert_rows import fill
from bench.centre import Centre, CentreError
from bench.plan import Plan
from bench.report import Column, Goal, Report
from bench.scenarios.browser import SCROLL, busiest_ms, chromium_open
from gwf.core.clock import SystemClock
from gwf.db.address import parse_address
from gwf.db.database import open_database
from gwf.testing.postgres_server import postgres_server

ALERTS = 100_000
ASKED = 40  #: times that each question is asked
PAGES = 40  #: that are gone through to get deep into the list
STEPS, STEP_PX = 240, 700
PERSON, PASSWORD = "bench", "correct-horse-4711"
OPEN = {"status": ["firing", "acknowledged"]}
#: what the page asks for
QUESTIONS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "first page, open": ("", {**OPEN, "limit": 60, "days": "true"}),
    "first page, all": ("", {"limit": 60, "days": "true"}),
    "facets, open": ("", {**OPEN, "limit": 1, "facets": "true"}),
    "facets, all": ("", {"limit": 1, "facets": "true"}),
    "search": ("", {"text": "trouble 0c7", "limit": 60, "days": "true"}),
    "by label": ("", {"label": "host=app-00042", "limit": 60, "days": "true"}),
    "histogram, 24 h": ("/histogram", {"from": "now-24h"}),
    "histogram, 30 d": ("/histogram", {"from": "now-30d"}),
    "sums by rule": ("/sums", {"by": "rule"}),
}
DEEP, SIGNAL, EVIDENCE = f"page {PAGES}", "signal of 100,000 events", "evidence of 100,000 events"
SCROLLED, NARROWED, SUMMED = "scroll", "narrow by a click", "sum up by rule"

COLUMNS = (
    Column("p50_ms", "p50 ms", 1),
    Column("p95_ms", "p95 ms", 1, spread=True),
    Column("rows", "rows"),
    Column("frame_ms", "p95 frame ms", 1),
    Column("cpu_ms", "longest task CPU ms", 1, spread=True),
    Column("ms", "ms"),
)
BASES = ("SQLite", "PostgreSQL")


def _goals() -> tuple[Goal, ...]:
    asked = [*QUESTIONS, DEEP, SIGNAL, EVIDENCE]
    found = [Goal(f"{name}, {base}", "p95_ms", "at most", 100) for base in BASES for name in asked]
    return (*found, Goal(f"{SCROLLED}, SQLite", "cpu_ms", "at most", 50))


def run(plan: Plan) -> Report:
    """Fill both databases, ask, then look with a browser."""
    count = plan.count(ALERTS)
    report = Report("alertlist", f"{count:,} alerts, a fifth of them open", COLUMNS, goals=_goals())
    home = plan.workplace("alertlist")
    build_console()
    with postgres_server(settings=()) as url:
        for base, text in zip(BASES, ("sqlite", url), strict=True):
            place = home / base.lower()
            with Centre(place, database=text):  # makes the tables
                pass
            largest = asyncio.run(_fill(place, text, count))
            with Centre(place, database=text) as centre:
                _ask_all(report, centre, base, largest=largest)
                if base == "SQLite":
                    for _ in range(plan.rounds):
                        _look(report, centre, base, count=count)
    shutil.rmtree(home)
    return report


async def _fill(place: Path, text: str, count: int) -> str:
    clock = SystemClock()
    address = parse_address(text, data_dir=place / "data")
    async with await open_database(address, fallback=False, clock=clock) as database:
        return await fill(database, count, now_ms=clock.now_ms())


def _ask_all(report: Report, centre: Centre, base: str, *, largest: str) -> None:
    for name, (path, query) in QUESTIONS.items():
        _ask(report, centre, f"{name}, {base}", f"{path}?{urllib.parse.urlencode(query, doseq=True)}")
    cursor = ""
    for _ in range(PAGES - 1):
        page = centre.ask(f"/api/v1/alerts?{urllib.parse.urlencode({'limit': 60} | cursor_of(cursor))}")
        cursor = page["next_cursor"]
    _ask(report, centre, f"{DEEP}, {base}", f"?{urllib.parse.urlencode({'limit': 60} | cursor_of(cursor))}")
    _ask(report, centre, f"{SIGNAL}, {base}", f"/{largest}/signal")
    _ask(report, centre, f"{EVIDENCE}, {base}", f"/{largest}/evidence")


def cursor_of(cursor: str) -> dict[str, Any]:
    """Return the parameter for a cursor, none for the beginning."""
    return {"cursor": cursor} if cursor else {}


def _ask(report: Report, centre: Centre, case: str, path: str) -> None:
    times, answer = [], None
    for _ in range(ASKED):
        began_s = time.perf_counter()
        answer = centre.ask(f"/api/v1/alerts{path}")
        times.append(1000 * (time.perf_counter() - began_s))
    times.sort()
    rows = len(answer["items"]) if isinstance(answer, dict) and "items" in answer else 0
    report.row(case).add(p50_ms=times[ASKED // 2], p95_ms=times[int(0.95 * (ASKED - 1))], rows=rows)


def _look(report: Report, centre: Centre, base: str, *, count: int) -> None:
    """Scroll the list, narrow it by a click, sum it up."""
    people = centre.ask("/api/v1/users")["items"]
    if all(one["name"] != PERSON for one in people):
        centre.send("/api/v1/users", {"name": PERSON, "role": "admin", "password": PASSWORD})
    with chromium_open() as browser:
        context = new_context(browser, centre.url)
        if not context.request.post("/api/v1/login", data={"name": PERSON, "password": PASSWORD}).ok:
            raise CentreError("the login was refused")
        page = context.new_page()
        page.goto("/alerts?status=firing&status=acknowledged&status=resolved&lang=en")
        page.locator(".data-table tbody tr").nth(20).wait_for()
        page.wait_for_timeout(1_000)
        browser.start_tracing(page=page, categories=["toplevel"])
        seen = page.evaluate(SCROLL, ["html", STEPS, STEP_PX])
        trace = browser.stop_tracing()
        report.row(f"{SCROLLED}, {base}").add(frame_ms=seen["p95_ms"], cpu_ms=busiest_ms(trace), rows=count)
        page.evaluate("scrollTo(0, 0)")
        for case, place in ((NARROWED, ".over-part"), (SUMMED, "[aria-label='Sum up by'] button:nth-child(2)")):
            browser.start_tracing(page=page, categories=["toplevel"])
            began_s = time.perf_counter()
            _press(page, place)
            report.row(f"{case}, {base}").add(ms=1000 * (time.perf_counter() - began_s))
            report.row(f"{case}, {base}").add(cpu_ms=busiest_ms(browser.stop_tracing()))
        context.close()


def _press(page: Page, place: str) -> None:
    """Press what narrows or sums up, and wait for the answer."""
    with page.expect_response(lambda answer: "/api/v1/alerts" in answer.url and answer.status == 200) as answered:
        page.locator(place).first.click()
    json.loads(answered.value.text())
    page.wait_for_function("() => document.querySelector('main .loading, main [aria-busy=\"true\"]') === null")
