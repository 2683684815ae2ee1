"""The committed API description is what the code serves."""

from __future__ import annotations

import json

from tests.api.conftest import Port
from tests.api.write_openapi import COMMITTED


def test_the_committed_description_is_current(port: Port) -> None:
    served = port.ask("/api/v1/openapi.json").json
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == served, "run: python -m tests.api.write_openapi"


def test_closed_sets_are_listed(port: Port) -> None:
    schemas = port.ask("/api/v1/openapi.json").json["components"]["schemas"]
    assert set(schemas["FileView"]["properties"]["state"]["enum"]) >= {"settling", "done", "dead"}


def test_every_operation_documents_problems_and_streams_their_type(port: Port) -> None:
    paths = port.ask("/api/v1/openapi.json").json["paths"]
    assert "text/event-stream" in paths["/api/v1/stream"]["get"]["responses"]["200"]["content"]
    items = [item for path, item in paths.items() if path.startswith("/api/v1/")]
    versioned = [operation["responses"] for item in items for operation in item.values()]
    assert all("application/problem+json" in responses["default"]["content"] for responses in versioned)
