from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gwf.core.settings.load import LoadedSettings, load_settings
from gwf.core.settings.managed import PartRefusedError, laid_on
from gwf.core.settings.model import Settings

CLOUD = {"url": "s3://ours", "endpoint": "http://127.0.0.1:9000", "access_key": "a" * 8, "secret_key": "s" * 8}


class Host:
    """What one host says itself."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.watched = base / "in"
        self.watched.mkdir()
        self.environ: dict[str, str] = {}
        self.centre: dict[str, Any] = {"url": "http://127.0.0.1:1"}
        self.document: dict[str, Any] = {
            "data_dir": str(base / "data"),
            "stores": {"default": {"url": f"file://{base / 'objects'}"}},
            "agent": {
                "watch": [{"path": str(self.watched)}],
                "actions": {"scripts": {"tell": {"command": ["/bin/true"]}}, "archive_dirs": [str(base / "kept")]},
            },
        }

    def loaded(self) -> LoadedSettings:
        self.document["agent"]["centre"] = self.centre
        file = self.base / "gwf.yaml"
        file.write_text(json.dumps(self.document))
        return load_settings(file, environ=self.environ, overrides={})

    def take(self, part: Mapping[str, Any]) -> Settings:
        loaded = self.loaded()
        assert loaded.settings.agent.centre is not None
        return laid_on(loaded, part, loaded.settings.agent.centre)

    def refused(self, part: Mapping[str, Any]) -> list[tuple[str, str]]:
        with pytest.raises(PartRefusedError) as caught:
            self.take(part)
        return [(".".join(map(str, fault.loc)), fault.code) for fault in caught.value.faults]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_blocks_are_merged_and_the_rest_stays(host: Host) -> None:
    settings = host.take({"agent": {"retry": {"base": 7}}, "log": {"level": "debug"}})
    assert settings.agent.retry.base == 7
    assert settings.agent.watch[0].path == host.watched
    assert settings.log.level == "debug"


def test_a_list_is_taken_whole(host: Host) -> None:
    (host.watched / "a").mkdir()
    settings = host.take({"agent": {"watch": [{"path": str(host.watched / "a")}]}})
    assert [watch.path for watch in settings.agent.watch] == [host.watched / "a"]


def test_an_empty_part_is_what_the_host_says(host: Host) -> None:
    assert host.take({}) == host.loaded().settings


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ({"listen": "0.0.0.0:80"}, "listen"),
        ({"data_dir": "/tmp/x"}, "data_dir"),
        ({"env_file": "/etc/passwd"}, "env_file"),
        ({"api": {"token": "a-new-token-for-all"}}, "api"),
        ({"legacy_api": {"anonymous": True}}, "legacy_api"),
        ({"legacy_api": {"terminate": True}}, "legacy_api"),
        ({"log": {"file": "/etc/cron.d/x"}}, "log.file"),
        ({"faults": {"kill_at": "before_send"}}, "faults"),
        ({"server": {"enabled": True}}, "server"),
        ({"agent": {"hostname": "other"}}, "agent.hostname"),
        ({"agent": {"labels": {"env": "prod"}}}, "agent.labels"),
        ({"agent": {"centre": {"url": "http://127.0.0.1:2"}}}, "agent.centre"),
        ({"agent": {"actions": {"scripts": {"x": {"command": ["/bin/sh"]}}}}}, "agent.actions.scripts"),
        ({"agent": {"actions": {"archive_dirs": ["/"]}}}, "agent.actions.archive_dirs"),
    ],
)
def test_what_belongs_to_the_host_refuses_the_whole_part(host: Host, part: dict[str, Any], key: str) -> None:
    assert host.refused({**part, "stores": {"other": {"url": "memory://"}}}) == [(key, "local_only")]


def test_directories_beyond_the_allowed_ones_are_refused(host: Host) -> None:
    assert host.refused({"agent": {"watch": [{"path": "/etc"}]}}) == [("agent.watch.0.path", "path_not_allowed")]
    assert host.refused({"agent": {"watch": [{"path": str(host.watched.parent)}]}})
    assert host.refused({"agent": {"watch": [{"path": f"{host.watched}/../../etc"}]}})
    assert host.refused({"agent": {"watch": [{"path": "in"}]}})


def test_a_link_leads_to_no_other_directory(host: Host) -> None:
    (host.watched / "out").symlink_to("/etc")
    assert host.refused({"agent": {"watch": [{"path": str(host.watched / "out")}]}})


def test_the_host_may_allow_more_directories(host: Host) -> None:
    host.centre["allow_paths"] = ["/"]
    assert host.take({"agent": {"watch": [{"path": "/srv/data"}]}}).agent.watch[0].path == Path("/srv/data")


@pytest.mark.parametrize("url", ["file:///etc/cron.d", "FILE:///etc/cron.d"])
def test_a_store_in_a_foreign_directory_is_refused(host: Host, url: str) -> None:
    assert host.refused({"stores": {"other": {"url": url}}}) == [("stores.other.url", "path_not_allowed")]
    host.centre["allow_paths"] = ["/etc"]
    assert "other" in host.take({"stores": {"other": {"url": url}}}).stores


@pytest.mark.parametrize(
    "given",
    [
        {"access_key": "b" * 8}, {"secret_key": "b" * 8}, {"session_token": "b" * 8}, {"url": "s3://theirs"},
        {"endpoint": "http://127.0.0.1:6666"}, {"proxy": "http://127.0.0.1:6666"},
    ],
)  # fmt: skip
def test_credentials_of_the_host_stay_its_own_and_lead_nowhere_else(host: Host, given: dict[str, str]) -> None:
    host.document["stores"]["cloud"] = CLOUD
    assert host.refused({"stores": {"cloud": given}}) == [(f"stores.cloud.{next(iter(given))}", "local_only")]


def test_how_a_store_of_the_host_is_used_may_be_decided_elsewhere(host: Host) -> None:
    host.document["stores"]["cloud"] = CLOUD
    assert host.take({"stores": {"cloud": {"workers": 3}}}).stores["cloud"].workers == 3


def test_variables_are_lent_by_name_only(host: Host) -> None:
    host.environ = {"CLOUD_KEY": "from-here", "OTHER": "secret"}
    part = {"stores": {"new": {**CLOUD, "secret_key": "${CLOUD_KEY}"}}}
    assert host.refused(part) == [("stores.new.secret_key", "variable_not_allowed")]
    host.centre["allow_env"] = ["CLOUD_KEY"]
    secret = host.take(part).stores["new"].secret_key
    assert secret is not None
    assert secret.get_secret_value() == "from-here"
    assert host.refused({"agent": {"watch": [{"path": str(host.watched), "key": "${OTHER:-x}/{path}"}]}})


def test_a_variable_of_the_host_stands_above_the_centre(host: Host) -> None:
    host.environ = {"GWF_AGENT__RETRY__BASE": "3s"}
    assert host.take({"agent": {"retry": {"base": 7}}}).agent.retry.base == 3


def test_only_programs_that_the_host_allows_can_be_named(host: Host) -> None:
    watch = {"path": str(host.watched), "after": [{"script": "tell"}]}
    assert host.take({"agent": {"watch": [watch]}})
    assert host.refused({"agent": {"watch": [{**watch, "after": [{"script": "other"}]}]}})


def test_archives_lie_where_the_host_allows_them(host: Host) -> None:
    def part(into: Path) -> dict[str, Any]:
        step = {"archive": {"into": str(into)}}
        return {"agent": {"watch": [{"path": str(host.watched), "after": [step]}]}}

    assert host.take(part(host.base / "kept"))
    assert host.refused(part(host.base / "elsewhere"))


@pytest.mark.parametrize(
    "part",
    [
        {"agent": {"retry": {"base": "soon"}}},
        {"agent": {"retry": {"no_such_key": 1}}},
        {"agent": {"watch": "all"}},
        {"stores": {"x": {"url": 5}}},
        {"stores": 7},
        {"agent": 7},
    ],
)
def test_a_wrong_value_is_told_by_its_place(host: Host, part: dict[str, Any]) -> None:
    assert {code for _, code in host.refused(part)} <= {"invalid_value", "local_only"}


def test_everything_that_is_wrong_is_told_at_once(host: Host) -> None:
    part = {"listen": "0.0.0.0:1", "agent": {"labels": {}, "watch": [{"path": "${X}"}]}}
    assert [code for _, code in host.refused(part)] == ["local_only", "local_only", "variable_not_allowed"]


def judged(*paths: object, **more: Any) -> dict[str, Any]:
    rules = {"rules": [{"id": "oom", "level": "fatal", "keywords": ["OutOfMemory"]}]}
    return {"agent": {"logs": {"enabled": True, "paths": list(map(str, paths)), "ruleset": rules, **more}}}


def test_rules_about_lines_come_from_the_centre_and_their_logs_from_the_host(host: Host) -> None:
    host.document["agent"]["logs"] = {"paths": ["/var/log/app/*.log"]}
    logs = host.take(judged("/var/log/app/*.log", join=[{"indented": True}])).agent.logs
    assert (logs.paths, logs.within, logs.ruleset.rules[0].id) == (("/var/log/app/*.log",), (), "oom")
    assert host.refused(judged("/var/log/app/*")) == [("agent.logs.paths.0", "path_not_allowed")]
    assert host.refused({"agent": {"logs": {"within": ["/"]}}}) == [("agent.logs.within", "local_only")]


def test_a_centre_adds_logs_where_it_may_watch_and_links_lead_nowhere_else(host: Host) -> None:
    host.centre["allow_paths"] = ["/srv/logs"]
    host.document["agent"]["logs"] = {"paths": ["/opt/app/app.log"]}
    logs = host.take(judged("/srv/logs/**/*.log", f"{host.watched}/a.log", "/opt/app/app.log")).agent.logs
    assert logs.within == (Path("/srv/logs"), host.watched, Path("/opt/app/app.log"))
    for path in (
        "/etc/shadow",
        "/srv/*/x",
        "/srv/logs/../x",
        "/srv/logs/*/../../../etc/shadow",
        "/srv/logs2/x",
        "/**/x",
    ):
        assert host.refused(judged(path)) == [("agent.logs.paths.0", "path_not_allowed")], path
    (host.watched / "out").symlink_to("/etc")
    assert host.refused(judged(f"{host.watched}/out/shadow"))


def test_a_host_may_name_itself_where_logs_of_its_centre_lie(host: Host) -> None:
    host.centre["allow_paths"] = ["/"]
    host.document["agent"]["logs"] = {"within": ["/var/log"]}
    assert host.take(judged("/var/log/app.log")).agent.logs.within == (Path("/var/log"),)
    assert host.refused(judged("/srv/app.log")) == [("agent.logs.paths.0", "path_not_allowed")]
