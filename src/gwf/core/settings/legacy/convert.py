"""Turns the Go version's files into a configuration of ours, its secrets into references and a file of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gwf.core.errors import ConfigError, NotFoundError
from gwf.core.settings.draft import Draft, Loc, Note, is_block, is_list, value_at
from gwf.core.settings.envfile import render_env
from gwf.core.settings.legacy.keys import COMPOSE_VARIABLES
from gwf.core.settings.legacy.salvage import Damage, read_damaged_yaml
from gwf.core.settings.legacy.source import LegacyValues, gather, is_legacy, runtime_path
from gwf.core.settings.legacy.take import take_over
from gwf.core.settings.load import LoadedSettings, load_settings
from gwf.core.settings.model import Existing
from gwf.core.settings.written import render
from gwf.core.settings.yamlfile import YamlContent

CONFIG_NAME = "config.yaml"
CONTROL_DIR, CONTROL_FILE = Path("data/control"), "control.db"  #: unless CONTROL_DATA_DIR says otherwise
QUEUE_FILE = Path("logs/upload-queue.json")  #: where its queue lies unless the configuration says otherwise

_UNUSABLE = "the Go version's configuration cannot be taken over"
_SECRETS: tuple[tuple[str, Loc, str], ...] = (
    ("ak", ("stores", "default", "access_key"), "OSS_AK"),
    ("sk", ("stores", "default", "secret_key"), "OSS_SK"),
)
_REFERENCE = re.compile(r"\$\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}")
_HEAD = """\
# Made by `gwf migrate` from {config}. Beside each value stands where it came from.
# All settings: docs/reference/settings.md. What this file amounts to: gwf check --config {to}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person decides about the take-over."""

    #: directory of the Go version, or its configuration file
    source: Path
    #: our configuration file
    to: Path
    #: journal and all other state
    data_dir: Path
    #: what becomes of files that lie in the watched directories
    existing: Existing
    #: first part of object keys; None = the name of this host, as the Go version did it
    hostname: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A configuration of ours, ready to be written."""

    config: Path
    to: Path
    text: str
    env_file: Path
    #: content of the file of secrets; "" = none is needed
    env_text: str
    #: names in it, and names that the environment of the service has to give
    env_names: tuple[str, ...]
    names_outside: tuple[str, ...]
    #: what `gwf check` will say of it
    loaded: LoadedSettings
    #: what became of each key
    notes: tuple[Note, ...]
    damage: tuple[Damage, ...]
    #: queue files that may be there, the present one first
    queue_files: tuple[Path, ...]
    #: where its relative paths begin
    work_dir: Path
    #: database of its control plane; it need not be there
    control_file: Path


def convert(wishes: Wishes, environ: Mapping[str, str]) -> Converted:
    """Return our configuration for the Go version in a directory. Writes nothing.

    Raises:
        NotFoundError: There is no configuration of it.
        ConfigError: What there is cannot be taken over; `problems` says why, damaged places included.
    """
    config = wishes.source / CONFIG_NAME if wishes.source.is_dir() else wishes.source
    if not config.is_file():
        raise NotFoundError("no configuration of the Go version is here", config=str(config))
    work_dir = Path(os.path.abspath(config.parent))
    content, values, damage = _read(config, work_dir, environ)
    draft = Draft()
    take_over(draft, values, store_replaced=False)
    lost = [problem for item in damage for problem in item.problems]
    if draft.problems:
        raise ConfigError(_UNUSABLE, problems=(*lost, *draft.problems))
    env, outside = _hide_secrets(draft, content, values)
    env_file = wishes.to.with_name(f"{wishes.to.stem}.env")
    _complete(draft, wishes, work_dir=work_dir, env_file=env_file if env else None)
    references = frozenset(loc for _, loc, _ in _SECRETS)
    text = _HEAD.format(config=config, to=wishes.to) + render(draft, references=references)
    text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    return Converted(
        config=config,
        to=wishes.to,
        text=text,
        env_file=env_file,
        env_text=render_env(env),
        env_names=tuple(env),
        names_outside=tuple(outside),
        loaded=_checked(wishes.to, text, {**values.environ, **env}, lost=lost),
        notes=tuple(_corrected(note, wishes.existing) for note in draft.notes if note.key not in COMPOSE_VARIABLES),
        damage=tuple(damage),
        queue_files=_queue_files(values, work_dir),
        work_dir=work_dir,
        control_file=work_dir / (values.environ.get("CONTROL_DATA_DIR", "").strip() or CONTROL_DIR) / CONTROL_FILE,
    )


def _read(config: Path, work_dir: Path, environ: Mapping[str, str]) -> tuple[YamlContent, LegacyValues, list[Damage]]:
    damage: list[Damage] = []

    def read(path: Path) -> YamlContent:
        content, found = read_damaged_yaml(path)
        damage.extend([found] if found is not None else [])
        return content

    content = read(config)
    if content.value and (not is_block(content.value) or not is_legacy(content.value)):
        raise ConfigError(_UNUSABLE, problems=(f"{config}: is no configuration of the Go version",))
    values = gather(config, content, environ, work_dir=work_dir, read=read)
    if values.env_problems:
        path = config.parent / ".env"
        damage.append(Damage(path=path, problems=tuple(values.env_problems), saved=len(values.env_names)))
        values.env_problems = []
    return content, values, damage


def _hide_secrets(draft: Draft, content: YamlContent, values: LegacyValues) -> tuple[dict[str, str], list[str]]:
    """Put references in the place of secrets; return those to be written to a file, and names given elsewhere."""
    env: dict[str, str] = {}
    outside: list[str] = []
    written = content.value if is_block(content.value) else {}
    for key, loc, own_name in _SECRETS:
        given = values.given[key]
        named = _REFERENCE.fullmatch(str(written.get(key, "")).strip())
        name = own_name if given.origin == own_name or named is None else named[1]
        by_name = given.origin == own_name or named is not None
        if name.startswith("GWF_"):
            name, by_name = own_name, False
        if by_name and name not in values.env_names:
            outside.append(name)  # a secret that lives in the environment only is not put on a disk
        else:
            env[name] = values.text(key)
        draft.put(loc, f"${{{name}}}", values.origin(key))
    return env, outside


def _complete(draft: Draft, wishes: Wishes, *, work_dir: Path, env_file: Path | None) -> None:
    """Make all paths absolute and put in what the person decided."""
    tree = draft.tree
    file = value_at(tree, ("log", "file"))
    if isinstance(file, str):
        draft.put(("log", "file"), os.path.abspath(work_dir / file), draft.origin(("log", "file")))
    watch = value_at(tree, ("agent", "watch"))
    for at, item in enumerate(watch if is_list(watch) else []):
        if is_block(item):
            item["existing"] = wishes.existing.value
            draft.origins[("agent", "watch", at, "existing")] = ""
            draft.origins[("agent", "watch", at, "finish")] = ""
            draft.origins[("agent", "watch", at, "key")] = "the keys of the Go version"
    if wishes.hostname:
        draft.put(("agent", "hostname"), wishes.hostname, "")
    first: dict[str, object] = {"env_file": env_file.name} if env_file is not None else {}
    draft.tree = {**first, "data_dir": str(wishes.data_dir), **tree}


def _checked(to: Path, text: str, environ: Mapping[str, str], *, lost: list[str]) -> LoadedSettings:
    """Return the settings that the text amounts to, as `gwf check` reads them."""
    ours = {name: value for name, value in environ.items() if not name.startswith("GWF_")}
    body = "\n".join(line for line in text.splitlines() if not line.startswith("env_file:"))
    try:
        return load_settings(to, environ=ours, overrides={}, text=body)
    except ConfigError as exc:
        raise ConfigError(_UNUSABLE, problems=(*lost, *exc.problems)) from exc


def _corrected(note: Note, existing: Existing) -> Note:
    """Return a note as it is true for a take-over, which takes more than a start with the file does."""
    if note.key == "upload_queue_persist_file":
        return replace(note, text="its files are taken over into the journal, see below")
    if note.key == "watch_dir" and existing is Existing.UPLOAD:
        return replace(note, text="files that are there are sent, unless the store has them (existing: upload)")
    return note


def _queue_files(values: LegacyValues, work_dir: Path) -> tuple[Path, ...]:
    named = values.text("upload_queue_persist_file")
    places = [work_dir / named] if named else [work_dir / QUEUE_FILE, work_dir / QUEUE_FILE.name]
    found = [place for place in places if place.exists()]
    backups = [copy for place in places for copy in sorted(place.parent.glob(f"{_literal(place.name)}.corrupt-*.bak"))]
    return (*found, *backups)


def _literal(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def path_of_runtime(config: Path) -> Path | None:
    """Return the runtime file beside a configuration, or None when there is none."""
    path = runtime_path(config)
    return path if path.is_file() else None
