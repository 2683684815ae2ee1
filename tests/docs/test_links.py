from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
import typer.main
from typer.core import TyperGroup

from gwf.cli.main import app
from gwf.core.settings.load import load_settings
from tests.docs.pages import READMES, ROOT, anchors, blocks, commands, headings, links, pages

PROGRAM = typer.main.get_command(app)  # takes a quarter of a second to make


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_every_relative_link_and_image_leads_somewhere(page: Path) -> None:
    broken: list[str] = []
    for link in links(page):
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        inside = target.is_relative_to(ROOT) and target.exists()
        if not inside or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_every_command_in_the_documents_exists(page: Path) -> None:
    wrong = [f"gwf {' '.join(call)}" for call in commands(page, "gwf") if _fault(call)]
    assert wrong == []


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_every_make_target_in_the_documents_exists(page: Path) -> None:
    targets = {line.partition(":")[0] for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()}
    assert [call for call in commands(page, "make") if call and call[0] not in targets] == []


def test_both_readmes_have_the_same_sections() -> None:
    english, chinese = ([level for level, _ in headings(page)] for page in READMES)
    assert english == chinese


def test_both_readmes_show_the_same_configurations_and_commands() -> None:
    for language in ("yaml", "sh", "ini", "text"):
        english, chinese = ([_without_comments(block) for block in blocks(page, language)] for page in READMES)
        assert english == chinese


@pytest.mark.parametrize("page", READMES, ids=_name)
def test_the_readmes_configurations_are_usable(page: Path, tmp_path: Path) -> None:
    names = ("S3_ACCESS_KEY", "S3_SECRET_KEY", "OSS_ACCESS_KEY", "OSS_SECRET_KEY", "DB_PASSWORD")
    for block in blocks(page, "yaml"):
        (tmp_path / "gwf.yaml").write_text(block, encoding="utf-8")
        load_settings(tmp_path / "gwf.yaml", environ=dict.fromkeys(names, "example-key"), overrides={})


def _fault(call: list[str]) -> bool:
    """Tell whether a call names a command or an option that is not there."""
    command = PROGRAM
    rest = list(call)
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        if name.isupper():  # stands for any command
            return False
        if name not in command.commands:
            return True
        command = command.commands[name]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
    return any(word.startswith("-") and word.partition("=")[0] not in known for word in rest)


def _without_comments(block: str) -> list[str]:
    lines = (line.partition("#")[0].rstrip() for line in block.splitlines())
    return [line for line in lines if line]
