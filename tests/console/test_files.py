"""What a reader does with files: finds one, reads it, looks for text, links to a line, sends it, switches sending."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agent.waiting import until
from tests.console.conftest import axe, complain, new_context
from tests.console.matrix import READY, THEMES, overflow, put_theme, shot
from tests.console.place import PASSWORD, Portal, portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINES = [
    f"10:{number // 60:02}:{number % 60:02} {'ERROR status=503' if number % 50 == 9 else 'INFO ok'} {number}"
    for number in range(3000)
]


@pytest.fixture(scope="module")
def log(full: Portal) -> Path:
    path = full.place.tree / "svc/app.log"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in LINES))
    until((full.place.objects / "svc/app.log").exists)
    return path


@pytest.fixture
def page(browser: Browser, full: Portal) -> Iterator[Page]:
    context = new_context(browser, full.url)
    assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
    problems: list[str] = []
    yield complain(context.new_page(), full.url, problems)
    context.close()
    assert [problem for problem in problems if "status of 400" not in problem] == []


def test_a_file_is_found_in_the_tree_and_read(page: Page, log: Path) -> None:
    page.goto("/files")
    page.get_by_role("treeitem", name="svc").click()
    page.get_by_role("treeitem", name="app.log").click()
    expect(page).to_have_url(re.compile(r"path=.*svc%2Fapp\.log"))
    expect(page.locator(".life-state")).to_contain_text("已送达")
    expect(page.locator(".log-line").last).to_contain_text(LINES[-1])
    with log.open("a") as file:
        file.write("10:50:00 WARN one more\n")
    expect(page.locator(".log-line").last).to_contain_text("one more")
    page.go_back()
    expect(page.get_by_role("link", name="app.log")).to_be_visible()


def test_text_is_found_counted_and_stepped_through(page: Page, log: Path) -> None:
    page.goto(f"/files?path={log}")
    page.locator(".log-line").first.wait_for()
    page.keyboard.press("/")
    page.get_by_label("在这个文件里查找").fill("status=503")
    expect(page.locator(".find-place")).to_contain_text("60 处")
    expect(page.get_by_role("button", name="错误 60")).to_be_visible()
    expect(page.locator("mark").first).to_have_text("status=503")
    page.locator("main").click(position={"x": 5, "y": 5})
    page.keyboard.press("n")
    expect(page.locator(".find-place")).to_contain_text("第 1 / 60 处")
    page.locator(".log-gap").first.click()
    expect(page.locator(".log-line", has_text="INFO ok 30")).to_be_visible()
    page.get_by_role("button", name="正则").click()
    page.get_by_label("在这个文件里查找").fill("(")
    expect(page.get_by_role("alert")).to_contain_text("正则写得不对")


def test_a_line_is_a_link(page: Page, log: Path) -> None:
    page.goto(f"/files?path={log}&line=1234")
    expect(page.locator(".log-line.marked")).to_contain_text(LINES[1233])
    expect(page.locator(".log-line.marked")).to_be_in_viewport()
    page.keyboard.press("End")
    expect(page.locator(".log-line", has_text=LINES[-1])).to_be_visible()
    expect(page).not_to_have_url(re.compile("line="))


def test_a_directory_is_filtered_switched_and_switched_back(page: Page, full: Portal, log: Path) -> None:
    page.goto(f"/files?path={log.parent}")
    page.get_by_label("按名字找").fill("*.nothing")
    expect(page.get_by_text("没有符合条件")).to_be_visible()
    expect(page).to_have_url(re.compile("q="))
    page.get_by_label("按名字找").fill("")
    page.get_by_role("button", name="关闭本目录自动上传").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("不再自动发送")
    dialog.get_by_role("button", name="关闭自动上传").click()
    expect(page.get_by_role("button", name="打开本目录自动上传")).to_be_visible()
    with page.expect_response(re.compile("files:auto-upload")):  # the switch shows the wish before it is answered
        page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="关闭本目录自动上传")).to_be_visible()
    done = [item["action"] for item in full.ask("/audit?resource_kind=agent")["items"]]
    assert done.count("agent.file_switch") == 2


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("part", ["tail", "find"])
def test_a_file_is_accessible_in_every_theme_and_fits_a_phone(page: Page, log: Path, part: str, language: str) -> None:
    page.goto(f"/files?path={log}&lang={language}{'&find=1&q=503' if part == 'find' else ''}")
    page.locator(".log-line").first.wait_for()
    page.wait_for_function(READY)
    for theme in THEMES:
        put_theme(page, theme)
        shot(page, f"file-{part}-{language}-{theme}")
        assert axe(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, f"file-{part}-{language}-phone")
    assert overflow(page) == []


def test_what_may_not_be_seen_is_said(page: Page, full: Portal) -> None:
    page.goto("/files?path=/etc/passwd")
    expect(page.get_by_text("路径不在被监视的目录里")).to_be_visible()
    page.get_by_role("button", name=str(full.place.tree)).click()
    expect(page.get_by_role("link", name="logs")).to_be_visible()


def test_files_are_put_onto_a_host_by_dropping_them(browser: Browser, dist: Path, tmp_path: Path) -> None:
    with portal(tmp_path / "taking", seeded=False, receive={"enabled": True, "max_size": "4 MiB"}) as host:
        context = new_context(browser, host.url)
        assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
        page = context.new_page()
        host.place.write("there.log")
        page.goto(f"/files?path={host.place.tree}")
        box = page.get_by_role("region", name="手动上传")
        expect(box.get_by_text("单个 ≤ 4.0 MB")).to_be_visible()
        drop(page, {"数据 1.bin": 2_500_000, "there.log": 3, "large.bin": 5_000_000})
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("large.bin")
        for theme in THEMES:
            put_theme(page, theme)
            shot(page, f"incoming-ask-{theme}")
            assert axe(page) == []
        dialog.get_by_role("button", name="上传 2 个文件").click()
        jobs = box.get_by_role("listitem")
        expect(jobs.filter(has_text="数据 1.bin")).to_contain_text("已放好")
        expect(jobs.filter(has_text="there.log")).to_contain_text("已有同名的文件")
        for theme in THEMES:
            put_theme(page, theme)
            shot(page, f"incoming-{theme}")
            assert axe(page) == []
        expect(page.get_by_role("link", name="数据 1.bin")).to_be_visible()  # the list heard of it
        until(lambda: host.place.stored().get("数据 1.bin") == hashlib.sha256(b"x" * 2_500_000).hexdigest())
        jobs.filter(has_text="there.log").get_by_role("button", name="替换").click()
        expect(jobs.filter(has_text="there.log")).to_contain_text("已放好")
        assert (host.place.tree / "there.log").read_bytes() == b"xxx"
        page.set_viewport_size({"width": 390, "height": 844})
        shot(page, "incoming-phone")
        assert overflow(page) == []
        done = [
            (item["action"], item["detail"].get("sha256")) for item in host.ask("/audit?resource_kind=agent")["items"]
        ]
        assert ("agent.file_put_finish", hashlib.sha256(b"x" * 2_500_000).hexdigest()) in done
        context.close()


def test_an_upload_is_cancelled_and_leaves_nothing(browser: Browser, dist: Path, tmp_path: Path) -> None:
    with portal(tmp_path / "taking", seeded=False, receive={"enabled": True}) as host:
        context = new_context(browser, host.url)
        assert context.request.post("/api/v1/login", data={"name": "admin", "password": PASSWORD}).ok
        page = context.new_page()
        page.route(re.compile("offset=1048576"), lambda _: None)  # the second piece is on its way for ever
        page.goto(f"/files?path={host.place.tree}&lang=en")
        box = page.get_by_role("region", name="Upload by hand")
        expect(box.get_by_text("Up to 5.0 GB")).to_be_visible()
        drop(page, {"a.log": 3_000_000})
        page.get_by_role("dialog").get_by_role("button", name="Upload 1 file").click()
        expect(box.get_by_text("1.0 MB of 2.9 MB")).to_be_visible()
        assert len(list(host.place.tree.glob(".gwf-in-*"))) == 1
        box.get_by_role("button", name="Cancel the upload of a.log").click()
        expect(box.get_by_role("listitem")).to_contain_text("Cancelled")
        until(lambda: list(host.place.tree.iterdir()) == [])
        context.close()


def drop(page: Page, files: dict[str, int]) -> None:
    """Drop files of so many bytes onto the page."""
    page.evaluate(
        """files => {
          const carried = new DataTransfer();
          for (const [name, size] of Object.entries(files))
            carried.items.add(new File(["x".repeat(size)], name, {lastModified: 7}));
          for (const type of ["dragenter", "dragover", "drop"])
            document.body.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: carried}));
        }""",
        files,
    )
