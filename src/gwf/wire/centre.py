"""What an edge is asked about its link to a centre."""

from __future__ import annotations

from pydantic import Field

from gwf.wire.edge import Wire


class EnrolRequest(Wire):
    """An enrolment token for the centre that the configuration names."""

    token: str = Field(min_length=1, max_length=512, pattern=r"^[!-~]+$")
