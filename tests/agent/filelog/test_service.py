from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from gwf.agent.filelog.place import Grounds
from gwf.agent.filelog.refusals import NotTextError, OutsideWatchError
from gwf.agent.filelog.service import MAX_LINES, MAX_QUERY_CHARS, SEARCHES_AT_ONCE, FileLog
from gwf.core.errors import InputError, OverloadedError
from gwf.wire.filelog import LinesFound, LogSearch
from tests.agent.waiting import until


@pytest.fixture
def log(tmp_path: Path) -> FileLog:
    return FileLog(lambda: Grounds(roots=(os.fsencode(tmp_path),)))


def put(tmp_path: Path, raw: bytes) -> str:
    (tmp_path / "a.log").write_bytes(raw)
    return str(tmp_path / "a.log")


def search(log: FileLog, path: str, query: str, **more: int) -> LinesFound:
    return log.search(LogSearch.model_validate({"path": path, "query": query, **more}), stopped=lambda: False)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_text_is_found_in_the_encoding_of_the_file(log: FileLog, tmp_path: Path, codec: str) -> None:
    path = put(tmp_path, ("第一行 错误 Error\r\n第二行 正常\r\n" * 2).encode(codec))
    for query in ("错误", "error", "误 e"):
        assert search(log, path, query).lines == ("第一行 错误 Error",) * 2
    assert log.tail(path) == ["第一行 错误 Error", "第二行 正常"] * 2


def test_the_end_of_a_large_file_tells_its_encoding_too(log: FileLog, tmp_path: Path) -> None:
    path = put(tmp_path, b"plain\n" * 20_000 + "错误\n".encode("gbk") * 20_000)
    assert search(log, path, "错误", limit=3).lines == ("错误",) * 3


def test_a_plain_beginning_and_end_leave_the_middle_open(log: FileLog, tmp_path: Path) -> None:
    plain = b"plain\n" * 20_000
    path = put(tmp_path, plain + "错误 a\n".encode("gbk") + "错误 b\n".encode() + plain)
    assert search(log, path, "错误").lines == ("错误 a", "错误 b")


def test_a_limit_out_of_range_counts_as_the_largest(log: FileLog, tmp_path: Path) -> None:
    path = put(tmp_path, b"hit\n" * 2500)
    assert [len(search(log, path, "hit", limit=limit).lines) for limit in (-1, 0, 3, 99999)] == [2000, 2000, 3, 2000]
    assert MAX_LINES == 2000


def test_a_nul_in_the_beginning_makes_a_file_binary_a_later_one_does_not(log: FileLog, tmp_path: Path) -> None:
    assert search(log, put(tmp_path, b"hit\n" + b"x" * 5000 + b"\0\nhit\n"), "hit").lines == ("hit", "hit")
    with pytest.raises(NotTextError):
        search(log, put(tmp_path, b"hit\n\0"), "hit")


def test_an_empty_file_has_nothing(log: FileLog, tmp_path: Path) -> None:
    path = put(tmp_path, b"")
    assert (search(log, path, "a").lines, log.tail(path)) == ((), [])


def test_both_ways_stay_below_watched_directories(log: FileLog) -> None:
    with pytest.raises(OutsideWatchError):
        log.tail("/etc/passwd")
    with pytest.raises(OutsideWatchError):
        search(log, "/etc/passwd", "root")


def test_a_query_has_a_largest_length(log: FileLog, tmp_path: Path) -> None:
    path = put(tmp_path, b"a\n")
    with pytest.raises(InputError, match="too long"):
        search(log, path, "a" * (MAX_QUERY_CHARS + 1))


def test_a_search_ends_when_its_time_is_up(tmp_path: Path) -> None:
    log = FileLog(lambda: Grounds(roots=(os.fsencode(tmp_path),)), time_limit_s=-1)
    found = search(log, put(tmp_path, b"hit\n"), "hit")
    assert (found.lines, found.truncated, found.scanned_bytes) == ((), True, 0)


def test_only_so_many_searches_run_at_once(log: FileLog, tmp_path: Path) -> None:
    path = put(tmp_path, b"hit\n")
    running, go_on = [threading.Event() for _ in range(SEARCHES_AT_ONCE)], threading.Event()

    def hold(begun: threading.Event) -> bool:
        begun.set()
        return not go_on.wait(10)

    asked = LogSearch(path=path, query="hit")
    threads = [
        threading.Thread(target=log.search, args=(asked,), kwargs={"stopped": lambda begun=begun: hold(begun)})
        for begun in running
    ]
    for thread in threads:
        thread.start()
    until(lambda: all(begun.is_set() for begun in running))
    try:
        with pytest.raises(OverloadedError):
            search(log, path, "hit")
    finally:
        go_on.set()
        for thread in threads:
            thread.join()
    assert search(log, path, "hit").lines == ("hit",)
