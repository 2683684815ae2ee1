"""Object keys: templates that name the object of a file, and the rules every key obeys."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from gwf.core.errors import ConfigError, InputError
from gwf.storage.model import MAX_KEY_BYTES

MAX_PREFIX_BYTES = 256  #: longest prefix in a store's URL
MAX_RENDERED_BYTES = 1023 - MAX_PREFIX_BYTES  #: key and prefix together fit Aliyun OSS, whose limit is 1023
MAX_SEGMENT_BYTES = 255  #: longest file name of the usual file systems, so that file:// can hold every key
MAX_KEPT_SUFFIX_BYTES = 32  #: a longer "suffix" is no file type and is cut with the rest

VARIABLES = ("hostname", "path", "relpath", "dir", "name", "stem", "suffix", "date", "sha256")
_ALLOWED = ", ".join(f"{{{name}}}" for name in VARIABLES) + ", {label.<name>}"
_TOKEN = re.compile(r"\{([^{}]*)\}|([{}])|([^{}]+)")
_LABEL = re.compile(r"label\.([A-Za-z0-9_.-]+)")
_LONE_BYTES = re.compile("[\udc80-\udcff]")
_DAY_MS = 86_400_000


class KeyParts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a template may use of one file."""

    hostname: str
    #: absolute path, as the kernel gave it
    path: bytes
    #: the watched directory that `path` lies in; the base of relpath and dir
    root: bytes = b"/"
    #: modification time in ms since the epoch; `date` is its UTC day, so that a repeat has the same key
    modified_at_ms: int = 0
    #: lower-case hex of the content; needed only where `KeyTemplate.needs_sha256`
    sha256: str = ""
    labels: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])


_Piece = Callable[[KeyParts], str]


class KeyTemplate:
    """A compiled template; `render` is pure and total: every file gets a valid key."""

    __slots__ = ("_pieces", "labels", "needs_sha256", "text")

    def __init__(self, text: str, pieces: tuple[_Piece, ...], *, needs_sha256: bool, labels: frozenset[str]) -> None:
        """Use `compile_template` instead."""
        self.text = text
        self._pieces = pieces
        #: True when the content must be hashed before the key is known
        self.needs_sha256 = needs_sha256
        #: names of the labels used
        self.labels = labels

    def render(self, parts: KeyParts) -> str:
        """Return the key: valid UTF-8, at most 767 bytes, no leading slash, no empty, `.` or `..` segment.

        Different files get different keys as far as the template lets them: bytes that are no UTF-8 become
        %XX and mark their segment with `~` and 8 hex digits of its SHA-256; what is too long is cut and
        marked with `~` and 16 hex digits, its suffix kept.
        """
        return _tidy("".join([piece(parts) for piece in self._pieces]))


def compile_template(text: str) -> KeyTemplate:
    """Return the template of `text`, for example `{hostname}/{path}` or `{label.site}/{date}/{name}`.

    Raises:
        ConfigError: Unknown variable, stray brace, no variable that tells files apart, or an empty,
            `.` or `..` segment; `problems` says which and what is allowed.
    """
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in text):
        raise ConfigError("key template is not valid text", problems=(f"{text!a} holds no valid text",))
    problems: list[str] = []
    pieces: list[_Piece] = []
    names: list[str] = []
    for variable, brace, literal in (match.groups() for match in _TOKEN.finditer(text)):
        if brace:
            problems.append(f"stray {brace!r}: braces only stand around a variable ({_ALLOWED})")
        elif literal:
            pieces.append(_constant(literal))
        elif (piece := _piece(variable or "")) is None:
            problems.append(f"unknown variable {{{variable}}}: allowed are {_ALLOWED}")
        else:
            pieces.append(piece)
            names.append(variable)
    problems += _shape_problems(text, names)
    if problems:
        raise ConfigError("key template is not usable", problems=tuple(problems), template=text)
    labels = frozenset(name.removeprefix("label.") for name in names if name.startswith("label."))
    return KeyTemplate(text, tuple(pieces), needs_sha256="sha256" in names, labels=labels)


def key_pattern(text: str, parts: KeyParts) -> re.Pattern[str]:
    """Return what the keys of all files below `parts.root` look like, for a template that `compile_template` took.

    Keys that had to be mended (odd bytes, too long) need not match; keys of files elsewhere may match only where
    the template does not tell.
    """
    return re.compile("".join(_pattern_of(match, parts) for match in _TOKEN.finditer(text)), re.DOTALL)


def check_key(key: str) -> bytes:
    """Return `key` as UTF-8 if it obeys the rules that every store relies on.

    Raises:
        InputError: It is empty, too long, no valid text, or has a NUL or an empty, `.` or `..` segment.
    """
    try:
        raw = key.encode()
    except UnicodeEncodeError as exc:
        raise InputError("object key is not valid text", key=ascii(key)) from exc
    if not raw or len(raw) > MAX_KEY_BYTES or "\0" in key or _has_odd_segment(key):
        raise InputError("object key is not allowed", key=key, max_bytes=MAX_KEY_BYTES)
    return raw


@lru_cache(maxsize=256)
def one_segment(text: str) -> str:
    """Return `text` made fit to be one segment: slashes become `-`; `.`, `..` and blank become words."""
    known = text.encode("utf-8", "replace").decode()  # a configuration file may hold lone surrogates
    clean = known.strip().replace("/", "-").replace("\\", "-").replace("\0", "-")
    return clean.replace(".", "-") if clean in {".", ".."} else clean


