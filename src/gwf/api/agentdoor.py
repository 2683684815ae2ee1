"""Recognises the agent that sent a request by its credential."""

from __future__ import annotations

from starlette.requests import Request

from gwf.control.fleet.errors import AgentRefusedError
from gwf.control.fleet.heartbeats import Heartbeats
from gwf.control.fleet.roster import Live
from gwf.ingest.model import Sender

MAX_SECRET_CHARS = 512


class FleetDoor:
    """Lets agents in that the fleet knows."""

    def __init__(self, heartbeats: Heartbeats) -> None:
        """Ask `heartbeats`, which answers from memory for everybody seen before."""
        self._heartbeats = heartbeats

    async def live(self, request: Request) -> Live:
        """Return the agent.

        Raises:
            AgentRefusedError: No credential came, or it is nobody's.
            CredentialRevokedError: It was somebody's.
            UnavailableError: The database did not answer.
        """
        return await self._heartbeats.recognise(bearer_of(request))

    async def sender(self, request: Request) -> Sender:
        """Return the agent as the ingest keeps it; raises as `live` does."""
        agent = (await self.live(request)).agent
        return Sender(tenant=agent.tenant, agent_id=agent.agent_id, labels=agent.all_labels)


def bearer_of(request: Request) -> str:
    """Return the secret that a request brings.

    Raises:
        AgentRefusedError: It brings none that could be ours.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    secret = value.strip()
    if scheme.lower() != "bearer" or not secret or len(secret) > MAX_SECRET_CHARS:
        raise AgentRefusedError("send the credential as Authorization: Bearer …")
    return secret
