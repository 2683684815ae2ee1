"""Every setting of a process: name, type, unit, default and bounds."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Literal

from pydantic import Field

from gwf.core.settings.centre import CentreSettings
from gwf.core.settings.drills import FaultSettings
from gwf.core.settings.edgerules import EdgeRulesSettings
from gwf.core.settings.legacyapi import LegacyApiSettings
from gwf.core.settings.logs import LogAlertSettings
from gwf.core.settings.receive import ReceiveSettings
from gwf.core.settings.section import Section
from gwf.core.settings.server import SecretSettings, ServerSettings
from gwf.core.settings.values import (
    Count,
    Duration,
    Ending,
    Endpoint,
    EnvName,
    KeyTemplateText,
    LabelName,
    LabelValue,
    Listen,
    LocalPath,
    Network,
    Number,
    Pattern,
    Proxy,
    Secret,
    Size,
    StoreName,
    StoreUrl,
    Suffix,
)

TEMP_SUFFIXES = (".tmp", ".part", ".crdownload", ".download", ".swp", ".swx", ".swpx")


class Finish(enum.StrEnum):
    """How a file is judged finished: by asking the kernel first, or by silence alone."""

    AUTO = "auto"
    SILENCE = "silence"


class Identity(enum.StrEnum):
    """What makes two versions of a file the same: their stat tuple or their content hash."""

    STAT = "stat"
    CONTENT = "content"


class Existing(enum.StrEnum):
    """What happens to files that lie in a directory when it is watched for the very first time."""

    UPLOAD = "upload"
    SKIP = "skip"


class Compress(enum.StrEnum):
    """How an archived file is packed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


class LogRotate(Section):
    """When the log file is closed and a new one begun."""

    #: rotate past this size; 0 = never
    max_bytes: Size = Field(default=100 * 1024**2, ge=0)
    #: rotated files kept beside the current one
    keep: Count = Field(default=5, ge=0, le=1000)


class LogSettings(Section):
    """Where log lines go and how they look."""

    #: lines below this are not written
    level: Literal["debug", "info", "warning", "error"] = "info"
    #: text for people, json for collectors (one object a line)
    format: Literal["text", "json"] = "text"
    #: None = standard error only
    file: LocalPath | None = None
    #: write to standard error too when `file` is set
    stderr: bool = True
    #: limits of `file`
    rotate: LogRotate = LogRotate()


class ApiSettings(Section):
    """Who may talk to the HTTP port."""

    #: required as Bearer token or Basic password; needed for any address beyond loopback
    token: Secret | None = None
    #: PEM file with the server's certificate chain; needs `tls_key`
    tls_cert: LocalPath | None = None
    #: PEM file with the certificate's private key; needs `tls_cert`
    tls_key: LocalPath | None = None
    #: say yes to plain HTTP beyond loopback (a TLS proxy stands in front, or the network is trusted)
    allow_plain_http: bool = False
    #: addresses or networks of proxies that are believed when they name the client (X-Forwarded-For)
    trusted_proxies: tuple[Network, ...] = ()
    #: path under which a proxy serves this process, for example /ops/gwf
    url_prefix: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$")
    #: variables that a configuration sent over HTTP may use as `${NAME}`; the process's own user may use all
    allow_env: tuple[EnvName, ...] = ()
    #: host names accepted in the Host header besides loopback names and the listen address
    allowed_hosts: tuple[str, ...] = ()


class StoreSettings(Section):
    """One destination for objects."""

    #: file:///dir · memory:// · s3://bucket[/prefix] · oss://bucket[/prefix]
    url: StoreUrl
    #: scheme://host[:port] of the service; for s3 and oss, None = the provider's public address for `region`
    endpoint: Endpoint | None = None
    #: needed for s3 and oss unless `endpoint` is given
    region: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+$")
    #: needed for s3 and oss
    access_key: Secret | None = None
    #: needed for s3 and oss
    secret_key: Secret | None = None
    #: of temporary credentials
    session_token: Secret | None = None
    #: bucket in the path instead of the host name; None = path style for an explicit endpoint
    path_style: bool | None = None
    #: PEM bundle that signs the endpoint's certificate
    ca_file: LocalPath | None = None
    #: http://host:port of a forward proxy; None = no proxy
    proxy: Proxy | None = None
    #: longest wait for a connection
    connect_timeout: Duration = Field(default=5.0, gt=0, le=300)
    #: longest silence of the server while it reads or answers
    read_timeout: Duration = Field(default=60.0, gt=0, le=3600)
    #: the same two limits for health checks, where it is shorter
    health_timeout: Duration = Field(default=10.0, gt=0, le=3600)
    #: objects of at least this size are sent in parts and resumed after a break
    multipart_threshold: Size = Field(default=32 * 1024**2, ge=1)
    #: grown automatically so that no object needs more than 10,000 parts
    part_size: Size = Field(default=16 * 1024**2, ge=100 * 1024, le=5 * 1024**3)
    #: parts of one object sent at a time
    part_concurrency: Count = Field(default=2, ge=1, le=32)
    #: unfinished uploads of this host that no journal knows are aborted when they are older; 0 = never
    orphan_grace: Duration = Field(default=86400.0, ge=0, le=366 * 86400)
    #: files sent to this store at a time; None = agent.transfer.workers
    workers: Count | None = Field(default=None, ge=1, le=256)
    #: bytes per second to this store, besides those of agent.transfer; None = no limit
    max_bytes_per_s: Size | None = Field(default=None, ge=1)
    #: files per second to this store; None = no limit
    max_files_per_s: Number | None = Field(default=None, gt=0)


