"""The multipart state of an upload, without its parts, as text for the journal."""

from __future__ import annotations

import json

from gwf.core.errors import CorruptDataError
from gwf.storage.model import MultipartState


def state_to_json(state: MultipartState) -> str:
    """Return `state` as JSON; parts are kept one by one, see `upload_record`."""
    return json.dumps(
        {
            "key": state.key,
            "upload_id": state.upload_id,
            "size_bytes": state.size_bytes,
            "part_size_bytes": state.part_size_bytes,
        }
    )


def state_from_json(text: str) -> MultipartState:
    """Return the state written by `state_to_json`.

    Raises:
        CorruptDataError: The text is something else.
    """
    try:
        raw = json.loads(text)
        return MultipartState(
            key=raw["key"],
            upload_id=raw["upload_id"],
            size_bytes=raw["size_bytes"],
            part_size_bytes=raw["part_size_bytes"],
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise CorruptDataError("multipart state is unreadable", text=text[:200]) from exc
