"""Starting a process: the inbox of a first start, what is printed, the call that runs until the end."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from gwf import __version__
from gwf.agent.engine import ensure_private
from gwf.agent.journal.schema import FILE_NAME
from gwf.api.options import options_from
from gwf.api.server import check_free
from gwf.api.v1.local import LOGIN_PATH
from gwf.app import EdgeProcess, run_edge
from gwf.cli import show
from gwf.cli.report import print_notes
from gwf.core.errors import InputError, LocalIoError
from gwf.core.log import configure_logging, get_logger
from gwf.core.settings.addresses import file_path, parse_listen
from gwf.core.settings.effective import secret_values
from gwf.core.settings.load import LoadedSettings
from gwf.core.settings.model import Settings
from gwf.storage.local_tree import TEMP_NAME

WELCOME = """\
Welcome to GWF.

This file lies in your inbox. GWF noticed it, waited until it was finished, sent it to the object store and
checked that every byte arrived. Drop any other file beside it and look at the page, or run: gwf queue ls --data {data}

欢迎使用 GWF。这个文件在收件目录里：GWF 已发现它、确认写完、上传并校验。再放一个文件进来试试。
"""

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # what a person on this machine opens instead


Started = Callable[[EdgeProcess], None]


def serve(loaded: LoadedSettings, *, on_started: Started | None = None) -> int:
    """Set up logging, run the edge until it is told to stop, and return its exit code."""
    prepare(loaded)
    tell_of_strangers(loaded.settings)
    return _leaving(run_edge(loaded, on_started=on_started))


def serve_both(loaded: LoadedSettings, *, on_started: Started | None = None) -> int:
    """Do the same for an edge with a centre."""
    from gwf.app.standalone import run_standalone

    prepare(loaded)
    tell_of_strangers(loaded.settings)
    return _leaving(run_standalone(loaded, on_started=on_started))


def serve_centre(loaded: LoadedSettings) -> int:
    """Do the same for a centre alone."""
    from gwf.app.server import run_server

    prepare(loaded)
    return _leaving(run_server(loaded))


def serve_worker(loaded: LoadedSettings) -> int:
    """Do the same for a worker alone."""
    from gwf.app.worker import run_worker

    ensure_private(loaded.settings.data_dir)  # it has no port that could be taken
    configure_logging(loaded.settings.log, secrets=secret_values(loaded.settings))
    return _leaving(run_worker(loaded))


def _leaving(code: int) -> int:
    """Return the exit code of a process in which everything is closed, and make its end quick.

    Without this Python looks for a second or more for garbage that the end of the process frees anyway.
    """
    gc.freeze()
    return code


def prepare(loaded: LoadedSettings) -> None:
    """Make the data directory and set up logging."""
    _make_place(loaded.settings)  # before a log file in it
    configure_logging(loaded.settings.log, secrets=secret_values(loaded.settings))
    log = get_logger("cli")
    for note in loaded.notes:
        log.debug("settings_noted", extra={"key": note.key, "value": note.value, "now": note.now, "note": note.text})


def tell_of_strangers(settings: Settings) -> None:
    """Say at the first start in a data directory which stores of this host hold something that is not its own."""
    if (settings.data_dir / FILE_NAME).exists():
        return
    for name, store in settings.stores.items():
        directory = file_path(store.url)
        if not store.url.startswith("file://") or not _holds_anything(directory):
            continue
        get_logger("cli").warning("store_holds_other_objects", extra={"store": name, "directory": str(directory)})
        show.warn(
            f"store {name}: {directory} holds files that this data directory knows nothing of. They are left alone;"
            " one whose key is that of a file to be sent is replaced"
        )


def _holds_anything(directory: Path) -> bool:
    try:
        with os.scandir(directory) as entries:
            return any(os.fsencode(entry.name) != TEMP_NAME for entry in entries)
    except OSError:  # not there yet, or not ours to look at: the store's own check tells of that
        return False


def refuse_files(paths: Sequence[Path]) -> None:
    """Refuse paths that are no directories; one that does not exist yet is waited for.

    Raises:
        InputError: One is a file.
    """
    for path in paths:
        if path.exists() and not path.is_dir():
            raise InputError("this is no directory: name the directory to watch, not a file in it", path=str(path))


def make_inbox(settings: Settings) -> Path:
    """Return the inbox; a new one gets a file, so that the first look at the page shows one travelling.

    Raises:
        LocalIoError: It cannot be made.
        UnavailableError: There is no data directory yet, and the address is taken.
    """
    _make_place(settings)
    data_dir = settings.data_dir
    inbox = data_dir / "inbox"
    try:
        inbox.mkdir()
        (inbox / "welcome.txt").write_text(WELCOME.format(data=data_dir), encoding="utf-8")
    except FileExistsError:
        if not os.path.isdir(inbox):
            raise LocalIoError("the inbox is no directory", path=str(inbox)) from None
    except OSError as exc:
        raise LocalIoError("the inbox cannot be made", path=str(inbox), reason=exc.strerror) from exc
    return inbox


def _make_place(settings: Settings) -> None:
    """Make the data directory; where the port is taken, do not begin one."""
    if not settings.data_dir.exists():
        check_free(options_from(settings, accounts=settings.server.enabled).listen)
    ensure_private(settings.data_dir)


def print_start(loaded: LoadedSettings, process: EdgeProcess) -> None:
    """Print notes on the configuration, then what is in force: page, trees, stores; and what to do next."""
    config = process.config
    settings = config.settings()
    print_notes(loaded)
    show.line(f"GWF {__version__}")
    show.line(f"  page      {page_url(settings)}")
    link = f"{process.server.url}{settings.api.url_prefix}{LOGIN_PATH}{process.local.new_link()}"
    show.line(f"  login     {link}")
    show.line("            logs a browser in, once and within 10 minutes; another one: gwf login")
    for watch in settings.agent.watch:
        endings = " ".join(watch.suffixes) or "every file"
        show.line(f"  watching  {watch.path}  ({endings}, to {watch.store})")
    for name, store in settings.stores.items():
        show.line(f"  store     {name} = {store.url}")
    show.line(f"  data      {settings.data_dir}")
    over = ", ".join(change.key for change in config.view().overlay)
    if over:
        show.line(f"  note      set at run time, above the file: {over}; `gwf config show --origin` shows both")
    watches = settings.agent.watch
    first = f"copy a file into {watches[0].path}" if watches else "name a directory in agent.watch"
    show.line(f"  next      {first} and open the page; Ctrl-C stops")


def page_url(settings: Settings) -> str:
    """Return the address of the page as a person on this machine opens it."""
    host, port = parse_listen(settings.listen)
    shown = _EVERY_ADDRESS.get(host, host)
    where = f"[{shown}]" if ":" in shown else shown
    scheme = "https" if settings.api.tls_cert else "http"
    if port == 0:
        return f"{scheme}://{where} on a free port, see the log"
    return f"{scheme}://{where}:{port}{settings.api.url_prefix}/"