class ArchiveSettings(Section):
    """What becomes of a file once its object is verified: kept in another directory, or deleted."""

    #: none moves the file as it is
    compress: Compress = Compress.GZIP
    #: directory for archived files, relative to the watched directory; its files are not uploaded again. The path
    #: inside the watched directory is kept below it
    into: LocalPath = Path(".gwf-archive")
    #: keep nothing here: the store is asked for the object's checksum once more, then the file is deleted
    delete: bool = False


class AfterSettings(Section):
    """One step after a verified upload: exactly one of `archive` and `script`. Steps follow each other."""

    #: keep the file elsewhere, or delete it; {} = the defaults
    archive: ArchiveSettings | None = None
    #: name of an entry under agent.actions.scripts
    script: StoreName | None = None


class WatchSettings(Section):
    """One directory tree to watch and what to do with its files."""

    #: directory; it may appear later
    path: LocalPath
    #: whole-name endings such as .log or .tar.gz, compared without regard to case; empty = every file
    suffixes: tuple[Suffix, ...] = ()
    #: files still being written by convention; never uploaded under such a name
    temp_suffixes: tuple[Ending, ...] = TEMP_SUFFIXES
    #: directory names, absolute paths or globs (gitignore style, relative to `path`)
    exclude: tuple[Pattern, ...] = ()
    #: smaller files are skipped
    min_size: Size = Field(default=0, ge=0)
    #: larger files are skipped; None = no limit
    max_size: Size | None = Field(default=None, ge=1)
    #: auto asks the kernel whether a writer still has the file open; silence waits for `silence` alone
    finish: Finish = Finish.AUTO
    #: quiet time after one open-write-close or a move into place
    settle: Duration = Field(default=1.0, ge=0, le=86400)
    #: quiet time for files that are written again and again, or where the kernel cannot be asked
    silence: Duration = Field(default=10.0, ge=0.1, le=86400)
    #: name of an entry under `stores`
    store: str = "default"
    #: object key template; variables: hostname path relpath dir name stem suffix date sha256 label.<name>
    key: KeyTemplateText = "{hostname}/{path}"
    #: what makes a file new: a change of inode, size or time (stat), or of its bytes (content)
    identity: Identity = Identity.STAT
    #: 0 = first … 9 = last
    priority: Count = Field(default=5, ge=0, le=9)
    #: carry links to files inside `path` too, under the link's name; links to directories are never entered
    follow_symlinks: bool = False
    #: what happens to files found when the directory is watched for the very first time
    existing: Existing = Existing.UPLOAD
    #: bytes per second of this tree, besides those of its store; None = no limit
    max_bytes_per_s: Size | None = Field(default=None, ge=1)
    #: files per second of this tree; None = no limit
    max_files_per_s: Number | None = Field(default=None, gt=0)
    #: what happens to a file after its upload was verified, in this order
    after: tuple[AfterSettings, ...] = ()


class ScriptSettings(Section):
    """One program that may be run. Only the configuration file on this host can allow one."""

    #: absolute path of the program, then its arguments; variables: path relpath dir name stem suffix key store
    #: size_bytes sha256 hostname. No shell takes part
    command: tuple[str, ...] = Field(min_length=1)
    #: the same for `gwf action compensate`; empty = it cannot be undone
    undo: tuple[str, ...] = ()
    #: longer than this and the whole process group is ended
    timeout: Duration = Field(default=60.0, gt=0, le=86400)
    #: environment besides PATH, LANG, HOME and GWF_ACTION_KEY; nothing else is passed on
    env: dict[EnvName, str] = Field(default_factory=dict)
    #: working directory; none = /
    cwd: LocalPath | None = None
    #: output that is kept: half from its beginning, half from its end
    max_output: Size = Field(default=64 * 1024, ge=0, le=16 * 1024**2)
    #: run as this user; needs root
    user: str | None = Field(default=None, min_length=1, max_length=64)


class ActionSettings(Section):
    """How actions after an upload are run, and which programs are allowed."""

    #: actions at a time
    at_once: Count = Field(default=2, ge=1, le=16)
    #: attempts in all before an action waits for a person
    max_attempts: Count = Field(default=5, ge=1, le=100)
    #: longest time for archiving one file
    timeout: Duration = Field(default=3600.0, gt=0, le=7 * 86400)
    #: directories outside the watched ones into which files may be archived
    archive_dirs: tuple[LocalPath, ...] = ()
    #: programs that `after` may name; given in the configuration file only
    scripts: dict[StoreName, ScriptSettings] = Field(default_factory=dict)


