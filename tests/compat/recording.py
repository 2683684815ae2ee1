"""Recorded exchanges with the Go version: read from a folder, with the places filled in that differ per run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ENDPOINT = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and the answer that the Go version gave."""

    seq: int
    name: str
    phase: str
    method: str
    target: str
    headers: Mapping[str, str]
    #: JSON value, or a text that is sent as it is; None = no body
    body: object
    status: int
    answer_headers: Mapping[str, str]
    #: JSON value when `is_json`, else text
    answer: object
    is_json: bool

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def sent(self) -> bytes | None:
        """Return the body's bytes."""
        if self.body is None:
            return None
        return (self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A folder of exchanges in the order in which they were made."""

    folder: Path
    host: str
    #: what its set-up says, by phase
    setups: Mapping[str, str]
    tree: tuple[str, ...]
    names: tuple[str, ...]

    def exchanges(self, places: Mapping[str, str], endpoint: str) -> Iterator[Exchange]:
        """Yield the exchanges; `places` are the values of `{watch_dir}` and the like."""
        for name in self.names:
            text = (self.folder / f"{name}.json").read_text(encoding="utf-8")
            yield _exchange(_filled(json.loads(text), places, endpoint))


def read_recording(folder: Path) -> Recording:
    """Return what `_INDEX.json` of a folder lists and what is there of it."""
    index = json.loads((folder / "_INDEX.json").read_text(encoding="utf-8"))
    listed = sorted(index["requests"], key=lambda item: item["seq"])
    return Recording(
        folder=folder,
        host=index["host"],
        setups={item["phase"]: item["setup"] for item in index["phases"]},
        tree=tuple(index["tree"]),
        names=tuple(item["name"] for item in listed if (folder / f"{item['name']}.json").is_file()),
    )


def _exchange(record: Mapping[str, Any]) -> Exchange:
    request, response = record["request"], record["response"]
    answer = response["body"]
    if response.get("body_text") and response["body_is_json"]:
        answer = json.loads(response["body_text"])
    return Exchange(
        seq=record["seq"],
        name=record["name"],
        phase=record["phase"],
        method=request["method"],
        target=request["path"],
        headers=request["headers"],
        body=request["body"],
        status=response["status"],
        answer_headers=response["headers"],
        answer=answer,
        is_json=bool(response["body_is_json"]),
    )


def _filled(value: Any, places: Mapping[str, str], endpoint: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, places, endpoint) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, places, endpoint) for inner in value]
    if not isinstance(value, str):
        return value
    for place, text in places.items():
        value = value.replace("{" + place + "}", text)
    return _ENDPOINT.sub(endpoint, value)
