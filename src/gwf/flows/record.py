"""Flows as they are kept: heads and versions. Pure values."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gwf.flows.model import Document, FlowVersion, Plan
from gwf.flows.parse import read_flow


class FlowState(enum.StrEnum):
    """Where a version stands."""

    #: may still be written; no run begins by it
    DRAFT = "draft"
    #: runs begin by it
    PUBLISHED = "published"
    #: runs began by it, and may still go on
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowHead:
    """A flow over all its versions."""

    flow_id: str
    tenant: str
    #: of its newest version
    name: str
    #: version that somebody works on; None = nobody
    draft: int | None
    #: version by which runs begin; None = none
    published: int | None
    last_version: int
    created_at_ms: int
    updated_at_ms: int
    #: grows with each change; a change names the one it was made from
    revision: int = 1

    @property
    def shown(self) -> FlowVersion:
        """Return the version that lists show: the draft, else the published one, else the last one."""
        return FlowVersion(self.flow_id, self.draft or self.published or self.last_version)

    def facts(self) -> dict[str, object]:
        """Return what an audit entry compares."""
        return {"name": self.name, "draft": self.draft, "published": self.published}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFlow:
    """One version of a flow. Once published its document never changes."""

    ref: FlowVersion
    tenant: str
    state: FlowState
    document: Document
    author: str
    reason: str
    created_at_ms: int
    updated_at_ms: int
    published_at_ms: int | None = None
    retired_at_ms: int | None = None

    @property
    def name(self) -> str:
        """The name that this version gives the flow."""
        return str(self.document.get("name", ""))

    def read(self) -> Plan:
        """Return the flow ready for use.

        Raises:
            FaultyFlowError: It was stored by a release that took what this one does not.
        """
        return read_flow(self.document, self.ref)
