"""The texts by which clients of the Go version know why a path was refused."""

from __future__ import annotations

from gwf.api.legacy.failure import LegacyError
from gwf.core.errors import GwfError

OUTSIDE = "文件路径不在监控目录下"
NOT_TEXT = "仅支持文本文件"

_TEXTS = {
    "nothing_watched": "watch dir not configured",
    "outside_watch": OUTSIDE + ": {path}",
    "path_unresolved": "解析文件路径失败: {call} {path}: {reason}",
    "not_found": "{call} {path}: {reason}",
    "local_io": "{call} {path}: {reason}",
    "is_directory": "path is a directory",
    "not_text": NOT_TEXT,
}


def path_error(error: GwfError) -> LegacyError | GwfError:
    """Return the legacy form of an error about a path; another error is returned as it is."""
    text = _TEXTS.get(error.code)
    return error if text is None else LegacyError(400, text.format_map(error.context))
