from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

import gwf
from gwf.api.problems import status_of
from gwf.cli.main import app
from gwf.cli.outcome import ExitCode, exit_code
from gwf.core.errors import ErrorClass, GwfError

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SHARED = {"--config", "--data", "--json", "--help"}


def commands(name: str, command: object) -> Iterator[tuple[str, object]]:
    inner: dict[str, object] | None = getattr(command, "commands", None)
    if inner is None:
        yield name, command
    for child, found in (inner or {}).items():
        yield from commands(f"{name} {child}", found)


TREE = dict(commands("gwf", typer.main.get_command(app)))


def sections() -> dict[str, str]:
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    found = re.split(r"(?m)^##+ `(gwf[a-z ]*)`.*$", page)
    return dict(zip(found[1::2], found[2::2], strict=True))


def test_every_command_has_a_section_and_no_section_is_left_over() -> None:
    groups = {name.rpartition(" ")[0] for name in TREE} - {"gwf"}
    assert set(sections()) == set(TREE) | groups


@pytest.mark.parametrize("name", sorted(TREE))
def test_every_option_is_explained(name: str) -> None:
    params: list[object] = getattr(TREE[name], "params", [])
    options = {opt for param in params for opt in getattr(param, "opts", []) if opt.startswith("--")} - SHARED
    missing = {option for option in options if f"`{option}`" not in sections()[name]}
    assert missing == set()


@pytest.mark.parametrize("name", sorted(TREE))
def test_no_option_is_explained_that_does_not_exist(name: str) -> None:
    params: list[object] = getattr(TREE[name], "params", [])
    names = ("opts", "secondary_opts")
    known = {opt for param in params for name in names for opt in getattr(param, name, [])}
    known |= SHARED | {"--install-completion"}
    assert set(re.findall(r"`(--[a-z-]+)`", sections()[name])) <= known


def test_the_command_and_every_option_have_help() -> None:
    for name, command in TREE.items():
        assert getattr(command, "help", ""), name
        for param in getattr(command, "params", []):
            assert param.help, (name, param.name)


def test_every_exit_code_is_explained() -> None:
    rows = re.findall(r"(?m)^\| (\d+) \|", (REFERENCE / "cli.md").read_text(encoding="utf-8"))
    assert [int(row) for row in rows] == sorted(ExitCode)


def errors() -> dict[str, type[GwfError]]:
    for module in pkgutil.walk_packages(gwf.__path__, "gwf."):
        importlib.import_module(module.name)
    found: list[type[GwfError]] = [GwfError]
    for family in found:
        found += family.__subclasses__()
    return {family.code: family for family in found}


def error_rows() -> list[list[str]]:
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8").partition("## Classes")[0]
    return [[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in re.findall(r"(?m)^\| `.*$", page)]


def test_every_error_code_is_explained_as_the_code_has_it() -> None:
    stated = {row[0]: row[1:5] for row in error_rows()}
    actual: dict[str, list[str]] = {}
    for code, family in errors().items():
        error = family("x")
        again = "yes" if error.retryable else "no"
        actual[code] = [error.error_class.value, again, str(status_of(error)), str(int(exit_code(error)))]
    assert stated == actual


def test_every_error_class_is_explained() -> None:
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8").partition("## Classes")[2]
    assert re.findall(r"(?m)^\| `(\w+)`", page) == [str(word) for word in ErrorClass]
