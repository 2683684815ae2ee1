"""Flows as they are kept: heads and versions. Pure values."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.flows.model import FlowVersion, Plan
from gwf.flows.parse import read_flow
from gwf.rules.versioned import Head, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowHead(Head[FlowVersion]):
    """A flow over all its versions; runs begin by the one in force."""

    flow_id: str

    def at(self, version: int) -> FlowVersion:
        """Return the name of one of its versions."""
        return FlowVersion(self.flow_id, version)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFlow(Version[FlowVersion]):
    """One version of a flow; of a retired one runs may still go on."""

    def read(self) -> Plan:
        """Return the flow ready for use.

        Raises:
            FaultyFlowError: It was stored by a release that took what this one does not.
        """
        return read_flow(self.document, self.ref)
