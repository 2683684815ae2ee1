"""Whatever is sent to a centre, it never answers 5xx."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.api.house import House, open_house, operations

#: of each operation and kind; the long form of this test is GWF_FUZZ_EXAMPLES=500
EXAMPLES = int(os.environ.get("GWF_FUZZ_EXAMPLES", "5"))
#: served by the same functions as those of alert rules
TWINS = re.compile(
    r"/api/v1/(chains|schedules|inhibitions)(:check|/\{doc_id\}(/(draft|versions.*)|:(publish|rollback|retire|enable|disable))?)?"
)
OPERATIONS = [item for item in operations() if not TWINS.fullmatch(item.path)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("fuzz")) as opened:
        yield opened


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "wrong"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=[f"{item.method.upper()} {item.path}" for item in OPERATIONS])
def test_nothing_makes_the_centre_fail(operation: Any, mode: GenerationMode, house: House) -> None:
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        answer = case.call(base_url=house.port.server.url, headers=house.headers(case.path), timeout=30)
        assert answer.status_code < 500, (case.method, case.formatted_path, case.query, case.body, answer.text[:500])
        if answer.status_code >= 400:
            problem = answer.json()
            assert problem["code"]
            assert problem["request_id"] == answer.headers["x-request-id"][0]

    try:
        attempt()
    except Unsatisfiable:  # nothing can be wrong about a request without parameters and body
        assert mode is GenerationMode.NEGATIVE