def _piece(name: str) -> _Piece | None:
    label = _LABEL.fullmatch(name)
    if label:
        return _label(label[1])
    return _PIECES.get(name)


def _pattern_of(token: re.Match[str], parts: KeyParts) -> str:
    variable, _, literal = token.groups()
    if literal is not None:
        return re.escape(literal)
    if variable == "path":
        return re.escape(_text(parts.root.strip(b"/"))) + "/.+"
    known = _PATTERNS.get(variable)
    piece = _piece(variable)
    return known if known is not None else re.escape(piece(parts)) if piece else ""


def _shape_problems(text: str, names: list[str]) -> list[str]:
    problems: list[str] = []
    if not {"path", "relpath", "name", "stem", "sha256"} & set(names):
        problems.append("all files would get one key: use {path}, {relpath}, {name}, {stem} or {sha256}")
    segments = _TOKEN.sub(lambda match: match[3] or "x", text).split("/")
    if any(segment in {"", ".", ".."} for segment in segments):
        problems.append("a segment is empty, '.' or '..', or the template starts or ends with a slash")
    return problems


def _constant(text: str) -> _Piece:
    return lambda _parts: text


def _label(name: str) -> _Piece:
    return lambda parts: one_segment(parts.labels.get(name, "")) or "unknown"


def _hostname(parts: KeyParts) -> str:
    return one_segment(parts.hostname) or "unknown-host"


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _path(parts: KeyParts) -> str:
    return _text(parts.path.lstrip(b"/"))


def _relative(parts: KeyParts) -> bytes:
    root = parts.root.rstrip(b"/") + b"/"
    return (parts.path.removeprefix(root)).lstrip(b"/")


def _relpath(parts: KeyParts) -> str:
    return _text(_relative(parts))


def _dir(parts: KeyParts) -> str:
    return _text(_relative(parts).rpartition(b"/")[0])


def _name(parts: KeyParts) -> str:
    return _text(parts.path.rpartition(b"/")[2])


def _stem(parts: KeyParts) -> str:
    name = _name(parts)
    return name[: _suffix_at(name)]


def _suffix(parts: KeyParts) -> str:
    name = _name(parts)
    return name[_suffix_at(name) :]


def _date(parts: KeyParts) -> str:
    return _day(parts.modified_at_ms // _DAY_MS)


def _sha256(parts: KeyParts) -> str:
    return parts.sha256


_PIECES: dict[str, _Piece] = {
    "hostname": _hostname,
    "path": _path,
    "relpath": _relpath,
    "dir": _dir,
    "name": _name,
    "stem": _stem,
    "suffix": _suffix,
    "date": _date,
    "sha256": _sha256,
}


#: of the variables that differ from file to file
_PATTERNS: dict[str, str] = {
    "relpath": ".+",
    "dir": ".*",
    "name": "[^/]+",
    "stem": "[^/]+",
    "suffix": r"(?:\.[^/]*)?",
    "date": r"\d{4}-\d{2}-\d{2}",
    "sha256": "[0-9a-f]{64}",
}


@lru_cache(maxsize=64)
def _day(days: int) -> str:
    return datetime.fromtimestamp(days * 86400, tz=UTC).strftime("%Y-%m-%d")


def _suffix_at(name: str) -> int:
    at = name.rfind(".")
    return at if at > 0 else len(name)


def _has_odd_segment(key: str) -> bool:
    framed = f"/{key}/"
    return "//" in framed or "/./" in framed or "/../" in framed


def _tidy(key: str) -> str:
    """Return `key` as is when it obeys all rules already (nearly always), else the mended form."""
    try:
        size = len(key) if key.isascii() else len(key.encode())
    except UnicodeEncodeError:  # surrogates: bytes that are no UTF-8
        return _mended(key)
    if 0 < size <= MAX_SEGMENT_BYTES and not _has_odd_segment(key) and key[0] != "\\" and "\0" not in key:
        return key
    return _mended(key)


def _mended(key: str) -> str:
    segments = [_mended_segment(segment) for segment in key.split("/") if segment]
    if segments and segments[0].startswith("\\"):  # OSS refuses keys that start so
        segments[0] = _marked("%5C" + segments[0][1:], segments[0].encode())
    whole = "/".join(segments) or "unnamed"
    return _shortened(whole, MAX_RENDERED_BYTES)


def _mended_segment(segment: str) -> str:
    raw = segment.encode("utf-8", "surrogateescape")
    if segment in {".", ".."}:
        return _marked(segment.replace(".", "%2E"), raw)
    if "\0" in segment or _LONE_BYTES.search(segment):
        text = _LONE_BYTES.sub(lambda match: f"%{ord(match[0]) - 0xDC00:02X}", segment).replace("\0", "%00")
        return _shortened(_marked(text, raw), MAX_SEGMENT_BYTES)
    return _shortened(segment, MAX_SEGMENT_BYTES)


def _marked(text: str, raw: bytes) -> str:
    return f"{text}~{hashlib.sha256(raw).hexdigest()[:8]}"


def _shortened(text: str, limit: int) -> str:
    raw = text.encode()
    if len(raw) <= limit:
        return text
    name = text.rpartition("/")[2]
    suffix = name[_suffix_at(name) :].encode()
    if len(suffix) > MAX_KEPT_SUFFIX_BYTES:
        suffix = b""
    mark = b"~" + hashlib.sha256(raw).hexdigest()[:16].encode()
    head = raw[: limit - len(mark) - len(suffix)].decode("utf-8", "ignore")
    return head + (mark + suffix).decode()
