from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.shape.sources import PACKAGE, ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^[A-Za-z0-9._-]+(\[[A-Za-z0-9,._-]+\])?==[^\s;\\]+")


def test_there_are_lock_files() -> None:
    assert {lock.name for lock in LOCKS} >= {"run.txt", "dev.txt", "uv.txt"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_file_names_no_registry(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host|^-i ", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_everything_in_a_lock_file_is_pinned_and_has_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text.replace("\\\n", " ")) if not entry.startswith("#")]
    loose = [entry[:60] for entry in entries if not PINNED.match(entry) or "--hash=sha256:" not in entry]
    assert [entry for entry in loose if entry.strip()] == []


def test_what_runs_is_pinned_to_the_same_versions_in_development() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE))

    run, dev = pins("run.txt"), pins("dev.txt")
    assert {name: dev.get(name) for name in run} == run


def test_the_lock_of_the_console_names_no_registry() -> None:
    lock = ROOT / "console" / "package-lock.json"
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    assert [name for name, facts in packages.items() if "resolved" in facts and not facts.get("link")] == []
    assert [
        name for name, facts in packages.items() if name and "integrity" not in facts and not facts.get("link")
    ] == []


def test_every_package_has_its_place_in_the_layers() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (contract,) = [item for item in settings["contracts"] if item["type"] == "layers"]
    placed = {name.strip(" ()") for row in contract["layers"] for name in re.split(r"[|:]", row)}
    placed |= set(contract.get("exhaustive_ignores", []))
    present = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists())
        or (path.suffix == ".py" and not path.stem.startswith("__"))
    }
    assert present - placed == set()
    assert contract["exhaustive"] is True
