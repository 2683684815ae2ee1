"""Every router below /api/v1 beside the edge's, in front of fakes: what the description shows is what is served."""

from __future__ import annotations

from fastapi import APIRouter

from gwf.api.v1.config import config_routes
from tests.api.fake_config import FakeConfig


def v1_parts(config: FakeConfig | None = None) -> list[APIRouter]:
    """Return the routers; each fake may be given to look at it later."""
    return [config_routes(config or FakeConfig())]
