from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.pointers import Sheet, Template, pointer_steps, resolved

ITEM = {"a": {"b/c": "x", "n": 7, "yes": True, "none": None, "list": ["p", {"q": 1}]}, "": "blank"}
SHEET = Sheet(item=ITEM, body={"all": "body", "items": [ITEM]}, headers={"x-event": "push"})


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("{/a/b~1c}", "x"),
        ("n={/a/n}, {/a/yes}", "n=7, true"),
        ("{body/all}/{header/X-Event}", "body/push"),
        ("{/nothing|/a/none|/a/n}", "7"),
        ("{/a/list/0}{/}", "pblank"),
        ("{{/a/n}}", "{/a/n}"),
        ("{/a/list}", None),
        ("{/a/list/2}", None),
        ("so {/a/none} not", None),
    ],
)
def test_places_are_filled_with_the_first_plain_value_they_lead_to(text: str, filled: str | None) -> None:
    assert Template.parse(text).fill(SHEET) == filled


def test_a_template_of_one_place_gives_the_value_itself() -> None:
    assert [Template.parse(text).value(SHEET) for text in ("{/a/n}", "{/a/n} ", "{/b}")] == [7, "7 ", None]


@pytest.mark.parametrize(
    "text", ["{", "a } b", "{a}", "{/a~2}", "{header/}", "{|/a}", "{" + "|".join(["/a"] * 9) + "}"]
)
def test_what_is_no_template_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"lone|place|pointer|header"):
        Template.parse(text)


@given(st.lists(st.text(max_size=5), max_size=4), st.integers())
def test_every_value_of_a_document_has_a_pointer(names: list[str], value: int) -> None:
    document: object = value
    for name in reversed(names):
        document = {name: document}
    pointer = "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)
    assert resolved(document, pointer_steps(pointer)) == value if "|" not in pointer else True
