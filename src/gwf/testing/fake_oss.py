"""A loopback OSS endpoint: checks signatures, answers CRC64, and fails as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Generator
from contextlib import contextmanager

from gwf.testing.background import served_in_thread
from gwf.testing.bucket_api import BucketApi, Style
from gwf.testing.bucket_state import BucketState
from gwf.testing.faults import NONE, Faults, FaultSwitch
from gwf.testing.http_server import Handler, HttpProtocol
from gwf.testing.oss_signature import OssSignatureCheck


class FakeOss:
    """A handle on a running endpoint."""

    def __init__(self, port: int, state: BucketState, switch: FaultSwitch, *, signatures: OssSignatureCheck) -> None:
        """Speak for the endpoint at `port`."""
        self.port = port
        self.state = state
        #: which signature versions came how often
        self.signatures = signatures
        self._switch = switch

    def set_faults(self, faults: Faults = NONE) -> None:
        """Put faults in force; none by default."""
        self._switch.set(faults)

    @property
    def faults_met(self) -> int:
        """How many requests met the faults in force."""
        return self._switch.met


@contextmanager
def fake_oss(
    *, bucket: str, access_key: str, secret_key: str, region: str = "cn-hangzhou", session_token: str = ""
) -> Generator[FakeOss]:
    """Serve one bucket on loopback until the block ends.

    It is addressed by path (`http://127.0.0.1:port/bucket/key`) or by host name (`http://bucket.localhost:port/key`).
    """
    state, switch = BucketState(keep_bodies=True), FaultSwitch()
    signatures = OssSignatureCheck(access_key, secret_key, region=region, session_token=session_token)
    api = BucketApi(bucket, Style(vendor="oss", is_oss=True), state, check=signatures)
    with served(api.handle, switch) as port:
        yield FakeOss(port, state, switch, signatures=signatures)


@contextmanager
def served(handler: Handler, switch: FaultSwitch, *, tls: ssl.SSLContext | None = None) -> Generator[int]:
    """Run `handler` as a server in a thread and yield its port on 127.0.0.1."""
    with served_in_thread(_listen(handler, switch, tls), "loopback-server") as port:
        yield port


async def _listen(handler: Handler, switch: FaultSwitch, tls: ssl.SSLContext | None) -> asyncio.Server:
    return await asyncio.get_running_loop().create_server(
        lambda: HttpProtocol(handler, switch, keep_bodies=True), "127.0.0.1", 0, backlog=256, ssl=tls
    )
