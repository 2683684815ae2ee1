from __future__ import annotations

from gwf.events.kinds import event_type, severity_of, subject_of
from gwf.events.model import SEVERITY_OF_WORD, Severity


def test_an_alarm_matters_by_what_it_is_about() -> None:
    assert severity_of("alert.raised", {"code": "breaker_open"}) is Severity.ERROR
    assert severity_of("alert.raised", {"code": "high_water_files"}) is Severity.WARNING
    assert severity_of("alert.cleared", {"code": "breaker_open"}) is Severity.NOTICE


def test_a_kind_nobody_knows_is_an_event_like_any_other() -> None:
    assert severity_of("moon.rose", {}) is Severity.INFO
    assert event_type("moon.rose") == "gwf.moon.rose"


def test_the_subject_is_the_most_telling_part() -> None:
    assert subject_of({"store": "main", "path": "/in/a"}) == "/in/a"
    assert subject_of({"code": "disk_low"}) == "disk_low"
    assert subject_of({"path": 7, "store": ""}) is None


def test_every_severity_is_found_by_its_word() -> None:
    assert [SEVERITY_OF_WORD[word] for word in ("debug", "info", "warning")] == [
        Severity.DEBUG,
        Severity.INFO,
        Severity.WARNING,
    ]
