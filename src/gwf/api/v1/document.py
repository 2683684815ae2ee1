"""Reads the body of a request that is a document of settings: JSON or YAML, within bounds."""

from __future__ import annotations

import json

from fastapi import Request

from gwf.api.ports import Document
from gwf.core.errors import ConfigError, InputError, TooLargeError
from gwf.core.settings.draft import is_block, is_list
from gwf.core.settings.yamlfile import MAX_DEPTH, MAX_FILE_BYTES, parse_yaml


async def whole_document(request: Request) -> Document:
    """Return the document that is the body.

    Raises:
        TooLargeError: It has more than MAX_FILE_BYTES.
        InputError: It is no mapping of keys, or no UTF-8, JSON or YAML.
    """
    text = await body_text(request)
    value = _parsed(text, is_json=is_json(request))
    if not is_block(value):
        raise InputError("the body is no mapping of keys such as data_dir, stores and agent")
    return value


async def body_text(request: Request) -> str:
    """Return the body as text.

    Raises:
        TooLargeError: It has more than MAX_FILE_BYTES.
        InputError: It is no UTF-8.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FILE_BYTES:
            raise TooLargeError("the configuration is too large", max_bytes=MAX_FILE_BYTES)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InputError("the body is not UTF-8 text", offset=exc.start) from exc


def is_json(request: Request) -> bool:
    """Tell whether the body is sent as JSON."""
    return "json" in request.headers.get("content-type", "")


def json_value(text: str) -> object:
    """Return the value of a JSON text.

    Raises:
        InputError: It is no JSON, or nested too deep.
    """
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InputError("the body is no JSON", reason=str(exc)) from exc
    if not _is_flat(value, MAX_DEPTH):
        raise InputError("the body is nested too deep", max_levels=MAX_DEPTH)
    return value


def _parsed(text: str, *, is_json: bool) -> object:
    if is_json:
        return json_value(text)
    content = parse_yaml(text, source="body")
    if content.problems:
        raise ConfigError("configuration is not usable", problems=tuple(content.problems))
    return content.value


def _is_flat(value: object, levels: int) -> bool:
    inside = value.values() if is_block(value) else value if is_list(value) else ()
    return levels >= 0 and all(_is_flat(item, levels - 1) for item in inside)
