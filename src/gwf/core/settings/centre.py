"""Settings that name the centre an edge reports to, and what must fit together in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from gwf.core.labels import is_label_name, is_label_value
from gwf.core.settings.addresses import is_loopback
from gwf.core.settings.draft import Loc, Note
from gwf.core.settings.section import Section
from gwf.core.settings.values import CentreUrl, Duration, EnvName, LocalPath, Secret, Size

_AT: Loc = ("agent", "centre")


class CentreSettings(Section):
    """The centre that this edge reports to. Without it, or while it is away, the edge does all its work alone."""

    #: http://host[:port][/prefix] or https://…; plain HTTP beyond loopback needs `allow_plain_http`
    url: CentreUrl
    #: lets this edge enrol: it is given for a credential of its own, which is kept in data_dir
    enrolment_token: Secret | None = None
    #: file whose first line is the enrolment token; read at each attempt to enrol
    enrolment_token_file: LocalPath | None = None
    #: PEM bundle that signs the centre's certificate; None = the system's authorities
    ca_file: LocalPath | None = None
    #: say yes to plain HTTP beyond loopback: the network is trusted, credentials travel readable
    allow_plain_http: bool = False
    #: longest wait for a connection
    connect_timeout: Duration = Field(default=5.0, gt=0, le=300)
    #: longest silence of the centre while it reads or answers
    read_timeout: Duration = Field(default=30.0, gt=0, le=3600)
    #: time between two heartbeats; None = as the centre says
    heartbeat: Duration | None = Field(default=None, ge=0.2, le=3600)
    #: send the journal's events (paths, sizes, states, errors); off = heartbeats only
    report_events: bool = True
    #: take configurations that the centre offers
    take_config: bool = True
    #: what people may do from the centre with files below the watched directories, each with all before it:
    #: off · names (list them with their states) · read (what is in them) · act (send now, switch sending by itself)
    remote_files: Literal["off", "names", "read", "act"] = "act"
    #: directories that a configuration of the centre may watch, or write to as file:// stores, besides those that
    #: file, variables and flags name; / = all
    allow_paths: tuple[LocalPath, ...] = ()
    #: variables that a configuration of the centre may use as `${NAME}`, for example OSS_SECRET_KEY
    allow_env: tuple[EnvName, ...] = ()
    #: how long a configuration of the centre must run well before it counts as applied
    confirm_for: Duration = Field(default=10.0, ge=0, le=600)
    #: room for events that the centre has not taken yet, at most half of what is free; past it the oldest are dropped
    keep_events: Size = Field(default=4 * 1024**3, ge=1024**2)
    #: time without an answer of the centre after which health says `degraded`
    away_after: Duration = Field(default=300.0, ge=0, le=30 * 86400)


def centre_problems(centre: CentreSettings | None) -> Iterator[tuple[Loc, str]]:
    """Yield what does not fit together in `agent.centre`."""
    if centre is None:
        return
    parts = urlsplit(centre.url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or "") and not centre.allow_plain_http:
        yield (*_AT, "url"), f"{centre.url} would carry credentials readable: write https://, or allow_plain_http: true"
    if parts.scheme == "http" and centre.ca_file is not None:
        yield (*_AT, "ca_file"), f"has no effect on {centre.url}: write https://"
    if centre.enrolment_token is not None and centre.enrolment_token_file is not None:
        yield (*_AT, "enrolment_token_file"), "is given beside enrolment_token: give one of the two"
    if centre.ca_file is not None and not os.path.isfile(centre.ca_file):
        yield (*_AT, "ca_file"), f"no such file: {centre.ca_file}"
    for at, directory in enumerate(centre.allow_paths):
        if not directory.is_absolute():
            yield (*_AT, "allow_paths", at), f"{directory} is not absolute"


def centre_notes(centre: CentreSettings | None, labels: Mapping[str, str]) -> Iterator[Note]:
    """Yield what a person should know about `agent.centre`, and about labels that it cannot select by."""
    for name, value in labels.items() if centre is not None else ():
        if not (is_label_name(name) and is_label_value(value)):
            what = "is not told to the centre: names are A-Z a-z 0-9 . _ / -, values letters and digits of any script"
            yield Note(key=f"agent.labels.{name}", text=f"{value!r} {what}, between them also . _ : / @ + -")
    file = centre.enrolment_token_file if centre is not None else None
    if file is None:
        return
    key = "agent.centre.enrolment_token_file"
    try:
        mode = os.stat(file).st_mode
    except OSError:
        yield Note(key=key, text=f"{file} is not there (yet): without it this edge cannot enrol")
        return
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        yield Note(key=key, text=f"others may read or change {file} (mode {mode & 0o777:o}): chmod 600")
