"""Use cases of layers and versions: write a version, look at them, compare them, go back to an old one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry, Resource
from gwf.control.caller import Caller
from gwf.control.config.canonical import hash_of
from gwf.control.config.check import checked, faults_of
from gwf.control.config.confidential import Secret
from gwf.control.config.diff import Change, diff
from gwf.control.config.model import ConfigVersion, Document, Effective, Fault, Layer, LayerId, LayerKind, VersionId
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.model import RolloutId
from gwf.control.rollout.ports import AgentNow, ConfigChange, ConfigReads, ConfigStore, Fleet, Page, VersionFilter
from gwf.control.rollout.secrets import ConfigSecrets
from gwf.control.rollout.standing import Standing, standing_of
from gwf.control.rollout.told import field_change, of_layer
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, InputError, NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A version before it is written: how it differs from the one that it was made from."""

    version: ConfigVersion
    changes: tuple[Change, ...]
    #: what it brings and must be kept with it
    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """A document that is to become a version."""

    document: Document
    #: the version that it was made from; None = do not check for other people's edits
    parent: VersionId | None = None
    #: it comes from the store, with references in the place of its secrets
    is_stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFacts:
    """A layer and what people want to know beside it."""

    layer: Layer
    current: ConfigVersion | None
    #: the one that is under way
    rollout: RolloutId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """What an agent should run, what it runs, and what is wrong with that."""

    agent: AgentNow
    effective: Effective
    standing: Standing
    layers: tuple[Layer, ...]
    #: by id, the versions that `effective` is made of
    versions: tuple[ConfigVersion, ...]
    #: of the effective document, with the labels of this agent
    faults: tuple[Fault, ...]


class LayerInUseError(ConflictError):
    """A layer cannot go: a rollout moves it, or agents work by it."""

    code = "layer_in_use"


