"""The two sizes of every experiment: short ones are part of `make test`, long ones run by `make chaos`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

LONG_S = 900  #: time limit of one long experiment


def sized(
    names: str, *, short: Sequence[Any] | float, long: Sequence[Any] | float, limit_s: int = LONG_S
) -> pytest.MarkDecorator:
    """Parametrize a test by two rows of values: the short form and the long one, which may take `limit_s`."""
    return pytest.mark.parametrize(
        names,
        [
            pytest.param(*_row(short), id="short"),
            pytest.param(*_row(long), id="long", marks=(pytest.mark.chaos, pytest.mark.timeout(limit_s))),
        ],
    )


def _row(values: Sequence[Any] | float) -> Sequence[Any]:
    return values if isinstance(values, Sequence) else (values,)
