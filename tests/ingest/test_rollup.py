from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gwf.events.files import FileEvent, FileEventStatus
from gwf.ingest.rollup import Bucket, Step, Sums, all_steps, minutes

DONE, FAILED = FileEventStatus.DONE, FileEventStatus.FAILED


def event(at_ms: int, status: FileEventStatus = DONE, size: int = 10, error_class: str | None = None) -> FileEvent:
    return FileEvent(
        "default", "ag1", "e1", 1, at_ms, status, 1, 1, 1, "/a", size_bytes=size, duration_ms=at_ms % 7,
        error_class=error_class,
    )  # fmt: skip


def test_a_minute_has_one_sum_for_each_status_and_class() -> None:
    found = minutes([event(0), event(59_999), event(60_000), event(1, FAILED, 5, "network")], 3)
    assert found[Bucket(Step.MINUTE, 0, "default", "ag1", 3, "", DONE, "")] == Sums(2, 20, 2, 2, 2)
    assert found[Bucket(Step.MINUTE, 0, "default", "ag1", 3, "", FAILED, "network")].size_bytes == 0
    assert len(found) == 3


@given(st.lists(st.builds(event, st.integers(0, 10 * Step.DAY), st.sampled_from([DONE, FAILED])), max_size=50))
def test_minutes_hours_and_days_have_the_same_total(events: list[FileEvent]) -> None:
    found = all_steps(minutes(events, 1))
    for step in Step:
        mine = [sums for bucket, sums in found.items() if bucket.step is step]
        assert sum(sums.events for sums in mine) == len(events)
        assert sum(sums.duration_ms for sums in mine) == sum(item.duration_ms or 0 for item in events)
        assert all(bucket.at_ms % bucket.step == 0 for bucket in found)
