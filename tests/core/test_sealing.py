from __future__ import annotations

import pytest

from gwf.core.errors import CorruptDataError, InputError
from gwf.core.sealing import KeyMissingError, KeyRole, key_of, new_keyring, parse_keyring

RING = new_keyring()


def test_a_sealed_text_opens_with_its_ring_and_does_not_hold_the_text() -> None:
    sealed = RING.seal("hunter22 密码", context="a")
    assert RING.unseal(sealed, context="a") == "hunter22 密码"
    assert "hunter22" not in sealed
    assert sealed != RING.seal("hunter22 密码", context="a")


def test_every_changed_character_is_noticed() -> None:
    sealed = RING.seal("x", context="a")
    for place, was in enumerate(sealed[:-1]):  # of the last one, some bits mean nothing in base64
        changed = f"{sealed[:place]}{'A' if was != 'A' else 'B'}{sealed[place + 1 :]}"
        with pytest.raises((CorruptDataError, KeyMissingError)):
            RING.unseal(changed, context="a")


def test_a_sealed_text_opens_only_where_it_belongs() -> None:
    sealed = RING.seal("x", context="tenant a")
    with pytest.raises(CorruptDataError):
        RING.unseal(sealed, context="tenant b")


def test_another_ring_says_which_key_is_missing() -> None:
    sealed = RING.seal("x", context="a")
    with pytest.raises(KeyMissingError) as caught:
        new_keyring().unseal(sealed, context="a")
    assert caught.value.context["key_id"] == RING.active.id == key_of(sealed)


def test_a_rotated_ring_opens_what_was_sealed_before_and_uses_the_key_that_was_prepared() -> None:
    sealed = RING.seal("x", context="a")
    prepared = RING.prepared()
    assert prepared.prepared() == prepared
    rotated = prepared.rotated()
    assert [key.role for key in rotated.keys] == [KeyRole.ACTIVE, KeyRole.OLD]
    assert rotated.active.id == prepared.keys[1].id
    assert rotated.unseal(sealed, context="a") == "x"
    dropped = rotated.without_old(but=frozenset())
    with pytest.raises(KeyMissingError):
        dropped.unseal(sealed, context="a")


def test_a_ring_is_the_same_after_it_was_written_and_read() -> None:
    ring = RING.rotated().prepared()
    assert parse_keyring(ring.text()) == ring
    assert "secret" not in repr(ring)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "hunter22",
        "active hunter22",
        "active aHVudGVyMjI=",
        RING.text() + RING.text(),
        RING.text().replace("active", "old"),
        RING.text().replace("active", "spare"),
    ],
)
def test_what_is_no_ring_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_keyring(text)
    assert "hunter22" not in str(caught.value)
    assert "aHVudGVyMjI" not in str(caught.value)
