"""Settings from environment variables: `GWF_AGENT__TRANSFER__WORKERS=8` sets agent.transfer.workers."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping

from gwf.core.errors import ConfigError
from gwf.core.settings.draft import Draft, Loc, is_block, value_at
from gwf.core.settings.schema import BLOCKS, ROOT, Kind, Shape, shape_at, walk
from gwf.core.settings.yamlfile import parse_yaml

PREFIX = "GWF_"
CONFIG_VARIABLE = "GWF_CONFIG"  #: names the configuration file where `--config` is not given

_OTHER_USES = re.compile(r"GWF_(CONFIG|CONSOLE|TEST_.*)")
#: what Kubernetes sets in every pod beside a Service whose name begins with gwf
_SERVICE_LINKS = re.compile(r"GWF_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)")
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://.*")


def process_environ() -> Mapping[str, str]:
    """Return a copy of this process's environment; the only place that reads it."""
    return dict(os.environ)


def apply_environ(draft: Draft, environ: Mapping[str, str]) -> None:
    """Lay the GWF_ variables over the draft; a blank one counts as unset, an unknown one is a problem."""
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or not text.strip() or _is_foreign(name, text):
            continue
        loc = _place(name, draft)
        shape = shape_at(loc) if loc else None
        if shape is None:
            draft.problems.append(_unknown(name))
        elif shape.kind is Kind.SECTION or (shape.item is not None and shape.item.section and shape.kind is Kind.MAP):
            draft.problems.append(f"{name}: is a block of keys, set one of them, for example {_example(name, shape)}")
        else:
            _set(draft, loc, shape, name=name, text=text.strip())


def read_flow(text: str, *, source: str) -> object:
    """Return the list or mapping written as YAML flow text, for example `[.log, .gz]`.

    Raises:
        ConfigError: It is no YAML.
    """
    content = parse_yaml(text, source=source)
    if content.problems:
        raise ConfigError("flow text is not usable", problems=tuple(content.problems))
    return content.value


def variable_name(key: str) -> str:
    """Return the variable that sets `key`: `stores.<name>.url` -> `GWF_STORES__<NAME>__URL`."""
    return PREFIX + key.replace(".", "__").upper()


def _is_foreign(name: str, text: str) -> bool:
    if _OTHER_USES.fullmatch(name) or _SERVICE_LINKS.fullmatch(name):
        return True
    return name.endswith("_PORT") and _SERVICE_ADDRESS.fullmatch(text) is not None


def _place(name: str, draft: Draft) -> Loc:
    """Return the place that `name` sets; names under `stores` and `labels` match what the file calls them."""
    loc: Loc = ()
    shape: Shape | None = ROOT
    for part in name.removeprefix(PREFIX).lower().split("__"):
        if shape is None or shape.kind not in BLOCKS or shape.kind is Kind.LIST or not part:
            return ()
        key = part if shape.kind is Kind.SECTION else _known_name(draft, loc, part)
        loc, shape = (*loc, key), shape.inner(key)
    return loc


def _known_name(draft: Draft, loc: Loc, part: str) -> str:
    block = value_at(draft.tree, loc)
    names = list(block) if is_block(block) else []
    return next((name for name in names if name.lower().replace("-", "_") == part.replace("-", "_")), part)


def _set(draft: Draft, loc: Loc, shape: Shape, *, name: str, text: str) -> None:
    value: object = text
    if shape.kind in BLOCKS:
        try:
            value = read_flow(text, source=name)
        except ConfigError as exc:
            draft.problems.extend(exc.problems)
            return
    draft.put(loc, value, name)


def _unknown(name: str) -> str:
    known = [variable_name(key) for key, _, shape in walk() if shape.kind is not Kind.SECTION and "[]" not in key]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name}: no setting has this environment name{hint} (list items are set whole, as YAML flow text)"


def _example(name: str, shape: Shape) -> str:
    if shape.kind is Kind.MAP and shape.item is not None and shape.item.section is not None:
        return f"{name}__MAIN__{next(iter(shape.item.section.model_fields)).upper()}"
    keys = shape.section.model_fields if shape.section is not None else {}
    return f"{name}__{next(iter(keys), 'KEY').upper()}"
