from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.shape.sources import Function, Module, modules

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_POSITIONAL = 3
MAX_PARAMETERS = 6

_PER_FILE = "called for every file or event: names at the call cost time there"

#: functions that may have more parameters than the rules allow, each with its reason; the list only shrinks
MORE_PARAMETERS: dict[str, str] = {
    "gwf/agent/exposition.py:_spec": "a row of the metrics table: reads as the table does",
    "gwf/agent/inputs/files/compare.py:DirectoryComparer._report": "private; the second half of `compare`",
    "gwf/agent/inputs/files/events.py:EventInterpreter._apply_one": _PER_FILE,
    "gwf/agent/inputs/files/events.py:EventInterpreter._apply_file": _PER_FILE,
    "gwf/agent/inputs/files/intake.py:FileInput.__init__": "joins the input with all it needs from outside",
    "gwf/agent/inputs/files/reconcile.py:Reconciler.__init__": "joins the walks with all they need from outside",
    "gwf/agent/inputs/files/reconcile.py:Reconciler._note_found": _PER_FILE,
    "gwf/agent/inputs/files/settle.py:SettleTable.judge": _PER_FILE,
    "gwf/agent/inputs/files/settle.py:SettleTable._quiet": _PER_FILE,
    "gwf/agent/inputs/files/tree.py:WatchedTree.candidate": _PER_FILE,
    "gwf/agent/journal/admin.py:JournalAdmin.files": "the filters of a list, as the command line names them",
    "gwf/agent/journal/reads.py:_filter": "private; the filters of a list",
    "gwf/agent/journal/reads.py:_reason": "private; four columns of one row",
    "gwf/agent/journal/turn.py:Turn.event": _PER_FILE,
    "gwf/agent/transfer/destination.py:Destination.__init__": "joins a destination with all it needs from outside",
    "gwf/api/v1/agents.py:_narrowed": "the filters of a list, as the API names them",
    "gwf/api/v1/audit_filters.py:_asked": "the filters of a list, as the API names them",
    "gwf/api/v1/alertlists.py:_narrowed": "the filters of a list, as the API names them",
    "gwf/api/v1/dlq.py:_narrowed": "the filters of a list, as the API names them",
    "gwf/api/v1/flow_runs.py:_narrowed": "the filters of a list, as the API names them",
    "gwf/api/v1/file_events.py:_narrowed": "the filters of a list, as the API names them",
    "gwf/api/v1/tasks.py:_narrowed": "the filters of a list, as the API names them",
}

#: functions that may be longer than a screen, each with its reason; the list only shrinks
MORE_LINES: dict[str, str] = {
    "gwf/agent/inputs/files/intake.py:FileInput.__init__": "a straight list of the input's parts",
    "gwf/db/migrations/events/r0002_events.py:_file_events": "a straight list of columns and indexes",
}

MODULES = modules()
each_module = pytest.mark.parametrize("module", MODULES, ids=[module.name for module in MODULES])


def parameters(function: Function, *, is_method: bool) -> tuple[int, int]:
    """Return (positional, all) parameters, self and cls left out."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args) - is_method
    return positional, positional + len(arguments.kwonlyargs)


def lines_of(function: Function) -> int:
    """Return how many lines a function takes, without its decorators."""
    return (function.end_lineno or 0) - function.lineno + 1


def is_fixed_by_a_library(function: Function) -> bool:
    """Tell whether a decorator decides about the parameters: a command of the CLI or an endpoint."""
    marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in function.decorator_list]
    return any(
        isinstance(mark, ast.Attribute)
        and mark.attr in {"command", "get", "post", "put", "patch", "delete", "callback"}
        for mark in marks
    )


def role_of(module: Module) -> str:
    """Return the first paragraph of a module's docstring; more may follow it."""
    return (ast.get_docstring(module.tree) or "").partition("\n\n")[0]


@each_module
def test_a_module_says_its_role_in_one_line(module: Module) -> None:
    role = role_of(module)
    assert role, "has no docstring"
    assert "\n" not in role
    assert role.endswith((".", "?"))


def test_no_two_modules_have_the_same_role() -> None:
    roles = Counter(map(role_of, MODULES))
    assert [role for role, count in roles.items() if count > 1] == []


@each_module
def test_a_file_does_one_thing(module: Module) -> None:
    assert module.lines <= MAX_FILE_LINES


@each_module
def test_functions_fit_on_one_screen(module: Module) -> None:
    too_long = {
        name: length
        for name, function, _ in module.functions()
        if (length := lines_of(function)) > MAX_FUNCTION_LINES and f"{module.name}:{name}" not in MORE_LINES
    }
    assert too_long == {}


@each_module
def test_functions_take_few_parameters(module: Module) -> None:
    too_many = {}
    for name, function, is_method in module.functions():
        positional, in_all = parameters(function, is_method=is_method)
        exempt = f"{module.name}:{name}" in MORE_PARAMETERS or is_fixed_by_a_library(function)
        if not exempt and (positional > MAX_POSITIONAL or in_all > MAX_PARAMETERS):
            too_many[name] = (positional, in_all)
    assert too_many == {}


def test_exceptions_are_still_needed_and_have_a_reason() -> None:
    wide, long = set(), set()
    for module in MODULES:
        for name, function, is_method in module.functions():
            positional, in_all = parameters(function, is_method=is_method)
            if positional > MAX_POSITIONAL or in_all > MAX_PARAMETERS:
                wide.add(f"{module.name}:{name}")
            if lines_of(function) > MAX_FUNCTION_LINES:
                long.add(f"{module.name}:{name}")
    assert set(MORE_PARAMETERS) - wide == set()
    assert set(MORE_LINES) - long == set()
    assert all((*MORE_PARAMETERS.values(), *MORE_LINES.values()))


@each_module
def test_names_say_what_a_module_decides(module: Module) -> None:
    words = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "processor"}
    assert not words & set(module.name.removesuffix(".py").split("/"))
    classes = [node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if name.endswith(("Manager", "Processor", "Helper"))] == []


@each_module
def test_imports_are_not_hidden_from_the_import_rules(module: Module) -> None:
    assert "TYPE_CHECKING" not in module.text
