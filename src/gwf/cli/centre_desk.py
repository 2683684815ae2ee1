"""The work of `gwf centre`: asks the running process, prints what it says."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from pydantic import TypeAdapter, ValidationError

from gwf.cli import show
from gwf.cli.running import Running
from gwf.core.errors import InputError, UnavailableError
from gwf.wire.edge import CentreView

_PATH = "/api/v1/centre"
_VIEW = TypeAdapter(CentreView)
MAX_TOKEN_BYTES = 4096


def print_status(process: Running, *, as_json: bool) -> bool:
    """Print the link; return whether the centre answered the last heartbeat.

    Raises:
        GwfError: The process does not answer, or has no centre.
    """
    view = _read(process.get(_PATH))
    if as_json:
        show.as_json(view.model_dump(mode="json"))
    else:
        _print(view)
    return view.state == "connected"


def token_of(file: Path | None) -> str:
    """Return the token in a file, or what a person types.

    Raises:
        InputError: The file cannot be read, or what is given is no token.
    """
    if file is None:
        text: str = typer.prompt("Enrolment token", hide_input=True)
    else:
        try:
            with file.open("rb") as opened:
                text = opened.read(MAX_TOKEN_BYTES).split(b"\n", 1)[0].decode("utf-8", "replace")
        except OSError as exc:
            raise InputError("the token cannot be read", path=str(file), reason=exc.strerror) from exc
    token = text.strip()
    if not token or any(not "!" <= char <= "~" for char in token):
        raise InputError("this is no enrolment token: it is one word of plain characters")
    return token


def enrol(process: Running, token: str, *, as_json: bool) -> None:
    """Enrol the edge and print how it stands then."""
    body = json.dumps({"token": token}).encode()
    _tell(_read(process.post(f"{_PATH}/enrol", body, media_type="application/json")), as_json=as_json)


def leave(process: Running, *, as_json: bool) -> None:
    """Take the edge away from its centre and print how it stands then."""
    _tell(_read(process.post(f"{_PATH}/leave", b"", media_type="application/json")), as_json=as_json)


def _tell(view: CentreView, *, as_json: bool) -> None:
    if as_json:
        show.as_json(view.model_dump(mode="json"))
    else:
        _print(view)


def _print(view: CentreView) -> None:
    waiting = "not reported" if view.events_waiting is None else str(view.events_waiting)
    rows: list[tuple[str, object]] = [
        ("centre", view.url),
        ("state", f"{view.state}{f': {view.trouble}' if view.trouble else ''}"),
        ("agent", view.agent_id or "not enrolled"),
        ("last contact", view.last_contact_at or "none since the start"),
        ("shown there as", view.shown_as or "-"),
        ("events waiting", waiting),
        ("events sent", view.events_sent_total),
        ("configuration", _config(view)),
    ]
    if view.events_dropped_total or view.events_rejected_total:
        rows.append(("events lost", f"{view.events_dropped_total} dropped, {view.events_rejected_total} rejected"))
    show.table(("what", "value"), rows)


def _config(view: CentreView) -> str:
    if view.config_hash is None:
        return "this host's own"
    changed = "; changed on this host since" if view.config_local else ""
    return f"{view.config_version_id} ({view.config_hash[:19]}…){changed}"


def _read(answer: object) -> CentreView:
    try:
        return _VIEW.validate_python(answer)
    except ValidationError as exc:
        raise UnavailableError("the process answers in a form that this release does not know") from exc
