"""How the bodies of hot routes stand in the API's description: msgspec shapes as OpenAPI schemas."""

from __future__ import annotations

from typing import Any

import msgspec

JSON = "application/json"
_REFERENCE = "#/components/schemas/{name}"


def content(body: type[msgspec.Struct]) -> dict[str, object]:
    """Return the `content` of a JSON body of this shape."""
    return {JSON: {"schema": {"$ref": _REFERENCE.format(name=body.__name__)}}}


def response(description: str, body: type[msgspec.Struct]) -> dict[str, object]:
    """Return an answer with a JSON body of this shape."""
    return {"description": description, "content": content(body)}


def schemas(*shapes: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the component schemas of these shapes and of all they hold, by name."""
    _, components = msgspec.json.schema_components(shapes, ref_template=_REFERENCE)
    return components
