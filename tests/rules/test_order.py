from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.rules.model import MAX_PRIORITY
from gwf.rules.order import reordered

priorities = st.dictionaries(
    st.integers(0, 30).map(lambda number: f"rul_{number:02}"),
    st.one_of(st.integers(-3, 3), st.sampled_from((MAX_PRIORITY, -MAX_PRIORITY, 100))),
    min_size=1,
)


@given(priorities, st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_rules_stand_in_the_wanted_order_within_what_a_priority_may_be(now: dict[str, int], chance: Random) -> None:
    wanted = sorted(now)
    chance.shuffle(wanted)
    changed = reordered(now, wanted)
    after = now | changed
    assert sorted(after, key=lambda one: (-after[one], one)) == wanted
    assert all(-MAX_PRIORITY <= one <= MAX_PRIORITY for one in after.values())
    assert all(now[one] != priority for one, priority in changed.items())


def test_only_what_is_moved_gets_another_priority_while_there_is_room() -> None:
    now = {"a": 30, "b": 20, "c": 10, "d": 0}
    assert reordered(now, ["a", "b", "c", "d"]) == {}
    assert reordered(now, ["a", "d", "b", "c"]) == {"d": 25}
    assert reordered(now, ["b", "c", "d", "a"]) == {"a": -10}
    assert reordered({"a": 2, "b": 1, "c": 0, "s": -5}, ["a", "b", "s", "c"]) == {"c": -15}
    assert reordered(dict.fromkeys("abcdx", 0), list("xabcd")) == {"x": 10}
    assert reordered({"a": 2, "b": 1, "c": 0}, ["a", "c", "b"]) == {"b": -10}
