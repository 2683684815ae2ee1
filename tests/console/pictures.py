"""Pictures of key pages on recorded answers and a fixed clock, and how two of them are compared.

Text is drawn otherwise on another machine: hinting, smoothing and the version of a font move single pixels. So no
pixel is compared with a pixel. A picture is drawn small, each point the mean of ten by ten, where such differences
vanish and a missing part, another colour or another order does not; and the places of landmarks are compared within
a few pixels, because a small picture does not tell that a card moved a little.

    .venv/bin/python -m tests.console.pictures            # the pages were changed on purpose: take the pictures anew
    .venv/bin/python -m tests.console.pictures --record   # the API was changed: also record a demo's answers anew
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from gwf.console.site import ConsoleSite
from tests.api.conftest import open_port
from tests.api.fake_edge import FakeEdge
from tests.console.conftest import FLAGS, new_context
from tests.console.demo import Demo, running_demo
from tests.console.tools import build_console, chromium

PLACE = Path(__file__).parent / "pictures"
ANSWERS = PLACE / "answers.json.gz"
BOXES = PLACE / "boxes.json"
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
#: the picture's points, each of ten by ten of the window
SMALL = (144, 90)
#: of 255: two points alike; and the share of points that may be unlike
POINT, SHARE = 16, 0.01
#: pixels by which a landmark may lie elsewhere
MOVED = 5
PAGES = ("overview", "agents", "agent", "rollout", "configs", "audit")
READY = """() => document.querySelector('h1') !== null
  && document.querySelector('main .loading, main [aria-busy="true"]') === null"""
SETTLE_MS = 400
LATE_MS = 3_000
PATIENCE_S = 15.0
FETCH_MS = 60_000
LANDMARKS = ".nav a, .top, .top .title, main .card, main .card > header, main table, main thead, .verdict"
PLACES = """landmarks => [...document.querySelectorAll(landmarks)].map(part => {
  const {x, y, width, height} = part.getBoundingClientRect();
  const name = [part.tagName.toLowerCase(), ...[...part.classList].sort()].join('.');
  return [name, ...[x, y, width, height].map(Math.round)];
}).filter(([, , y]) => y < innerHeight)"""
SHRINK = """async ([picture, width, height]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const draw = (what, w, h) => {
    const canvas = new OffscreenCanvas(w, h);
    const pen = canvas.getContext('2d');
    pen.drawImage(what, 0, 0, w, h);
    return [canvas, pen.getImageData(0, 0, w, h).data];
  };
  const [, pixels] = draw(image, image.width, image.height);
  const step = [image.width / width, image.height / height];
  const small = new ImageData(width, height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) for (let c = 0; c < 4; c += 1) {
    let sum = 0;
    for (let j = 0; j < step[1]; j += 1) for (let i = 0; i < step[0]; i += 1) {
      sum += pixels[((y * step[1] + j) * image.width + x * step[0] + i) * 4 + c];
    }
    small.data[(y * width + x) * 4 + c] = Math.round(sum / step[0] / step[1]);
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d').putImageData(small, 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({type: 'image/png'})).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""
UNLIKE = """async ([one, other, limit]) => {
  const read = async picture => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + picture;
    await image.decode();
    const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, image.width, image.height).data;
  };
  const [a, b] = [await read(one), await read(other)];
  if (a.length !== b.length) return 1;
  let unlike = 0;
  for (let at = 0; at < a.length; at += 4) {
    if ([0, 1, 2].some(c => Math.abs(a[at + c] - b[at + c]) > limit)) unlike += 1;
  }
  return unlike / (a.length / 4);
}"""

Boxes = list[list[Any]]


@dataclass
class Answers:
    """What a demo answered at one moment, and where its pages are."""

    at_ms: int
    paths: dict[str, str]
    #: by path and query
    told: dict[str, tuple[int, Any]] = field(default_factory=dict[str, tuple[int, Any]])

    @classmethod
    def read(cls) -> Answers:
        kept = json.loads(gzip.decompress(ANSWERS.read_bytes()))
        return cls(kept["at_ms"], kept["paths"], {key: (status, body) for key, (status, body) in kept["told"].items()})

    def write(self) -> None:
        kept = {"at_ms": self.at_ms, "paths": self.paths, "told": dict(sorted(self.told.items()))}
        packed = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
        ANSWERS.write_bytes(gzip.compress(packed, 9, mtime=0))


def asked(url: str) -> str:
    """Return what an address of the API asks for, whatever host it is asked of."""
    parts = urlsplit(url)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{parts.path}?{query}" if query else parts.path


def _fixed(body: str, at_ms: int) -> Any:
    """Return an answer that was given at the fixed moment: ages are told from there."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at_ms / 1000)) + ".000000Z"
    return json.loads(re.sub(r'"as_of":"[^"]+"', f'"as_of":"{moment}"', body))


class Gallery:
    """A window on recorded answers, or on a demo whose answers are recorded."""

    def __init__(self, browser: Browser, url: str, answers: Answers, demo: Demo | None = None) -> None:
        """Open the window; with a `demo` its answers go into `answers`."""
        self._answers = answers
        self._demo = demo
        #: what pages asked and nobody recorded
        self.missing: list[str] = []
        self._context: BrowserContext = new_context(browser, url)
        if demo is not None:
            demo.enter(self._context)
        self._context.clock.set_fixed_time(answers.at_ms / 1000)  # told in seconds
        self._context.route("**/api/v1/**", self._answer)
        self.page: Page = self._context.new_page()
        self._easel: Page = browser.new_page()

    def close(self) -> None:
        self._context.unroute_all(behavior="wait")  # what is being answered is answered
        self._context.close()
        self._easel.close()

    def open(self, name: str) -> None:
        """Show a page in the light theme."""
        self.page.emulate_media(color_scheme="light")
        path = self._answers.paths[name]
        # the stream ended at once: whatever is on its way ends
        self.page.goto(f"{path}{'&' if '?' in path else '?'}lang=zh", wait_until="networkidle")
        self.page.wait_for_function(READY)
        self.page.wait_for_timeout(SETTLE_MS)

    def wait_until(self, seems_right: Callable[[], bool]) -> None:
        """Give a busy machine time to draw everything; what is wrong then is wrong."""
        end_s = time.monotonic() + PATIENCE_S
        while not seems_right() and time.monotonic() < end_s:
            self.page.wait_for_timeout(SETTLE_MS)

    def settle(self) -> None:
        """Wait until nothing has moved for a while: parts of a page come one after the other."""
        before: Boxes = []
        while (now := self.boxes()) != before:
            before = now
            self.page.wait_for_timeout(LATE_MS)

    def put_theme(self, theme: Literal["light", "dark"]) -> None:
        self.page.emulate_media(color_scheme=theme)
        self.page.locator(f"html[data-theme='{theme}']").wait_for()
        self.page.wait_for_timeout(SETTLE_MS)

    def picture(self) -> bytes:
        """Return the window as a small PNG."""
        whole = base64.b64encode(self.page.screenshot(type="png")).decode()
        return base64.b64decode(self._easel.evaluate(SHRINK, [whole, *SMALL]))

    def boxes(self) -> Boxes:
        """Return where the landmarks in sight are."""
        found: Boxes = self.page.evaluate(PLACES, LANDMARKS)
        return found

    def unlike(self, one: bytes, other: bytes) -> float:
        """Return the share of points in which two small pictures differ."""
        pair = [base64.b64encode(picture).decode() for picture in (one, other)]
        return float(self._easel.evaluate(UNLIKE, [*pair, POINT]))

    def _answer(self, route: Route) -> None:
        request = route.request
        if request.url.endswith("/stream"):
            route.fulfill(status=204)
            return
        key = asked(request.url)
        if self._demo is not None and request.method == "GET":
            # the demo closes connections that were idle, and may be busy
            answer = route.fetch(timeout=FETCH_MS, max_retries=3)
            self._answers.told[key] = (answer.status, _fixed(answer.text(), self._answers.at_ms))
        known = self._answers.told.get(key)
        if known is None:
            self.missing.append(f"{request.method} {key}")
            route.fulfill(status=404, json={"code": "not_found", "status": 404, "request_id": "", "detail": key})
            return
        status, body = known
        route.fulfill(status=status, json=body)


def moved(kept: Boxes, found: Boxes) -> list[str]:
    """Return which landmarks came, went, or lie elsewhere."""
    if [one[0] for one in kept] != [one[0] for one in found]:
        return [f"landmarks were {[one[0] for one in kept]}, are {[one[0] for one in found]}"]
    pairs = zip(kept, found, strict=True)
    return [f"{old[0]} was at {old[1:]}, is at {new[1:]}" for old, new in pairs if _far(old, new)]


def _far(old: list[Any], new: list[Any]) -> bool:
    return any(abs(before - after) > MOVED for before, after in zip(old[1:], new[1:], strict=True))


def record(browser: Browser) -> Answers:
    """Run a demo and keep what it answers to the pages."""
    with tempfile.TemporaryDirectory() as base, running_demo(Path(base) / "gwf-demo", agents=24) as demo:
        paths = {
            "overview": "/?part=fleet", "agents": "/agents", "configs": "/configs", "audit": "/audit",
            "rollout": f"/rollouts/{demo.scene['rollouts']['running']}",
        }  # fmt: skip
        context = browser.new_context(base_url=demo.url)
        demo.enter(context)
        failing = context.request.get("/api/v1/agents?condition=failing&limit=1").json()["items"]
        paths["agent"] = f"/agents/{failing[0]['agent_id']}"
        context.close()
        answers = Answers(round(time.time()) * 1000, paths)
        gallery = Gallery(browser, demo.url, answers, demo)
        for name in PAGES:
            gallery.open(name)
            gallery.page.wait_for_timeout(LATE_MS)  # parts that ask only when others are there
        gallery.close()
    answers.write()
    return answers


def renew(browser: Browser, answers: Answers) -> None:
    """Take the pictures anew."""
    edge = FakeEdge()
    boxes: dict[str, Boxes] = {}
    with open_port(edge, site=ConsoleSite(edge, dist=build_console())) as port:
        gallery = Gallery(browser, port.server.url, answers)
        for name in PAGES:
            gallery.open(name)
            gallery.settle()
            boxes[name] = gallery.boxes()
            for theme in THEMES:
                gallery.put_theme(theme)
                (PLACE / f"{name}-{theme}.png").write_bytes(gallery.picture())
        print("not recorded:", gallery.missing or "nothing")
        gallery.close()
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in boxes.items()]
    BOXES.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> None:
    """Renew the pictures, with --record also the answers."""
    build_console()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        answers = record(browser) if "--record" in sys.argv else Answers.read()
        renew(browser, answers)
        browser.close()


if __name__ == "__main__":
    main()
