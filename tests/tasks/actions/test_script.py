from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.errors import InputError
from gwf.tasks.actions.arguments import fill
from gwf.tasks.actions.model import Ending
from gwf.tasks.actions.output import BoundedOutput
from gwf.tasks.actions.script import ScriptAction
from tests.agent.waiting import until
from tests.tasks.actions.bench import Workshop

action = ScriptAction()


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_facts_of_the_file_become_arguments(shop: Workshop) -> None:
    subject = shop.file("day/a b;$(x).tar.gz")
    script = shop.script("/usr/bin/printf", "%s|", "{relpath}", "{name}", "{stem}{suffix}", "k={key}", "{size_bytes}")
    result = action.execute(script, shop.context(subject))
    assert result.ending is Ending.DONE
    name = "a b;$(x).tar.gz"
    assert shop.output.text() == f"day/{name}|{name}|{name}|k=h/day/{name}|220|"


@given(name=st.binary(min_size=1, max_size=30).filter(lambda raw: b"/" not in raw and b"\0" not in raw))
def test_one_argument_stays_one_and_is_no_option(tmp_path_factory: pytest.TempPathFactory, name: bytes) -> None:
    subject = replace(Workshop(tmp_path_factory.mktemp("s")).file(), path=b"/w/" + name, root=b"/w")
    try:
        filled = fill(("/bin/x", "{path}", "--name={name}", "{name}"), subject)
    except InputError:
        assert name.startswith(b"-")
    else:
        assert filled == [b"/bin/x", b"/w/" + name, b"--name=" + name, name]


def test_a_name_that_looks_like_an_option_is_refused(shop: Workshop) -> None:
    subject = shop.file("-rf")
    result = action.execute(shop.script("/bin/echo", "{name}"), shop.context(subject))
    assert (result.ending, shop.output.total_bytes) == (Ending.REFUSED, 0)


def test_the_environment_is_empty_but_for_what_is_given(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_SK", "secret")
    subject = shop.file()
    context = shop.context(subject)
    action.execute(shop.script("/usr/bin/env", env={"SITE": "hz1"}), context)
    names = {line.partition("=")[0]: line.partition("=")[2] for line in shop.output.text().splitlines()}
    assert names.keys() - {"_", "PWD", "SHLVL"} == {"PATH", "LANG", "HOME", "GWF_ACTION_KEY", "SITE"}
    assert names["GWF_ACTION_KEY"] == context.idempotency_key


def test_it_has_no_input_and_no_open_files(shop: Workshop) -> None:
    subject = shop.file()
    with (shop.root / "day/a.log").open() as held:
        os.set_inheritable(held.fileno(), True)
        action.execute(shop.script("/bin/sh", "-c", "ls /proc/self/fd; cat"), shop.context(subject))
    assert len(shop.output.text().split()) <= 5


def test_a_bad_end_is_a_failure(shop: Workshop) -> None:
    result = action.execute(shop.script("/bin/sh", "-c", "echo why >&2; exit 7"), shop.context(shop.file()))
    assert (result.ending, result.summary, shop.output.text()) == (Ending.FAILED, "exit code 7", "why\n")


def test_a_program_that_is_not_there_is_a_failure(shop: Workshop) -> None:
    result = action.execute(shop.script("/nowhere/x"), shop.context(shop.file()))
    assert (result.ending, "cannot be run" in result.summary) == (Ending.FAILED, True)
    assert action.validate(shop.script("/nowhere/x")) == ["script test: /nowhere/x: No such file or directory"]


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except FileNotFoundError:
        return True


def test_time_runs_out_for_the_whole_group(shop: Workshop, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    deaf = f"trap '' TERM; sleep 600 & echo $! > {pid_file}; wait; sleep 600"
    result = action.execute(shop.script("/bin/sh", "-c", deaf, timeout="300ms"), shop.context(shop.file()))
    assert (result.ending, "ended after 0.3 s" in result.summary) == (Ending.FAILED, True)
    until(lambda: is_gone(int(pid_file.read_text())))


def test_children_that_stay_behind_are_ended_too(shop: Workshop, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    result = action.execute(
        shop.script("/bin/sh", "-c", f"sleep 600 & echo $! > {pid_file}"), shop.context(shop.file())
    )
    assert result.ending is Ending.DONE
    until(lambda: is_gone(int(pid_file.read_text())))


def test_what_left_the_group_is_ended_when_time_runs_out(shop: Workshop, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    away = f"setsid -f sh -c 'echo $$ > {pid_file}; sleep 600; true'; sleep 600"
    result = action.execute(shop.script("/bin/sh", "-c", away, timeout="1s"), shop.context(shop.file()))
    assert result.ending is Ending.FAILED
    assert is_gone(int(pid_file.read_text()))


def test_a_repeat_ends_what_an_attempt_left_behind_that_was_killed_with_gwf(shop: Workshop, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    context = shop.context(shop.file())
    left = f"setsid -f sh -c 'echo $$ > {pid_file}; sleep 600; true'"
    assert action.execute(shop.script("/bin/sh", "-c", left), context).ending is Ending.DONE
    pid = int(until(lambda: pid_file.exists() and pid_file.read_text()))
    assert not is_gone(pid)
    other = replace(context, idempotency_key="of another action")
    assert action.execute(shop.script("/bin/true"), other).ending is Ending.DONE
    assert not is_gone(pid)
    assert action.execute(shop.script("/bin/true"), context).ending is Ending.DONE
    assert is_gone(pid)


def test_it_is_stopped_with_the_process(shop: Workshop) -> None:
    threading.Timer(0.2, shop.cancel.set).start()
    result = action.execute(shop.script("/bin/sleep", "600"), shop.context(shop.file()))
    assert result.ending is Ending.CANCELLED


def test_much_output_is_kept_in_part(shop: Workshop) -> None:
    count = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"
    result = action.execute(shop.script("/bin/sh", "-c", count), shop.context(shop.file()))
    assert result.ending is Ending.DONE
    text = shop.output.text()
    assert (text.startswith("line 0\n"), text.endswith("line 19999\n"), len(text) < 1100) == (True, True, True)


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(0, 60))
def test_output_keeps_its_bound_its_beginning_and_its_end(pieces: list[bytes], most: int) -> None:
    output = BoundedOutput(most)
    for piece in pieces:
        output.write(piece)
    whole = b"".join(pieces)
    if len(whole) <= most:
        assert output.text() == whole.decode("utf-8", "replace")
    else:
        head, tail = whole[: most // 2], whole[len(whole) - (most - most // 2) :]
        gap = f"\n… {len(whole) - most} bytes left out …\n".encode()
        assert output.text() == (head + gap + tail).decode("utf-8", "replace")


def test_another_user_needs_root(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert "only root" in action.validate(shop.script("/bin/true", user="root"))[0]
    assert "no user has this name" in action.validate(shop.script("/bin/true", user="nobody-of-this-name"))[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_it_runs_as_the_user_it_names(shop: Workshop) -> None:
    script = shop.script("/usr/bin/id", "-un", user="nobody")
    assert action.execute(script, shop.context(shop.file())).ending is Ending.DONE
    assert shop.output.text() == "nobody\n"


def test_a_program_without_undo_says_so(shop: Workshop) -> None:
    script, context = shop.script("/bin/true"), shop.context(shop.file())
    result = action.execute(script, context)
    assert action.compensate(script, context, result).summary == "script test has no undo command"
