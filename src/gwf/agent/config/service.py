"""The one way in which a configuration changes: checked whole, compared, applied or undone, written down."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from gwf.agent.config.beginning import Beginning, refuse_wider
from gwf.agent.config.facts import ConfigFacts, Refusal
from gwf.agent.config.overlay import Overlay, hot_overlay_of, overtaken, passes_over, shown_over, still_needed, told_of
from gwf.agent.config.plan import Plan, cold_places, plan
from gwf.agent.config.versions import Kept, VersionStore
from gwf.core.clock import Clock, utc_text
from gwf.core.errors import ConfigError, ConflictError, GwfError, LocalIoError, NotFoundError, UnavailableError
from gwf.core.settings.compare import ABSENT, Difference, laid_over, value_of
from gwf.core.settings.document import read_document, settings_of
from gwf.core.settings.draft import dotted
from gwf.core.settings.effective import leaves, mask, revealed
from gwf.core.settings.load import LoadedSettings, reload
from gwf.core.settings.managed import laid_on
from gwf.core.settings.model import Settings
from gwf.wire.config import ConfigOrigin, ConfigOutcome, ConfigVersion, ConfigView

Document = dict[str, object]
MAX_KEYS_TOLD = 50  #: keys of one change in a log line and an event
SET_AT_RUN_TIME = "set at run time"  #: the origin of a value of the overlay

log = logging.getLogger("gwf.agent.config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Who wants a change, and why."""

    author: str
    reason: str
    source: ConfigOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A configuration that is to come into force."""

    settings: Settings
    base: LoadedSettings
    overlay: Overlay
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What counts now; replaced whole, so that it can be read without waiting for a change."""

    settings: Settings
    base: LoadedSettings
    overlay: Overlay
    version: ConfigVersion


