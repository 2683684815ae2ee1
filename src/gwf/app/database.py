"""Which database the settings name."""

from __future__ import annotations

from gwf.core.settings.model import Settings
from gwf.db.address import DatabaseAddress, parse_address


def address_of(settings: Settings) -> DatabaseAddress:
    """Return the place of the centre's data.

    Raises:
        ConfigError: The setting names none.
    """
    given = settings.server.database
    password = None if given.password is None else given.password.get_secret_value()
    return parse_address(given.url, data_dir=settings.data_dir, password=password)
