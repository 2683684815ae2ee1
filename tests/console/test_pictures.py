"""Key pages look as they did: small pictures and places of landmarks, on recorded answers and a fixed clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from gwf.console.site import ConsoleSite
from tests.api.conftest import open_port
from tests.api.fake_edge import FakeEdge
from tests.console.pictures import BOXES, PAGES, PLACE, SHARE, THEMES, Answers, Gallery, moved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HINT = "changed on purpose? .venv/bin/python -m tests.console.pictures (--record when the API changed)"

RESTYLE = """style => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
}"""


@pytest.fixture(scope="module")
def gallery(browser: Browser, dist: Path) -> Iterator[Gallery]:
    edge = FakeEdge()
    with open_port(edge, site=ConsoleSite(edge, dist=dist)) as port:
        made = Gallery(browser, port.server.url, Answers.read())
        yield made
        made.close()


def _alike(gallery: Gallery, before: bytes) -> bool:
    return gallery.unlike(before, gallery.picture()) <= SHARE


@pytest.mark.parametrize("name", PAGES)
def test_the_page_looks_as_it_did(gallery: Gallery, name: str, tmp_path: Path) -> None:
    gallery.missing.clear()
    gallery.open(name)
    kept = json.loads(BOXES.read_text(encoding="utf-8"))[name]
    gallery.wait_until(lambda: not moved(kept, gallery.boxes()))  # parts of the page come one after the other
    assert gallery.missing == [], f"the page asks what was not recorded: {HINT}"
    assert moved(kept, gallery.boxes()) == [], HINT
    for theme in THEMES:
        gallery.put_theme(theme)
        before = (PLACE / f"{name}-{theme}.png").read_bytes()
        gallery.wait_until(partial(_alike, gallery, before))
        share = gallery.unlike(before, gallery.picture())
        gallery.page.screenshot(path=tmp_path / f"{name}-{theme}.png")
        assert share <= SHARE, f"{share:.1%} of {name} in {theme} differ, see {tmp_path}: {HINT}"


@pytest.mark.parametrize(
    "change",
    [
        ".verdict { display: none; }",
        ".nav { background: #223; }",
        "main { padding-top: 30px; }",
        ".status.crit, .cell.crit { color: #177245; } .verdict { border-color: #177245; background: #e6f4ec; }",
    ],
)
def test_a_changed_layout_or_colour_is_seen(gallery: Gallery, change: str) -> None:
    gallery.open("overview")
    before, places = gallery.picture(), gallery.boxes()
    gallery.page.evaluate(RESTYLE, change)
    after = gallery.unlike(before, gallery.picture())
    assert after > SHARE or moved(places, gallery.boxes())
