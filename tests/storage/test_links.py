from __future__ import annotations

from typing import Any

import pytest

from gwf.core.settings.model import StoreSettings
from gwf.storage.links import object_link


@pytest.mark.parametrize(
    ("settings", "link"),
    [
        ({"url": "oss://b", "endpoint": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000/b/vm/a%20b%23c%3F.txt"),
        ({"url": "oss://b", "endpoint": "https://oss-cn-hangzhou.aliyuncs.com"},
         "https://b.oss-cn-hangzhou.aliyuncs.com/vm/a%20b%23c%3F.txt"),
        ({"url": "oss://b/pre", "region": "cn-hangzhou"}, "https://b.oss-cn-hangzhou.aliyuncs.com/pre/vm/a%20b%23c%3F.txt"),
        ({"url": "s3://b", "region": "eu-west-1"}, "https://b.s3.eu-west-1.amazonaws.com/vm/a%20b%23c%3F.txt"),
        ({"url": "s3://b", "endpoint": "http://minio:9000"}, "http://minio:9000/b/vm/a%20b%23c%3F.txt"),
        ({"url": "s3://b", "endpoint": "http://minio:9000", "path_style": False},
         "http://b.minio:9000/vm/a%20b%23c%3F.txt"),
        ({"url": "memory://"}, ""),
        ({"url": "file:///objects"}, ""),
    ],
)  # fmt: skip
def test_a_link_is_formed_as_uploads_are_addressed(settings: dict[str, Any], link: str) -> None:
    assert object_link(StoreSettings.model_validate(settings), "vm/a b#c?.txt") == link


def test_characters_that_mean_nothing_in_a_path_stay() -> None:
    settings = StoreSettings(url="oss://b", endpoint="http://127.0.0.1:1")
    assert object_link(settings, "a$&+=:@-_.~!,/中").endswith("/b/a$&+=:@-_.~%21%2C/%E4%B8%AD")
