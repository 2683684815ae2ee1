"""Keeps the secrets of configurations apart from their versions, and gives them to the agents they are for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from gwf.control.config.check import FaultyDocumentError
from gwf.control.config.confidential import Secret, Separated, separated
from gwf.control.config.model import Document, Layer
from gwf.control.rollout.ports import ConfigChange, ConfigReads
from gwf.core.settings.references import references_in
from gwf.vault.model import Owner, SecretId
from gwf.vault.service import Vault

OWNER_KIND = "config_layer"


class ConfigSecrets:
    """Secrets of layers: they belong to the layer, since any of its versions may come back."""

    def __init__(self, vault: Vault) -> None:
        """Keep them in `vault`."""
        self._vault = vault

    async def apart(self, reads: ConfigReads, layer: Layer, document: Document, *, before: Document) -> Separated:
        """Return a document that somebody sent with references in the place of its secrets.

        Raises:
            FaultyDocumentError: A secret is masked and there is none to keep, or a reference is none of this place.
        """
        ids = _ids_in(before)
        known = await self._vault.readable(layer.tenant, ids, reads=reads.sealed) if ids else {}
        texts = {str(secret): text for secret, text in known.items()}
        result = separated(document, before, texts, new_id=_new_id)
        if result.faults:
            raise FaultyDocumentError("the document is not usable", faults=result.faults)
        return result

    async def keep(self, change: ConfigChange, layer: Layer, new: tuple[Secret, ...]) -> None:
        """Seal new secrets of a layer and store them with the transaction.

        Raises:
            SecretsUnavailableError: There is no key to seal them with.
        """
        texts = {SecretId(secret.id): secret.text for secret in new}
        if texts:
            owner = _owner_of(layer)
            await change.sealing.add(await self._vault.sealed(layer.tenant, owner, texts, reads=change.sealing))

    async def remove(self, change: ConfigChange, layer: Layer) -> int:
        """Remove all secrets of a layer; return how many there were."""
        return await change.sealing.remove_of(layer.tenant, _owner_of(layer))

    async def of(self, tenant: str, document: Document) -> Mapping[str, str]:
        """Return the secrets that a document refers to, in clear: for the agent that it is offered to, nobody else.

        Raises:
            SecretsUnavailableError: One of them cannot be read with the key file of this server.
            CorruptDataError: One is damaged.
        """
        ids = _ids_in(document)
        if not ids:
            return {}
        return {str(secret): text for secret, text in (await self._vault.texts(tenant, ids)).items()}


def _ids_in(document: Document) -> frozenset[SecretId]:
    return frozenset(map(SecretId, references_in(document)))


def _owner_of(layer: Layer) -> Owner:
    return Owner(kind=OWNER_KIND, id=layer.id)


def _new_id() -> str:
    return secrets.token_hex(12)
