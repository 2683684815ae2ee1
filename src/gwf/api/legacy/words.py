"""Sizes, rates, spans and clock times in the words of the system page."""

from __future__ import annotations

import time

NONE = "--"
_UNITS = ("B", "KB", "MB", "GB", "TB")


def size(amount: float) -> str:
    """Return bytes with one digit after the point, whole ones below 1,024."""
    value, unit = float(amount), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.{1 if unit else 0}f} {_UNITS[unit]}"


def rate(amount: float | None) -> str:
    """Return bytes per second, `--` without a sample before."""
    return NONE if amount is None else f"{size(amount)}/s"


def span(seconds: float) -> str:
    """Return days, hours and minutes; less than a minute counts as one."""
    if seconds < 0:
        return NONE
    minutes = max(1, int(seconds) // 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}天 {hours}小时 {minutes}分"
    return f"{hours}小时 {minutes}分" if hours else f"{minutes}分"


def clock_time(at_ms: int) -> str:
    """Return hours, minutes and seconds in the zone of this host."""
    return time.strftime("%H:%M:%S", time.localtime(at_ms / 1000))
