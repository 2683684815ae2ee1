"""Binding, stopping and signals of the server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from email.utils import parsedate_to_datetime

import pytest

from gwf.api.listen import ListenAddress
from gwf.api.server import ApiServer
from gwf.core.errors import UnavailableError
from tests.api.conftest import Port


def test_a_taken_port_is_told_at_once(port: Port) -> None:
    with pytest.raises(UnavailableError, match="cannot be used"):
        ApiServer(
            lambda *_: None,  # type: ignore[arg-type]  # never called
            listen=ListenAddress(host="127.0.0.1", port=port.server.port),
            stopping=port.server._stopping,
        )


def test_the_url_names_a_host_that_opens(port: Port) -> None:
    assert port.server.url == f"http://127.0.0.1:{port.server.port}"


def test_an_answer_has_the_date_of_its_moment(port: Port) -> None:
    before_s = int(time.time())
    dated = parsedate_to_datetime(port.ask("/live").headers["Date"])
    assert before_s <= dated.timestamp() <= time.time()


def test_sigterm_ends_a_process_with_an_open_stream_quickly() -> None:
    script = """
        import threading
        from gwf.api.app import create_api
        from gwf.api.listen import ListenAddress
        from gwf.api.options import ApiOptions
        from gwf.api.server import ApiServer
        from tests.api.fake_edge import FakeEdge
        listen, stopping = ListenAddress(host="127.0.0.1", port=0), threading.Event()
        app = create_api(edge=FakeEdge(), options=ApiOptions(listen=listen), render_metrics=str)
        server = ApiServer(app, listen=listen, stopping=stopping)
        print(server.port, flush=True)
        server.run()
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
            link.settimeout(20)
            link.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200" in link.recv(200)
            process.send_signal(signal.SIGTERM)
            assert process.wait(4) in {0, -signal.SIGTERM}
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_the_whole_http_side_is_light() -> None:
    script = (
        "import gwf.api.app, gwf.api.server, gwf.console.site, re, pathlib;"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert int(done.stdout) < 70
