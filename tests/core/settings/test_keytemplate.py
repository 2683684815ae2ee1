from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gwf.core.errors import ConfigError
from gwf.core.settings.keytemplate import KEY_VARIABLES, checked_key_template, labels_used
from gwf.storage.keys import VARIABLES, compile_template

pieces = st.sampled_from(
    [
        *(f"{{{name}}}" for name in KEY_VARIABLES),
        "{label.site}",
        "{label.}",
        "{nope}",
        "{",
        "}",
        "{}",
        "/",
        "a",
        ".",
        " ",
    ]
)


def test_settings_and_storage_know_the_same_variables() -> None:
    assert KEY_VARIABLES == VARIABLES


@example(["{hostname}", "/", "{path}"])
@given(st.lists(pieces, max_size=8))
def test_settings_accept_exactly_what_storage_can_compile(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        template = compile_template(text)
    except ConfigError:
        with pytest.raises(ValueError, match=r"\S"):
            checked_key_template(text)
    else:
        assert checked_key_template(text) == text
        assert frozenset(labels_used(text)) == template.labels
