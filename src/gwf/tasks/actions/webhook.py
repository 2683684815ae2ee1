"""WEBHOOK: tell another system by an HTTP request that is signed, sent to where it may go, and judged by rules."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from pydantic import BaseModel, Field

from gwf.core.errors import ErrorClass, GwfError, InputError
from gwf.core.text import one_line
from gwf.storage.http1.dial import tls_context
from gwf.tasks.actions.answers import AnswerRules, fits, missing_in
from gwf.tasks.actions.outgoing import Call, Heard, Look, Outgoing
from gwf.tasks.actions.outward import Outward, target_of
from gwf.tasks.signals import Outcome
from gwf.tasks.worker.catalog import shape_faults
from gwf.tasks.worker.contract import Config, Fault, WorkContext, WorkResult, done, failed, stopped

SIGNATURE = "x-gwf-signature"  #: t=<seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>">
KEY = "idempotency-key"
KEPT_ANSWER_CHARS = 2000
AT_ONCE = 64  #: requests on their way in one process; each waits in a thread
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "user-agent", KEY, SIGNATURE, "x-gwf-task"}
)


class WebhookConfig(Call):
    """A webhook: the request, who signs it, what an answer means, what undoes it."""

    #: name of a key in `server.webhooks.keys`; None = it is not signed
    key: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    answer: AnswerRules = AnswerRules()
    #: redirects that are followed, only such that keep the method (307, 308)
    redirects: Annotated[int, Field(ge=0, le=5)] = 0
    #: the request that undoes it
    undo: Call | None = None


class WebhookAction:
    """See gwf.tasks.worker.contract.WorkAction."""

    kind = "WEBHOOK"
    shape: type[BaseModel] = WebhookConfig

    def __init__(self, outward: Outward, keys: Mapping[str, str], *, ca_file: str | None = None) -> None:
        """Go where `outward` allows, sign with `keys` by name, trust `ca_file` or the system's authorities."""
        self._outward = outward
        self._keys = keys
        self._tls = tls_context(ca_file)
        #: of its own: receivers and name servers that do not answer hold up nothing else
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gwf-webhook")

    def validate(self, config: Config) -> Sequence[Fault]:
        """See the contract."""
        faults = shape_faults(WebhookConfig, config)
        return faults or list(self._faults(WebhookConfig.model_validate(config)))

    def _faults(self, hook: WebhookConfig) -> Sequence[Fault]:
        found: list[Fault] = []
        calls: list[tuple[str, Call]] = [("", hook), *([("/undo", hook.undo)] if hook.undo is not None else [])]
        for pointer, call in calls:
            try:
                target_of(call.url)
            except InputError as exc:
                found.append(Fault(pointer=f"{pointer}/url", message=exc.message, code="bad_url"))
            found += [
                Fault(
                    pointer=f"{pointer}/headers/{name}", message="this header is set by GWF itself", code="own_header"
                )
                for name in call.headers
                if name.lower() in _OURS
            ]
        if hook.key is not None and hook.key not in self._keys:
            known = ", ".join(sorted(self._keys)) or "none"
            what = f"server.webhooks.keys has no such key; there are: {known}"
            found.append(Fault(pointer="/key", message=what, code="no_signing_key"))
        return found

    def describe(self, config: Config) -> str:
        """See the contract."""
        target = target_of(str(config.get("url", "")))
        signed = ", signed" if config.get("key") else ""
        return f"{config.get('method', 'POST')} {target.scheme}://{target.host}:{target.port}{target.path}{signed}"

    async def execute(self, config: Config, context: WorkContext) -> WorkResult:
        """See the contract."""
        hook = WebhookConfig.model_validate(config)
        result = await self._told(hook, hook, context, key=context.idempotency_key)
        if hook.undo is None or result.outcome is not Outcome.SUCCEEDED:
            return result
        return done(result.summary, result.detail, undo={"answer": result.detail.get("answer", "")})

    async def compensate(self, config: Config, context: WorkContext, undo: Mapping[str, object]) -> WorkResult:  # noqa: ARG002  # the request says what is to be undone by its key
        """See the contract."""
        hook = WebhookConfig.model_validate(config)
        if hook.undo is None:
            return failed("the webhook has no request that undoes it", ErrorClass.CONFIG, retryable=False)
        return await self._told(hook, hook.undo, context, key=f"{context.idempotency_key}-undo")

    async def head(self, config: Config, *, timeout_s: float) -> int:
        """Ask for the head of the address, under the same bounds as the request itself; return the status.

        Raises:
            GwfError: There is no answer, or the address may not be reached.
        """
        hook = WebhookConfig.model_validate(config)
        asked = Look(url=hook.url, headers=hook.headers)
        request = Outgoing(self._outward, self._tls, asked, redirects=hook.redirects)
        try:
            return (await self._sending(request, {}, timeout_s=timeout_s)).answer.status
        finally:
            request.abort()

    def _sending(self, request: Outgoing, head: Mapping[str, str], *, timeout_s: float) -> asyncio.Future[Heard]:
        """Send a request in a thread of ours."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._threads, lambda: request.send(head, timeout_s=timeout_s))

    async def _told(self, hook: WebhookConfig, call: Call, context: WorkContext, *, key: str) -> WorkResult:
        """Send a request while watching whether it is to stop."""
        request = Outgoing(self._outward, self._tls, call, redirects=hook.redirects)
        signing = None if hook.key is None else self._keys.get(hook.key)
        if hook.key is not None and signing is None:
            return failed(f"server.webhooks.keys has no {hook.key!r}", ErrorClass.CONFIG, retryable=False)
        head = {KEY: key, "x-gwf-task": context.task_id}
        if signing is not None:
            head[SIGNATURE] = signature(signing, request.body, at_s=context.now_ms() // 1000)
        sending = self._sending(request, head, timeout_s=context.timeout_s)
        told = asyncio.create_task(context.stopping.wait())
        try:
            either: set[asyncio.Future[Any]] = {sending, told}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                request.abort()
                await asyncio.wait({sending})
        finally:
            told.cancel()
            request.abort()
            sending.cancel()  # where this itself was cut off: its thread ends by itself, and nobody waits for it
        try:
            return _judged(sending.result(), hook.answer)
        except GwfError as exc:
            if context.stopping.is_set():
                return stopped("cut off while it was sent; the other side may have it")
            return failed(one_line(str(exc)), exc.error_class, retryable=exc.retryable)


def signature(key: str, body: bytes, *, at_s: int) -> str:
    """Return the value of the header by which the receiver knows who sent a body, and when."""
    digest = hmac.digest(key.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hex()
    return f"t={at_s},v1={digest}"


def _judged(heard: Heard, rules: AnswerRules) -> WorkResult:
    answer = heard.answer
    text = answer.body[: 4 * KEPT_ANSWER_CHARS].decode("utf-8", "replace")[:KEPT_ANSWER_CHARS]
    detail: dict[str, object] = {"status": answer.status, "answer": text, "url": heard.url}
    if fits(answer.status, rules.success):
        missing = missing_in(answer.body, rules.json_is)
        if not missing:
            return done(f"answered {answer.status}", detail)
        return failed(f"answered {answer.status}, but {missing}", ErrorClass.SERVER, detail=detail)
    return failed(
        f"answered {answer.status}", _class_of(answer.status), retryable=fits(answer.status, rules.retry),
        retry_after_s=answer.retry_after_s(), detail=detail,
    )  # fmt: skip


def _class_of(status: int) -> ErrorClass:
    known = {
        401: ErrorClass.AUTH, 403: ErrorClass.AUTH, 404: ErrorClass.NOT_FOUND, 408: ErrorClass.TIMEOUT,
        409: ErrorClass.CONFLICT, 413: ErrorClass.TOO_LARGE, 429: ErrorClass.THROTTLED,
    }  # fmt: skip
    return known.get(status, ErrorClass.SERVER if status >= 500 else ErrorClass.CONFIG)
