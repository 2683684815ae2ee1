"""The relay that counts what a client sends."""

from __future__ import annotations

import urllib.request

from bench.relay import counting_relay

from gwf.testing.s3_sink import S3Sink


def test_the_relay_passes_answers_back_and_counts_what_was_sent(sink: S3Sink) -> None:
    with counting_relay(sink.url) as relay:
        request = urllib.request.Request(f"{relay.url}/bkt/key", data=b"x" * 5000, method="PUT")
        request.add_header("Connection", "close")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        assert 5000 < relay.sent_bytes < 6000
    assert sink.manifest()["key"].size_bytes == 5000