class ConfigService:
    """Holds the configuration in force and changes it (api.ports.ConfigSource). Thread-safe; changes wait in line."""

    def __init__(
        self,
        beginning: Beginning,
        *,
        versions: VersionStore,
        follow: Callable[[Settings], None],
        tell: Callable[[str, Mapping[str, object]], None],
        clock: Clock,
    ) -> None:
        """Write down what the process began with.

        `follow` makes the running process work by other settings; it compares with what runs, so calling it with the
        old ones undoes a half-done change. `tell` takes an event for the outbox.
        """
        self._store = versions
        self._follow = follow
        self._tell = tell
        self._clock = clock
        self._lock = threading.RLock()
        self._closed = False
        #: what a configuration of the centre may do here
        self.centre = beginning.loaded.settings.agent.centre
        self.facts = ConfigFacts()
        self._now = self._begin(beginning)

    def close(self) -> None:
        """Wait for a change that is under way; refuse all that come later."""
        with self._lock:
            self._closed = True

    # -- reading ---------------------------------------------------------------------------------------

    def current(self) -> ConfigVersion:
        """Return the version in force."""
        return self._now.version

    def settings(self) -> Settings:
        """Return the settings in force, with secrets."""
        return self._now.settings

    def versions(self) -> list[ConfigVersion]:
        """Return the versions that are kept, newest first."""
        return [kept.version for number in self._store.numbers() if (kept := self._store.find(number))]

    def view(self, number: int | None = None) -> ConfigView:
        """Return the configuration in force, or that of an older version, secrets masked.

        Raises:
            NotFoundError: No version has this number, or it is no longer kept.
        """
        if number is not None:
            kept = self._kept(number)
            shown = cast("dict[str, JsonValue]", mask(kept.document))
            return ConfigView(version=kept.version, config=shown, origins={}, overlay=[])
        now = self._now
        places = [".".join(item.place) for item in now.overlay]
        shown = cast("dict[str, JsonValue]", mask(revealed(now.settings)))
        keys = [dotted(loc) for loc, _ in leaves(shown)]
        origins = {key: text for key, text in now.base.origins.items() if not any(_is_in(key, at) for at in places)}
        run_time = [key for key in keys if any(_is_in(key, at) for at in places)]
        return ConfigView(
            version=now.version,
            config=shown,
            origins=origins | dict.fromkeys(run_time, SET_AT_RUN_TIME),
            overlay=shown_over(now.overlay, revealed(now.base.settings)),
        )

    def validate(self, document: Document) -> list[str]:
        """Return every fault of a whole configuration; empty = usable."""
        try:
            self._read(document, self._now.base)
        except ConfigError as exc:
            return list(exc.problems) or [exc.message]
        return []

    # -- changing --------------------------------------------------------------------------------------

    def apply(
        self,
        document: Document,
        *,
        author: str,
        reason: str,
        source: ConfigOrigin,
        dry_run: bool = False,
        expected: int | None = None,
    ) -> ConfigOutcome:
        """Put a whole configuration into force; see `api.ports.ConfigSource`."""
        cause = Cause(author=author, reason=reason, source=source)
        with self._changing(cause, dry_run=dry_run):
            if expected is not None and expected != self._now.version.number:
                now = self._now.version.number
                raise ConflictError("the configuration was changed meanwhile", expected=expected, version=now)
            base, unread = self._sources_now()
            settings, ignored = self._read(document, base)
            if passes_over(revealed(settings), revealed(base.settings), revealed(self._now.base.settings)):
                base = self._now.base
            return self._put(self._over(settings, ignored + unread, base), cause, dry_run=dry_run)

    def edit(
        self,
        change: Callable[[Document], Document],
        *,
        author: str,
        reason: str,
        source: ConfigOrigin,
        dry_run: bool = False,
    ) -> ConfigOutcome:
        """Put into force what `change` makes of the configuration in force; see `api.ports.ConfigSource`."""
        cause = Cause(author=author, reason=reason, source=source)
        with self._changing(cause, dry_run=dry_run):
            settings = settings_of(change(revealed(self._now.settings)))
            return self._put(self._over(settings), cause, dry_run=dry_run)

    def manage(self, part: Document, *, author: str, reason: str, dry_run: bool = False) -> ConfigOutcome:
        """Put into force what the part of the centre makes of this host's own sources, as they were read last.

        What was set at run time ends.

        Raises:
            PartRefusedError: The part is wrong, or touches what only this host decides.
            GwfError: As `api.ports.ConfigSource.apply`.
        """
        cause = Cause(author=author, reason=reason, source="centre")
        with self._changing(cause, dry_run=dry_run):
            return self._put(self._over(self._managed(part)), cause, dry_run=dry_run)

    def follows(self, part: Document) -> bool:
        """Tell whether what is in force is exactly what the part makes of this host's own sources."""
        try:
            return not plan(self._now.settings, self._managed(part)).changes
        except ConfigError:  # the host does not allow it any more
            return False

    def rollback(self, number: int, *, author: str, reason: str, dry_run: bool = False) -> ConfigOutcome:
        """Put the configuration of an older version into force again; see `api.ports.ConfigSource`."""
        cause = Cause(author=author, reason=reason or f"back to version {number}", source="rollback")
        with self._changing(cause, dry_run=dry_run):
            now, then = revealed(self._now.settings), self._kept(number).document
            stays = [Difference(place=place, old=ABSENT, new=value_of(now, place)) for place in cold_places(now)]
            ignored = tuple(
                f"{'.'.join(item.place)}: needs a restart, stays as it is"
                for item in stays
                if value_of(then, item.place) != item.new
            )
            settings = settings_of(laid_over(then, stays))
            return self._put(self._over(settings, ignored), cause, dry_run=dry_run)

    def reload(self, *, author: str = "SIGHUP", dry_run: bool = False) -> ConfigOutcome:
        """Read file, variables and flags again; what was set at run time stands above them.

        Raises:
            ConfigError: They are wrong, or change what only a restart can; the old configuration stays in force.
            LocalIoError: The new version cannot be written down; as above.
        """
        cause = Cause(author=author, reason="the configuration was read again", source="reload")
        with self._changing(cause, dry_run=dry_run):
            loaded = reload(self._now.base.sources)
            base = revealed(loaded.settings)
            overlay = still_needed(self._now.overlay, base)
            settings = settings_of(laid_over(base, overlay)) if overlay else loaded.settings
            wish = Wish(settings=settings, base=loaded, overlay=overlay, ignored=told_of(overtaken(overlay, base)))
            return self._put(wish, cause, dry_run=dry_run)

    @contextmanager
    def _changing(self, cause: Cause, *, dry_run: bool) -> Generator[None]:
        with self._lock:
            if self._closed:
                raise UnavailableError("the process is about to end; the configuration stays as it is")
            try:
                yield
            except GwfError as exc:
                if not dry_run and not isinstance(exc, (NotFoundError, ConflictError)):
                    self._refused(cause, exc)
                raise

    def _sources_now(self) -> tuple[LoadedSettings, tuple[str, ...]]:
        """Return file and variables as they are by now; as they were, with a line for the caller, if they are wrong."""
        base = self._now.base
        try:
            return reload(base.sources), ()
        except ConfigError as exc:
            why = "; ".join(exc.problems) or exc.message
            return base, (f"{base.sources.config or 'variables'}: not usable now; what was read last counts: {why}",)

    def _read(self, document: Document, base: LoadedSettings) -> tuple[Settings, tuple[str, ...]]:
        now = self._now
        kept = tuple(cold_places(revealed(now.settings)))
        given = read_document(document, current=now.settings, environ=base.environ, kept=kept)
        return given.settings, given.ignored

    def _managed(self, part: Document) -> Settings:
        if self.centre is None:
            raise ConfigError("this host has no centre", problems=("agent.centre: is not set here",))
        return laid_on(self._now.base, part, self.centre)

    def _over(self, settings: Settings, ignored: tuple[str, ...] = (), base: LoadedSettings | None = None) -> Wish:
        base = base or self._now.base
        overlay = hot_overlay_of(revealed(base.settings), revealed(settings), self._now.overlay)
        return Wish(settings=settings, base=base, overlay=overlay, ignored=ignored)

    def _put(self, wish: Wish, cause: Cause, *, dry_run: bool) -> ConfigOutcome:
        refuse_wider(wish.base, wish.settings)
        step = plan(self._now.settings, wish.settings)
        if step.cold:
            problems = tuple(
                f"{change.key}: needs a restart to become {change.new!r}, in force is {change.old!r}; all stays"
                for change in step.changes
                if change.key in step.cold
            )
            raise ConfigError("this cannot change while the process runs", problems=problems)
        if not dry_run:
            self._enforce(wish, step, cause)
        return ConfigOutcome(
            version=self._now.version,
            dry_run=dry_run,
            changes=list(step.changes),
            restarted=list(step.replaced),
            ignored=list(wish.ignored),
        )

    def _enforce(self, wish: Wish, step: Plan, cause: Cause) -> None:
        if step.changes:
            self._try(wish.settings)
        version = self._now.version
        if step.changes or wish.overlay != self._now.overlay:
            try:
                version = self._named(wish.settings, cause)
                self._store.write(_kept_form(version, wish.settings, wish.overlay))
            except GwfError:
                self._undo()
                raise
        self._now = InForce(settings=wish.settings, base=wish.base, overlay=wish.overlay, version=version)
        self.facts.accepted(version.number, changed=bool(step.changes))
        self.facts.overlaid = overtaken(wish.overlay, revealed(wish.base.settings))
        if step.changes:
            keys = [change.key for change in step.changes[:MAX_KEYS_TOLD]]
            facts = {
                "version": version.number,
                "author": cause.author,
                "source": cause.source,
                "changes": len(step.changes),
                "keys": keys,
            }
            log.info("config_applied", extra={**facts, "reason": cause.reason, "restarted": list(step.replaced)})
            self._tell("config.applied", {**facts, "reason": cause.reason})
        for line in wish.ignored:
            log.warning("config_key_ignored", extra={"what": line})

    def _try(self, settings: Settings) -> None:
        try:
            self._follow(settings)
        except GwfError:
            self._undo()
            raise
        except Exception as exc:
            log.exception("config_apply_crashed")
            self._undo()
            raise GwfError("a fault of the program; the old configuration stays, see the log") from exc

    def _undo(self) -> None:
        try:
            self._follow(self._now.settings)
        except Exception:  # it is told by health until a change succeeds; the files go on all the same
            log.exception("config_undo_failed")
            self.facts.half_done = True

    def _named(self, settings: Settings, cause: Cause) -> ConfigVersion:
        return ConfigVersion(
            number=max([0, *self._store.numbers()[:1]]) + 1,
            hash=self._store.hash_of(revealed(settings)),
            at=utc_text(self._clock.now_ms()),
            author=cause.author,
            reason=cause.reason,
            source=cause.source,
        )

    def _begin(self, beginning: Beginning) -> InForce:
        base, overlay, settings = beginning.loaded, beginning.overlay, beginning.settings
        cause = Cause(author="system", reason="the process started", source="start")
        version = self._first_version(settings, overlay, cause)
        self.facts.version = version.number
        if not beginning.problems:
            self.facts.overlaid = overtaken(overlay, revealed(base.settings))
            for line in told_of(self.facts.overlaid):
                log.warning("config_key_ignored", extra={"what": line})
        else:
            self._refused(cause, ConfigError("what was set at run time does not fit", problems=beginning.problems))
        return InForce(settings=settings, base=base, overlay=overlay, version=version)

    def _first_version(self, settings: Settings, overlay: Overlay, cause: Cause) -> ConfigVersion:
        """Return the version that the process begins with; a disk that takes no new one keeps nobody from starting."""
        latest = self._store.latest()
        try:
            version = self._named(settings, cause)
            if latest is not None and (latest.version.hash, latest.overlay) == (version.hash, overlay):
                return latest.version
            self._store.write(_kept_form(version, settings, overlay))
        except LocalIoError as exc:
            log.error("config_version_not_written", extra={"error": str(exc)})
            at = utc_text(self._clock.now_ms())
            return ConfigVersion(number=0, hash="", at=at, author=cause.author, reason=cause.reason, source="start")
        return version

    def _refused(self, cause: Cause, exc: GwfError) -> None:
        problems = (exc.problems if isinstance(exc, ConfigError) else ()) or (str(exc),)
        self.facts.refused(
            Refusal(source=cause.source, author=cause.author, problems=problems, at_s=self._clock.monotonic_s())
        )
        facts = {"author": cause.author, "source": cause.source, "problems": list(problems), "error_code": exc.code}
        log.warning("config_refused", extra=facts)
        self._tell("config.refused", facts)

    def _kept(self, number: int) -> Kept:
        kept = self._store.find(number)
        if kept is None:
            raise NotFoundError("no version of the configuration has this number", number=number)
        return Kept(version=kept.version, document=copy.deepcopy(kept.document), overlay=kept.overlay)


def _kept_form(version: ConfigVersion, settings: Settings, overlay: Overlay) -> Kept:
    return Kept(version=version, document=revealed(settings), overlay=overlay)


def _is_in(key: str, place: str) -> bool:
    return key == place or key.startswith((place + ".", place + "["))
