"""Changes of the configuration in the words of the Go version, put into force the way all changes are."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable

from gwf.agent.config.service import ConfigService
from gwf.agent.legacy.goview import go_view, retry_waits, silence_s
from gwf.core.errors import InputError
from gwf.core.settings.draft import is_block, is_list
from gwf.wire.goconfig import GoConfigChange

Document = dict[str, object]

MOST_WORKERS = 256
DEFAULT_ATTEMPTS = 20  #: attempts when retries are switched on and nothing says how many there were
LONGEST_TEXT = 8192  #: characters of one value; the whole is kept in every version
LONGEST_WAIT_S = 60.0  #: the Go version doubled its waits up to this

_DIRECTORIES = re.compile(r"[,;\r\n]+")
_WORDS = re.compile(r"[,;\s]+")
#: how a directory is watched when none is there whose ways it could take
_GO_WAYS: Document = {"finish": "silence", "silence": 10.0, "existing": "skip", "key": "{hostname}/{path}"}


class GoConfig:
    """Speaks for the configuration of one process."""

    def __init__(self, config: ConfigService, changed: Callable[[], None]) -> None:
        """`changed` is called after each change that was put into force."""
        self._config = config
        self._changed = changed

    def change(self, wish: GoConfigChange, *, author: str) -> dict[str, object]:
        """Put a change into force and return `configSnapshot`; nothing that settles, waits or is sent is touched.

        Raises:
            InputError: A value is wrong; the message is the Go version's text, `reason` says more.
            ConfigError: The whole would not be usable.
            LocalIoError: The new version cannot be written down.
        """
        edit = _Edit(wish)
        self._config.edit(edit.of, author=author, reason="legacy /api/config", source="legacy")
        self._changed()
        return go_view(self._config.settings()).snapshot()


class _Edit:
    """One change, checked before anything is touched."""

    def __init__(self, wish: GoConfigChange) -> None:
        for text in (wish.watch_dir, wish.file_ext, wish.silence, wish.retry_delays):
            if text is not None and len(text) > LONGEST_TEXT:
                raise InputError("配置项过长", reason=f"{text[:40]}…")
        self._wish = wish
        self._directories = _directories(wish.watch_dir or "")
        self._suffixes = None if wish.file_ext is None else _suffixes(wish.file_ext)
        self._silence = (wish.silence or "").strip()
        self._silence_s = _silence_s(self._silence) if self._silence else None
        self._delays = (wish.retry_delays or "").strip()
        self._waits = _waits(self._delays) if self._delays else []

    def of(self, document: Document) -> Document:
        """Return the configuration with the change in it."""
        agent, legacy = block_of(document, "agent"), block_of(document, "legacy_api")
        shown = block_of(legacy, "shown")
        self._watch(agent)
        if self._silence:
            shown["silence"] = self._silence
        if self._wish.workers is not None and self._wish.workers > 0:
            block_of(agent, "transfer")["workers"] = min(self._wish.workers, MOST_WORKERS)
        if self._wish.queue_size is not None and self._wish.queue_size > 0:
            shown["queue_size"] = self._wish.queue_size
        self._retry(block_of(agent, "retry"), shown)
        if self._wish.system_enabled is not None:
            legacy["system"] = self._wish.system_enabled
        return document

    def _watch(self, agent: Document) -> None:
        listed = agent.get("watch")
        trees = [tree for tree in listed if is_block(tree)] if is_list(listed) else []
        if self._directories:
            known = {str(tree.get("path")): tree for tree in trees}
            ways = trees[0] if trees else _GO_WAYS
            trees = [known.get(path) or {**copy.deepcopy(ways), "path": path} for path in self._directories]
        for tree in trees:
            if self._suffixes is not None:
                tree["suffixes"] = list(self._suffixes)
            if self._silence_s is not None:
                tree["silence"] = self._silence_s
        agent["watch"] = trees

    def _retry(self, retry: Document, shown: Document) -> None:
        if self._waits:
            retry["base"] = min(self._waits[0], 3600.0)
            retry["cap"] = min(max(LONGEST_WAIT_S, *self._waits), 86400.0)
            shown["retry_delays"] = self._delays
        attempts = retry.get("max_attempts")
        if self._wish.retry_enabled is False and attempts != 1:
            shown["max_attempts"], retry["max_attempts"] = attempts, 1
        elif self._wish.retry_enabled and attempts == 1:
            retry["max_attempts"] = shown.get("max_attempts") or DEFAULT_ATTEMPTS


def _directories(text: str) -> list[str]:
    if not text.strip():
        return []
    paths = [os.path.abspath(item.strip()) for item in _DIRECTORIES.split(text) if item.strip()]
    if not paths:
        raise InputError("监控目录不能为空")
    for path in paths:
        try:
            if not os.path.isdir(path):
                os.stat(path)
                raise InputError("监控目录不是一个目录")
        except (OSError, ValueError) as exc:
            reason = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
            raise InputError("监控目录无效", reason=f"stat {path}: {reason[:1].lower()}{reason[1:]}") from exc
    return list(dict.fromkeys(paths))


def _suffixes(text: str) -> list[str]:
    words = [word.lower() for word in _WORDS.split(text) if word]
    if any(not word.startswith(".") or len(word) < 2 or "/" in word for word in words):
        raise InputError("文件后缀必须以 '.' 开头")
    return list(dict.fromkeys(words))


def _silence_s(text: str) -> float:
    try:
        return silence_s(text)
    except ValueError as exc:
        raise InputError("静默时间无效", reason=text) from exc


def _waits(text: str) -> list[float]:
    try:
        waits = [wait for wait in retry_waits(text) if wait > 0]
    except ValueError as exc:
        raise InputError("重试间隔无效", reason=text) from exc
    if not waits:
        raise InputError("重试间隔无效", reason=text)
    return waits


def block_of(parent: Document, name: str) -> Document:
    """Return a block of a document to write in; it is made where there is none."""
    block = parent.get(name)
    if is_block(block):
        return block
    made: Document = {}
    parent[name] = made
    return made
