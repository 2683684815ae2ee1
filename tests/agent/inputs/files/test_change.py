"""How one set of watched trees becomes another, for any two of them, and what becomes of settling files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.inputs.files import change as change_module
from gwf.agent.inputs.files.change import TreeChange, owner_after, shift
from gwf.agent.inputs.files.settle import SettleTable
from gwf.agent.inputs.files.tree import Rules, WatchedTree
from gwf.core.errors import UnavailableError
from tests.agent.inputs.files.watching import QUICK, Watching, watching
from tests.agent.trees import make_tree, rules_of
from tests.agent.waiting import until

#: (directory, silence): the first tells trees apart, the second their rules
configurations = st.lists(
    st.tuples(st.sampled_from(["/w/a", "/w/b", "/w/b/in", "/w/c"]), st.sampled_from([1.0, 2.0])),
    max_size=4,
    unique_by=lambda item: item[0],
)


def rules(configuration: list[tuple[str, float]]) -> list[Rules]:
    return [rules_of(Path(path), index=at, silence=silence) for at, (path, silence) in enumerate(configuration)]


@given(configurations, configurations)
def test_every_tree_is_added_removed_changed_or_left_alone(
    before: list[tuple[str, float]], after: list[tuple[str, float]]
) -> None:
    trees = [WatchedTree(item) for item in rules(before)]
    step = shift(trees, rules(after))
    old, new = dict(before), dict(after)
    assert [tree.root.decode() for tree in step.trees] == list(new)
    assert {tree.root.decode() for tree in step.added} == new.keys() - old.keys()
    assert {tree.root.decode() for tree in step.removed} == old.keys() - new.keys()
    kept = {path for path in old.keys() & new.keys() if old[path] != new[path]}
    assert {tree.root.decode() for tree, _ in step.changed} == kept
    assert {id(tree) for tree in step.trees} - {id(tree) for tree in trees} == {id(tree) for tree in step.added}
    assert [tree.settings.silence for tree in trees] == [silence for _, silence in before], "nothing is changed yet"


@given(configurations, configurations)
def test_what_no_event_told_of_is_walked_and_nothing_else(
    before: list[tuple[str, float]], after: list[tuple[str, float]]
) -> None:
    step = shift([WatchedTree(item) for item in rules(before)], rules(after))
    walked = {tree.root.decode() for tree in step.to_walk()}
    touched = {tree.root.decode() for tree in (*step.added, *(tree for tree, _ in step.changed))}
    around = {"/w/b"} if "/w/b/in" in dict(before) and "/w/b/in" not in dict(after) else set()
    assert walked == touched | (around & dict(after).keys())


@pytest.mark.parametrize(("silence", "due_s"), [(2.0, 2.0), (10.0, 10.0), (30.0, 30.0)])
def test_the_due_time_of_a_settling_file_moves_by_as_much_as_its_window(silence: float, due_s: float) -> None:
    table, tree = SettleTable(), make_tree(Path("/w"), finish="silence", silence=10)
    table.written(b"/w/f", tree, 0.0, closed=True)
    before = tree.settings
    tree.adopt(rules_of(Path("/w"), finish="silence", silence=silence))
    table.retune(tree, before, 1.0)
    (entry,) = table.entries()
    assert entry.due_s == due_s
    assert [found.path for found in table.take_due(due_s, 10)] == [b"/w/f"]


def test_a_shorter_window_that_is_over_already_makes_the_file_due_now() -> None:
    table, tree = SettleTable(), make_tree(Path("/w"), finish="silence", silence=100)
    table.written(b"/w/f", tree, 0.0, closed=True)
    before = tree.settings
    tree.adopt(rules_of(Path("/w"), finish="silence", silence=1))
    table.retune(tree, before, 50.0)
    assert table.next_due_s() == 50.0


def test_a_settling_file_keeps_its_old_rules_only_while_its_store_is_there() -> None:
    table, gone = SettleTable(), make_tree(Path("/w"), store="old")
    table.written(b"/w/f", gone, 0.0, closed=True)
    assert table.rearrange(owner_after(lambda _: None, (), {"old"})) == 0
    assert table.rearrange(owner_after(lambda _: None, (), {"new"})) == 1
    assert len(table) == 0


def test_a_settling_file_must_pass_the_filters_of_the_tree_that_takes_it_over() -> None:
    table, outer, inner = SettleTable(), make_tree(Path("/w")), make_tree(Path("/w/in"), suffixes=[".log"])
    for name in (b"/w/in/a.log", b"/w/in/a.txt"):
        table.written(name, outer, 0.0, closed=True)
    assert table.rearrange(owner_after(lambda _: inner, (), {"default"})) == 1
    assert [(entry.path, entry.tree) for entry in table.entries()] == [(b"/w/in/a.log", inner)]


def test_a_change_that_the_input_does_not_come_to_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_module, "PATIENCE_S", 0.05)
    change = TreeChange([], interval_s=1, stores=())
    with pytest.raises(UnavailableError):
        change.wait()
    assert not change.begin()


def test_a_change_that_has_begun_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_module, "PATIENCE_S", 0.05)
    change = TreeChange([], interval_s=1, stores=())
    assert change.begin()
    threading.Timer(0.3, change.end).start()
    change.wait()


def test_trees_may_change_at_full_speed_while_files_are_written(seen: Watching, root: Path) -> None:
    expected = set()
    for number in range(200):
        (root / f"{number}").write_bytes(b"x")
        expected.add(root / f"{number}")
        settle = 0.01 + number % 5 / 100
        seen.input.change([rules_of(root, **{**QUICK, "settle": settle})], interval_s=600, stores={"default"})
    seen.await_paths(expected)


def test_a_tree_that_goes_and_comes_back_loses_and_doubles_nothing(seen: Watching, root: Path) -> None:
    expected = set()
    for number in range(40):
        (root / f"d{number % 3}").mkdir(exist_ok=True)
        path = root / f"d{number % 3}" / str(number)
        path.write_bytes(b"x")
        expected.add(path)
        wanted = [] if number % 2 else [rules_of(root, **QUICK)]
        seen.input.change(wanted, interval_s=600, stores={"default"})
    seen.input.change([rules_of(root, **QUICK)], interval_s=600, stores={"default"})
    seen.await_paths(expected)
    until(seen.input.first_pass_handed_on)


def test_trees_change_also_where_the_kernel_reports_nothing(root: Path, data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with watching(data, make_tree(root, **QUICK), use_inotify=False) as running:
        (other / "before").write_bytes(b"x")
        running.input.change(
            [rules_of(root, **QUICK), rules_of(other, index=1, **QUICK)], interval_s=600, stores={"default"}
        )
        until(lambda: bytes(other / "before") in running.paths())
        (other / "after").write_bytes(b"x")
        (root / "still").write_bytes(b"x")
        running.await_paths({other / "before", other / "after", root / "still"})
        running.input.change([rules_of(other, **QUICK)], interval_s=600, stores={"default"})
        (other / "last").write_bytes(b"x")
        running.await_paths({other / "before", other / "after", root / "still", other / "last"})
