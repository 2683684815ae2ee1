"""Collects what is wrong with a flow, each fault with its place and with what would be right."""

from __future__ import annotations

from gwf.control.config.check import FaultyDocumentError
from gwf.rules.faults import Faults


class FaultyFlowError(FaultyDocumentError):
    """A flow is refused as a whole; `faults` lists what is wrong with it."""

    code = "invalid_flow"


class FlowFaults(Faults):
    """What was found while a flow was read; its templates and conditions may name values of the run."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__(in_run=True)

    def raise_any(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            FaultyFlowError: Something is wrong.
        """
        if self.found:
            raise FaultyFlowError("the flow cannot be used as it is", faults=tuple(self.found))

    def seconds(self, value: object, at: str, *, least: float, most: float) -> float | None:
        """Return a number of seconds within bounds."""
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            self.add_type(at, "a number of seconds is needed, such as 60", want="number", value=value)
        elif not least <= value <= most:
            what = f"{least:g} to {most:g} seconds are allowed"
            self.add(at, "out_of_range", what, least=f"{least:g} s", most=f"{most:g} s")
        else:
            return float(value)
        return None
