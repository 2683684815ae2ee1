"""Talks to the running process over its HTTP port: where it is, which token it wants, what its errors mean."""

from __future__ import annotations

import contextlib
import getpass
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from gwf.agent.address import find_url, is_held
from gwf.agent.config.versions import CONFIG_DIRECTORY, VersionStore
from gwf.cli import show, sources
from gwf.core.errors import (
    ConfigError,
    ConflictError,
    DeniedError,
    GwfError,
    InputError,
    NotFoundError,
    UnavailableError,
)
from gwf.core.settings.addresses import is_loopback, parse_listen
from gwf.core.settings.compare import value_of
from gwf.core.settings.draft import is_block, is_list
from gwf.core.settings.effective import revealed
from gwf.core.settings.model import Settings
from gwf.identity.local import find_token

TIMEOUT_S = 60.0  #: a change may wait for a file system that hangs
MAX_ANSWER_BYTES = 64 * 1024 * 1024
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  #: what is asked on this host instead
_FAMILIES: Mapping[int, type[GwfError]] = {
    401: DeniedError, 403: DeniedError, 404: NotFoundError, 409: ConflictError, 400: InputError, 413: InputError,
    422: InputError,
}  # fmt: skip

#: refusals of a whole document, whose faults are told line by line
_DOCUMENT_FAULTS = frozenset({"invalid_config", "invalid_document", "config_part_refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The running process as commands speak to it."""

    url: str
    token: str | None = field(default=None, repr=False)
    #: None = the system's certificates
    tls: ssl.SSLContext | None = None

    def get(self, path: str) -> object:
        """Return the JSON of a GET.

        Raises:
            GwfError: The process does not answer, or refuses; the family says why.
        """
        return self._ask(urllib.request.Request(self.url + path))  # noqa: S310 — http or https, from us

    def post(self, path: str, body: bytes, *, media_type: str, **query: object) -> object:
        """Return the JSON of a POST; query values that are None are left out.

        Raises:
            GwfError: As `get`.
        """
        given = {name: _text(value) for name, value in query.items() if value is not None}
        headers = {"Content-Type": media_type, "X-Gwf-Author": f"cli:{_user()}"}
        url = f"{self.url}{path}?{urlencode(given)}"
        return self._ask(urllib.request.Request(url, body, headers))  # noqa: S310 — http or https, from us

    def send(self, method: str, path: str, value: object) -> object:
        """Return the JSON answer of a request with a JSON body (None = without one); None for an empty answer.

        Raises:
            GwfError: As `get`.
        """
        body = None if value is None else json.dumps(value).encode()
        headers = {"X-Gwf-Author": f"cli:{_user()}"} | ({"Content-Type": "application/json"} if body else {})
        url = self.url + path
        return self._ask(urllib.request.Request(url, body, headers, method=method))  # noqa: S310 — http or https, from us

    def _ask(self, request: urllib.request.Request) -> object:
        if self.token is not None:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.tls)
        )
        try:
            with opener.open(request, timeout=TIMEOUT_S) as answer:
                content = answer.read(MAX_ANSWER_BYTES)
                return json.loads(content) if content else None
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise _error_of(refusal.code, refusal.read(MAX_ANSWER_BYTES), self.url) from refusal
        except (OSError, ValueError) as exc:
            raise UnavailableError("the process does not answer", url=self.url, reason=str(exc)) from exc


def find(data: Path | None, config: Path | None) -> Running:
    """Return the process that works in a data directory, or that a configuration describes.

    Raises:
        ConfigError: The configuration is not usable, and the process cannot be found without it.
        UnavailableError: No process works there.
    """
    try:
        settings = sources.load(config).settings
    except ConfigError as exc:
        return _find_without(data, config, exc)
    directory = data or settings.data_dir
    url = find_url(directory)
    if url is None and data is not None:
        raise _nobody(directory)
    # the process's own notes come first: token and certificate may have been set at run time, or by its environment
    latest = VersionStore(directory / CONFIG_DIRECTORY).latest()
    document = latest.document if latest is not None else revealed(settings)
    return _running(url or _url_of(settings), document, find_token(directory) if url else None)


def _find_without(data: Path | None, config: Path | None, fault: ConfigError) -> Running:
    """Return the process by its data directory alone: a broken file must not lock its operator out."""
    directory = data or sources.data_dir_of_unusable(config)
    url = None if directory is None else find_url(directory)
    latest = None if directory is None else VersionStore(directory / CONFIG_DIRECTORY).latest()
    if url is None or latest is None:
        if data is not None:
            raise _nobody(data) from fault
        way_out = "the running process is found without this file too: name its data directory with --data DIR"
        problems = fault.problems or (fault.message,)
        raise ConfigError(fault.message, problems=(*problems, way_out)) from fault
    show.warn("the configuration is not usable (see `gwf check`); the process was found by its data directory")
    return _running(url, latest.document, find_token(directory) if directory is not None else None)


def _nobody(directory: Path) -> UnavailableError:
    if is_held(directory):
        what = (
            "the process in this data directory has no address: it is starting, or about to end; ask again in a moment"
        )
        return UnavailableError(what, data_dir=str(directory))
    return UnavailableError("no GWF process works in this data directory", data_dir=str(directory))


def _running(url: str, document: dict[str, object], local: str | None) -> Running:
    token = local or _text_at(document, "token")
    return Running(url=url, token=token, tls=_tls(_text_at(document, "tls_cert"), url))


def _url_of(settings: Settings) -> str:
    host, port = parse_listen(settings.listen)
    if port == 0:
        raise _nobody(settings.data_dir)
    host = _EVERY_ADDRESS.get(host, host)
    scheme = "https" if settings.api.tls_cert else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _text_at(document: dict[str, object], key: str) -> str | None:
    value = value_of(document, ("api", key))
    return value if isinstance(value, str) else None


def _tls(certificate: str | None, url: str) -> ssl.SSLContext | None:
    """Return what trusts the process's own certificate too: on this host its name may be another one."""
    if urlsplit(url).scheme != "https":
        return None
    context = ssl.create_default_context()
    if certificate is not None:
        with contextlib.suppress(OSError):  # not readable for us: then the system's certificates must do
            context.load_verify_locations(certificate)
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.check_hostname = not is_loopback(urlsplit(url).hostname or "")
    return context


def _error_of(status: int, body: bytes, url: str) -> GwfError:
    try:
        problem: object = json.loads(body)
    except ValueError:
        problem = None
    if not is_block(problem):
        return UnavailableError("the answer is none of GWF's", url=url, status=status)
    detail, errors = str(problem.get("detail", "refused")), problem.get("errors")
    lines = [str(item["message"]) for item in errors if is_block(item)] if is_list(errors) else []
    if problem.get("code") in _DOCUMENT_FAULTS:
        return ConfigError(detail, problems=tuple(lines))
    told = lines if any(line.startswith(detail) for line in lines) else [detail, *lines]
    error = _FAMILIES.get(status, UnavailableError)("; ".join(told))
    error.context = params if is_block(params := problem.get("params")) else {}
    return error


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for this user id
        return "unknown"
