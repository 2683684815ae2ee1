"""Takes over the Go version's bucket as the store named default."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from gwf.core.settings.draft import Loc
from gwf.core.settings.legacy.mapper import Mapper

_STORE: Loc = ("stores", "default")
_REQUIRED = {"bucket": "url", "endpoint": "endpoint", "ak": "access_key", "sk": "secret_key"}
_REPLACED = "the store named default is given otherwise"
_OSS_HOST = re.compile(r"oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com(?:\.cn)?")
_MAX_PARTS_AT_ONCE = 32


def take_store(mapper: Mapper, *, replaced: bool) -> None:
    """Make the store, or say that it is not needed because another one is given by flag or variable."""
    keys = ("bucket", "endpoint", "ak", "sk", "region", "disable_ssl")
    if replaced:
        for key in keys:
            mapper.leave_out(key, _REPLACED)
    else:
        for key, ours in _REQUIRED.items():
            if not mapper.values.text(key):
                mapper.problem(key, f"is required, here or as environment variable OSS_{key.upper()}")
                mapper.draft.faulty |= {(*_STORE, ours), (*_STORE, "region")}
        _take_address(mapper)
        for key, ours in (("ak", "access_key"), ("sk", "secret_key")):
            if mapper.values.text(key):
                mapper.set(key, (*_STORE, ours), mapper.values.text(key))
    _take_parts(mapper)


def _take_address(mapper: Mapper) -> None:
    values = mapper.values
    bucket, endpoint = values.text("bucket"), values.text("endpoint")
    mapper.set("bucket", (*_STORE, "url"), f"oss://{bucket or 'bucket'}")
    scheme = "http" if values.flag("disable_ssl", default=False) else "https"
    full = endpoint if "://" in endpoint else f"{scheme}://{endpoint}"
    try:
        parts = urlsplit(full)
    except ValueError as exc:
        mapper.problem("endpoint", f"is no address: {exc}")
        mapper.draft.faulty |= {(*_STORE, "endpoint"), (*_STORE, "region")}
        return
    path = parts.path.rstrip("/")
    if endpoint:
        text = f"the base path {path} is left out: objects are addressed from the top" if path else ""
        mapper.set("endpoint", (*_STORE, "endpoint"), f"{parts.scheme}://{parts.netloc}", text=text)
    if "disable_ssl" in values.given:
        mapper.note("disable_ssl", "stores.default.endpoint", f"the address begins with {parts.scheme}://")
    mapper.draft.put((*_STORE, "path_style"), _is_address(parts.hostname or ""), values.origin("endpoint"))
    _take_region(mapper, parts.hostname or "")


def _take_region(mapper: Mapper, host: str) -> None:
    region = mapper.values.text("region")
    named = _OSS_HOST.fullmatch(host)
    ours = named[1] if named else region.removeprefix("oss-")
    if not ours:
        mapper.leave_out("region", "blank")
        return
    text = "now part of the signature"
    if named and region.removeprefix("oss-") != ours:
        text += f": {ours}, as the endpoint says"
    if "region" in mapper.values.given:
        mapper.set("region", (*_STORE, "region"), ours, text=text)
    else:
        mapper.draft.put((*_STORE, "region"), ours, mapper.values.origin("endpoint"))


def _take_parts(mapper: Mapper) -> None:
    values = mapper.values
    sizes = {"upload_resumable_threshold": "multipart_threshold", "upload_resumable_part_size": "part_size"}
    enabled = values.flag("upload_resumable_enabled", default=False)
    if "upload_resumable_enabled" in values.given:
        text = "large files always go in parts and are resumed" + ("" if enabled else "; the sizes are ours")
        mapper.note("upload_resumable_enabled", "", text)
    for key, ours in sizes.items():
        if not enabled or values.number(key) is None:
            mapper.leave_out(key, "had no effect: uploads in parts were off" if not enabled else "not above 0: ours")
            continue
        size = values.number(key) or 0
        if ours == "part_size":
            size = min(max(size, 100 * 1024), 5 * 1024**3)
        mapper.set(
            key, (*_STORE, ours), size, text="" if size == values.number(key) else f"brought to {size}, as before"
        )
    routines = values.number("upload_resumable_routines")
    if enabled and routines is not None:
        few = min(routines, _MAX_PARTS_AT_ONCE)
        text = "" if few == routines else f"{few}, the most that a store takes here"
        mapper.set("upload_resumable_routines", (*_STORE, "part_concurrency"), few, text=text)
    mapper.leave_out("upload_resumable_routines", "had no effect: uploads in parts were off")


def _is_address(host: str) -> bool:
    """Tell whether the Go version addressed this host in path style: it did for IP addresses only."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
