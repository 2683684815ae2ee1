"""FLOW, the action of a rule that begins a run: what its configuration may say."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class FlowAction(BaseModel):
    """FLOW: begin a run of a flow about the event."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: id or name
    flow: Annotated[str, Field(min_length=1, max_length=100)]
    #: values that the flow asks for, by name
    input: dict[str, JsonValue] = Field(default_factory=dict)
