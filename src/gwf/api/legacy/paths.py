"""Which addresses belong to the Go version's interface, and which of them are written cleanly."""

from __future__ import annotations

import posixpath

METRICS = "/metrics"


def is_legacy(path: str) -> bool:
    """Tell whether the Go version's rules hold for `path`: all of /api but /api/v1, and /metrics."""
    clean = path if "//" not in path and "/." not in path else clean_path(path)
    if clean == METRICS:
        return True
    return (clean == "/api" or clean.startswith("/api/")) and clean != "/api/v1" and not clean.startswith("/api/v1/")


def clean_path(path: str) -> str:
    """Return `path` without empty, `.` and `..` segments; a slash at its end stays."""
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean + "/" if path.endswith("/") and clean != "/" else clean
