"""What may be done, and which role may do it: the one matrix of both."""

from __future__ import annotations

import enum
from collections.abc import Mapping


class Permission(enum.StrEnum):
    """One kind of access; every endpoint of /api/v1 names the one it needs."""

    #: one's own account: who am I, sessions, password, own API tokens
    ACCOUNT = "account:self"
    #: the edge that serves this port: files, dead letters, stores, logs, its configuration masked
    EDGE_READ = "edge:read"
    #: its dead letters, breakers and stores
    EDGE_OPERATE = "edge:operate"
    #: its configuration
    EDGE_CONFIG = "edge:config"
    #: agents and groups
    FLEET_READ = "fleet:read"
    #: what is in the files below the watched directories of agents; each reading is on record
    FILES_CONTENT = "files:content"
    #: put files into watched directories of agents that take them; each is on record
    FILES_PUT = "files:put"
    #: drain and undrain agents, change their labels; send their files, switch sending by itself
    FLEET_OPERATE = "fleet:operate"
    #: enrolment tokens
    FLEET_ENROL = "fleet:enrol"
    #: take an agent its credential
    FLEET_REVOKE = "fleet:revoke"
    #: make, change and remove groups
    GROUPS_WRITE = "groups:write"
    #: events and file events
    EVENTS_READ = "events:read"
    #: send events in
    EVENTS_WRITE = "events:write"
    #: configuration versions, layers and rollouts, secrets masked
    CONFIG_READ = "config:read"
    #: new configuration versions and layers
    CONFIG_WRITE = "config:write"
    #: begin, pause, resume, halt and revert rollouts
    ROLLOUT_RUN = "rollout:run"
    #: let a rollout pass a gate
    ROLLOUT_APPROVE = "rollout:approve"
    #: rules, their versions and what they decided
    RULES_READ = "rules:read"
    #: write drafts of rules and try them
    RULES_WRITE = "rules:write"
    #: put rules into force, go back, take them out of force
    RULES_PUBLISH = "rules:publish"
    #: flows, their versions and runs
    FLOWS_READ = "flows:read"
    #: write drafts of flows
    FLOWS_WRITE = "flows:write"
    #: let runs begin by a version, go back, retire
    FLOWS_PUBLISH = "flows:publish"
    #: begin, pause, resume, cancel, undo and replay runs
    FLOWS_RUN = "flows:run"
    #: say yes or no where a step asks for approval
    FLOWS_APPROVE = "flows:approve"
    #: alerts, their rules, silences, chains and channels, and why somebody was told
    ALERTS_READ = "alerts:read"
    #: acknowledge, give back and resolve alerts; silence them; override who is on call
    ALERTS_ACT = "alerts:act"
    #: write rules of alerts, chains, schedules and inhibitions, and put them into force; send a test to a channel
    ALERTS_WRITE = "alerts:write"
    #: tasks and their attempts
    TASKS_READ = "tasks:read"
    #: create, retry and cancel tasks
    TASKS_RUN = "tasks:run"
    #: who changed what
    AUDIT_READ = "audit:read"
    #: people, their roles and sessions, everybody's API tokens
    USERS_MANAGE = "users:manage"


class Role(enum.StrEnum):
    """What a person is trusted with."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"


READING = frozenset(
    {
        Permission.EDGE_READ,
        Permission.FLEET_READ,
        Permission.EVENTS_READ,
        Permission.CONFIG_READ,
        Permission.RULES_READ,
        Permission.FLOWS_READ,
        Permission.ALERTS_READ,
        Permission.TASKS_READ,
    }
)
"""Looking, without secrets and without what others did: what every role may."""

_VIEWER = READING | {Permission.ACCOUNT}
_OPERATOR = _VIEWER | {
    Permission.EDGE_OPERATE,
    Permission.FILES_CONTENT,
    Permission.FILES_PUT,
    Permission.FLEET_OPERATE,
    Permission.GROUPS_WRITE,
    Permission.EVENTS_WRITE,
    Permission.CONFIG_WRITE,
    Permission.ROLLOUT_RUN,
    Permission.RULES_WRITE,
    Permission.RULES_PUBLISH,
    Permission.FLOWS_WRITE,
    Permission.FLOWS_PUBLISH,
    Permission.FLOWS_RUN,
    Permission.ALERTS_ACT,
    Permission.ALERTS_WRITE,
    Permission.TASKS_RUN,
}
#: approves what others began, so that two people stand behind a change; begins nothing
_APPROVER = _VIEWER | {
    Permission.ROLLOUT_APPROVE,
    Permission.FLOWS_APPROVE,
    Permission.AUDIT_READ,
    Permission.FILES_CONTENT,
}

PERMISSIONS_OF: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.APPROVER: _APPROVER,
    Role.ADMIN: frozenset(Permission),
}


def permissions_of(role: Role, scopes: frozenset[Permission] | None = None) -> frozenset[Permission]:
    """Return what `role` may do; with `scopes` (of a token) no more than these."""
    granted = PERMISSIONS_OF[role]
    return granted if scopes is None else granted & scopes
