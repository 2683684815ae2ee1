from __future__ import annotations

import io
import json
import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.core.errors import LocalIoError, UnavailableError
from gwf.core.log import JsonFormatter, LiveLog, Redactor, configure_logging, get_logger, log_context
from gwf.core.logfile import RotatingFile
from gwf.core.settings.model import LogRotate, LogSettings

log = get_logger("agent.journal")


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    configure_logging(LogSettings(format="json", level="debug"), secrets=['s3cr"t/key', "abc"], stream=stream)
    return stream


def last(stream: io.StringIO) -> dict[str, object]:
    value = json.loads(stream.getvalue().splitlines()[-1])
    assert isinstance(value, dict)
    return value


def test_a_json_line_has_the_fixed_fields_first(lines: io.StringIO) -> None:
    log.info("file_queued", extra={"path": "/a/b.log", "size_bytes": 3})
    entry = last(lines)
    assert list(entry)[:4] == ["ts", "level", "event", "component"]
    assert {**entry, "ts": ""} == {
        "ts": "", "level": "info", "event": "file_queued", "component": "agent.journal",
        "path": "/a/b.log", "size_bytes": 3,
    }  # fmt: skip


def test_correlation_ids_reach_lines_logged_by_callees(lines: io.StringIO) -> None:
    with log_context(request_id="r1"), log_context(task_id="t1"):
        log.info("inner_done")
    assert {"request_id": "r1", "task_id": "t1"}.items() <= last(lines).items()
    log.info("outer_done")
    assert "request_id" not in last(lines)


def test_no_value_is_lost_whatever_its_type(lines: io.StringIO) -> None:
    circular: list[object] = []
    circular.append(circular)
    values = {"level": 1, "raw": b"\xff", "nan": float("nan"), "map": {1: b"x"}, "set": {2}, "path": Path("/x")}
    log.info("odd_values_seen", extra={**values, "circular": circular})
    entry = last(lines)
    assert entry["circular"]
    assert {key: entry[key] for key in ("level_", "raw", "nan", "map", "set", "path")} == {
        "level_": 1, "raw": "\\xff", "nan": "nan", "map": {"1": "x"}, "set": [2], "path": "/x",
    }  # fmt: skip


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("evil", ["a\nERROR forged", "a\r\x1b[31m", "a\u2028b", "a\u202eb", "a\udcffb", b"a\nb\xff"])
def test_no_value_forges_a_line_or_breaks_the_terminal(style: str, evil: object) -> None:
    stream = io.StringIO()
    configure_logging(LogSettings.model_validate({"format": style}), secrets=[], stream=stream)
    log.info("file_seen", extra={"path": evil})
    log.info("%s", evil if isinstance(evil, str) else "x")
    text = stream.getvalue()
    assert text.count("\n") == 2
    assert text.replace("\n", "").isprintable()
    text.encode()


def test_secrets_never_reach_a_line_in_any_form(lines: io.StringIO) -> None:
    secret = 's3cr"t/key'
    log.info("store_failed", extra={"url": f"https://h/?k={'s3cr%22t%2Fkey'}", "raw": secret, "list": [secret]})
    assert "s3cr" not in lines.getvalue()
    assert lines.getvalue().count("******") == 3


def test_a_very_short_secret_does_not_blot_out_words(lines: io.StringIO) -> None:
    log.info("abc_done")
    assert last(lines)["event"] == "abc_done"


def test_an_error_carries_code_retry_hint_and_traceback(lines: io.StringIO) -> None:
    try:
        raise UnavailableError("store did not answer", key="k")
    except UnavailableError:
        log.exception("upload_failed")
    entry = last(lines)
    assert (entry["error_code"], entry["retryable"]) == ("unavailable", True)
    assert "test_log.py" in str(entry["traceback"])


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    configure_logging(LogSettings(level="warning"), secrets=[], stream=stream)
    log.info("hidden")
    log.warning("shown")
    assert "hidden" not in stream.getvalue()
    assert "shown" in stream.getvalue()


