"""An edge and a centre in one process and port, as `gwf up` runs them: the edge reports to the centre over loopback."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from pydantic import SecretStr

from gwf.agent.centre.identity import IdentityFile
from gwf.api.centre import CentreParts
from gwf.app.centre import Centre, open_centre
from gwf.app.edge import EdgeProcess, run_process
from gwf.audit.model import SYSTEM
from gwf.core.errors import GwfError
from gwf.core.settings.centre import CentreSettings
from gwf.core.settings.load import LoadedSettings
from gwf.core.settings.model import Settings
from gwf.identity.principal import DEFAULT_TENANT
from gwf.identity.record import By
from gwf.identity.tokens import NewEnrolment

#: the edge enrols within moments; a token that was not used by then is of no use to anybody who finds it
TOKEN_LASTS_S = 600.0
ASK_S = 30.0

log = logging.getLogger("gwf.app")


class StandaloneProcess(EdgeProcess):
    """One process with an edge, a centre and the HTTP port of both."""

    def __init__(self, loaded: LoadedSettings) -> None:
        """Open everything; see `EdgeProcess`. The centre is opened when the port is served."""
        self._loaded = loaded
        self._opened: tuple[Centre, asyncio.AbstractEventLoop] | None = None
        super().__init__(loaded, centre=self._centre_opened)

    def centre_settings(self, settings: Settings) -> CentreSettings | None:
        """Return where this edge reports to: where its settings say, else the centre in this process."""
        if settings.agent.centre is not None or self._opened is None:
            return settings.agent.centre
        centre, loop = self._opened
        url = settings.server.public_url or self.server.url
        token: SecretStr | None = None
        try:
            known = IdentityFile(settings.data_dir).find()
            if known is None or not known.is_enrolled_at(url) or not centre.database.durable:
                token = SecretStr(asyncio.run_coroutine_threadsafe(_new_token(centre), loop).result(ASK_S))
        except GwfError as exc:  # health tells that the edge is not enrolled; its files are carried all the same
            log.warning("own_edge_not_enrolled", extra={"error": str(exc)})
        return CentreSettings(url=url, enrolment_token=token)

    def own_agent_id(self) -> str:
        """Return the id of the edge at the centre in this process; "" while it has none, or reports elsewhere."""
        if self.link is None or self._loaded.settings.agent.centre is not None:
            return ""
        return self.link.agent_id

    def centre_tls(self, settings: CentreSettings) -> ssl.SSLContext | None:
        """Return what trusts the certificate of our own port, whatever name it is for: we speak to ourselves."""
        certificate = self._loaded.settings.api.tls_cert
        if certificate is None or settings.url != self.server.url:
            return None
        context = ssl.create_default_context(cafile=str(certificate))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.check_hostname = False
        return context

    @asynccontextmanager
    async def _centre_opened(self) -> AsyncGenerator[CentreParts]:
        async with open_centre(self._loaded.settings) as centre:
            self._opened = centre, asyncio.get_running_loop()
            centre.asks.desk.local = self.own_files
            yield centre.parts()


async def _new_token(centre: Centre) -> str:
    wish = NewEnrolment(name="the edge of this process", max_uses=1, expires_in_s=TOKEN_LASTS_S)
    _, secret = await centre.identity.tokens.create_enrolment(
        wish, By(tenant=DEFAULT_TENANT, actor=SYSTEM, id="system")
    )
    return secret


def run_standalone(loaded: LoadedSettings, *, on_started: Callable[[EdgeProcess], None] | None = None) -> int:
    """Run an edge with a centre until SIGINT or SIGTERM; see `run_edge`.

    Raises:
        GwfError: It could not start.
    """
    return run_process(lambda: StandaloneProcess(loaded), on_started)
