"""Refusals of agents that come without a good credential or token; all are answered with 401."""

from __future__ import annotations

from gwf.core.errors import DeniedError


class AgentRefusedError(DeniedError):
    """An agent does not prove who it is."""

    code = "credential_unknown"


class CredentialRevokedError(AgentRefusedError):
    """The credential was good and is no more: the agent was revoked, or a newer credential of it is in use."""

    code = "credential_revoked"


class EnrolmentRefusedError(AgentRefusedError):
    """An enrolment token is unknown, used up, expired or revoked, or older than the revocation of its agent."""

    code = "enrolment_refused"
