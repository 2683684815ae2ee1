from __future__ import annotations

import json

from gwf.core.settings.effective import effective, leaves, secret_values
from gwf.core.settings.model import Settings

SETTINGS = Settings.model_validate(
    {
        "api": {"token": "t0ken-value"},
        "stores": {
            "main": {
                "url": "s3://b", "access_key": "AKID1234", "secret_key": "s3cret", "session_token": "sess10n",
                "proxy": "http://user:p%40ss@proxy:3128",
            }
        },
        "agent": {"watch": [{"path": "/in", "silence": "1m30s"}], "labels": {"site": "hz1"}},
    }
)  # fmt: skip


def test_no_secret_is_shown() -> None:
    text = json.dumps(effective(SETTINGS))
    assert not any(secret in text for secret in secret_values(SETTINGS))
    assert text.count("******") == 5


def test_every_secret_is_known_to_the_log() -> None:
    assert secret_values(SETTINGS) == {"t0ken-value", "AKID1234", "s3cret", "sess10n", "p%40ss", "p@ss"}


def test_everything_else_is_shown_as_it_is() -> None:
    shown = dict(leaves(effective(SETTINGS)))
    assert shown[("agent", "watch", 0, "silence")] == 90
    assert shown[("agent", "watch", 0, "path")] == "/in"
    assert shown[("agent", "labels", "site")] == "hz1"
    assert shown[("log", "file")] is None
