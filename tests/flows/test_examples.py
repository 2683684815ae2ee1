"""The flows of examples/ against real S3, a real agent and a real receiver: each step fails, is mended, undone."""

from __future__ import annotations

import gzip
from pathlib import Path

import boto3
import pytest

from tests.agent.waiting import until
from tests.contracts.conftest import versioned_bucket
from tests.flows.lab import at_work, states

pytestmark = pytest.mark.slow
LINES = b"one line of a log\n" * 400


@pytest.fixture
def bucket(rclone_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that the S3 server serves."""
    return next(tmp_path_factory.getbasetemp().glob("rclone*"))


def test_a_log_is_archived_goes_on_after_each_failure_and_comes_back(
    tmp_path: Path, rclone_url: str, bucket: Path
) -> None:
    with at_work(tmp_path, rclone_url, bucket) as lab:
        flow = lab.publish("log-archive")
        path, archive = lab.write("a.log", LINES), tmp_path / "archive"
        lab.hooks.answers = [(403, {}, b"no"), (200, {}, b"{}")]
        trace = f"/agents/{lab.agent}/files/trace"
        until(lambda: lab.server.ask(trace, path=str(path)).json.get("events"), within_s=60)
        run = lab.rested(lab.begin(flow, path, archive=str(archive), hook=lab.hooks.url()))
        life = lab.server.ask(f"/files/{run['event_row_id']}/trace").json
        assert (life["path"], [one["run_id"] for one in life["runs"]]) == (str(path), [run["run_id"]])
        assert states(run) == {"compress": "succeeded", "send": "succeeded", "clear": "succeeded", "tell": "failed"}, (
            run
        )
        assert not path.exists()
        assert [one for one in archive.rglob("*") if one.is_file()] == []
        key = run["steps"][1]["result"]["key"]
        assert gzip.decompress((lab.bucket / lab.kept / key).read_bytes()) == LINES
        done = lab.rested(lab.order(run, "resume"))
        assert (done["state"], done["steps"][3]["tries"]) == ("succeeded", 1)
        assert lab.told()[-1] == ("POST", {"file": str(path), "store": "archive", "key": key})
        undone = lab.rested(lab.order(done, "compensate"))
        assert (undone["state"], states(undone)["compress"], states(undone)["clear"]) == (
            "compensated", "compensated", "compensated",
        ), undone  # fmt: skip
        assert path.read_bytes() == LINES

        wrong = lab.rested(lab.begin(flow, path, archive=str(tmp_path / "elsewhere"), hook=lab.hooks.url()))
        assert (wrong["state"], states(wrong)["compress"], states(wrong)["send"]) == ("failed", "failed", "pending")
        assert lab.rested(lab.order(wrong, "cancel"))["state"] == "cancelled"
        assert path.exists()


def test_a_dump_is_sent_in_parts_and_branches_fail_by_themselves(tmp_path: Path, rclone_url: str, bucket: Path) -> None:
    ran, allowed = tmp_path / "ran", tmp_path / "allowed"
    program = tmp_path / "collect"
    program.write_text(f'#!/bin/sh\ntest -e {allowed} || exit 3\necho "$1" >> {ran}\n')
    program.chmod(0o755)
    with at_work(tmp_path, rclone_url, bucket, scripts={"collect": {"command": [str(program), "{path}"]}}) as lab:
        document = {"retry": {"max_attempts": 1}}
        flow = lab.publish("crash-dump")
        path = lab.write("core.1", b"dump" * 200_000)
        given = {"analysis": lab.hooks.url("/analysis"), "people": lab.hooks.url("/people")}
        run = lab.begin(flow, path, **given)
        until_failed = lab.rested  # the script is tried again by itself until it is allowed
        allowed.touch()
        done = until_failed(run)
        assert (done["state"], set(states(done).values())) == ("succeeded", {"succeeded"}), done
        assert document["retry"]["max_attempts"] == 1
        assert ran.read_text().splitlines() == [str(path)]
        assert done["steps"][0]["result"]["size_bytes"] == 800_000
        assert lab.told()[-1] == (
            "POST",
            {"text": f"crash dump core.1 is stored as {done['steps'][0]['result']['key']}"},
        )

        missing = lab.rested(lab.begin(flow, lab.host.place.tree / "core.2", **given))
        assert (missing["state"], states(missing)["send"], states(missing)["analyse"]) == (
            "failed",
            "failed",
            "pending",
        )
        again = lab.rested(lab.order(done, "replay", from_step="notify"))
        assert (again["state"], [step["reused"] for step in again["steps"]]) == ("succeeded", [True, True, True, False])
        assert len(ran.read_text().splitlines()) == 1
        undone = lab.rested(lab.order(done, "compensate"))  # a program without an undo command leaves what it did
        assert (undone["state"], states(undone)["analyse"], states(undone)["collect"]) == (
            "compensated", "compensated", "succeeded",
        )  # fmt: skip
        assert ("DELETE", {"key": done["steps"][0]["result"]["key"]}) in lab.told()


def test_an_audit_file_that_cannot_be_kept_is_unregistered_and_lies_where_it_lay(
    tmp_path: Path, rclone_url: str, bucket: Path
) -> None:
    with at_work(tmp_path, rclone_url, bucket) as lab:
        flow = lab.publish("audit-file")
        path = lab.write("ledger.csv", LINES)
        bad = lab.rested(lab.begin(flow, path, register=lab.hooks.url(), kept="/nowhere/allowed"))
        assert (bad["state"], states(bad)) == (
            "compensated", {"send": "succeeded", "register": "compensated", "keep": "failed"},
        ), bad  # fmt: skip
        assert [method for method, _ in lab.told()] == ["POST", "DELETE"]
        assert path.read_bytes() == LINES

        good = lab.rested(lab.begin(flow, path, register=lab.hooks.url(), kept=str(tmp_path / "kept")))
        assert (good["state"], path.exists()) == ("succeeded", False)
        assert [one.read_bytes() for one in (tmp_path / "kept").rglob("*") if one.is_file()] == [LINES]
        undone = lab.rested(lab.order(good, "compensate"))
        assert (undone["state"], path.read_bytes()) == ("compensated", LINES)
        assert [method for method, _ in lab.told()] == ["POST", "DELETE", "POST", "DELETE"]

        lab.hooks.answers = [(401, {}, b"who?")]
        refused = lab.rested(lab.begin(flow, path, register=lab.hooks.url(), kept=str(tmp_path / "kept")))
        assert (refused["state"], states(refused)["register"], states(refused)["keep"]) == (
            "compensated", "failed", "cancelled",
        )  # fmt: skip
        assert path.exists()


def test_in_a_bucket_with_versions_exactly_the_version_of_the_run_is_deleted(
    tmp_path: Path, moto_url: str, bucket: Path
) -> None:
    versions = versioned_bucket(moto_url)
    with at_work(tmp_path, moto_url, bucket, bucket=versions) as lab:
        client = boto3.client(
            "s3", endpoint_url=moto_url, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
        )

        def kept() -> list[str]:
            listed = client.list_object_versions(Bucket=versions, Prefix=f"{lab.main}/")
            assert listed.get("DeleteMarkers", []) == []
            return [str(one["VersionId"]) for one in listed.get("Versions", [])][::-1]

        flow = lab.publish("audit-file")
        path = lab.host.place.tree / "ledger.csv"
        lab.host.place.write("ledger.csv", content=LINES)
        until(lambda: lab.status(path) == "done", within_s=60)
        (first,) = kept()
        good = lab.rested(lab.begin(flow, path, register=lab.hooks.url(), kept=str(tmp_path / "kept")))
        second = good["steps"][0]["result"]["version"]
        assert (good["state"], kept(), lab.told()[-1][1]["version"]) == ("succeeded", [first, second], second)
        undone = lab.rested(lab.order(good, "compensate"))
        assert (undone["state"], set(states(undone).values()), kept()) == ("compensated", {"compensated"}, [first])
        assert (path.read_bytes(), lab.status(path)) == (LINES, "done")
        bad = lab.rested(lab.begin(flow, path, register=lab.hooks.url(), kept="/nowhere/allowed"))
        assert (bad["state"], states(bad)["send"], kept()) == ("compensated", "compensated", [first])
        client.close()
