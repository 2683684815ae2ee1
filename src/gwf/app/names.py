"""How people call what the audit names by ids: logins, tokens, hosts, groups, versions, rollouts, rules, chains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from gwf.alerts.documents.record import DocKind
from gwf.api.names import Named, Ref
from gwf.control.config.model import ConfigVersion, Layer, LayerKind, VersionId
from gwf.control.fleet.model import AgentId
from gwf.control.fleet.roster import Roster
from gwf.control.overview.scope import Scope
from gwf.control.rollout.model import RolloutId
from gwf.control.rollout.ports import ConfigStore
from gwf.db.alert_doc_store import SqlAlertDocs
from gwf.identity.model import TokenId, UserId
from gwf.identity.ports import IdentityStore
from gwf.rules.service import RuleService


class GroupMembers:
    """Knows which agents belong to groups (port `Members` of the API)."""

    def __init__(self, roster: Roster) -> None:
        """Look into this one."""
        self._roster = roster

    def of_group(self, tenant: str, group: str) -> Collection[str]:
        """Return the ids of a group's agents, by the group's id or name."""
        return {live.agent.agent_id for live in Scope(group=group).of(self._roster.of_tenant(tenant))}


class NameBook:
    """Looks names up where their things are kept (port `Names` of the API)."""

    def __init__(
        self, identity: IdentityStore, configs: ConfigStore, roster: Roster, *, rules: RuleService, docs: SqlAlertDocs
    ) -> None:
        """Look into these."""
        self._docs = docs
        self._rules = rules
        self._identity = identity
        self._configs = configs
        self._roster = roster

    async def of(self, tenant: str, refs: Collection[Ref]) -> Mapping[Ref, Named]:
        """Return the names of those of `refs` that are known."""
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for kind, name in refs:
            wanted[kind].add(name)
        return {
            **self._of_agents(tenant, wanted["agent"]),
            **self._of_groups(tenant, wanted["group"]),
            **await self._of_identity(tenant, wanted),
            **await self._of_configs(tenant, wanted),
            **await self._of_rules(tenant, wanted["rule"]),
            **await self._of_docs(tenant, wanted),
        }

    async def _of_rules(self, tenant: str, ids: Collection[str]) -> dict[Ref, Named]:
        if not ids:
            return {}
        heads = await self._rules.heads(tenant)
        return {("rule", head.rule_id): Named(name=head.name) for head in heads if head.rule_id in ids}

    async def _of_docs(self, tenant: str, wanted: Mapping[str, Collection[str]]) -> dict[Ref, Named]:
        kinds = [kind for kind in DocKind if wanted.get(kind.value)]
        if not kinds:
            return {}
        async with self._docs.view() as view:
            heads = [head for kind in kinds for head in await view.heads(tenant, kind)]
        return {
            (head.kind.value, head.doc_id): Named(name=head.name)
            for head in heads
            if head.doc_id in wanted[head.kind.value]
        }

    def _of_agents(self, tenant: str, ids: Collection[str]) -> dict[Ref, Named]:
        lives = ((name, self._roster.find(AgentId(name))) for name in ids)
        return {
            ("agent", name): Named(name=live.agent.hostname)
            for name, live in lives
            if live is not None and live.agent.tenant == tenant
        }

    def _of_groups(self, tenant: str, ids: Collection[str]) -> dict[Ref, Named]:
        groups = self._roster.groups_of(tenant)
        return {("group", group.group_id): Named(name=group.name) for group in groups if group.group_id in ids}

    async def _of_identity(self, tenant: str, wanted: Mapping[str, Collection[str]]) -> dict[Ref, Named]:
        found: dict[Ref, Named] = {}
        users, tokens = wanted.get("user", ()), {*wanted.get("token", ()), *wanted.get("api_token", ())}
        enrolments = wanted.get("enrolment_token", ())
        if not (users or tokens or enrolments):
            return found
        async with self._identity.view() as reads:
            for name in users:
                if (user := await reads.find_user(tenant, UserId(name))) is not None:
                    found["user", name] = Named(name=user.display_name or user.name)
            for name in tokens:
                if (token := await reads.find_token_by_id(tenant, TokenId(name))) is not None:
                    found["token", name] = found["api_token", name] = Named(name=token.name)
            for name in enrolments:
                if (enrolment := await reads.find_enrolment(tenant, TokenId(name))) is not None:
                    found["enrolment_token", name] = Named(name=enrolment.name)
        return found

    async def _of_configs(self, tenant: str, wanted: Mapping[str, Collection[str]]) -> dict[Ref, Named]:
        ids = {VersionId(name) for name in wanted.get("config_version", ())}
        running = {RolloutId(name) for name in wanted.get("rollout", ())}
        if not (ids or running or wanted.get("config_layer")):
            return {}
        async with self._configs.view() as reads:
            rollouts = await reads.rollouts(tenant, running)
            versions = {one.id: one for one in await reads.versions(tenant, ids | {one.version for one in rollouts})}
            layers = {layer.id: layer for layer in await reads.layers(tenant)}
        found: dict[Ref, Named] = {("config_layer", layer.id): self._layer(layer) for layer in layers.values()}
        for version in versions.values():
            found["config_version", version.id] = self._version(layers.get(version.layer), version)
        for rollout in rollouts:
            if rollout.version in versions:
                found["rollout", rollout.id] = self._version(layers.get(rollout.layer), versions[rollout.version])
        return found

    def _layer(self, layer: Layer) -> Named:
        subject = self._subject(layer)
        return Named(name=subject, facts={"layer_kind": layer.kind.value, "layer": subject, "layer_id": layer.id})

    def _version(self, layer: Layer | None, version: ConfigVersion) -> Named:
        of_layer: Mapping[str, str] = self._layer(layer).facts if layer is not None else dict[str, str]()
        return Named(
            name=f"v{version.number}", facts={**of_layer, "number": str(version.number), "version_id": version.id}
        )

    def _subject(self, layer: Layer) -> str:
        match layer.kind:
            case LayerKind.BASE:
                return ""
            case LayerKind.GROUP:
                return self._of_groups(layer.tenant, (layer.subject,)).get(("group", layer.subject), _UNKNOWN).name
            case LayerKind.AGENT:
                return self._of_agents(layer.tenant, (layer.subject,)).get(("agent", layer.subject), _UNKNOWN).name


_UNKNOWN = Named(name="")