class TransferSettings(Section):
    """How much is sent at a time."""

    #: files sent at a time per store
    workers: Count = Field(default=16, ge=1, le=256)
    #: bytes per second over all stores; None = no limit
    max_bytes_per_s: Size | None = Field(default=None, ge=1)
    #: files per second over all stores; None = no limit
    max_files_per_s: Number | None = Field(default=None, gt=0)
    #: how long a graceful stop waits for files being sent
    drain_timeout: Duration = Field(default=30.0, ge=0, le=3600)


class RetrySettings(Section):
    """Waits between attempts: full jitter in 0 … min(cap, base x 2^n)."""

    #: attempts in all before a file becomes a dead letter
    max_attempts: Count = Field(default=20, ge=1, le=1000)
    #: age since first queued after which a failing file becomes a dead letter
    max_age: Duration = Field(default=7 * 86400.0, gt=0)
    #: longest first wait
    base: Duration = Field(default=1.0, gt=0, le=3600)
    #: longest wait of all
    cap: Duration = Field(default=300.0, gt=0, le=86400)


class BreakerSettings(Section):
    """When a destination is given a rest."""

    #: share of failures in the window that opens the breaker
    failure_ratio: Number = Field(default=0.5, gt=0, le=1)
    #: fewer outcomes than this never open it
    min_outcomes: Count = Field(default=10, ge=1)
    #: outcomes older than this no longer count
    window: Duration = Field(default=30.0, gt=0, le=3600)
    #: first rest before a probe; doubled (with jitter) after each failed probe up to `open_cap`
    open_for: Duration = Field(default=5.0, gt=0, le=3600)
    #: longest rest
    open_cap: Duration = Field(default=120.0, gt=0, le=86400)


class HighWaterSettings(Section):
    """Marks past which the agent reports `degraded` and reads more slowly; nothing is dropped."""

    #: files waiting in the journal
    files: Count = Field(default=100_000, ge=1)
    #: age of the oldest file waiting
    oldest: Duration = Field(default=300.0, gt=0)
    #: free space on the journal's file system
    min_free_bytes: Size = Field(default=256 * 1024**2, ge=0)


class AgentSettings(Section):
    """The edge: what is watched and how it is carried."""

    #: name of this host in object keys and reports; None = the system's host name
    hostname: str | None = Field(default=None, min_length=1, max_length=255)
    #: facts about this host for rules and key templates, for example site: hz1
    labels: dict[LabelName, LabelValue] = Field(default_factory=dict)
    #: directory trees to watch
    watch: tuple[WatchSettings, ...] = ()
    #: rules of the centre about how files are carried; they come before what `watch` says
    rules: EdgeRulesSettings = EdgeRulesSettings()
    #: how actions after an upload are run
    actions: ActionSettings = ActionSettings()
    #: time between full walks of the trees, which find what no notice told
    reconcile_interval: Duration = Field(default=600.0, ge=1, le=86400)
    #: how much is sent at a time
    transfer: TransferSettings = TransferSettings()
    #: waits between attempts
    retry: RetrySettings = RetrySettings()
    #: when a destination is given a rest
    breaker: BreakerSettings = BreakerSettings()
    #: when the agent calls itself degraded
    high_water: HighWaterSettings = HighWaterSettings()
    #: files that people put into watched directories
    receive: ReceiveSettings = ReceiveSettings()
    #: logs whose lines are judged
    logs: LogAlertSettings = LogAlertSettings()
    #: the centre that this edge reports to; None = none
    centre: CentreSettings | None = None


class Settings(Section):
    """The whole configuration of a process."""

    #: file of NAME=VALUE lines for `${NAME}`, below the process's environment; beside the configuration, mode 0600
    env_file: LocalPath | None = None
    #: journal, local objects and all other state; keep it on a local disk
    data_dir: LocalPath = Path("gwf-data")
    #: host:port of the page and the API; beyond loopback it needs `api.token` and TLS (or `api.allow_plain_http`)
    listen: Listen = "127.0.0.1:8080"
    #: where log lines go
    log: LogSettings = LogSettings()
    #: who may talk to the HTTP port
    api: ApiSettings = ApiSettings()
    #: the HTTP interface of the Go version
    legacy_api: LegacyApiSettings = LegacyApiSettings()
    #: destinations by name; none = one named default in data_dir/objects
    stores: dict[StoreName, StoreSettings] = Field(default_factory=dict)
    #: what is watched and how it is carried
    agent: AgentSettings = AgentSettings()
    #: the keys with which secrets are kept
    secrets: SecretSettings = SecretSettings()
    #: the centre, for `gwf server` and `gwf up`
    server: ServerSettings = ServerSettings()
    #: drills
    faults: FaultSettings = FaultSettings()
