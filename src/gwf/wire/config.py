"""What a process tells about its configuration: versions, changes, and what came of a change."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from gwf.wire.edge import Wire

ConfigOrigin = Literal["start", "reload", "api", "legacy", "rollback", "centre"]
"""Who brought a version: a start or SIGHUP (file and environment were read), `/api/v1/config`, the legacy
`/api/config`, a rollback, or the centre."""


class ConfigVersion(Wire):
    """One configuration that was in force; numbers grow by one and are never used again."""

    number: int
    #: changes with every value, secrets included; comparable within one data directory only
    hash: str
    #: when it came into force, RFC 3339 UTC
    at: str
    author: str
    #: why, as the author said it; "" when not said
    reason: str
    source: ConfigOrigin


class ConfigChange(Wire):
    """One value that differs between two configurations; secrets are masked, so both sides may look alike."""

    #: dotted; watched trees are named by their path: agent.watch[/data/in].silence
    key: str
    #: None = there was none, or its value was none
    old: JsonValue
    new: JsonValue


class ConfigOutcome(Wire):
    """What a change did, or with `dry_run` would do."""

    #: the version in force afterwards; the one before when nothing changed or for a dry run
    version: ConfigVersion
    dry_run: bool
    changes: list[ConfigChange]
    #: parts that were replaced by new ones, for example `store main`; all others went on as they were
    restarted: list[str]
    #: keys that were given and have no effect, each with the reason: a variable, a flag or a restart decides
    ignored: list[str]


class ConfigView(Wire):
    """The configuration in force: durations in seconds, sizes in bytes, secrets masked."""

    version: ConfigVersion
    config: dict[str, JsonValue]
    #: where a value came from, by dotted key; all others are defaults
    origins: dict[str, str]
    #: keys set at run time that stand above the file, and what the file says now where it says something else
    overlay: list[ConfigChange]


class RollbackRequest(Wire):
    """Which version is to come into force again."""

    number: int = Field(ge=1, le=99_999_999)
    #: why, for the record
    reason: str = Field(default="", max_length=500)
