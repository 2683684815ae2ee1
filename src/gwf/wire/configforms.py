"""What a form and an editor of configurations need: which settings there are, and what is wrong with a document."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from gwf.wire.edge import Wire
from gwf.wire.rollouts import ValueChange

SettingKind = Literal[
    "section", "map", "list", "duration", "size", "whole number", "number", "true or false", "choice", "secret text",
    "path", "text",
]  # fmt: skip


class SettingView(Wire):
    """What may stand at one place of a layer."""

    #: key; "" for the items of a list or map
    name: str
    kind: SettingKind
    #: in English; "" for items and for blocks that say nothing
    meaning: str
    #: a host needs it where the block is given
    required: bool
    #: as people write it; null = none
    default: JsonValue
    #: limits in words, "" when there are none
    bounds: str
    choices: list[str]
    #: keys of a section
    keys: list[SettingView]
    #: what a list or map holds
    item: SettingView | None


class DocumentFault(Wire):
    """One thing that is wrong with a document."""

    #: JSON pointer; "" for the whole
    pointer: str
    #: invalid_yaml · local_only · invalid_value · nothing_to_keep · unknown_reference
    code: str
    message: str
    #: the values of the message by name, so that it can be said in other languages; may lack any
    params: dict[str, str] = Field(default_factory=dict)
    #: in the text that was sent, or in `text` when JSON was; None = nowhere in it
    line: int | None


class DocumentCheck(Wire):
    """What a document would be as a version, without anything being kept."""

    #: None when it is no YAML; as it was sent, secrets included, because nothing here is kept
    document: dict[str, JsonValue] | None
    #: the document as YAML; for YAML that was sent, the same text
    text: str
    #: empty = it can be a version
    faults: list[DocumentFault]
    #: against the newest version of `layer`; against an empty document without one
    changes: list[ValueChange]
