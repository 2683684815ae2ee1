"""`gwf login`: a link that logs a browser in."""

from __future__ import annotations

from gwf.cli.options import ConfigOption, DataOption, JsonOption


def login(*, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Print a link that logs a browser in, with all rights; it is good once and for ten minutes.

    It is for whoever may read the data directory of the running process, and needs no password.
    """
    from pydantic import TypeAdapter, ValidationError

    from gwf.cli import running, show
    from gwf.core.errors import UnavailableError
    from gwf.wire.identity import LoginLink

    process = running.find(data, config)
    answer = process.post("/api/v1/login-links", b"", media_type="application/json")
    try:
        link = TypeAdapter(LoginLink).validate_python(answer)
    except ValidationError as exc:
        raise UnavailableError("the answer does not fit: the process is of another release") from exc
    url = f"{process.url}{link.path}"
    if as_json:
        show.as_json({"url": url, "expires_in_s": link.expires_in_s})
        return
    show.line(url)
