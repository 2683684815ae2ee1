"""A configuration in memory: one number that counts, and a record of who changed it; speaks the port of the API."""

from __future__ import annotations

from collections.abc import Callable

from gwf.api.ports import Document
from gwf.core.errors import ConfigError, NotFoundError
from gwf.core.settings.document import settings_of
from gwf.core.settings.model import Settings
from gwf.wire.config import ConfigChange, ConfigOrigin, ConfigOutcome, ConfigVersion, ConfigView


class FakeConfig:
    """Takes every document that has no key `bad`; the last call's arguments can be looked at."""

    def __init__(self) -> None:
        self.kept = [self._named(1, "system", "", "start")]
        self.document: Document = {}
        self.expected: int | None = None

    def current(self) -> ConfigVersion:
        return self.kept[0]

    def settings(self) -> Settings:
        return settings_of(self.document)

    def view(self, number: int | None = None) -> ConfigView:
        version = self._version(self.kept[0].number if number is None else number)
        return ConfigView(
            version=version, config={"listen": "127.0.0.1:8080", "data_dir": "/var/lib/gwf"}, origins={}, overlay=[]
        )

    def validate(self, document: Document) -> list[str]:
        return ["bad: is no key", "worse: neither"] if "bad" in document else []

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
        self.expected = expected
        if problems := self.validate(document):
            raise ConfigError("configuration is not usable", problems=tuple(problems))
        self.document = document
        if not dry_run:
            self.kept.insert(0, self._named(self.kept[0].number + 1, author, reason, source))
        change = ConfigChange(key="agent.transfer.workers", old=16, new=8)
        return ConfigOutcome(version=self.kept[0], dry_run=dry_run, changes=[change], restarted=[], ignored=[])

    def edit(
        self,
        change: Callable[[Document], Document],
        *,
        author: str,
        reason: str,
        source: ConfigOrigin,
        dry_run: bool = False,
    ) -> ConfigOutcome:
        return self.apply(change(dict(self.document)), author=author, reason=reason, source=source, dry_run=dry_run)

    def versions(self) -> list[ConfigVersion]:
        return self.kept

    def rollback(self, number: int, *, author: str, reason: str, dry_run: bool = False) -> ConfigOutcome:
        self._version(number)
        return self.apply({}, author=author, reason=reason, source="rollback", dry_run=dry_run)

    def _version(self, number: int) -> ConfigVersion:
        found = next((version for version in self.kept if version.number == number), None)
        if found is None:
            raise NotFoundError("no version of the configuration has this number", number=number)
        return found

    @staticmethod
    def _named(number: int, author: str, reason: str, source: ConfigOrigin) -> ConfigVersion:
        at = "2026-11-22T02:28:05.000Z"
        return ConfigVersion(number=number, hash=f"{number:064x}", at=at, author=author, reason=reason, source=source)
