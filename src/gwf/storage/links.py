"""The address under which an object can be fetched without a signature."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from gwf.core.settings.model import StoreSettings
from gwf.storage.factory import by_path
from gwf.storage.http1.address import parse_address

_PUBLIC = {"s3": "https://s3.{region}.amazonaws.com", "oss": "https://oss-{region}.aliyuncs.com"}
_LITERAL = "$&+=:@"  #: left as they are in a path segment, besides letters, digits and -_.~


def object_link(settings: StoreSettings, key: str) -> str:
    """Return the address of an object, "" where there is none to fetch it from by HTTP.

    It works only if the bucket may be read by everybody.
    """
    place = urlsplit(settings.url)
    public = _PUBLIC.get(place.scheme)
    if public is None:
        return ""
    address = parse_address(settings.endpoint or public.format(region=settings.region or "us-east-1"))
    parts = (place.path.strip("/") + "/" + key).lstrip("/").split("/")
    path = "/".join(quote(part, safe=_LITERAL) for part in parts)
    if by_path(settings, place, address):
        return f"{address.scheme}://{address.authority}/{place.netloc}/{path}"
    return f"{address.scheme}://{place.netloc}.{address.authority}/{path}"
