from __future__ import annotations

import pytest
from pydantic import ValidationError

from gwf.core.settings.inputs import InputSettings, WebhookInputSettings, input_problems

CERTIFICATES = {"tls_cert": "/a.pem", "tls_key": "/a.key", "client_ca": "/ca.pem"}


def faulty(**syslog: object) -> list[str]:
    inputs = InputSettings.model_validate({"syslog": syslog})
    return [".".join(map(str, loc[2:])) for loc, _ in input_problems(inputs)]


def test_syslog_is_open_to_this_host_only_unless_senders_are_recognised() -> None:
    assert faulty() == []
    assert faulty(listen="127.0.0.1:5514") == []
    assert faulty(listen="0.0.0.0:5514") == ["syslog.udp", "syslog.tls_cert"]
    assert faulty(listen="0.0.0.0:5514", udp=False) == ["syslog.tls_cert"]
    assert faulty(listen="0.0.0.0:6514", udp=True, **CERTIFICATES) == ["syslog.udp"]
    assert faulty(listen="0.0.0.0:6514", udp=False, **CERTIFICATES) == []


def test_what_does_not_fit_together_is_named() -> None:
    assert faulty(listen="127.0.0.1:5514", tls_cert="/a.pem") == ["syslog.tls_key"]
    assert faulty(listen="127.0.0.1:5514", udp=False, tcp=False) == ["syslog.listen"]
    assert faulty(labels={"a b": "x"}) == ["syslog.labels.a b"]
    named = InputSettings(webhooks={"w": WebhookInputSettings(type="t", labels={"a b": "{/x}"})})
    assert [loc[-1] for loc, _ in input_problems(named)] == ["a b"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("type", "{object_kind}"), ("items", "alerts"), ("severities", {"5": "urgent"}), ("type", ""), ("max_body", "5M")],
)
def test_a_webhook_that_cannot_work_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        WebhookInputSettings.model_validate({"type": "x", key: value})
    assert caught.value.errors()[0]["loc"][0] == key


def test_a_time_zone_is_one_of_those_there_are() -> None:
    with pytest.raises(ValidationError, match="Asia/Shanghai"):
        InputSettings.model_validate({"syslog": {"zone": "Beijing"}})
