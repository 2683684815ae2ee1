"""The kinds of values that settings are made of, each with its own check."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, SecretStr, StringConstraints

from gwf.core.faults import KILL_POINTS
from gwf.core.settings.addresses import (
    checked_centre_url,
    checked_database_url,
    checked_endpoint,
    checked_listen,
    checked_proxy,
    checked_store_url,
)
from gwf.core.settings.keytemplate import LABEL_NAME, checked_key_template
from gwf.core.units import parse_duration_s, parse_size_bytes

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@]+")


def _no_switch(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("is true or false where a number belongs")
    return value


def _checked_suffix(text: str) -> str:
    if len(text) < 2 or not text.startswith(".") or "/" in text:
        raise ValueError("is not a suffix: it begins with a dot, for example .log or .tar.gz")
    return text


def _checked_ending(text: str) -> str:
    if not text or "/" in text:
        raise ValueError("is not the end of a file name, for example .tmp or ~")
    return text


def _checked_pattern(text: str) -> str:
    if not text.strip("/ ") or text.startswith("!"):
        raise ValueError("excludes nothing: write a directory name, an absolute path or a glob such as **/cache/")
    return text


def _checked_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    if not text or not text.isprintable():
        raise ValueError("is blank or has a line break or control character in it")
    return SecretStr(text)


def _checked_drill(text: str) -> str:
    names = [item.strip().partition(":") for item in text.split(",") if item.strip()]
    for name, _, nth in names:
        if name not in KILL_POINTS or (nth and not nth.isdigit()):
            raise ValueError(f"names no kill point: known are {', '.join(KILL_POINTS)}, each with :n for the nth pass")
    return text


def _checked_path(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("has a NUL character in it")
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise ValueError("has characters that no file name can have") from None
    return path


def _checked_network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("is no address or network: write 10.0.0.7 or 10.0.0.0/24") from None
    return text


def is_origin(text: str) -> bool:
    """Tell whether a browser can send `text` as Origin: scheme, host, maybe a port, no path."""
    return _ORIGIN.fullmatch(text) is not None


def _checked_origin(text: str) -> str:
    if text != "*" and not is_origin(text):
        raise ValueError("is no origin: write scheme://host[:port] without a path, or * for every origin")
    return text


def _checked_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone: write one such as Asia/Shanghai or UTC") from None
    return text


Duration = Annotated[float, BeforeValidator(parse_duration_s)]
Size = Annotated[int, BeforeValidator(parse_size_bytes)]
Count = Annotated[int, BeforeValidator(_no_switch)]
Number = Annotated[float, BeforeValidator(_no_switch)]
LocalPath = Annotated[Path, AfterValidator(_checked_path)]
Secret = Annotated[SecretStr, AfterValidator(_checked_secret)]
Suffix = Annotated[str, AfterValidator(_checked_suffix)]
Ending = Annotated[str, AfterValidator(_checked_ending)]
Pattern = Annotated[str, AfterValidator(_checked_pattern)]
Listen = Annotated[str, AfterValidator(checked_listen)]
DatabaseUrl = Annotated[str, AfterValidator(checked_database_url)]
StoreUrl = Annotated[str, AfterValidator(checked_store_url)]
Endpoint = Annotated[str, AfterValidator(checked_endpoint)]
CentreUrl = Annotated[str, AfterValidator(checked_centre_url)]
Proxy = Annotated[str, AfterValidator(checked_proxy)]
KeyTemplateText = Annotated[str, AfterValidator(checked_key_template)]
Network = Annotated[str, AfterValidator(_checked_network)]
Origin = Annotated[str, AfterValidator(_checked_origin)]
TimeZone = Annotated[str, AfterValidator(_checked_zone)]
Drill = Annotated[str, AfterValidator(_checked_drill)]
StoreName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
LabelName = Annotated[str, StringConstraints(pattern=rf"^{LABEL_NAME}$", max_length=64)]
LabelValue = Annotated[str, StringConstraints(max_length=256)]
EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
