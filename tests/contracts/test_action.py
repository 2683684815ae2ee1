from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gwf.tasks.actions.archive import ArchiveAction
from gwf.tasks.actions.contract import Action
from gwf.tasks.actions.model import Ending, Undo
from gwf.tasks.actions.script import ScriptAction
from gwf.tasks.actions.subject import Subject
from tests.tasks.actions.bench import Workshop, tree_of

COPY = ("/bin/sh", "-c", 'mkdir -p "$2" && ln -f "$1" "$2/copy"', "sh", "{path}")


@dataclass
class Case:
    """One kind of action on one file."""

    shop: Workshop
    action: Action[Any]
    config: Any
    subject: Subject

    def execute(self, before: Undo | None = None) -> Any:
        return self.action.execute(self.config, self.shop.context(self.subject, before=before))

    def compensate(self, result: Any) -> Any:
        return self.action.compensate(self.config, self.shop.context(self.subject), result)

    def state(self) -> object:
        return tree_of(self.shop.root.parent)


def archive(**settings: object) -> Callable[[Workshop, Path], tuple[Action[Any], Any]]:
    return lambda shop, _: (ArchiveAction(), shop.archive(**settings))


def script(shop: Workshop, base: Path) -> tuple[Action[Any], Any]:
    undo = ("/bin/rm", "-rf", str(base / "out"))
    return ScriptAction(), shop.script(*COPY, str(base / "out"), undo=undo)


CASES = {
    "archive-gzip": archive(),
    "archive-zstd": archive(compress="zstd", into="kept/here"),
    "archive-move": archive(compress="none"),
    "archive-delete": archive(delete=True),
    "script": script,
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    shop = Workshop(tmp_path)
    action, config = CASES[request.param](shop, tmp_path)
    return Case(shop, action, config, shop.file())


def test_a_configuration_that_works_has_no_problems(case: Case) -> None:
    assert case.action.validate(case.config) == []


def test_describing_changes_nothing(case: Case) -> None:
    before = case.state()
    assert "day/a.log" in case.action.describe(case.config, case.subject)
    assert case.state() == before


def test_nothing_is_done_with_a_file_whose_object_is_not_verified(case: Case) -> None:
    case.shop.proof.verified.clear()
    before = case.state()
    assert case.execute().ending is Ending.REFUSED
    assert case.state() == before


def test_it_is_done_and_says_so(case: Case) -> None:
    before = case.state()
    result = case.execute()
    assert (result.ending, bool(result.summary)) == (Ending.DONE, True)
    assert case.state() != before


def test_a_repeat_changes_nothing(case: Case) -> None:
    first = case.execute()
    after = case.state()
    again = case.execute(before=first.undo)
    assert (again.ending, case.state()) == (Ending.DONE, after)


def test_compensation_brings_everything_back(case: Case) -> None:
    before = case.state()
    result = case.execute()
    assert case.compensate(result).ending is Ending.DONE
    assert case.state() == before


def test_a_repeated_compensation_changes_nothing(case: Case) -> None:
    result = case.execute()
    case.compensate(result)
    before = case.state()
    assert case.compensate(result).ending is Ending.DONE
    assert case.state() == before
