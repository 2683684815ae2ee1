"""From the operating system's and TLS's errors to ours, once for all requests."""

from __future__ import annotations

import socket
import ssl

from gwf.core.errors import ErrorClass, UnavailableError


class NoAnswerError(ConnectionError):
    """The connection ended before the first byte of an answer; on a reused one it was probably stale."""


class BadAnswerError(Exception):
    """What came back is no HTTP/1.1 answer that this client can follow."""


def translate(exc: Exception, server: str) -> UnavailableError:
    """Return our error for a failed exchange with `server`."""
    reason = str(exc)
    if isinstance(exc, BadAnswerError):
        return UnavailableError(
            "server's answer is not understood", error_class=ErrorClass.SERVER, server=server, reason=reason
        )
    if isinstance(exc, (TimeoutError, BlockingIOError)):  # the latter is how SO_RCVTIMEO and SO_SNDTIMEO speak
        return UnavailableError("server did not answer in time", error_class=ErrorClass.TIMEOUT, server=server)
    if isinstance(exc, ssl.SSLCertVerificationError):
        return UnavailableError(
            "server's certificate is not trusted: set ca_file, or mend the certificate",
            error_class=ErrorClass.CONFIG,
            server=server,
            reason=exc.verify_message,
        )
    if isinstance(exc, socket.gaierror):
        return UnavailableError("server's name is not found", server=server, reason=reason)
    return UnavailableError("connection to the server failed", server=server, reason=reason)
