"""A fast S3 endpoint in its own process, for benchmarks and drills: keeps checksums, and bytes only if told.

`/-/faults` (PUT, JSON) switches faults; `/-/manifest` (GET) tells every object's size, checksum and writes;
`/-/writes` (GET) tells how often any was written, `/-/met` (GET) how many requests met the faults in
force; `/-/clear` (POST) forgets everything.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import sys
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvloop

from gwf.testing.bucket_api import BucketApi, Style
from gwf.testing.bucket_state import BucketState
from gwf.testing.faults import NONE, Faults, FaultSwitch
from gwf.testing.http_server import HttpProtocol, Reply, Request
from gwf.testing.process import ends_with_input, running_server

_CONTROL = "/-/"


class SinkServer:
    """The bucket's API and the control URLs beside it."""

    def __init__(self, bucket: str, *, keep_bodies: bool) -> None:
        """Start empty and without faults."""
        self._keep = keep_bodies
        self._bucket = bucket
        self.switch = FaultSwitch()
        self._api = self._empty()

    def protocol(self) -> HttpProtocol:
        """Return the protocol of one new connection."""
        return HttpProtocol(self.handle, self.switch, keep_bodies=self._keep, exempt=_CONTROL)

    def handle(self, request: Request) -> Reply:
        """Answer a control URL, else let the bucket answer."""
        if not request.raw_path.startswith(_CONTROL):
            return self._api.handle(request)
        word = request.raw_path.removeprefix(_CONTROL)
        if word == "faults":
            self.switch.set(_faults_from(request.body))
        elif word == "clear":
            self._api = self._empty()
        elif word == "manifest":
            return Reply(200, [("content-type", "application/json")], self._manifest())
        elif word == "writes":
            return Reply(200, [("content-type", "text/plain")], str(self._api.state.writes).encode())
        elif word == "met":
            return Reply(200, [("content-type", "text/plain")], str(self.switch.met).encode())
        else:
            return Reply(404)
        return Reply(204)

    def _manifest(self) -> bytes:
        state = self._api.state
        objects = {
            key: {"size": held.size_bytes, "md5": held.md5, "etag": held.etag, "writes": held.writes}
            for key, held in state.objects.items()
        }
        return json.dumps({"objects": objects, "uploads": len(state.uploads)}).encode()

    def _empty(self) -> BucketApi:
        return BucketApi(self._bucket, Style(vendor="amz", is_oss=False), BucketState(keep_bodies=self._keep))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SinkObject:
    """One object as the sink saw it arrive."""

    size_bytes: int
    #: of the content; "" for an object made of parts while bytes are not kept
    md5: str
    etag: str
    #: how often the key was written
    writes: int


class S3Sink:
    """A handle on a running sink."""

    def __init__(self, url: str) -> None:
        """Control the sink at `url`."""
        self.url = url

    def set_faults(self, faults: Faults = NONE) -> None:
        """Put faults in force; none by default."""
        self._call("PUT", "faults", json.dumps(dataclasses.asdict(faults)).encode())

    def clear(self) -> None:
        """Forget all objects and uploads."""
        self._call("POST", "clear", b"")

    def manifest(self) -> dict[str, SinkObject]:
        """Return every object by key."""
        objects = json.loads(self._call("GET", "manifest", None))["objects"]
        return {
            key: SinkObject(size_bytes=item["size"], md5=item["md5"], etag=item["etag"], writes=item["writes"])
            for key, item in objects.items()
        }

    def writes(self) -> int:
        """Return how often any object was written."""
        return int(self._call("GET", "writes", None))

    def met(self) -> int:
        """Return how many requests met the faults since they were put in force."""
        return int(self._call("GET", "met", None))

    def unfinished_uploads(self) -> int:
        """Return the number of uploads neither completed nor aborted."""
        return int(json.loads(self._call("GET", "manifest", None))["uploads"])

    def _call(self, method: str, word: str, body: bytes | None) -> bytes:
        request = urllib.request.Request(f"{self.url}{_CONTROL}{word}", data=body, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            return bytes(answer.read())


@contextmanager
def s3_sink(
    *, bucket: str = "bkt", keep_bodies: bool = False, started: Callable[[int], None] | None = None
) -> Generator[S3Sink]:
    """Run a sink in a child process until the block ends; `started` is told its process id."""
    command = [sys.executable, "-m", "gwf.testing.s3_sink", "--bucket", bucket, "--tied"]
    if keep_bodies:
        command.append("--keep-bodies")
    with running_server(command, address=r"listening on (http://\S+)", started=started) as url:
        yield S3Sink(url)


async def _serve(server: SinkServer, port: int, *, tied: bool) -> None:
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(server.protocol, "127.0.0.1", port, backlog=1024)
    bound = listener.sockets[0].getsockname()[1]
    sys.stdout.write(f"listening on http://127.0.0.1:{bound}\n")
    sys.stdout.flush()
    over = asyncio.Event()
    if tied:
        ends_with_input(loop, over.set)
    await over.wait()
    listener.close()


def _faults_from(body: bytes) -> Faults:
    values = json.loads(body or b"{}")
    faults = Faults(**(values | {"methods": tuple(values.get("methods", ()))}))
    return NONE if faults == NONE else faults


def main() -> None:
    """Run until killed."""
    parser = argparse.ArgumentParser(description="loopback S3 endpoint for benchmarks and drills")
    parser.add_argument("--bucket", default="bkt")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--keep-bodies", action="store_true")
    parser.add_argument("--tied", action="store_true", help="end when the input is closed")
    options = parser.parse_args()
    server = SinkServer(options.bucket, keep_bodies=options.keep_bodies)
    uvloop.run(_serve(server, options.port, tied=options.tied))


if __name__ == "__main__":
    main()
