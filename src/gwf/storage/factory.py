"""From settings to an open store: picks the adapter by the URL's scheme and names every fault in the settings."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from gwf.core.errors import ConfigError
from gwf.core.settings.model import StoreSettings
from gwf.storage.local import LocalStore
from gwf.storage.memory import MemoryStore
from gwf.storage.ports import ObjectStore

SCHEMES = "file:///dir, memory://, s3://bucket[/prefix], oss://bucket[/prefix]"


def open_store(name: str, settings: StoreSettings, *, workers: int) -> ObjectStore:
    """Return the store of `stores.<name>`, which `workers` threads will use at a time.

    Only the settings are judged here. Whether the place answers is told by `health()` and by each call,
    so that a process can start while a store is away.

    Raises:
        ConfigError: A setting is missing or not usable; `problems` names each as `stores.<name>.<key>`.
    """
    scheme = urlsplit(settings.url).scheme
    if scheme == "memory":
        return MemoryStore(
            multipart_threshold_bytes=settings.multipart_threshold,
            part_size_bytes=settings.part_size,
            part_concurrency=settings.part_concurrency,
        )
    if scheme == "file":
        return LocalStore(
            _directory(name, settings.url),
            multipart_threshold_bytes=settings.multipart_threshold,
            part_size_bytes=settings.part_size,
            part_concurrency=settings.part_concurrency,
        )
    raise _config_error(name, "url", f"{settings.url!r} names no known kind of store: write {SCHEMES}")


def _directory(name: str, url: str) -> str:
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc not in {"", "localhost"} or not path.startswith("/") or parts.query or parts.fragment:
        raise _config_error(name, "url", f"{url!r} is no absolute directory: write file:///dir")
    return path


def _config_error(name: str, key: str, problem: str) -> ConfigError:
    return ConfigError("store settings are not usable", problems=(f"stores.{name}.{key}: {problem}",))
