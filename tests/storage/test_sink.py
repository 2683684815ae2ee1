"""The sink that benchmarks, drills and demos store into ends with whoever began it."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request

from tests.agent.waiting import until

PARENT = """
import sys
from gwf.testing.s3_sink import s3_sink
with s3_sink() as sink:
    print(sink.url, flush=True)
    sys.stdin.read()
"""


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/-/writes", timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


def test_a_sink_does_not_outlive_a_parent_that_was_killed() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert answers(url)
        parent.kill()
        until(lambda: not answers(url))
