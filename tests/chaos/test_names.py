"""Names that file systems allow and people do not expect; links that lead in circles; files nobody may read."""

from __future__ import annotations

import os
import shutil
import unicodedata

import pytest

from tests.agent.waiting import stays, until
from tests.chaos.lab import Lab

NAMES = (
    b"new\nline",
    b"carriage\rreturn\ttab",
    b"bell\x07 and \x1b[31mcolour",
    b"no utf-8 \xff\xfe\x80",
    b"half of one \xe4\xbd",
    b"x" * 255,
    b"y" * 251 + b".log",
    "长".encode() * 85,
    b".hidden",
    b"..two",
    b"...",
    b".a.b.",
    b"-rf",
    b"--config",
    b" leading and trailing ",
    b"%2e%2e%2f",
    b"100%",
    b"a+b&c=d?e#f",
    b"quote\"s and 'these'",
    b"back\\slash",
    b"semi;colon|pipe>and<",
    b"*?[glob]",
    b"~tilde",
    b"$HOME `id`",
    b"<xml>&amp;<xml>",
    unicodedata.normalize("NFC", "né").encode(),
    unicodedata.normalize("NFD", "né").encode(),
    "Ａ全角".encode(),
    "\u202eright-to-left".encode(),
    "zero\u200bwidth".encode(),
    b"CAPITAL",
    b"capital",
)
CAPLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


@pytest.mark.parametrize("store", ["file", "s3"])
def test_odd_names(lab: Lab, store: str) -> None:
    load = lab.load(lab.watch("in", store=store))
    for name in NAMES[::2]:
        load.put(name)
    lab.program.start()
    for name in NAMES[1::2]:
        load.put(name)
    for name in NAMES:
        directory = b"below/" + name
        os.makedirs(os.path.join(load.root, directory))
        load.put(directory + b"/" + name)
    deep = b"/".join(b"%02d" % level + b"d" * 198 for level in range(15))
    os.makedirs(os.path.join(load.root, deep))
    load.put(deep + b"/bottom")
    load.put(deep + b"/bottom too")
    verdict = lab.check()
    assert verdict.files == 2 * len(NAMES) + 2


def test_links_in_circles(lab: Lab) -> None:
    root = lab.watch("in", store="s3", follow_symlinks=True)
    load = lab.load(root)
    os.makedirs(os.path.join(root, b"a", b"b"))
    secret = lab.home / "secret"
    secret.write_text("not in the tree")
    links = {b"self": b"self", b"x": b"y", b"y": b"x", b"a/up": b"..", b"a/b/top": root, b"out": os.fsencode(secret)}
    for name, target in links.items():
        os.symlink(target, os.path.join(root, name))
    for name in (b"one", b"a/two", b"a/b/three"):
        load.put(name)
    lab.program.start()
    os.symlink(b".", os.path.join(root, b"a", b"again"))
    for name in (b"four", b"a/five", b"a/b/six"):
        load.put(name)
    assert lab.check().files == 6


def test_directory_that_has_two_names_by_a_link_arrives_once(lab: Lab) -> None:
    root = lab.watch("in", store="s3", follow_symlinks=True)
    load = lab.load(root)
    for name in (b"m", b"n"):
        os.mkdir(os.path.join(root, name))
        load.put(name + b"/before")
        for link in (b"a-link-to-", b"z-link-to-"):
            os.symlink(name, os.path.join(root, link + name))
    lab.program.start()
    for name in (b"m", b"n"):
        load.put(name + b"/after")
    assert lab.check().files == 4


def test_links_are_left_alone_unless_told(lab: Lab) -> None:
    root = lab.watch("in", store="file")
    load = lab.load(root)
    os.mkdir(os.path.join(root, b"a"))
    load.put(b"a/file")
    os.symlink(b"a", os.path.join(root, b"link-to-directory"))
    lab.program.start()
    os.symlink(b"a/file", os.path.join(root, b"link-to-file"))
    os.symlink(b"..", os.path.join(root, b"a", b"up"))
    load.put(b"a/later")
    assert lab.check().files == 2


def test_files_that_may_not_be_read_yet(lab: Lab) -> None:
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("NOT TESTED: without setpriv root may read everything")
        lab.wrap(CAPLESS)
    lab.program.settings["agent"]["reconcile_interval"] = "1s"
    load = lab.load(lab.watch("in", store="s3"))
    os.mkdir(os.path.join(load.root, b"closed"))
    load.put(b"closed/inside")
    locked, closed = load.put(b"locked"), os.path.join(load.root, b"closed")
    os.chmod(locked, 0)
    os.chmod(closed, 0)
    load.small(20)
    try:
        lab.program.start()
        until(lambda: lab.program.queue()["done_total"] == 20)
        until(lambda: lab.program.reasons().get("watch_unreadable"))
        until(lambda: lab.program.queue()["waiting"])
        stays(lambda: len(lab.sink.manifest()) == 20, for_s=1.0)
    finally:
        os.chmod(closed, 0o755)
        os.chmod(locked, 0o644)
    assert lab.check().files == 22
