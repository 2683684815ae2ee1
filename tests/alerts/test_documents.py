"""Documents of alerts as they are read: faults with their places, hours of chains, what they name."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from gwf.alerts.cases import failed_cases
from gwf.alerts.documents.links import links
from gwf.alerts.documents.reading import check, read_chain, read_inhibition, read_schedule
from gwf.alerts.documents.record import DocKind
from gwf.alerts.life.model import Level
from gwf.alerts.sight.reading import read_alert_rule
from gwf.control.config.check import FaultyDocumentError
from gwf.core.settings.yamlfile import parse_yaml

CHAIN: dict[str, Any] = {
    "name": "ops", "levels": [{"receivers": ["day"]}, {"after": "10m", "receivers": ["day", "boss"]}],
    "hours": {"zone": "Asia/Shanghai", "days": ["mon", "tue"], "from": "09:00", "to": "18:00"},
    "off_hours": [{"receivers": "mail"}],
}  # fmt: skip
SCHEDULE: dict[str, Any] = {
    "name": "day", "zone": "Asia/Shanghai", "channel": "dd", "starts": "2026-11-02", "hand_over": "09:00",
    "people": [{"name": "Ann", "mobile": "13800000000"}, {"name": "Bob", "channel": "mail", "email": "bob@x.cn"}],
    "overrides": [{"from": "2026-11-03T00:00", "to": "2026-11-03T12:00+08:00", "person": "Bob"}],
    "hours": {"days": ["mon"], "from": "09:00", "to": "18:00"}, "otherwise": "room",
}  # fmt: skip
INHIBITION: dict[str, Any] = {
    "name": "host first", "source": "rule_id=alr_1", "target": "severity in (warning,error)", "equal": ["agent_id"],
}  # fmt: skip
MONDAY_MS = 1_793_581_200_000  # 2026-11-02 09:00 in Shanghai


def test_a_chain_has_other_levels_outside_of_its_hours() -> None:
    chain = read_chain(CHAIN)
    assert chain.at(MONDAY_MS).levels[1] == Level(after_s=600, receivers=("day", "boss"))
    assert chain.at(MONDAY_MS - 1).levels == (Level(after_s=0, receivers=("mail",)),)


def test_a_chain_without_levels_for_other_hours_rests_then() -> None:
    chain = read_chain({key: value for key, value in CHAIN.items() if key != "off_hours"})
    assert [(chain.at(at).levels == (), chain.at(at).rests) for at in (MONDAY_MS, MONDAY_MS - 1)] == [
        (False, False), (True, True),
    ]  # fmt: skip
    assert not read_chain({"name": "none", "levels": []}).at(MONDAY_MS).rests


def test_a_schedule_takes_moments_of_its_zone_and_the_channel_for_all() -> None:
    schedule = read_schedule(SCHEDULE)
    assert [person.channel for person in schedule.people] == ["dd", "mail"]
    (override,) = schedule.overrides
    assert override.ends_at_ms - override.begins_at_ms == 12 * 3_600_000
    assert override.begins_at_ms == MONDAY_MS + 15 * 3_600_000


def test_an_inhibition_that_is_switched_off_holds_nothing() -> None:
    found = read_inhibition(INHIBITION, doc_id="inh_1")
    assert found is not None
    assert found.target.matches({"severity": "error"})
    assert read_inhibition({**INHIBITION, "enabled": False}, doc_id="inh_1") is None


@pytest.mark.parametrize(
    ("kind", "path", "value", "pointer", "code"),
    [
        (DocKind.CHAIN, ("name",), "Ops Team", "/name", "bad_name"),
        (DocKind.CHAIN, ("levels", 0, "after"), "5m", "/levels/0/after", "out_of_range"),
        (DocKind.CHAIN, ("levels", 1, "after"), 0, "/levels/1/after", "out_of_range"),
        (DocKind.CHAIN, ("levels", 0), {}, "/levels/0", "missing"),
        (DocKind.CHAIN, ("hours", "zone"), "Mars", "/hours/zone", "unknown_zone"),
        (DocKind.CHAIN, ("hours", "to"), "9:00", "/hours/to", "bad_time"),
        (DocKind.CHAIN, ("hours", "days"), ["someday"], "/hours/days/0", "wrong_length"),
        (DocKind.SCHEDULE, ("people", 1, "name"), "Ann", "/people/1/name", "twice"),
        (DocKind.SCHEDULE, ("people", 0, "mobile"), "call me", "/people/0/mobile", "bad_mobile"),
        (DocKind.SCHEDULE, ("channel",), "", "/people/0", "missing"),
        (DocKind.SCHEDULE, ("people",), [], "/people", "empty"),
        (DocKind.SCHEDULE, ("starts",), "soon", "/starts", "bad_date"),
        (DocKind.SCHEDULE, ("overrides", 0, "person"), "Eve", "/overrides/0/person", "unknown_word"),
        (DocKind.SCHEDULE, ("overrides", 0, "to"), "2026-11-01T00:00", "/overrides/0/to", "out_of_range"),
        (DocKind.INHIBITION, ("source",), "a in (", "/source", "bad_selector"),
        (DocKind.INHIBITION, ("target",), " ", "/target", "empty"),
        (DocKind.INHIBITION, ("equal",), ["-"], "/equal/0", "bad_name"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    kind: DocKind, path: tuple[str | int, ...], value: object, pointer: str, code: str
) -> None:
    document = copy.deepcopy({DocKind.CHAIN: CHAIN, DocKind.SCHEDULE: SCHEDULE, DocKind.INHIBITION: INHIBITION}[kind])
    check(kind, document)
    at: Any = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(FaultyDocumentError) as told:
        check(kind, document)
    assert (pointer, code) in {(fault.pointer, fault.code) for fault in told.value.faults}


def test_all_that_a_document_names_is_known_with_its_place() -> None:
    named = {link.pointer: (link.name, link.target) for link in links(DocKind.CHAIN, CHAIN)}
    assert named["/levels/1/receivers/1"] == ("boss", "schedule")
    assert named["/off_hours/0/receivers"] == ("mail", "schedule")
    assert [link.name for link in links(DocKind.SCHEDULE, SCHEDULE)] == ["dd", "room", "mail"]


@pytest.mark.parametrize(("page", "count"), [("rules.md", 3), ("oncall.md", 2)])
def test_what_the_documents_show_can_be_put_into_force(page: str, count: int) -> None:
    text = (Path(__file__).parents[2] / "docs/alerts" / page).read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == count
    first: Any = parse_yaml(blocks[0], source=page).value
    for block in blocks:
        document: Any = parse_yaml(block, source=page).value
        if "tests" in document:  # of the rule that is shown first
            document = first | document
            assert failed_cases(read_alert_rule(document, rule_id="r", version=1)) == []
        kinds = {
            "when": DocKind.RULE,
            "levels": DocKind.CHAIN,
            "people": DocKind.SCHEDULE,
            "target": DocKind.INHIBITION,
        }
        check(next(kind for key, kind in kinds.items() if key in document), document)
