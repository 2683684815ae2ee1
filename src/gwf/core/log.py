"""Log lines: set-up, text and JSON form, correlation ids, secrets kept out."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import time
import traceback
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO, cast
from urllib.parse import quote

from gwf.core.errors import GwfError, LocalIoError
from gwf.core.logfile import RotatingFile
from gwf.core.settings.model import LogSettings
from gwf.core.text import one_line

ROOT = "gwf"  #: logger above all of ours
MIN_SECRET_CHARS = 4  #: a shorter "secret" would blot out ordinary words
MAX_DEPTH = 6  #: deeper values of an extra field are shown as text
MASK = "******"

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
_OURS = frozenset({"ts", "level", "event", "component"})
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_COLOURS = {"debug": "\x1b[2m", "warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31;1m"}
_PLAIN_WORD = re.compile(r"[^\s\"'=\\\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")

_context: ContextVar[Mapping[str, object]] = ContextVar("log_context", default={})  # noqa: B039  # never mutated


def get_logger(component: str) -> logging.Logger:
    """Return the logger of a component such as `agent.journal`; its lines carry that name."""
    return logging.getLogger(f"{ROOT}.{component}")


@contextmanager
def log_context(**fields: object) -> Generator[None]:
    """Add fields such as request_id or task_id to every line logged inside, also by code called from here."""
    token = _context.set({**_context.get(), **fields})
    try:
        yield
    finally:
        _context.reset(token)


class Redactor:
    """Replaces known secrets in finished lines, in each form in which they appear there."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Prepare one pattern for all secrets."""
        forms = {form for secret in secrets if len(secret) >= MIN_SECRET_CHARS for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def clean(self, line: str) -> str:
        """Return `line` without secrets."""
        return line if self._pattern is None else self._pattern.sub(MASK, line)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ts, level, event, component, then context and extra fields."""

    def __init__(self, redactor: Redactor) -> None:
        """Keep the redactor and one encoder."""
        super().__init__()
        self._redactor = redactor
        self._encode = json.JSONEncoder(
            ensure_ascii=False, allow_nan=False, default=_plain, separators=(",", ":")
        ).encode
        self._stamp = _Stamp()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a value that JSON lacks becomes text, none is left out."""
        fields: dict[str, object] = {
            "ts": self._stamp.text(record.created),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "component": component_of(record),
        }
        fields.update(extra_fields(record))
        try:
            line = self._encode(fields)
        except (TypeError, ValueError):  # a key that is no text, a number that JSON lacks, a value in itself
            line = self._encode(_plain(fields))
        return self._redactor.clean(one_line(line))


class TextFormatter(logging.Formatter):
    """One line for people: time, level, component, event, then name=value pairs."""

    def __init__(self, redactor: Redactor, *, colour: bool) -> None:
        """Keep the redactor; colour is for terminals only."""
        super().__init__()
        self._redactor = redactor
        self._colours = _COLOURS if colour else {}
        self._stamp = _Stamp()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback follows on indented lines."""
        level = record.levelname.lower()
        fields = extra_fields(record)
        trace = fields.pop("traceback", None)
        pairs = "".join(f" {_word(name)}={_word(_text(value))}" for name, value in fields.items())
        event = one_line(record.getMessage())
        shade = self._colours.get(level, "")
        mark = f"{shade}{level.upper():<7}\x1b[0m" if shade else f"{level.upper():<7}"
        line = f"{self._stamp.text(record.created)} {mark} {component_of(record)}: {event}{pairs}"
        if isinstance(trace, str):
            line += "".join(f"\n    {one_line(row)}" for row in trace.splitlines())
        return self._redactor.clean(line)


def configure_logging(settings: LogSettings, *, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Send all log lines of the process where `settings` says; may be called again, also while others log.

    `secrets` are kept out of every line. `stream` stands for standard error.

    Raises:
        OSError: The log file cannot be opened; lines go on to where they went.
    """
    redactor = Redactor(secrets)
    root = logging.getLogger()
    old = list(root.handlers)
    for handler in _handlers(settings, redactor, stream or sys.stderr):
        root.addHandler(handler)
    for handler in old:  # after the new ones: a line of another thread is rather written twice than lost
        root.removeHandler(handler)
        handler.close()
    root.setLevel(_LEVELS[settings.level])
    logging.captureWarnings(capture=True)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # not shown, so not gathered
    logging._srcfile = None  # pyright: ignore[reportPrivateUsage]  # documented way to skip the caller's line


class LiveLog:
    """How the process logs now, so that it can be changed while it runs. One thread at a time."""

    def __init__(self, settings: LogSettings, secrets: Iterable[str]) -> None:
        """Note how logging was configured."""
        self._settings = settings
        self._secrets = frozenset(secrets)

    def follow(self, settings: LogSettings, secrets: Iterable[str]) -> None:
        """Log by other settings. Secrets of before are kept out of lines too: work under way may still name them.

        Raises:
            LocalIoError: The log file cannot be opened; nothing changed.
        """
        known = self._secrets | frozenset(secrets)
        if (settings, known) == (self._settings, self._secrets):
            return
        try:
            configure_logging(settings, secrets=known)
        except OSError as exc:
            raise LocalIoError("the log file cannot be opened", path=str(settings.file), reason=exc.strerror) from exc
        self._settings, self._secrets = settings, known


def component_of(record: logging.LogRecord) -> str:
    """Return the name shown for the logger of a record: ours without the common head."""
    return record.name.removeprefix("gwf.")


def extra_fields(record: logging.LogRecord) -> dict[str, object]:
    """Return context, extras and error of a record; a name of ours gets an underscore instead of being lost."""
    extras = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
    fields = {**_context.get(), **extras}
    for name in _OURS & fields.keys():
        fields[f"{name}_"] = fields.pop(name)
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        if isinstance(error, GwfError):
            fields.setdefault("error_code", error.code)
            fields.setdefault("retryable", error.retryable)
        fields["error"] = f"{type(error).__name__}: {error}"
        fields["traceback"] = "".join(traceback.format_exception(error)).rstrip()
    if record.stack_info:
        fields["stack"] = record.stack_info
    return fields


class _Stamp:
    """RFC 3339 UTC with milliseconds; the part down to the second is kept while it lasts."""

    __slots__ = ("_prefix", "_second")

    def __init__(self) -> None:
        self._second = -1
        self._prefix = ""

    def text(self, created: float) -> str:
        second, ms = divmod(int(created * 1000), 1000)
        if second != self._second:
            self._prefix = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
            self._second = second
        return f"{self._prefix}{ms:03d}Z"


def _handlers(settings: LogSettings, redactor: Redactor, stream: TextIO) -> list[logging.Handler]:
    handlers: list[logging.Handler] = []
    if settings.file is not None:
        rotate = settings.rotate
        handlers.append(RotatingFile(settings.file, max_bytes=rotate.max_bytes, keep=rotate.keep))
    if settings.file is None or settings.stderr:
        handlers.append(logging.StreamHandler(stream))
    for handler in handlers:
        on_terminal = isinstance(handler, logging.StreamHandler) and stream.isatty()
        text = TextFormatter(redactor, colour=on_terminal)
        handler.setFormatter(JsonFormatter(redactor) if settings.format == "json" else text)
    return handlers


def _forms(secret: str) -> set[str]:
    in_json = json.dumps(secret, ensure_ascii=False)[1:-1]
    return {secret, in_json, quote(secret, safe=""), repr(secret)[1:-1]}


def _plain(value: object, depth: int = 0) -> object:
    """Return a value that JSON knows, without losing what it says."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= MAX_DEPTH:
        return _text(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return {_text(name): _plain(inner, depth + 1) for name, inner in items}
    if isinstance(value, (set, frozenset, tuple, list)):
        return [_plain(inner, depth + 1) for inner in cast("Iterable[object]", value)]
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value)


def _word(text: str) -> str:
    if _PLAIN_WORD.fullmatch(text):
        return text
    return one_line(json.dumps(text, ensure_ascii=False))
