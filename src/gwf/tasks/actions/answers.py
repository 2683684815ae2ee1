"""Which answers to a webhook mean that it is done, which that it may be tried again. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Status = Annotated[str, Field(pattern=r"^[1-5]([0-9]{2}|xx)$")]
Pointer = Annotated[str, Field(max_length=500, pattern=r"^(/[^/]*)*$")]


class AnswerRules(BaseModel):
    """What an answer has to be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: statuses that mean that it is done: 204, 2xx
    success: Annotated[list[Status], Field(min_length=1, max_length=20)] = ["2xx"]
    #: statuses after which another try may help; any other is an end
    retry: Annotated[list[Status], Field(max_length=20)] = ["408", "425", "429", "5xx"]
    #: what a JSON answer has to say where, besides: {"/ok": true}
    json_is: Annotated[dict[Pointer, JsonValue], Field(max_length=20)] = {}


def fits(status: int, patterns: Sequence[str]) -> bool:
    """Tell whether a status is one of these."""
    text = str(status)
    return any(pattern == text or (pattern.endswith("xx") and pattern[0] == text[0]) for pattern in patterns)


def missing_in(body: bytes, wanted: Mapping[str, JsonValue]) -> str:
    """Return what an answer does not say that it has to say; "" = it says everything."""
    if not wanted:
        return ""
    try:
        value: JsonValue = json.loads(body)
    except ValueError:
        return "the answer is no JSON"
    for pointer, expected in wanted.items():
        found, is_there = _at(value, pointer)
        if not is_there or found != expected:
            return f"the answer has {json.dumps(found) if is_there else 'nothing'} at {pointer or 'its root'}"
    return ""


def _at(value: JsonValue, pointer: str) -> tuple[JsonValue, bool]:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None, False
    return value, True
