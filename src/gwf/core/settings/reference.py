"""Writes docs/reference/settings.md from the model: `python -m gwf.core.settings.reference FILE`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gwf.core.settings.environ import variable_name
from gwf.core.settings.hot import is_hot_key
from gwf.core.settings.meanings import meanings
from gwf.core.settings.model import Settings
from gwf.core.settings.schema import BLOCKS, Kind, Shape, amount, bounds, field_shape

HEAD = """\
# Settings

Every key of a configuration file. This page is made from the code (`src/gwf/core/settings/model.py`);
a test fails when the two differ.

Values are laid over each other in this order, the later one wins:

1. the YAML file named by `--config` or `GWF_CONFIG`,
2. environment variables,
3. flags of the command line.

How to write values:

- **duration**: `10s`, `1m30s`, `500ms`, `10秒`, `2h`, `1d`; a bare number means seconds.
- **size**: `512` (bytes), `100KB` (1000), `16KiB` or `16K` (1024), likewise M, G, T.
- **`${NAME}`** and **`${NAME:-default}`** in a text of the file are replaced by the environment variable; one that is
  not set and has no default is an error. `$${` stands for `${`. `~/` at the head of a path is the home directory.
- **`${file:PATH}`**, in a secret or as the password of a URL, is the content of a file, by a path from the
  configuration's directory.
- **`${sealed:…}`**, in the same places, is what `gwf secrets seal` printed; the key file of this host
  (`secrets.key_file`) opens it.
- **environment**: `GWF_` and the key in capitals, blocks joined by two underscores:
  `GWF_AGENT__TRANSFER__WORKERS=8`, `GWF_STORES__MAIN__SECRET_KEY=…`. Lists are written as YAML:
  `GWF_AGENT__WATCH='[{path: /data, suffixes: [.log]}]'`. A blank variable counts as unset; an unknown one is an error.
- Relative paths are taken from the working directory. Every fault of all sources is told at once, with its line.
- Our own directories (`data_dir` and `file://` stores) inside a watched tree are excluded from it.

`gwf check --config FILE` shows what a configuration amounts to, with the source of every value and secrets masked.
Configurations of the Go version are taken as they are; `gwf check` lists what became of each key.

A running process takes a changed file over on SIGHUP, and changes through `gwf config` and `/api/v1/config`, without
dropping a file. Keys marked "a change needs a restart" are the exception: a configuration that changes one of them is
refused whole. What was set at run time stands above all three sources, also after a restart;
`gwf config show --origin` tells which keys that are. See [ADR 0006](../adr/0006-configuration-at-run-time.md).
"""


def render_reference() -> str:
    """Return the whole page."""
    sections = "".join(_section(section, prefix) for section, prefix in _sections(Settings, ""))
    return f"{HEAD}{sections}"


def _sections(section: type[BaseModel], prefix: str) -> Iterator[tuple[type[BaseModel], str]]:
    yield section, prefix
    for name, info in section.model_fields.items():
        shape = field_shape(info)
        step = {Kind.LIST: "[].", Kind.MAP: ".<name>."}.get(shape.kind, ".")
        block = shape.item if shape.kind in {Kind.LIST, Kind.MAP} else shape
        if block is not None and block.section is not None:
            yield from _sections(block.section, f"{prefix}{name}{step}")


def _section(section: type[BaseModel], prefix: str) -> str:
    told = meanings(section)
    title = f"`{prefix.removesuffix('.')}`" if prefix else "Top level"
    rows = [_row(f"{prefix}{name}", info, meaning=told[name]) for name, info in section.model_fields.items()]
    head = "| key | type | default | bounds | meaning |\n|---|---|---|---|---|\n"
    about = (section.__doc__ or "").partition("\n")[0]
    return f"\n## {title}\n\n{about}\n\n{head}{''.join(rows)}{_example(prefix)}"


def _row(key: str, info: FieldInfo, *, meaning: str) -> str:
    shape = field_shape(info)
    if shape.kind is not Kind.SECTION and not is_hot_key(key):
        meaning += "; a change needs a restart"
    cells = (f"`{key}`", _type(shape), _default(info, shape), _bounds(shape), meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _type(shape: Shape) -> str:
    if shape.kind is Kind.CHOICE:
        return " / ".join(f"`{choice}`" for choice in shape.choices)
    if shape.kind is Kind.LIST and shape.item is not None:
        return f"list of {_type(shape.item)}s" if shape.item.kind not in BLOCKS else "list of blocks"
    if shape.kind is Kind.MAP and shape.item is not None:
        return f"name → {'block' if shape.item.kind in BLOCKS else _type(shape.item)}"
    return "block" if shape.kind is Kind.SECTION else shape.kind.value


def _default(info: FieldInfo, shape: Shape) -> str:
    if info.is_required():
        return "required"
    value: object = info.get_default(call_default_factory=True, validated_data={})
    if shape.kind is Kind.SECTION:
        return "see below"
    if value is None:
        return "none"
    if shape.kind in BLOCKS:
        return f"`{json.dumps(value, ensure_ascii=False)}`" if value else "empty"
    text = str(value).lower() if isinstance(value, bool) else amount(value, shape.kind)
    return f"`{text}`" if text else "empty"


def _bounds(shape: Shape) -> str:
    inner = shape.item if shape.item is not None and shape.item.section is None else None
    words = bounds(shape) or (bounds(inner) if inner is not None else "")
    return re.sub(r"(?<=matching )(\S+)", r"`\1`", words)


def _example(prefix: str) -> str:
    if prefix != "stores.<name>.":
        return ""
    variable = variable_name("stores.main.secret_key")
    return f"\nThe secret of a store named `main` from the environment: `{variable}=…`\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_reference(), encoding="utf-8")
