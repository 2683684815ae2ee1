"""From settings to an open store: picks the adapter by the URL's scheme and names every fault in the settings."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, unquote, urlsplit

from gwf.core.errors import ConfigError, InputError
from gwf.core.settings.model import StoreSettings
from gwf.storage.bucket.calls import Bucket
from gwf.storage.bucket.dialect import Dialect
from gwf.storage.bucket.store import BucketStore, PartPolicy
from gwf.storage.http1.address import Address, Proxy, parse_address, parse_proxy
from gwf.storage.http1.client import Client
from gwf.storage.http1.dial import Route, tls_context
from gwf.storage.keys import MAX_PREFIX_BYTES, check_key
from gwf.storage.local import LocalStore
from gwf.storage.memory import MemoryStore
from gwf.storage.oss import OssDialect, region_of
from gwf.storage.ports import ObjectStore
from gwf.storage.s3 import DEFAULT_REGION, S3Dialect
from gwf.storage.sign.credentials import Credentials

SCHEMES = "file:///dir, memory://, s3://bucket[/prefix], oss://bucket[/prefix]"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_PROVIDERS = ("amazonaws.com", "amazonaws.com.cn", "aliyuncs.com")


def open_store(name: str, settings: StoreSettings, *, workers: int) -> ObjectStore:
    """Return the store of `stores.<name>`, which `workers` threads will use at a time.

    Only the settings are judged here. Whether the place answers is told by `health()` and by each call,
    so that a process can start while a store is away.

    Raises:
        ConfigError: A setting is missing or not usable; `problems` names each as `stores.<name>.<key>`.
    """
    reader = _Reader(name, settings)
    parts = urlsplit(settings.url)
    opener = _OPENERS.get(parts.scheme)
    if opener is None:
        reader.wrong("url", f"{settings.url!r} names no known kind of store: write {SCHEMES}")
        raise reader.error()
    store = opener(reader, parts, workers * (1 + settings.part_concurrency))
    if store is None or reader.problems:
        raise reader.error()
    return store


class _Reader:
    """Reads one store's settings and collects what is wrong with them."""

    def __init__(self, name: str, settings: StoreSettings) -> None:
        self.settings = settings
        self.problems: list[str] = []
        self._name = name

    def wrong(self, key: str, problem: str) -> None:
        self.problems.append(f"stores.{self._name}.{key}: {problem}")

    def error(self) -> ConfigError:
        return ConfigError("store settings are not usable", problems=tuple(self.problems), store=self._name)

    def policy(self) -> PartPolicy:
        return PartPolicy(
            threshold_bytes=self.settings.multipart_threshold,
            part_size_bytes=self.settings.part_size,
            concurrency=self.settings.part_concurrency,
        )

    def credentials(self) -> Credentials | None:
        access, secret, token = self.settings.access_key, self.settings.secret_key, self.settings.session_token
        for key, value in (("access_key", access), ("secret_key", secret)):
            if value is None or not value.get_secret_value().strip():
                self.wrong(key, "is missing: this kind of store needs it")
            elif not _is_header_text(value.get_secret_value()):
                self.wrong(key, "holds characters that no key has (perhaps a line break)")
        if self.problems or access is None or secret is None:
            return None
        return Credentials(
            access_key=access.get_secret_value().strip(),
            secret_key=secret.get_secret_value().strip(),
            session_token=token.get_secret_value().strip() if token else None,
        )

    def endpoint(self, default: str | None) -> Address | None:
        text = self.settings.endpoint or default
        if text is None:
            self.wrong("endpoint", "is missing: write scheme://host[:port], or set region")
            return None
        try:
            return parse_address(text)
        except ValueError as exc:
            self.wrong("endpoint", str(exc))
            return None

    def proxy(self) -> Proxy | None:
        if self.settings.proxy is None:
            return None
        try:
            return parse_proxy(self.settings.proxy)
        except ValueError as exc:
            self.wrong("proxy", str(exc))
            return None

    def tls(self, address: Address) -> ssl.SSLContext | None:
        if not address.is_tls:
            return None
        try:
            return tls_context(str(self.settings.ca_file) if self.settings.ca_file else None)
        except OSError as exc:
            self.wrong("ca_file", f"{self.settings.ca_file} is no readable PEM bundle ({exc.strerror or exc})")
            return None

    def place(self, parts: SplitResult) -> tuple[str, str]:
        """Return bucket and prefix."""
        bucket, prefix = parts.netloc, unquote(parts.path).strip("/")
        if not _BUCKET.fullmatch(bucket) or parts.query or parts.fragment:
            self.wrong("url", f"{self.settings.url!r} names no bucket: write {parts.scheme}://bucket[/prefix]")
        if prefix:
            try:
                if len(check_key(prefix)) >= MAX_PREFIX_BYTES:
                    self.wrong("url", f"its prefix is longer than {MAX_PREFIX_BYTES - 1} bytes")
            except InputError:
                self.wrong("url", "its prefix has an empty, '.' or '..' segment")
        return bucket, f"{prefix}/" if prefix else ""

    def region(self) -> str | None:
        region = self.settings.region
        if region is not None and not re.fullmatch(r"[A-Za-z0-9-]+", region):
            self.wrong("region", f"{region!r} is no region's name: write for example us-east-1 or cn-hangzhou")
        return region


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A bucket service as far as the settings tell it."""

    dialect: Dialect
    address: Address
    path_style: bool


def _open_memory(reader: _Reader, _parts: SplitResult, _idle: int) -> ObjectStore:
    policy = reader.policy()
    return MemoryStore(
        multipart_threshold_bytes=policy.threshold_bytes,
        part_size_bytes=policy.part_size_bytes,
        part_concurrency=policy.concurrency,
    )


def _open_local(reader: _Reader, parts: SplitResult, _idle: int) -> ObjectStore | None:
    path = unquote(parts.path)
    if parts.netloc not in {"", "localhost"} or not path.startswith("/") or parts.query or parts.fragment:
        reader.wrong("url", f"{reader.settings.url!r} is no absolute directory: write file:///dir")
        return None
    policy = reader.policy()
    return LocalStore(
        path,
        multipart_threshold_bytes=policy.threshold_bytes,
        part_size_bytes=policy.part_size_bytes,
        part_concurrency=policy.concurrency,
    )


def _open_s3(reader: _Reader, parts: SplitResult, idle: int) -> ObjectStore | None:
    region = reader.region() or DEFAULT_REGION
    credentials = reader.credentials()
    address = reader.endpoint(f"https://s3.{region}.amazonaws.com")
    if credentials is None or address is None:
        return None
    path_style = by_path(reader.settings, parts, address)
    target = _Target(dialect=S3Dialect(credentials, region), address=address, path_style=path_style)
    return _open_bucket(reader, parts, target, idle=idle)


def _open_oss(reader: _Reader, parts: SplitResult, idle: int) -> ObjectStore | None:
    region = reader.region()
    credentials = reader.credentials()
    address = reader.endpoint(f"https://oss-{region}.aliyuncs.com" if region else None)
    if credentials is None or address is None:
        return None
    path_style = by_path(reader.settings, parts, address)
    dialect = OssDialect(credentials, region or region_of(address.host))
    return _open_bucket(reader, parts, _Target(dialect=dialect, address=address, path_style=path_style), idle=idle)


def by_path(settings: StoreSettings, parts: SplitResult, address: Address) -> bool:
    """Tell whether the bucket stands in the path of an address and not in its host name."""
    if settings.path_style is not None:
        return settings.path_style
    if parts.scheme == "oss":
        return address.is_ip or address.host == "localhost"
    return "." in parts.netloc or not address.host.endswith(_PROVIDERS)


def _open_bucket(reader: _Reader, parts: SplitResult, target: _Target, *, idle: int) -> ObjectStore | None:
    bucket, prefix = reader.place(parts)
    proxy, tls = reader.proxy(), reader.tls(target.address)
    if reader.problems:
        return None
    if not target.path_style and target.address.is_ip:
        reader.wrong("path_style", "must be true for an endpoint that is an IP address")
        return None
    server = target.address
    if not target.path_style:
        server = Address(scheme=server.scheme, host=f"{bucket}.{server.host}", port=server.port)
    connect_s, read_s, most_s = (
        reader.settings.connect_timeout, reader.settings.read_timeout, reader.settings.health_timeout,
    )  # fmt: skip
    route = Route(server=server, proxy=proxy, tls=tls, connect_timeout_s=connect_s, read_timeout_s=read_s)
    brief = replace(route, connect_timeout_s=min(connect_s, most_s), read_timeout_s=min(read_s, most_s))

    def opened(way: Route, max_idle: int) -> Bucket:
        client = Client(way, max_idle=max_idle)
        return Bucket(client, target.dialect, bucket=bucket, path_style=target.path_style)

    return BucketStore(opened(route, idle), reader.policy(), prefix=prefix, checked=opened(brief, 1))


def _is_header_text(text: str) -> bool:
    return text.isascii() and text.strip().isprintable()


_OPENERS: dict[str, Callable[[_Reader, SplitResult, int], ObjectStore | None]] = {
    "memory": _open_memory,
    "file": _open_local,
    "s3": _open_s3,
    "oss": _open_oss,
}
