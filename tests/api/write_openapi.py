"""Writes the committed API description: `python -m tests.api.write_openapi`."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from gwf.api.app import ApiParts, create_api
from gwf.api.listen import ListenAddress
from gwf.api.options import ApiOptions
from gwf.core.clock import SystemClock
from gwf.identity.local import LocalAccess
from tests.api.fake_edge import FakeEdge
from tests.api.v1_parts import centre_parts, v1_parts

COMMITTED = Path(__file__).parents[2] / "docs/reference/openapi.json"


def main() -> None:
    options = ApiOptions(listen=ListenAddress(host="127.0.0.1", port=0))
    parts = ApiParts(v1=v1_parts(), local=LocalAccess(SystemClock()), centre=centre_parts())
    app = create_api(edge=FakeEdge(), options=options, render_metrics=str, stopping=threading.Event(), parts=parts)
    COMMITTED.parent.mkdir(parents=True, exist_ok=True)
    COMMITTED.write_text(json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
