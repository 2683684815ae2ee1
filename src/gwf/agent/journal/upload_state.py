"""The multipart state of an upload as text for the journal."""

from __future__ import annotations

import json

from gwf.core.errors import CorruptDataError
from gwf.storage.model import MultipartState, Part


def state_to_json(state: MultipartState) -> str:
    """Return `state` as JSON."""
    return json.dumps(
        {
            "key": state.key,
            "upload_id": state.upload_id,
            "size_bytes": state.size_bytes,
            "part_size_bytes": state.part_size_bytes,
            "parts": [[part.number, part.size_bytes, part.etag] for part in state.parts],
        }
    )


def state_from_json(text: str) -> MultipartState:
    """Return the state written by `state_to_json`.

    Raises:
        CorruptDataError: The text is something else.
    """
    try:
        raw = json.loads(text)
        parts = tuple(Part(number=number, size_bytes=size, etag=etag) for number, size, etag in raw["parts"])
        return MultipartState(
            key=raw["key"],
            upload_id=raw["upload_id"],
            size_bytes=raw["size_bytes"],
            part_size_bytes=raw["part_size_bytes"],
            parts=parts,
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise CorruptDataError("multipart state is unreadable", text=text[:200]) from exc
