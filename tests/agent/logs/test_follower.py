"""Following logs over rotations and restarts, with real files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.agent.inputs.logs import follower as followers
from gwf.agent.inputs.logs.follower import LINGER_S, Follower, Joins, never
from gwf.alerts.logs.joining import Joiner, JoinLimits


class House:
    """A log that is written and rotated, and who follows it."""

    def __init__(self, home: Path, *, from_end: bool = False) -> None:
        self.log = home / "app.log"
        self.from_end = from_end
        self.follower = Follower(from_end=from_end)
        self.lines: list[str] = []
        self.number = 0
        self.now_s = 0.0
        self.joins: Joins = never

    def write(self, *texts: str, encoding: str = "utf-8") -> None:
        with self.log.open("ab") as out:
            out.write("".join(f"{text}\n" for text in texts).encode(encoding))

    def look(self) -> list[str]:
        found: list[str] = []
        self.follower.joins = self.joins
        for piece in self.follower.look([os.fsencode(self.log)], now_s=self.now_s):
            ends = piece.ends or [at + 1 for at, sign in enumerate(piece.block) if sign == 0x0A] or [len(piece.block)]
            assert ends[-1] == len(piece.block)
            found += [piece.block[a:b].decode().strip("\n") for a, b in zip([0, *ends], ends, strict=False)]
        self.lines += found
        return found

    def rename(self) -> None:
        self.number += 1
        if self.log.exists():
            self.log.rename(self.log.with_name(f"app.{self.number}.log"))

    def copy_and_cut(self) -> None:
        self.number += 1
        if self.log.exists():
            shutil.copyfile(self.log, self.log.with_name(f"app.log.{self.number}"))
            os.truncate(self.log, 0)

    def restart(self) -> None:
        self.follower = Follower(self.follower.spots(), from_end=self.from_end)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_lines_are_read_once_and_half_a_line_waits_for_its_end(house: House) -> None:
    house.write("one", "two")
    assert house.look() == ["one", "two"]
    with house.log.open("a") as out:
        out.write("thr")
    assert house.look() == []
    house.write("ee")
    assert house.look() == ["three"]


def test_a_log_that_is_there_at_first_is_read_from_its_end_if_so_wished(tmp_path: Path) -> None:
    house = House(tmp_path, from_end=True)
    house.write("old")
    assert house.look() == []
    house.write("new")
    assert house.look() == ["new"]


def test_a_log_that_appears_later_is_read_from_its_beginning(tmp_path: Path) -> None:
    house = House(tmp_path, from_end=True)
    house.look()
    house.write("first")
    assert house.look() == ["first"]


def test_what_was_written_while_nobody_looked_is_read_by_the_next_process(tmp_path: Path) -> None:
    house = House(tmp_path, from_end=True)
    house.write("old")
    house.look()
    house.write("while away")
    house.restart()
    assert house.look() == ["while away"]


@pytest.mark.parametrize("rotate", [House.rename, House.copy_and_cut])
def test_a_rotation_loses_neither_the_tail_nor_the_head(house: House, rotate: Callable[[House], None]) -> None:
    house.write("a", "b")
    house.look()
    house.write("tail")
    rotate(house)
    house.write("head of the new one, longer than all before")
    assert sorted(house.look()) == ["head of the new one, longer than all before", "tail"]


def test_a_renamed_log_is_read_on_until_it_rests(house: House) -> None:
    house.write("a")
    house.look()
    with house.log.open("a") as writer:
        house.rename()
        house.write("new")
        house.look()
        writer.write("late\nwithout end")
    house.now_s += 1
    assert house.look() == ["late"]
    house.now_s += LINGER_S
    assert house.look() == ["without end"]
    assert house.follower.facts.left == 0


def test_the_rest_of_a_renamed_log_is_read_after_a_restart(house: House) -> None:
    house.write("a")
    house.look()
    house.write("tail")
    house.rename()
    house.write("head")
    house.restart()
    assert sorted(house.look()) == ["head", "tail"]


def test_chinese_lines_of_an_old_encoding_are_read(house: House) -> None:
    house.write("磁盘已满，请尽快处理", "支付超时，订单失败", encoding="gb18030")
    assert house.look() == ["磁盘已满，请尽快处理", "支付超时，订单失败"]


def test_utf16_with_a_mark_is_read_in_pieces(house: House) -> None:
    house.log.write_bytes(b"\xff\xfe" + "失败 one\r\n".encode("utf-16-le"))
    assert house.look() == ["失败 one"]
    with house.log.open("ab") as out:
        out.write("two\r\nhal".encode("utf-16-le") + b"f")
    assert house.look() == ["two"]


def test_a_line_without_end_is_cut_and_the_next_one_is_read(house: House) -> None:
    house.write("x" * 1_000_000, "after")
    found = house.look()
    assert [len(line) for line in found if line.startswith("x")] == [65_536]
    assert found[-1] == "after"


def test_nul_bytes_of_a_log_that_was_cut_under_its_writer_are_no_text(house: House) -> None:
    with house.log.open("wb") as writer:
        writer.write(b"before\n" * 300)
        writer.flush()
        house.look()
        os.truncate(house.log, 0)
        writer.write(b"after\n")
        writer.flush()
        assert house.look() == ["after"]


def test_a_log_that_may_not_be_read_holds_up_no_other(house: House, tmp_path: Path) -> None:
    house.write("fine")
    loop = tmp_path / "loop.log"
    loop.symlink_to(loop)
    pieces = list(house.follower.look([os.fsencode(loop), os.fsencode(house.log)], now_s=0.0))
    assert [piece.block for piece in pieces] == [b"fine\n"]
    assert list(house.follower.facts.faults) == [os.fsencode(loop)]


def test_the_rest_of_a_log_is_read_that_was_renamed_to_where_no_wildcard_finds_it(house: House) -> None:
    house.write("a")
    house.look()
    house.write("tail")
    house.rename()
    assert [piece.block for piece in house.follower.look([], now_s=0.0)] == [b"tail\n"]


def test_a_log_that_was_not_wanted_for_a_while_is_gone_on_with(house: House) -> None:
    house.write("a")
    house.look()
    list(house.follower.look([], now_s=0.0))
    house.follower.begin_anew(from_end=True)
    house.write("b")
    assert house.look() == ["b"]


def test_much_is_read_in_turns(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "PIECES_AT_ONCE", 1)
    house.write(*("y" * 999 for _ in range(1000)))
    first = len(house.look())
    assert 0 < first < 1000
    while house.follower.has_more():
        house.look()
    assert len(house.lines) == 1000


STEPS = st.lists(
    st.sampled_from(["write", "write", "look", "rename", "copy_and_cut", "restart", "wait"]), min_size=1, max_size=40
)


@settings(deadline=None, max_examples=150)
@given(steps=STEPS)
def test_whatever_happens_each_line_is_read_once(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    house = House(tmp_path_factory.mktemp("logs"))
    written: list[str] = []
    for number, step in enumerate(steps):
        match step:
            case "write":
                written.append(f"line {number}")
                house.write(written[-1])
            case "wait":
                house.now_s += 2 * LINGER_S
            case "copy_and_cut" | "rename":
                written += [f"seen {number}", f"tail {number}"]
                house.write(written[-2])
                house.look()  # of a log that came and went between two looks nobody knows
                house.write(written[-1])
                getattr(house, step)()
            case _:
                getattr(house, step)()
    house.look()
    house.look()
    assert sorted(house.lines) == sorted(written)


JOINED = Joiner(r"\d+ ", JoinLimits(max_lines=50, max_bytes=1024, wait_s=5.0))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_an_event_is_read_when_the_next_one_begins_or_nothing_is_added(house: House, encoding: str) -> None:
    house.joins = lambda _: JOINED
    house.log.write_bytes("1 错误\n  在甲\n".encode(encoding))
    plain = "utf-16-le" if encoding == "utf-16" else encoding
    assert house.look() == []
    house.write("  在乙", "2 下一个", encoding=plain)
    assert house.look() == ["1 错误\n  在甲\n  在乙"]
    house.now_s += 4
    house.write("  在丙", encoding=plain)
    assert house.look() == []
    house.now_s += 4
    assert house.look() == []
    house.now_s += 1
    assert house.look() == ["2 下一个\n  在丙"]
    assert house.look() == []


def test_what_was_not_whole_when_the_process_ended_is_joined_by_the_next_one(house: House) -> None:
    house.joins = lambda _: JOINED
    house.write("1 a", " b")
    house.look()
    house.restart()
    house.write(" c", "2 d")
    assert house.look() == ["1 a\n b\n c"]


def test_lines_stand_alone_again_once_nothing_joins_them(house: House) -> None:
    house.joins = lambda _: JOINED
    house.write("1 a", " b")
    assert house.look() == []
    house.joins = never
    assert house.look() == ["1 a", " b"]


def test_events_larger_than_what_is_read_at_a_time_go_on(house: House) -> None:
    house.joins = lambda _: Joiner("never", JoinLimits(max_lines=10_000))
    line = "x" * 100_000
    house.write(*[line] * 5, "y")
    found = house.look()
    house.now_s += 10
    found += house.look()
    assert [len(one) for one in found] == [64 * 1024] * 5 + [1]


def test_a_log_that_rests_is_cut_nowhere_else_than_at_its_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "PIECES_AT_ONCE", 1)
    house.joins = lambda _: JOINED
    written = [f"{number} failed\n{' at a place' * 20}\n at last" for number in range(6_000)]
    house.write(*written)
    looks = 0
    while len(house.lines) < len(written):
        house.look()
        house.now_s += 10
        looks += 1
    assert looks > 3
    assert house.lines == written


@settings(deadline=None, max_examples=60)
@given(steps=STEPS)
def test_whatever_happens_each_event_is_read_once_and_whole(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    house = House(tmp_path_factory.mktemp("logs"))
    house.joins = lambda _: JOINED
    written: list[str] = []
    for number, step in enumerate(steps):
        match step:
            case "write":
                written.append(f"{number} line\n more\n more")
                for line in written[-1].split("\n"):
                    house.write(line)
                    house.look()
            case "wait":
                house.now_s += 2 * LINGER_S
            case "copy_and_cut" | "rename":
                written += [f"{number} seen\n more", f"{number}0 tail\n more"]
                house.write(written[-2])
                house.look()
                house.write(written[-1])
                getattr(house, step)()
            case _:
                getattr(house, step)()
    for _ in range(3):
        house.look()
        house.now_s += 2 * LINGER_S
    house.look()
    assert sorted(house.lines) == sorted(written)
