"""Settings for logs whose lines are judged by rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from gwf.core.settings.draft import Loc
from gwf.core.settings.section import Section
from gwf.core.settings.values import Count, Duration, LocalPath, Size

_KEY: Loc = ("agent", "logs")


def _checked_place(text: str) -> str:
    if not text.startswith("/") or "\0" in text:
        raise ValueError("is not absolute: write /var/log/app.log, or with wildcards /var/log/**/*.log")
    return text


LogPlace = Annotated[str, Field(max_length=4096), AfterValidator(_checked_place)]
Word = Annotated[str, Field(max_length=1000)]


class LogRuleSettings(Section):
    """One rule about lines; what is left out is as `defaults` says."""

    #: names the rule; empty = by its place in the list
    id: Word = ""
    #: for people; empty = the id
    title: Word = ""
    #: ignore (the line is noise, no later rule is asked), business, system or fatal
    level: Word = ""
    #: a line with one of these in it is meant
    keywords: tuple[Word, ...] = Field(default=(), max_length=200)
    #: regular expressions (RE2) with the same meaning
    patterns: tuple[Word, ...] = Field(default=(), max_length=200)
    #: a line with one of these in it is not meant after all
    excludes: tuple[Word, ...] = Field(default=(), max_length=200)
    #: how long nothing further of this rule is sent after something was, such as 5m
    suppress_window: Word = ""
    #: whether upper and lower case differ
    match_case: bool | None = None
    #: whether people are told; null = of system and fatal, business is only kept
    notify: bool | None = None


class LogDefaultSettings(Section):
    """What holds for rules that do not say it themselves."""

    #: how long nothing further of a rule is sent after something was
    suppress_window: Word = "5m"
    #: whether upper and lower case differ; null = they do not
    match_case: bool | None = None


class LogEscalationSettings(Section):
    """One decision more when lines of level system become many."""

    #: count them; null = if there is a threshold
    enabled: bool | None = None
    #: level of the decision; empty = fatal
    level: Word = ""
    #: within how long, such as 1m
    window: Word = ""
    #: how many lines it takes
    threshold: Count = Field(default=0, ge=0)
    #: how long nothing further is sent after it; empty = as long as `window`
    suppress_window: Word = ""
    #: names the decision; empty = system_spike
    rule_id: Word = ""
    #: for people
    title: Word = ""
    #: what people are told
    message: Word = ""


class LogRulesetSettings(Section):
    """Rules about lines of logs, asked in their order; the first that means a line decides."""

    #: a number of your own
    version: Count = Field(default=1, ge=0)
    #: for rules that do not say it themselves
    defaults: LogDefaultSettings = LogDefaultSettings()
    #: one decision more when lines of level system become many
    escalation: LogEscalationSettings = LogEscalationSettings()
    #: in the order in which they are asked
    rules: tuple[LogRuleSettings, ...] = Field(default=(), max_length=5000)


class LogJoinSettings(Section):
    """Lines that belong together, such as those of a stack trace; rules are asked about them as one."""

    #: of which logs, with wildcards as in `agent.logs.paths`; empty = of all that no entry before names
    paths: tuple[LogPlace, ...] = Field(default=(), max_length=100)
    #: with what the first line of an event begins (RE2), such as a date; all others belong to the one before
    start: Word = ""
    #: the same in short: lines that are empty, or begin with a blank or a tab, belong to the one before
    indented: bool = False
    #: an event of so many lines is over, what follows is another
    max_lines: Count = Field(default=200, ge=2, le=10_000)
    #: the same by its size
    max_bytes: Size = Field(default=64 * 1024, ge=1024, le=64 * 1024)
    #: an event to which nothing was added for so long is whole
    wait: Duration = Field(default=5.0, ge=0.1, le=300)


class LogAlertSettings(Section):
    """Logs that are followed as they grow, and the rules about their lines."""

    #: follow them; needs `paths` and rules
    enabled: bool = False
    #: absolute paths; wildcards *, ? and ** are allowed
    paths: tuple[LogPlace, ...] = Field(default=(), max_length=1000)
    #: time between two looks
    poll: Duration = Field(default=2.0, ge=0.1, le=3600)
    #: begin at the end of logs that are there when they are first seen; later ones are read whole in any case
    start_from_end: bool = True
    #: directories in which logs must really lie, links followed; empty = anywhere. Paths that a centre adds are
    #: bound to what `agent.centre.allow_paths` and this host's own settings name
    within: tuple[LocalPath, ...] = Field(default=(), max_length=1000)
    #: which lines belong together; the first entry that names a log counts, none = each line stands alone
    join: tuple[LogJoinSettings, ...] = Field(default=(), max_length=100)
    #: heed the windows of rules; false = everything that is to be sent is sent
    suppress: bool = True
    #: rules about lines
    ruleset: LogRulesetSettings = LogRulesetSettings()


def log_problems(logs: LogAlertSettings) -> Iterator[tuple[Loc, str]]:
    """Yield what is missing for logs to be followed."""
    if logs.enabled and not logs.paths:
        yield (*_KEY, "paths"), "name at least one log, or set agent.logs.enabled to false"
    if logs.enabled and not logs.ruleset.rules:
        yield (*_KEY, "ruleset", "rules"), "name at least one rule, or set agent.logs.enabled to false"
    for at, directory in enumerate(logs.within):
        if not directory.is_absolute():
            yield (*_KEY, "within", at), f"{directory} is not absolute"
    for at, join in enumerate(logs.join):
        if bool(join.start) == join.indented:
            yield (*_KEY, "join", at, "start"), "say how events begin: give either start, or indented: true"
