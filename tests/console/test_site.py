"""Serving the built console and the page without script, over real HTTP."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.console.plain import plain_page
from gwf.console.site import ConsoleSite
from tests.api.conftest import Port, open_port
from tests.api.fake_edge import FakeEdge, overview_of

INDEX = '<!doctype html><html><head><base href="/" /><title>GWF</title></head><body></body></html>'


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dist")
    (root / "assets").mkdir()
    (root / "index.html").write_text(INDEX)
    (root / ".build-hash").write_text("abc")
    (root / "boot.js").write_text("0")
    script = root / "assets" / "index-1a2b.js"
    script.write_text("export {}")
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(b"export {}"))
    (root.parent / "secret.txt").write_text("no")
    return root


@pytest.fixture(scope="module")
def port(dist: Path) -> Iterator[Port]:
    edge = FakeEdge()
    with open_port(edge, site=ConsoleSite(edge, url_prefix="/ops/gwf", dist=dist), url_prefix="/ops/gwf") as running:
        yield running


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    edge = FakeEdge()
    with open_port(edge, site=ConsoleSite(edge, dist=tmp_path_factory.mktemp("none"))) as running:
        yield running


def test_the_page_without_script_shows_nothing_to_strangers(tmp_path: Path) -> None:
    edge = FakeEdge()
    with open_port(edge, site=ConsoleSite(edge, dist=tmp_path), accounts=True, open_to_host=False) as port:
        refused = port.ask("/")
        assert refused.status == 401
        assert b"/data" not in refused.body
        assert port.ask("/", Authorization=f"Bearer {port.local.token}").status == 200


@pytest.mark.parametrize("path", ["/", "/ops/gwf", "/ops/gwf/", "/ops/gwf/deep/page?x=1", "/unknown"])
def test_every_page_is_the_index_under_its_prefix(port: Port, path: str) -> None:
    answer = port.ask(path)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert b'<base href="/ops/gwf/" />' in answer.body


def test_the_page_carries_its_first_script_inside_and_allows_that_one_only(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<head><base href="/" /><script  src="./boot.js"></script></head>')
    (tmp_path / "boot.js").write_text("theme()")
    with open_port(FakeEdge(), site=ConsoleSite(FakeEdge(), dist=tmp_path)) as port:
        answer = port.ask("/")
        allowed = base64.b64encode(hashlib.sha256(b"theme()").digest()).decode()
        policy = answer.headers["Content-Security-Policy"]
        assert b"<script>theme()</script>" in answer.body
        assert policy.startswith(f"script-src 'self' 'sha256-{allowed}'; default-src 'self'; ")
        assert "sha256" not in port.ask("/boot.js").headers["Content-Security-Policy"]


def test_a_new_build_is_shown_without_a_restart(tmp_path: Path) -> None:
    index = tmp_path / "index.html"
    index.write_text("<p>old</p>")
    with open_port(FakeEdge(), site=ConsoleSite(FakeEdge(), dist=tmp_path)) as port:
        assert port.ask("/").body == b"<p>old</p>"
        index.write_text("<p>new</p>")
        os.utime(index, ns=(1, 1))  # an older one, too: it may come from a package
        assert port.ask("/").body == b"<p>new</p>"


def test_assets_are_immutable_and_packed(port: Port) -> None:
    plain = port.ask("/ops/gwf/assets/index-1a2b.js")
    packed = port.ask("/ops/gwf/assets/index-1a2b.js", Accept_Encoding="gzip, br")
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Content-Type"].startswith("text/javascript")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == b"export {}"


def test_other_files_are_asked_for_again(port: Port) -> None:
    assert port.ask("/boot.js").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone.js",
        "/assets/",
        "/assets",
        "/gone.png",
        "/.build-hash",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
    ],
)
def test_what_is_not_there_is_never_the_index(port: Port, path: str) -> None:
    assert port.ask(path).status == 404


def test_changes_are_no_page(port: Port) -> None:
    assert port.ask("/", "POST").status == 405


def test_without_a_build_the_page_says_so_in_both_languages(bare: Port) -> None:
    page = bare.ask("/").body.decode()
    assert page.index("没有构建网页控制台") < page.index("was not built")
    assert page.count("make setup") == 2
    assert "<script" not in page


def test_without_a_build_the_reader_s_language_comes_first(bare: Port) -> None:
    page = bare.ask("/", Accept_Language="en-GB,en;q=0.8").body.decode()
    assert page.index("was not built") < page.index("没有构建网页控制台")


def test_without_a_build_health_and_counts_are_there(bare: Port) -> None:
    page = bare.ask("/").body.decode()
    for part in (
        "降级",
        "degraded",
        "breaker_open",
        "184022",
        "/mnt/nfs/exports",
        "oss://prod-archive/logs",
        "throttled",
    ):
        assert part in page


def test_without_a_build_names_from_outside_stay_text() -> None:
    now = overview_of("full").model_copy(update={"hostname": "<script>alert(1)</script>"})
    page = plain_page(now, base='/"><b>/', languages=("zh", "en"))
    assert "<script>" not in page
    assert "<b>" not in page


def test_without_a_build_the_reason_of_the_last_try_is_told(tmp_path: Path) -> None:
    (tmp_path / ".build-error").write_text("npm: <registry> did not answer")
    edge = FakeEdge()
    with open_port(edge, site=ConsoleSite(edge, dist=tmp_path)) as running:
        assert "npm: &lt;registry&gt; did not answer" in running.ask("/").body.decode()


def test_without_a_build_assets_are_404(bare: Port) -> None:
    assert bare.ask("/assets/index.js").status == 404


def test_serving_needs_no_database_or_agent_code() -> None:
    script = "import gwf.console.site, sys; print([m for m in sys.modules if m.startswith(('gwf.agent', 'sqlite3'))])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
