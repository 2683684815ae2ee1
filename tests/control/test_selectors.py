from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.control.selectors import MAX_TERMS, Op, Selector, SelectorError, Term, parse

names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,10}[A-Za-z0-9])?", fullmatch=True)
values = st.from_regex(r"[A-Za-z0-9é上海九]([A-Za-z0-9._:/@+é上海九-]{0,10}[A-Za-z0-9é上海九])?", fullmatch=True)
terms = st.one_of(
    st.builds(Term, names, st.sampled_from([Op.EXISTS, Op.MISSING])),
    st.builds(Term, names, st.sampled_from([Op.IN, Op.NOT_IN]), st.frozensets(values, min_size=1, max_size=4)),
)
selectors = st.builds(Selector, st.lists(terms, max_size=6).map(tuple))
labels = st.dictionaries(names, values, max_size=6)


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("env=prod", {"env": "prod"}, {"env": "dev"}),
        ("env == prod", {"env": "prod"}, {}),
        ("env!=prod", {"env": "dev"}, {"env": "prod"}),
        ("env!=prod", {}, {"env": "prod"}),
        ("site in (sh,bj)", {"site": "bj"}, {"site": "gz"}),
        ("site in(sh)", {"site": "sh"}, {}),
        ("site notin ( sh , bj )", {"site": "gz"}, {"site": "sh"}),
        ("site not in (sh)", {}, {"site": "sh"}),
        ("canary", {"canary": ""}, {}),
        ("!canary", {}, {"canary": "1"}),
        ("a=b, c in (d,e) ,!f", {"a": "b", "c": "d"}, {"a": "b", "c": "d", "f": "1"}),
        ("in=x", {"in": "x"}, {}),
        ("index=1", {"index": "1"}, {}),
        ("site=上海", {"site": "上海"}, {"site": "北京"}),
        ("site in (上海, bj)", {"site": "上海"}, {"site": "北京"}),
        ("", {}, None),
    ],
)  # fmt: skip
def test_a_selector_means_what_it_says(text: str, yes: dict[str, str], no: dict[str, str] | None) -> None:
    assert parse(text).matches(yes)
    assert no is None or not parse(text).matches(no)


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("env=", 5, "the value of a label"),
        ("=prod", 1, "the name of a label"),
        ("env=prod,", 10, "the name of a label"),
        ("env=prod site=sh", 10, "a comma or the end"),
        ("site in sh", 9, "expected ("),
        ("site in (sh", 12, "expected , or )"),
        ("site in ()", 10, "the value of a label"),
        ("env=～", 5, "the value of a label"),
        ("!", 2, "the name of a label"),
        ("a" * 64, 1, "longer than"),
        ("x" * 2001, 2001, "too long"),
        (",".join(["a"] * (MAX_TERMS + 1)), 101, "too many terms"),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, position: int, expected: str) -> None:
    with pytest.raises(SelectorError) as caught:
        parse(text)
    assert caught.value.context["position"] == position
    assert expected in caught.value.message


@given(selectors)
def test_the_usual_form_is_read_as_the_same_selector(selector: Selector) -> None:
    assert parse(str(selector)) == selector


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse(text)
    except SelectorError as exc:
        position = exc.context["position"]
        assert isinstance(position, int)
        assert 1 <= position <= len(text) + 1


@given(terms, labels)
def test_a_term_and_its_opposite_never_agree(term: Term, of_agent: dict[str, str]) -> None:
    opposite = {Op.IN: Op.NOT_IN, Op.NOT_IN: Op.IN, Op.EXISTS: Op.MISSING, Op.MISSING: Op.EXISTS}[term.op]
    assert term.matches(of_agent) is not Term(term.name, opposite, term.values).matches(of_agent)


@given(selectors, terms, labels)
def test_another_term_never_adds_agents(selector: Selector, term: Term, of_agent: dict[str, str]) -> None:
    if Selector((*selector.terms, term)).matches(of_agent):
        assert selector.matches(of_agent)
