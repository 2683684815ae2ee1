"""Keeps the rules about carrying in the base layer of the fleet's configuration, as they are published."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import cast

from gwf.api.v1.rolloutviews import shown
from gwf.audit.model import SYSTEM
from gwf.control.caller import Caller
from gwf.control.config.model import Document, Layer, LayerKind
from gwf.control.rollout.ports import Page, VersionFilter
from gwf.control.rollout.versions import ConfigService
from gwf.core.errors import ConflictError, GwfError
from gwf.rules.book import ReadySet, RuleBook
from gwf.rules.edge import carried
from gwf.rules.service import RuleService

log = logging.getLogger("gwf.app")


class EdgeRuleLayers:
    """Writes a version of the base layer whenever the rules about carrying became others; it counts once rolled out."""

    def __init__(self, rules: RuleService, book: RuleBook, configs: ConfigService) -> None:
        """Read rules from `book`, write to `configs`."""
        self._rules = rules
        self._book = book
        self._configs = configs
        #: why rules could not be written to the layer the last time; "" = they were
        self.problem = ""
        #: number of the set that was compared with the layer last, by tenant
        self._compared: dict[str, int] = {}

    async def keep_up(self) -> None:
        """Write what is missing, of all tenants; what another server wrote meanwhile is left as it is."""
        problem = ""
        for tenant in self._book.tenants():
            ready = self._book.of(tenant)
            if self._compared.get(tenant) == ready.number:
                continue
            try:
                await self._keep(tenant, ready)
                self._compared[tenant] = ready.number
            except ConflictError as exc:  # somebody wrote that layer at the same moment: the next look finds out
                log.info("edge_rules_overtaken", extra={"tenant": tenant, "error": str(exc)})
            except GwfError as exc:
                problem = str(exc)
                log.warning(
                    "edge_rules_not_written", extra={"tenant": tenant, "error_code": exc.code, "error": str(exc)}
                )
        self.problem = problem

    async def _keep(self, tenant: str, ready: ReadySet) -> None:
        rules = [rule for rule in ready.rules.rules if rule.at_host]
        wanted = carried(rules, await self._rules.documents(tenant, [rule.ref for rule in rules]))
        layer = await self._base(tenant)
        newest = None
        if layer is not None:
            found = await self._configs.versions(tenant, VersionFilter(layer=layer.id), Page(limit=1))
            newest = found[0] if found else None
        before: Document = {} if newest is None else newest.document
        if _rules_of(before) == wanted:
            return
        by = Caller(actor=SYSTEM, name="rules", reason=f"rules about carrying files, set {ready.number}")
        if layer is None:
            layer = await self._configs.add_layer(tenant, LayerKind.BASE, "", caller=by)
        after = _with(shown(before), wanted, ready.number)
        await self._configs.add_version(
            tenant, layer.id, after, caller=by, parent=None if newest is None else newest.id, dry_run=False
        )

    async def _base(self, tenant: str) -> Layer | None:
        layers = await self._configs.layers(tenant)
        return next((layer for layer in layers if layer.kind is LayerKind.BASE), None)


def _rules_of(document: Mapping[str, object]) -> list[object]:
    agent = cast("Mapping[str, object]", document.get("agent") or {})
    block = cast("Mapping[str, object]", agent.get("rules") or {})
    return list(cast("list[object]", block.get("rules") or []))


def _with(document: Mapping[str, object], rules: list[dict[str, object]], set_no: int) -> Document:
    """Return a document with other rules; without any, the block goes."""
    agent = dict(cast("Mapping[str, object]", document.get("agent") or {}))
    agent.pop("rules", None)
    if rules:
        agent["rules"] = {"set_no": set_no, "rules": rules}
    rest = {key: value for key, value in document.items() if key != "agent"}
    return cast("Document", {**rest, "agent": agent} if agent else rest)
