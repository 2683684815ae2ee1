from __future__ import annotations

import pytest

from gwf.core.errors import InputError
from gwf.sim.poison import Harm, Poison, poison_in, read_poison


def test_a_rule_names_pointer_value_harm_and_time() -> None:
    rule = read_poison('/agent/watch~1x/name="a=b":sick:1m30s')
    assert rule == Poison(place=("agent", "watch/x", "name"), value="a=b", harm=Harm.SICK, after_s=90.0)
    assert read_poison('/a=[1, {"b": 2}]:reject').value == [1, {"b": 2}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("agent.retry=1:sick", "POINTER=VALUE:HARM"),
        ("/a=1", "POINTER=VALUE:HARM"),
        ("/a=one:sick", "JSON"),
        ("/a=1:ill", "reject, sick, silent"),
        ("/a=1:sick:soon", "duration"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read_poison(text)


def test_a_document_holds_a_poison_only_with_that_very_value() -> None:
    rules = (read_poison("/a/b=1:sick"), read_poison("/a=true:silent"))
    assert poison_in({"a": {"b": 1.0}}, rules) is rules[0]
    assert poison_in({"a": True}, rules) is rules[1]
    for document in ({"a": {"b": True}}, {"a": {"b": 2}}, {"a": 1}, {"b": 1}, {}):
        assert poison_in(document, rules) is None
