"""Changes in the words of the Go version: what they check, what they touch, what they leave alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gwf.agent.config.service import ConfigService
from gwf.agent.legacy.config import GoConfig
from gwf.core.errors import ConfigError, InputError
from gwf.wire.goconfig import GoConfigChange
from tests.agent.config.test_service import Host


class Console:
    """A configuration and its legacy desk."""

    def __init__(self, base: Path) -> None:
        self.directory = base / "in"
        self.directory.mkdir()
        self.changes = 0
        host = Host(base)
        host.write(retry={"max_attempts": 9})
        self.service: ConfigService = host.start()
        self.config = GoConfig(self.service, self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def change(self, **wish: Any) -> dict[str, object]:
        return self.config.change(GoConfigChange(**wish), author="me")

    def refused(self, **wish: Any) -> str:
        before = self.service.settings()
        with pytest.raises(InputError) as caught:
            self.change(**wish)
        assert self.service.settings() == before
        assert self.changes == 0
        reason = caught.value.context.get("reason")
        return f"{caught.value.message}: {reason}" if reason else caught.value.message


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


def test_an_empty_change_changes_nothing(console: Console) -> None:
    before = console.service.current().number
    snapshot = console.change()
    assert snapshot["watchDir"] == str(console.directory)
    assert console.service.current().number == before


def test_blank_and_senseless_values_keep_what_is_there(console: Console) -> None:
    before = console.change()
    assert console.change(watch_dir=" ", silence="", workers=0, queue_size=-5, retry_delays=" ") == before


def test_endings_are_normalised_and_can_be_cleared(console: Console) -> None:
    assert console.change(file_ext=".LOG, .txt;.log")["fileExt"] == ".log, .txt"
    assert console.service.settings().agent.watch[0].suffixes == (".log", ".txt")
    assert console.change(file_ext=" ")["fileExt"] == ""


def test_a_silence_is_shown_as_it_was_written(console: Console) -> None:
    assert console.change(silence="2秒")["silence"] == "2秒"
    assert console.service.settings().agent.watch[0].silence == 2.0


def test_workers_and_queue_are_shown_together(console: Console) -> None:
    assert console.change(workers=4, queue_size=50)["concurrency"] == "workers=4 / queue=50"
    assert console.change(workers=100_000)["concurrency"] == "workers=256 / queue=50"


def test_retries_are_switched_off_and_come_back_as_they_were(console: Console) -> None:
    assert console.change(retry_enabled=False)["uploadRetryEnabled"] is False
    assert console.change(retry_enabled=False)["uploadRetryEnabled"] is False
    assert console.service.settings().agent.retry.max_attempts == 1
    assert console.change(retry_enabled=True)["uploadRetryEnabled"] is True
    assert console.service.settings().agent.retry.max_attempts == 9


def test_delays_become_the_first_and_the_longest_wait(console: Console) -> None:
    assert console.change(retry_delays="100ms, 2m")["uploadRetryDelays"] == "100ms, 2m"
    retry = console.service.settings().agent.retry
    assert (retry.base, retry.cap) == (0.1, 120.0)


def test_the_system_page_is_switched(console: Console) -> None:
    assert console.change(system_enabled=True)["systemResourceEnabled"] is True
    assert console.service.settings().legacy_api.system


def test_directories_are_replaced_and_new_ones_take_the_ways_of_the_first(console: Console) -> None:
    console.change(file_ext=".log")
    for name in ("a", "b"):
        (console.directory / name).mkdir()
    wish = f"{console.directory}/a;{console.directory}/b\n{console.directory}/a"
    assert console.change(watch_dir=wish)["watchDir"] == f"{console.directory}/a,{console.directory}/b"
    watches = console.service.settings().agent.watch
    assert [(watch.store, watch.suffixes) for watch in watches] == [("main", (".log",))] * 2
    assert console.change(watch_dir=str(console.directory))["watchDir"] == str(console.directory)


def test_who_changed_it_is_kept(console: Console) -> None:
    console.change(workers=3)
    version = console.service.current()
    assert (version.author, version.source) == ("me", "legacy")
    assert console.changes == 1


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ({"watch_dir": ";"}, "监控目录不能为空"),
        ({"watch_dir": "{in}/missing"}, "监控目录无效: stat {in}/missing: no such file or directory"),
        ({"watch_dir": "{in}/file"}, "监控目录不是一个目录"),
        ({"file_ext": "."}, "文件后缀必须以 '.' 开头"),
        ({"file_ext": ".log,txt"}, "文件后缀必须以 '.' 开头"),
        ({"silence": "soon"}, "静默时间无效: soon"),
        ({"retry_delays": "1s, banana"}, "重试间隔无效: 1s, banana"),
        ({"retry_delays": "0s"}, "重试间隔无效: 0s"),
        ({"retry_delays": "1s," * 4000}, "配置项过长: " + ("1s," * 14)[:40] + "…"),
    ],
)
def test_a_wrong_value_is_refused_in_the_words_of_the_go_version(
    console: Console, wish: dict[str, str], text: str
) -> None:
    (console.directory / "file").touch()
    filled = {name: value.replace("{in}", str(console.directory)) for name, value in wish.items()}
    assert console.refused(**filled) == text.replace("{in}", str(console.directory))


def test_what_fits_nowhere_is_refused_as_a_whole(console: Console) -> None:
    with pytest.raises(ConfigError):
        console.change(silence="1ms")
    assert console.changes == 0
