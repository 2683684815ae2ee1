"""The worlds in which every object store must behave the same: each adapter with a real server behind it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest

from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import open_store
from gwf.storage.memory import MemorySpace, MemoryStore
from gwf.storage.ports import ObjectStore
from gwf.testing.fake_oss import FakeOss, fake_oss
from gwf.testing.faults import NONE, Faults
from gwf.testing.s3_sink import S3Sink
from tests.conftest import ACCESS_KEY, BUCKET, SECRET_KEY

MIB = 1024**2
BUCKET_WORLDS = ("s3_rclone", "s3_moto", "s3_sink_virtual_host", "oss_v4_path", "oss_v1_virtual_host")
WORLDS = ("memory", "file", *BUCKET_WORLDS)
CHECKING_WORLDS = ("s3_rclone", "oss_v4_path", "oss_v1_virtual_host")  # their servers check credentials
FAULTY_WORLDS = ("s3_sink_virtual_host", "oss_v4_path", "oss_v1_virtual_host")  # their servers fail as told
LINE_BREAK_WORLDS = tuple(name for name in WORLDS if name != "s3_moto")  # its router drops keys with line breaks
MD5S_WORLDS = tuple(name for name in WORLDS if name != "s3_rclone")  # its ETag of parts is no MD5 of MD5s


@dataclass
class World:
    """One adapter and what its server is able to do."""

    name: str
    settings: dict[str, object]
    #: open another store over the same objects
    opener: Callable[[StoreSettings], ObjectStore]
    set_faults: Callable[[Faults], None] = lambda _: None
    opened: list[ObjectStore] = field(default_factory=list[ObjectStore])

    def open(self, **overrides: object) -> ObjectStore:
        store = self.opener(StoreSettings.model_validate(self.settings | overrides))
        self.opened.append(store)
        return store

    @property
    def part_size(self) -> int:
        size = self.settings["part_size"]
        assert isinstance(size, int)
        return size


def _open(settings: StoreSettings) -> ObjectStore:
    return open_store("default", settings, workers=4)


def _bucket_settings(scheme: str, endpoint: str, **more: object) -> dict[str, object]:
    return {
        "url": f"{scheme}://{BUCKET}/t{secrets.token_hex(6)}",
        "endpoint": endpoint,
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        "part_size": 128 * 1024,
        "part_concurrency": 3,
        "read_timeout": 10,
    } | more


def _memory(_: pytest.FixtureRequest) -> World:
    space = MemorySpace()

    def opener(settings: StoreSettings) -> ObjectStore:
        return MemoryStore(space, part_size_bytes=settings.part_size, part_concurrency=settings.part_concurrency)

    return World("memory", {"url": "memory://", "part_size": 128 * 1024, "part_concurrency": 3}, opener)


def _file(request: pytest.FixtureRequest) -> World:
    directory: Path = request.getfixturevalue("tmp_path")
    settings = {"url": f"file://{directory}/store", "part_size": 128 * 1024, "part_concurrency": 3}
    return World("file", settings, _open)


def _s3_rclone(request: pytest.FixtureRequest) -> World:
    settings = _bucket_settings("s3", request.getfixturevalue("rclone_url"))
    return World("s3_rclone", settings, _open)


def versioned_bucket(url: str) -> str:
    """Make a bucket that keeps versions on a server of moto, and return its name."""
    name = f"kept-{secrets.token_hex(4)}"
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name="us-east-1"
    )
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    client.close()
    return name


def _s3_moto(request: pytest.FixtureRequest) -> World:
    url: str = request.getfixturevalue("moto_url")
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    client.close()
    # moto enforces the smallest part size of S3
    settings = _bucket_settings("s3", url, part_size=5 * MIB)
    return World("s3_moto", settings, _open)


def _s3_sink(request: pytest.FixtureRequest) -> World:
    sink: S3Sink = request.getfixturevalue("sink")
    endpoint = sink.url.replace("127.0.0.1", "localhost")
    settings = _bucket_settings("s3", endpoint, path_style=False)
    return World("s3_sink_virtual_host", settings, _open, set_faults=sink.set_faults)


def _oss_v4(request: pytest.FixtureRequest) -> World:
    oss: FakeOss = request.getfixturevalue("oss")
    settings = _bucket_settings("oss", f"http://127.0.0.1:{oss.port}", region="cn-hangzhou")
    return World("oss_v4_path", settings, _open, set_faults=oss.set_faults)


def _oss_v1(request: pytest.FixtureRequest) -> World:
    oss: FakeOss = request.getfixturevalue("oss")
    settings = _bucket_settings("oss", f"http://localhost:{oss.port}", path_style=False)
    return World("oss_v1_virtual_host", settings, _open, set_faults=oss.set_faults)


_BUILDERS = dict(zip(WORLDS, (_memory, _file, _s3_rclone, _s3_moto, _s3_sink, _oss_v4, _oss_v1), strict=True))


@pytest.fixture(scope="session")
def oss_server() -> Iterator[FakeOss]:
    with fake_oss(bucket=BUCKET, access_key=ACCESS_KEY, secret_key=SECRET_KEY) as oss:
        yield oss


@pytest.fixture
def oss(oss_server: FakeOss) -> FakeOss:
    oss_server.set_faults(NONE)
    return oss_server


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One adapter after the other; parametrize indirectly for a choice of them."""
    made = _BUILDERS[request.param](request)
    yield made
    made.set_faults(NONE)
    for store in made.opened:
        store.close()


@pytest.fixture
def store(world: World) -> ObjectStore:
    return world.open()
