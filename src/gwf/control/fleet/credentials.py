"""Makes the secrets of agents, and the hashes that are kept of them."""

from __future__ import annotations

import hashlib
import secrets

from gwf.control.fleet.model import AgentId

PREFIX = "gwfa_"  #: of a credential, so that people and scanners recognise one
SECRET_BYTES = 32


def new_credential() -> str:
    """Return a new secret of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def new_agent_id() -> AgentId:
    """Return an id that no agent has."""
    return AgentId("agt_" + secrets.token_hex(8))


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret; it is random, so that a plain SHA-256 tells nothing of it."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).digest()