class ConfigService:
    """Layers and versions of a tenant. Nothing here changes what an agent runs: that takes a rollout."""

    def __init__(
        self,
        store: ConfigStore,
        boards: Boards,
        fleet: Fleet,
        *,
        secrets: ConfigSecrets,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        """Keep the parts; `new_id` makes an id that no other server makes."""
        self._store = store
        self._boards = boards
        self._fleet = fleet
        self._secrets = secrets
        self._clock = clock
        self._new_id = new_id

    # -- reading ---------------------------------------------------------------------------------------

    async def layers(self, tenant: str) -> Sequence[Layer]:
        """Return all layers, the base first, then groups, then agents."""
        async with self._store.view() as reads:
            return await reads.layers(tenant)

    async def layer(self, tenant: str, layer: LayerId) -> Layer:
        """Return a layer.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.view() as reads:
            return await reads.layer(tenant, layer)

    async def versions(self, tenant: str, wanted: VersionFilter, page: Page) -> Sequence[ConfigVersion]:
        """Return versions, newest first."""
        async with self._store.view() as reads:
            return await reads.list_versions(tenant, wanted, page)

    async def version(self, tenant: str, version: VersionId) -> ConfigVersion:
        """Return a version.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.view() as reads:
            return await reads.version(tenant, version)

    async def compare(self, tenant: str, old: VersionId | None, new: VersionId) -> tuple[Change, ...]:
        """Return how two versions differ, secrets masked; None = an empty document.

        Raises:
            NotFoundError: One of them does not exist.
        """
        async with self._store.view() as reads:
            before: Document = {} if old is None else (await reads.version(tenant, old)).document
            return diff(before, (await reads.version(tenant, new)).document)

    async def changes_of(self, tenant: str, layer: LayerId | None, document: Document) -> tuple[Change, ...]:
        """Return how a document differs from the newest version of a layer; without either, from an empty one.

        Raises:
            NotFoundError: No such layer.
        """
        if layer is None:
            return diff({}, document)
        async with self._store.view() as reads:
            known = await reads.layer(tenant, layer)
            newest = await reads.newest_version(tenant, known.id)
            before: Document = {} if newest is None else newest.document
            apart = await self._secrets.apart(reads, known, document, before=before)
        return diff(before, apart.document)

    def agent(self, tenant: str, agent: str) -> AgentConfig:
        """Return the configuration of an agent with the origin of each value.

        Raises:
            NotFoundError: No such agent.
        """
        now = self._fleet.find(tenant, agent)
        if now is None:
            raise NotFoundError("no such agent", agent_id=agent)
        board = self._boards.of(tenant)
        target = board.target(now)
        return AgentConfig(
            agent=now,
            effective=target,
            standing=standing_of(board, now),
            layers=tuple(board.layers_of(now)),
            versions=tuple(board.versions[version] for version in target.versions),
            faults=faults_of(target.document, now.labels),
        )

    def standings(self, tenant: str) -> Iterator[tuple[AgentNow, Standing]]:
        """Yield how the configuration stands at each agent."""
        board = self._boards.of(tenant)
        for now in self._fleet.all(tenant):
            yield now, standing_of(board, now)

    def name_of(self, layer: Layer) -> str:
        """Return how people call what a layer is for: a group's name, a host's; "" for the base and what is gone."""
        if layer.kind is LayerKind.AGENT:
            agent = self._fleet.find(layer.tenant, layer.subject)
            return "" if agent is None else agent.hostname
        return self._fleet.group_names(layer.tenant).get(layer.subject, "")

    async def layer_facts(self, tenant: str) -> Sequence[LayerFacts]:
        """Return all layers with their current versions and the rollouts under way."""
        async with self._store.view() as reads:
            layers = await reads.layers(tenant)
            wanted = {layer.current for layer in layers if layer.current is not None}
            versions = {version.id: version for version in await reads.versions(tenant, wanted)}
            rollouts = {rollout.layer: rollout.id for rollout in await reads.active_rollouts(tenant)}
        return [
            LayerFacts(
                layer=layer,
                current=None if layer.current is None else versions.get(layer.current),
                rollout=rollouts.get(layer.id),
            )
            for layer in layers
        ]

    # -- changing --------------------------------------------------------------------------------------

    async def add_version(
        self,
        tenant: str,
        layer: LayerId,
        document: Document,
        *,
        caller: Caller,
        parent: VersionId | None,
        dry_run: bool,
    ) -> Draft:
        """Write a version of a layer. It counts for nobody before it is rolled out.

        Args:
            tenant: Whose.
            layer: Id of the layer.
            document: Setting keys, whole: what is not in it is not in the layer any more. Secrets may be masked as we
                show them: they stay as they were.
            caller: Who, and why.
            parent: The version that it was made from; None = do not check for other people's edits.
            dry_run: Check and compare only.

        Raises:
            NotFoundError: No such layer.
            ConflictError: `parent` is not the newest version: somebody else wrote one meanwhile.
            RevisionError: The request was made from another revision of the layer.
            FaultyDocumentError: The document is wrong; it has all faults.
            TooLargeError: It is too large.
        """
        order = _Order(document=document, parent=parent)
        return await self._add(tenant, layer, order, caller=caller, dry_run=dry_run)

    async def write(self, change: ConfigChange, layer: Layer, document: Document, *, caller: Caller) -> Draft:
        """Write a version inside a transaction of the caller; as `add_version`."""
        return await self._write(change, layer, _Order(document=document), caller=caller)

    async def _add(self, tenant: str, layer: LayerId, order: _Order, *, caller: Caller, dry_run: bool) -> Draft:
        checked(order.document)
        if dry_run:
            async with self._store.view() as reads:
                return await self._draft(reads, await reads.layer(tenant, layer), order, caller=caller)
        async with self._store.change() as change:
            known = await change.layer(tenant, layer)
            check_revision(of_layer(known), known.revision)
            return await self._write(change, known, order, caller=caller)

    async def _write(self, change: ConfigChange, layer: Layer, order: _Order, *, caller: Caller) -> Draft:
        draft = await self._draft(change, layer, order, caller=caller)
        await self._secrets.keep(change, layer, draft.secrets)
        await change.put_layer(replace(layer, last_number=draft.version.number))
        await change.add_version(draft.version)
        change.record(self._entry(caller, draft))
        return draft

    async def go_back(self, tenant: str, version: VersionId, *, caller: Caller, dry_run: bool) -> Draft:
        """Write the content of an old version as a new version of its layer.

        Raises:
            NotFoundError: No such version.
            FaultyDocumentError: The settings changed since then, and it is wrong by now.
        """
        old = await self.version(tenant, version)
        reason = caller.reason or f"back to version {old.number}"
        order = _Order(document=old.document, is_stored=True)
        return await self._add(tenant, old.layer, order, caller=replace(caller, reason=reason), dry_run=dry_run)

    async def add_layer(self, tenant: str, kind: LayerKind, subject: str, *, caller: Caller) -> Layer:
        """Make a layer for the base, a group or an agent.

        Raises:
            ConflictError: It has one.
            InputError: There is no such group or agent.
        """
        async with self._store.change() as change:
            return await self.make_layer(change, tenant, kind, subject=subject, caller=caller)

    async def make_layer(
        self, change: ConfigChange, tenant: str, kind: LayerKind, *, subject: str, caller: Caller
    ) -> Layer:
        """Make a layer inside a transaction of the caller; as `add_layer`."""
        self._check_subject(tenant, kind, subject)
        layer = Layer(
            id=LayerId(self._new_id()),
            tenant=tenant,
            kind=kind,
            subject=subject,
            current=None,
            revision=self._clock.now_ms(),
        )
        await change.add_layer(layer)
        change.record(
            AuditEntry(
                tenant=tenant,
                actor=caller.actor,
                action="config_layer.create",
                resource=Resource(kind="config_layer", id=layer.id),
                at_ms=self._clock.now_ms(),
                reason=caller.reason,
                request_id=caller.request_id,
                detail={"kind": kind.value, "subject": subject},
            )
        )
        return layer

    async def remove_layer(self, tenant: str, layer_id: LayerId, *, caller: Caller) -> None:
        """Remove a layer with its secrets; its versions stay readable as part of the history.

        Raises:
            NotFoundError: No such layer.
            LayerInUseError: A rollout is under way in it, or what it says is in force for an agent: a rollout of a
                version without content takes it away wave by wave.
        """
        await self._boards.refresh()
        async with self._store.change() as change:
            layer = await change.layer(tenant, layer_id)
            check_revision(of_layer(layer), layer.revision)
            await change.remove_layer(layer)
            await self._refuse_in_use(change, layer)
            removed = await self._secrets.remove(change, layer)
            change.record(
                AuditEntry(
                    tenant=tenant,
                    actor=caller.actor,
                    action="config_layer.delete",
                    resource=Resource(kind="config_layer", id=layer.id),
                    at_ms=self._clock.now_ms(),
                    reason=caller.reason,
                    request_id=caller.request_id,
                    detail={"kind": layer.kind.value, "subject": layer.subject, "secret_count": removed},
                )
            )
        await self._boards.refresh()

    async def _refuse_in_use(self, change: ConfigChange, layer: Layer) -> None:
        for rollout in await change.active_rollouts(layer.tenant):
            if rollout.layer == layer.id:
                raise LayerInUseError(
                    "a rollout is under way in this layer: let it end, or abort it", rollout=rollout.id
                )
        if layer.current is None or not (await change.version(layer.tenant, layer.current)).document:
            return
        board = self._boards.of(layer.tenant)
        used = [
            now.agent for now in self._fleet.all(layer.tenant) if layer.id in {one.id for one in board.layers_of(now)}
        ]
        if used:
            what = "agents work by this layer: roll out a version without content first, so that it goes in waves"
            raise LayerInUseError(what, agents=len(used), version=layer.current)

    def _check_subject(self, tenant: str, kind: LayerKind, subject: str) -> None:
        match kind:
            case LayerKind.BASE if subject:
                raise InputError("the base is for every agent: leave the subject out", field="subject")
            case LayerKind.GROUP if subject not in self._fleet.group_names(tenant):
                raise InputError("there is no such group", field="subject", group_id=subject)
            case LayerKind.AGENT if self._fleet.find(tenant, subject) is None:
                raise InputError("there is no such agent", field="subject", agent_id=subject)
            case _:
                return

    async def _draft(self, reads: ConfigReads, layer: Layer, order: _Order, *, caller: Caller) -> Draft:
        newest = await reads.newest_version(layer.tenant, layer.id)
        if order.parent is not None and (newest is None or newest.id != order.parent):
            now = "none" if newest is None else newest.id
            raise ConflictError("somebody else wrote a version meanwhile", expected=order.parent, newest=now)
        before: Document = {} if newest is None else newest.document
        document, new = order.document, tuple[Secret, ...]()
        if not order.is_stored:
            apart = await self._secrets.apart(reads, layer, document, before=before)
            document, new = apart.document, apart.secrets
        version = ConfigVersion(
            id=VersionId(self._new_id()),
            tenant=layer.tenant,
            layer=layer.id,
            number=layer.last_number + 1,
            hash=hash_of(document),
            document=document,
            parent=None if newest is None else newest.id,
            author=caller.name,
            reason=caller.reason,
            created_at_ms=self._clock.now_ms(),
        )
        return Draft(version=version, changes=diff(before, document), secrets=new)

    def _entry(self, caller: Caller, draft: Draft) -> AuditEntry:
        return AuditEntry(
            tenant=draft.version.tenant,
            actor=caller.actor,
            action="config_version.create",
            resource=Resource(kind="config_version", id=draft.version.id),
            at_ms=draft.version.created_at_ms,
            reason=caller.reason,
            request_id=caller.request_id,
            changes=tuple(map(field_change, draft.changes)),
            detail={"layer": draft.version.layer, "number": draft.version.number, "hash": draft.version.hash},
        )
