"""Writes the committed API description and the table of roles: `python -m tests.api.write_openapi`."""

from __future__ import annotations

import json
from pathlib import Path

from gwf.api.app import ApiParts, create_api, process_view
from gwf.api.cookies import Cookies
from gwf.api.feed import Feed
from gwf.api.listen import ListenAddress
from gwf.api.matrix import Endpoint, endpoints_of, render
from gwf.api.options import ApiOptions
from gwf.api.v1.edge import edge_routes
from gwf.api.v1.local import local_routes
from gwf.api.v1.me import me_routes
from gwf.api.v1.stream import StreamTiming, stream_routes
from gwf.core.clock import SystemClock
from gwf.identity.local import LocalAccess
from tests.api.fake_edge import FakeEdge
from tests.api.v1_parts import centre_parts, v1_parts

COMMITTED = Path(__file__).parents[2] / "docs/reference/openapi.json"
PAGE = COMMITTED.with_name("access.md")
MARK = "<!-- generated: python -m tests.api.write_openapi -->\n"


def main() -> None:
    options = ApiOptions(listen=ListenAddress(host="127.0.0.1", port=0))
    parts = ApiParts(v1=v1_parts(), local=LocalAccess(SystemClock()), centre=centre_parts())
    app = create_api(edge=FakeEdge(), options=options, render_metrics=str, parts=parts)
    COMMITTED.parent.mkdir(parents=True, exist_ok=True)
    COMMITTED.write_text(json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(head + MARK + render(endpoints()), encoding="utf-8")


def endpoints() -> list[Endpoint]:
    """Return every endpoint below /api/v1 and what it needs."""
    edge, centre = FakeEdge(), centre_parts()
    stream = stream_routes(Feed([], look_s=1), StreamTiming())
    local = local_routes(LocalAccess(SystemClock()), Cookies(lasts_s=1))
    process = process_view(ApiParts(), ApiOptions(listen=ListenAddress(host="127.0.0.1", port=0)), has_edge=True)
    me = me_routes(lambda: process, None, SystemClock())
    return endpoints_of([edge_routes(edge), stream, local, me, *v1_parts(), *centre.v1], centre.hot)


if __name__ == "__main__":
    main()