def test_text_is_coloured_on_a_terminal_only() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, coloured in ((io.StringIO(), False), (Terminal(), True)):
        configure_logging(LogSettings(), secrets=[], stream=stream)
        log.error("disk_full")
        assert ("\x1b[31m" in stream.getvalue()) is coloured


def test_the_file_rotates_by_size_and_keeps_a_bounded_number(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "gwf.log"
    rotate = LogRotate(max_bytes=300, keep=2)
    configure_logging(LogSettings(file=path, stderr=False, rotate=rotate), secrets=[])
    for number in range(40):
        log.info("line_written", extra={"number": number})
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["gwf.log", "gwf.log.1", "gwf.log.2"]
    assert all(entry.stat().st_size <= 300 for entry in path.parent.iterdir())
    assert "number=39" in path.read_text()


def test_an_existing_file_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "gwf.log"
    path.write_text("before\n")
    configure_logging(LogSettings(file=path, stderr=False), secrets=[])
    log.info("after")
    assert path.read_text().startswith("before\n")
    assert "after" in path.read_text()


def test_a_full_disk_is_told_once_and_never_raised(capsys: pytest.CaptureFixture[str]) -> None:
    handler = RotatingFile(Path("/dev/full"), max_bytes=0, keep=0)
    logging.getLogger().addHandler(handler)
    for _ in range(3):
        logging.getLogger("gwf.x").error("lost")
    assert capsys.readouterr().err.count("cannot be written") == 1


def test_the_log_file_is_not_readable_by_everyone(tmp_path: Path) -> None:
    configure_logging(LogSettings(file=tmp_path / "gwf.log", stderr=False), secrets=[])
    assert os.stat(tmp_path / "gwf.log").st_mode & 0o007 == 0


def test_a_json_line_is_cheap() -> None:
    formatter = JsonFormatter(Redactor(["some-secret-value", "another-secret"]))
    record = log.makeRecord("gwf.agent", logging.INFO, "", 0, "file_done", (), None)
    record.__dict__.update(path="/data/logs/a/b.log", size_bytes=3, store="main", attempt=1, duration_ms=3.2)
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(1000):
            formatter.format(record)
        rounds.append((time.perf_counter() - start) / 1000)
    assert min(rounds) < 40e-6  # measured 7 µs; the margin is for loaded machines


def test_a_running_process_logs_elsewhere_and_keeps_every_secret_ever_known(tmp_path: Path) -> None:
    first, second = tmp_path / "1.log", tmp_path / "2.log"
    settings = LogSettings(file=first, stderr=False)
    configure_logging(settings, secrets=["old-secret"])
    live = LiveLog(settings, ["old-secret"])
    log.info("before")
    live.follow(LogSettings(file=second, stderr=False, level="warning"), ["new-secret"])
    log.info("not_written")
    log.warning("after", extra={"text": "old-secret new-secret"})
    assert "before" in first.read_text()
    assert "after" in second.read_text()
    assert "secret" not in second.read_text()
    assert "not_written" not in second.read_text()


def test_a_log_file_that_cannot_be_opened_leaves_the_old_one_in_use(tmp_path: Path) -> None:
    settings = LogSettings(file=tmp_path / "1.log", stderr=False)
    configure_logging(settings, secrets=[])
    live = LiveLog(settings, [])
    with pytest.raises(LocalIoError):
        live.follow(LogSettings(file=tmp_path / "1.log" / "below.log", stderr=False), [])
    log.info("after")
    assert "after" in (tmp_path / "1.log").read_text()


def test_no_line_is_lost_while_the_logging_changes(tmp_path: Path) -> None:
    path, lines = tmp_path / "gwf.log", 2000
    settings = LogSettings(file=path, stderr=False)
    configure_logging(settings, secrets=[])
    live = LiveLog(settings, [])

    def write() -> None:
        for number in range(lines):
            log.info("line", extra={"number": number})

    writer = threading.Thread(target=write)
    writer.start()
    for number in range(20):
        live.follow(LogSettings(file=path, stderr=False, format="json" if number % 2 else "text"), [f"secret-{number}"])
    writer.join()
    text = path.read_text()
    assert [number for number in range(lines) if not re.search(rf'number("?:|=){number}\b', text)] == []
