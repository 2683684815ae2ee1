"""Node, its packages and Chromium, fetched when they are not there."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hatch_build

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "console"
DIST = ROOT / "src/gwf/console_dist"
MARK = " with test tools"


class MissingToolError(Exception):
    """A tool that the tests need cannot be had on this machine."""


def node_env() -> tuple[Path, Path, dict[str, str]]:
    node, npm = hatch_build.node_and_npm()
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return node, npm, {**os.environ, "PATH": path, "CI": "1", "TZ": "Asia/Shanghai", "NO_COLOR": "1"}


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time install and build: several run tests."""
    held = os.open(SOURCE, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def install_packages() -> None:
    """Put build and test packages into console/node_modules unless the locked ones are there."""
    with _alone():
        _install_packages()


def _install_packages() -> None:
    lock = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    stamp = SOURCE / "node_modules/.lock-hash"
    if stamp.is_file() and stamp.read_text() == lock + MARK:
        return
    try:
        node, npm, env = node_env()
        command = [str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=SOURCE, env=env, check=True, capture_output=True, text=True, timeout=240)
    except (ImportError, OSError, subprocess.SubprocessError) as exc:
        raise MissingToolError(f"the packages of console/ cannot be installed: {exc}") from exc
    stamp.write_text(lock + MARK)


def build_console() -> Path:
    """Build the console unless it is built from these sources; return where it lies."""
    with _alone():
        _install_packages()
        wanted = hatch_build.sources_hash(SOURCE)
        if not hatch_build.is_fresh(DIST, wanted):
            hatch_build.build(SOURCE, DIST, wanted)
    return DIST


def build_stories(out: Path) -> Path:
    """Build the story page, which no release carries, as the only page of a site."""
    done = run_tool(
        "vite/bin/vite.js", "build", "--mode", "stories", "--outDir", str(out), "--emptyOutDir", "--logLevel", "warn"
    )
    assert done.returncode == 0, done.stderr
    (out / "stories.html").rename(out / "index.html")
    return out


def page_weights(dist: Path) -> tuple[int, dict[str, int]]:
    """Return the bytes on the wire of the first page, and of each other page what it adds to them."""
    built: dict[str, Any] = json.loads((dist / ".vite/manifest.json").read_text(encoding="utf-8"))

    def needed(name: str, found: set[str]) -> set[str]:
        """Return the files that are fetched at once with a part."""
        part = built[name]
        if part["file"] not in found:
            found |= {part["file"], *part.get("css", [])}
            for other in part.get("imports", []):
                needed(other, found)
        return found

    def weight(files: set[str]) -> int:
        return sum(len(gzip.compress((dist / file).read_bytes(), 9)) for file in files)

    first = needed("index.html", set())
    pages = {name: weight(needed(name, set()) - first) for name, part in built.items() if part.get("isDynamicEntry")}
    return weight(first), pages


def run_tool(script: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a program of node_modules in console/."""
    install_packages()
    node, _, env = node_env()
    command = [str(node), str(SOURCE / "node_modules" / script), *args]
    return subprocess.run(command, cwd=SOURCE, env=env, capture_output=True, text=True, timeout=240, check=False)


def chromium() -> str:
    """Return the system's Chromium; install it when we may."""
    with _alone():
        return _chromium()


def _chromium() -> str:
    found = _find_chromium()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "fonts-noto-cjk"]
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600, check=False)
            if done.returncode:
                raise MissingToolError(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
        found = _find_chromium()
    if found is None:
        raise MissingToolError("no Chromium: apt-get install chromium fonts-noto-cjk, or set GWF_CHROMIUM")
    return found


def _find_chromium() -> str | None:
    named = os.environ.get("GWF_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
