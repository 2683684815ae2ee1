"""The build hook and the packages it fills."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import hatch_build
import pytest

from tests.console.tools import DIST, ROOT

SOURCES = {
    "package.json": "{}",
    "package-lock.json": "{}",
    "index.html": "<html>",
    "src/main.tsx": "1",
    "public/x.js": "1",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        file = tmp_path / "console" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def hook(project: Path) -> hatch_build.ConsoleHook:
    return hatch_build.ConsoleHook(str(project), {}, None, None, str(project / "out"), "wheel")  # type: ignore[arg-type]


def built(project: Path) -> Path:
    dist = project / "src/gwf/console_dist"
    dist.mkdir(parents=True)
    (dist / "index.html").write_text("<html>")
    (dist / ".build-hash").write_text(hatch_build.sources_hash(project / "console"))
    return dist


def fail(*_: object) -> None:
    raise OSError("the registry did not answer")


@pytest.mark.parametrize("name", ["src/main.tsx", "public/x.js", "package-lock.json", "index.html"])
def test_a_changed_source_makes_a_build_due(project: Path, name: str) -> None:
    built(project)
    assert hook(project).dependencies() == []
    (project / "console" / name).write_text("2")
    assert hook(project).dependencies() == [hatch_build.NODE]


def test_unit_tests_and_installed_packages_do_not(project: Path) -> None:
    built(project)
    for name in ("src/main.test.ts", "node_modules/x/index.js"):
        (project / "console" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / "console" / name).write_text("2")
    assert hook(project).dependencies() == []


def test_nothing_runs_when_the_build_is_fresh(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(project)
    monkeypatch.setattr(hatch_build, "build", fail)
    hook(project).initialize("standard", {})


def test_an_editable_install_goes_on_and_says_why(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hatch_build, "build", fail)
    hook(project).initialize("editable", {})
    assert "the registry did not answer" in capsys.readouterr().err
    assert (project / "src/gwf/console_dist/.build-error").read_text() == "the registry did not answer"
    assert hook(project).dependencies() == [hatch_build.NODE]


def test_a_release_fails_without_a_console(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hatch_build, "build", fail)
    with pytest.raises(OSError, match="registry"):
        hook(project).initialize("standard", {})
    monkeypatch.setenv("GWF_CONSOLE", "skip")
    with pytest.raises(RuntimeError, match="development"):
        hook(project).initialize("standard", {})
    hook(project).initialize("editable", {})


def test_a_source_package_without_a_built_console_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="carries no built console"):
        hook(tmp_path).initialize("standard", {})
    hook(tmp_path).initialize("editable", {})


def test_packed_copies_are_reproducible(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("x" * 5000)
    (tmp_path / "b.js").write_text("x")
    hatch_build.pack(tmp_path)
    first = (tmp_path / "a.js.gz").read_bytes()
    hatch_build.pack(tmp_path)
    assert (tmp_path / "a.js.gz").read_bytes() == first
    assert not (tmp_path / "b.js.gz").exists()


def hatchling(directory: Path, *targets: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", *[part for name in targets for part in ("-t", name)]]
    done = subprocess.run([*command, "-d", "out"], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_wheel_and_source_package_carry_the_console(dist: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    skip = shutil.ignore_patterns(".venv", ".git", "node_modules", "__pycache__", ".gwf", "new", "out", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=skip)
    assert (copy / DIST.relative_to(ROOT) / ".build-hash").is_file()
    hatchling(copy, "sdist", "wheel")
    index = "gwf/console_dist/index.html"
    with zipfile.ZipFile(next((copy / "out").glob("*.whl"))) as wheel:
        names = wheel.namelist()
        assert index in names
        assert any(name.endswith(".js.gz") for name in names)
    with tarfile.open(next((copy / "out").glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path / "sdist", filter="data")
    unpacked = next((tmp_path / "sdist").iterdir())
    assert not (unpacked / "console").exists()
    hatchling(unpacked, "wheel")
    with zipfile.ZipFile(next((unpacked / "out").glob("*.whl"))) as wheel:
        assert index in wheel.namelist()
