"""Reading rules about lines."""

from __future__ import annotations

import pytest

from gwf.alerts.logs.model import Level, LogRuleset
from gwf.alerts.logs.reading import document_of, read_ruleset
from gwf.rules.faults import FaultyRuleError

WRITTEN: dict[str, object] = {
    "version": 1,
    "defaults": {"suppress_window": "5m", "match_case": None},
    "escalation": {"enabled": True, "level": "", "window": "1m", "threshold": 3},
    "rules": [
        {"title": "OOM", "level": "FATAL", "keywords": ["OutOfMemory", " "], "notify": True},
        {"id": "noise", "level": "ignore", "keywords": ["heartbeat"], "suppress_window": "5min"},
    ],
}


def faults_of(document: object) -> set[tuple[str, str]]:
    with pytest.raises(FaultyRuleError) as caught:
        read_ruleset(document)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


def test_a_set_is_brought_into_normal_form() -> None:
    first, second = read_ruleset(WRITTEN).rules
    assert (first.id, first.level, first.keywords) == ("rule-1", Level.FATAL, ("OutOfMemory",))
    assert (second.title, second.notify) == ("noise", None)


def test_what_was_read_reads_the_same_again() -> None:
    once = read_ruleset(WRITTEN)
    assert read_ruleset(document_of(once)) == once


def test_unset_flags_are_left_out_not_null() -> None:
    document = document_of(LogRuleset())
    assert document["defaults"] == {"suppress_window": "5m"}


def test_all_faults_are_told_at_once() -> None:
    document: dict[str, object] = {
        "defaults": {"suppress_window": "soon"},
        "escalation": {"enabled": True},
        "rules": [{"level": "p1", "keywords": []}, {"level": "fatal", "patterns": ["(", "a*"], "colour": 1}],
    }
    assert faults_of(document) == {
        ("/defaults/suppress_window", "bad_window"), ("/escalation/threshold", "bad_threshold"),
        ("/escalation/window", "bad_window"), ("/rules/0/level", "bad_level"), ("/rules/0/keywords", "no_words"),
        ("/rules/1/patterns/0", "bad_regex"), ("/rules/1/patterns/1", "matches_all"),
        ("/rules/1/colour", "unknown_key"),
    }  # fmt: skip


@pytest.mark.parametrize("document", [{}, {"rules": []}, {"rules": None}])
def test_a_set_without_rules_is_refused(document: object) -> None:
    assert faults_of(document) == {("/rules", "no_rules")}


SHAPES: list[object] = [[], "x", {"rules": {}}, {"rules": [1]}, {"rules": [{}], "x": 1}]


@pytest.mark.parametrize("document", SHAPES)
def test_other_shapes_are_refused_with_their_place(document: object) -> None:
    assert faults_of(document)
