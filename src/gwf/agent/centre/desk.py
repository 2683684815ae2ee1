"""The link as the HTTP port asks for it: there may be none."""

from __future__ import annotations

from collections.abc import Callable

from gwf.agent.centre.link import CentreLink
from gwf.core.errors import NotFoundError
from gwf.wire.edge import CentreView


class LinkDesk:
    """Answers for the link that `link` returns (api.ports.CentreSource)."""

    def __init__(self, link: Callable[[], CentreLink | None]) -> None:
        """Ask anew each time."""
        self._link = link

    def find(self) -> CentreView | None:
        """Return how this edge stands with its centre; None without one."""
        link = self._link()
        return None if link is None else link.view()

    def view(self) -> CentreView:
        """Return how this edge stands with its centre.

        Raises:
            NotFoundError: This edge has none.
        """
        return self._there().view()

    def enrol(self, token: str) -> CentreView:
        """See CentreLink.enrol."""
        return self._there().enrol(token)

    def leave(self) -> CentreView:
        """See CentreLink.leave."""
        return self._there().leave()

    def _there(self) -> CentreLink:
        link = self._link()
        if link is None:
            raise NotFoundError("this edge has no centre: set agent.centre.url and restart it")
        return link
