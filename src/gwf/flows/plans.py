"""Keeps the versions of flows that runs go by ready for use: what one says never changes once runs began by it."""

from __future__ import annotations

from collections import OrderedDict

from gwf.core.errors import NotFoundError
from gwf.flows.model import FlowVersion, Plan
from gwf.flows.ports import FlowReads

MAX_PLANS = 500  #: that are kept ready


class Plans:
    """The versions that were used last. One event loop."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: OrderedDict[tuple[str, FlowVersion], Plan] = OrderedDict()

    async def of(self, reads: FlowReads, tenant: str, ref: FlowVersion) -> Plan:
        """Return a published or retired version.

        Raises:
            NotFoundError: There is no such version.
            FaultyFlowError: It was stored by a release that took what this one does not.
        """
        name = (tenant, ref)
        plan = self._kept.get(name)
        if plan is None:
            found = await reads.versions_of(tenant, [ref])
            if not found:
                raise NotFoundError("the flow has no such version", flow_id=ref.flow_id, version=ref.version)
            plan = self._kept[name] = found[0].read()
            if len(self._kept) > MAX_PLANS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return plan
