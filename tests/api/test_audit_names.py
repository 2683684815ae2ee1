"""What audit entries name by ids in their changes, as people call it."""

from __future__ import annotations

from pathlib import Path

from tests.api.house import open_house


def test_ids_in_changes_come_with_the_names_of_what_they_are_of(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        admin, port = house.admin["default"], house.port
        group = port.post("/api/v1/agent-groups", {"name": "shore"}, role=admin).json["group_id"]
        layers = [{"kind": "base"}, {"kind": "group", "subject": group}]
        base, own = (port.post("/api/v1/config-layers", layer, role=admin).json["layer_id"] for layer in layers)
        document = {"agent": {"retry": {"max_attempts": 7}}}
        for layer in (base, own):
            written = port.post(f"/api/v1/config-layers/{layer}/versions?reason=x", document, role=admin).json
            version = written["version"]["version_id"]
            assert port.post("/api/v1/rollouts", {"version_id": version}, role=admin).status == 201
        made = port.ask("/api/v1/audit?action=rollout.create", role=admin).json["items"]
        assert [set(entry["names"].values()) for entry in made] == [{"v1", "shore"}, {"v1", ""}]
        assert {made[0]["names"][own], made[1]["names"][base]} == {"shore", ""}


def test_documents_of_alerts_are_named_as_people_called_them(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        admin, port = house.admin["default"], house.port
        wish = {"document": {"name": "night-watch", "levels": [{"receivers": ["room"]}]}, "reason": "agreed"}
        made = port.post("/api/v1/chains", wish, role=admin)
        assert made.status == 201, made.body
        (entry,) = port.ask("/api/v1/audit?action=chain.create&limit=1", role=admin).json["items"]
        assert entry["resource"]["name"] == "night-watch"
