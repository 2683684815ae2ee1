"""Events of the agents of a group."""

from __future__ import annotations

import json
from pathlib import Path

from gwf.api.v1.events import within
from gwf.events.ports import EventFilter, Span
from tests.api.house import open_house

ALL = EventFilter(tenant="default", span=Span(since_ms=0, until_ms=1))


class Two:
    """One group of two agents."""

    def of_group(self, tenant: str, group: str) -> set[str]:
        return {"a1", "a2"} if (tenant, group) == ("default", "near") else set()


def test_a_group_narrows_to_its_agents_and_to_those_that_were_asked_for_among_them() -> None:
    asked = EventFilter(tenant="default", span=ALL.span, agents=("a2", "a9"))
    assert within("near", ALL, Two()).agents == ("a1", "a2")
    assert within("near", asked, Two()).agents == ("a2",)
    assert within(None, asked, Two()) is asked


def test_a_group_without_agents_has_no_events_instead_of_all(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        admin, port = house.admin["default"], house.port
        for name, selector in (("inside", "tenant=default"), ("nobody", "tenant=none")):
            group = port.post("/api/v1/agent-groups", {"name": name, "selector": selector}, role=admin)
            assert group.status == 201
        told = {"specversion": "1.0", "id": "e1", "source": "/x", "type": "com.example.x"}
        media = "application/cloudevents+json"
        sent = port.ask("/api/v1/events", "POST", body=json.dumps(told).encode(), role=admin, Content_Type=media)
        assert sent.status == 200
        agents = port.ask("/api/v1/agents", role=admin).json["items"]
        mine = {agent["agent_id"] for agent in agents}

        def listed(query: str) -> list[str | None]:
            return [item["agent_id"] for item in port.ask(f"/api/v1/events?{query}", role=admin).json["items"]]

        assert None in listed("")
        assert set(listed("group=inside")) <= mine
        assert listed("group=nobody") == listed("group=unknown") == []
        assert port.ask("/api/v1/file-events/facets?group=nobody", role=admin).json["counted"] == 0
