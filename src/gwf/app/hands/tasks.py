"""Does failed tasks again: the same task under the same key, as it was or changed by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from gwf.audit.model import SYSTEM
from gwf.core.errors import ErrorClass, GwfError, InputError
from gwf.core.text import one_line
from gwf.letters.model import Carried, Letter, LetterState, Run, Verdict
from gwf.letters.ports import Content
from gwf.tasks.actions.webhook import WebhookAction
from gwf.tasks.desk import TaskDesk, Wish
from gwf.tasks.keeping import By
from gwf.tasks.model import BAD_STATES, Executor, Task, TaskId, TaskNotFoundError
from gwf.tasks.signals import Amended
from gwf.tasks.worker.catalog import FaultyTaskError

HEAD_S = 5.0
#: classes of which an answer of any kind shows that what stood in the way is gone
PASSING = frozenset(
    {ErrorClass.NETWORK.value, ErrorClass.TIMEOUT.value, ErrorClass.SERVER.value, ErrorClass.THROTTLED.value}
)
_REFUSED = {401, 403}
_MISSING = {404, 410}


class Reach(Protocol):
    """Knows how agents and their stores are."""

    async def of_agent(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Return the word of a verdict, and what was found."""
        ...


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    config: dict[str, JsonValue] | None = None
    target: str | None = Field(default=None, min_length=1, max_length=2_000)
    agent_id: str | None = Field(default=None, max_length=100, pattern=r"^[A-Za-z0-9._-]*$")


class TaskHands:
    """See gwf.letters.ports.Hands."""

    def __init__(self, desk: TaskDesk, reach: Reach) -> None:
        """Have tasks done again by the service of `desk`."""
        self._desk = desk
        self._reach = reach

    async def content(self, letter: Letter) -> Content:
        """Return what the task is told, and what it would do."""
        try:
            task = await self._desk.tasks.get(letter.tenant, letter.subject)
        except TaskNotFoundError:  # kept long enough and removed
            return Content(editable=None)
        if task.executor is Executor.ANY or task.undoing:
            return Content(editable=None)
        config: Mapping[str, JsonValue] = _json(task)
        usable = self._desk.catalog.is_usable(task.type, config)
        return Content(
            editable={"config": config, "target": task.target, "agent_id": task.for_agent or ""},
            description=self._desk.catalog.describe(task.type, config) if usable else "",
        )

    def standing(self, agent_id: str) -> str:  # noqa: ARG002  # of the port
        """A task waits for its agent."""
        return ""

    async def check(self, letter: Letter, edit: Mapping[str, object] | None) -> str:
        """Return what stands in the way; raise for an edit that cannot work."""
        try:
            task = await self._desk.tasks.get(letter.tenant, letter.subject)
        except TaskNotFoundError as exc:
            return exc.code
        if edit is not None:
            self._amended(task, edit)
            return ""
        if task.executor is Executor.ANY:
            return "retries_used_up" if task.retry_count >= task.max_retries else ""
        if task.state not in BAD_STATES:
            return "task_state"
        return "" if task.undoing or self._desk.catalog.is_usable(task.type, _json(task)) else FaultyTaskError.code

    async def replay(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:
        """Queue tasks again, all in one transaction with their letters."""
        wishes: dict[TaskId, Amended | None] = {}
        notes: dict[str, str] = {}
        for letter in letters:
            try:
                wishes[TaskId(letter.subject)] = await self._wish(letter)
            except InputError as exc:
                notes[letter.subject] = exc.code
        by = By(
            tenant=run.tenant, actor=run.actor, reason=run.reason, request_id=run.request_id, name=run.by
        )  # fmt: skip
        refused = await self._desk.tasks.retry_many(wishes, by)
        for letter in letters:
            name = TaskId(letter.subject)
            if name in wishes:
                notes[name] = refused.get(name, TaskNotFoundError.code)
        return [_carried(letter, notes[letter.subject]) for letter in letters]

    async def drop(self, letters: Sequence[Letter], run: Run) -> Sequence[Carried]:  # noqa: ARG002  # of the port
        """Give letters up; the tasks stay as they are."""
        return [Carried(letter=letter, state=LetterState.DROPPED) for letter in letters]

    async def probe(self, letters: Sequence[Letter]) -> tuple[str, Sequence[str]]:
        """Ask for the heads of the addresses, or how the agents are; look at configurations again."""
        tasks = [
            await self._desk.tasks.get(letter.tenant, letter.subject)
            for letter in letters
            if not await self._is_gone(letter)
        ]
        if not tasks:
            return Verdict.UNKNOWN, ()
        if any(task.executor is Executor.AGENT for task in tasks):
            return await self._reach.of_agent(letters)
        action = self._desk.catalog.action(tasks[0].type)
        usable = [self._desk.catalog.is_usable(task.type, _json(task)) for task in tasks]
        if not all(usable):
            return Verdict.STILL, [f"{task.type}: the configuration cannot work" for task in tasks[:1]]
        if isinstance(action, WebhookAction):
            return await _asked(action, tasks)
        is_repaired = tasks[0].fence == 0  # it never began, because it could not
        return (Verdict.GONE if is_repaired else Verdict.UNKNOWN), [f"{tasks[0].type}: the configuration can work"]

    async def _is_gone(self, letter: Letter) -> bool:
        return await self.check(letter, None) == TaskNotFoundError.code

    async def _wish(self, letter: Letter) -> Amended | None:
        """Return what a task is to do instead; None = what it was to do.

        Raises:
            InputError: It cannot be done.
        """
        if letter.edit is None and letter.error_class != ErrorClass.CONFIG.value:
            return None
        task = await self._desk.tasks.get(letter.tenant, letter.subject)
        if letter.edit is not None:
            return self._amended(task, letter.edit)
        if task.executor is not Executor.ANY and not task.undoing:
            self._desk.catalog.check(task.type, _json(task))
        return None

    def _amended(self, task: Task, edit: Mapping[str, object]) -> Amended:
        try:
            wanted = _Edit.model_validate(edit)
        except ValidationError as exc:
            first = exc.errors()[0]
            where = "/".join(str(part) for part in first["loc"])
            raise InputError("this cannot be changed so", field=f"edit/{where}", why=first["msg"]) from exc
        config = _json(task) if wanted.config is None else wanted.config
        agent_id = task.for_agent if wanted.agent_id is None else wanted.agent_id
        wish = Wish(
            type=task.type,
            target=wanted.target or "",
            config=config,
            agent_id=agent_id or None,
            priority=task.priority,
            key=task.key,
            policy=task.policy,
        )
        draft = self._desk.draft(wish, By(tenant=task.tenant, actor=SYSTEM))
        target = wanted.target or (task.target if wanted.config is None else draft.target)
        return Amended(payload=config, target=target, executor=draft.executor, for_agent=draft.for_agent)


def _carried(letter: Letter, note: str) -> Carried:
    return Carried(letter=letter, state=LetterState.OPEN if note else LetterState.REPLAYING, note=note)


def _json(task: Task) -> dict[str, JsonValue]:
    config: dict[str, JsonValue] = {**(task.payload or {})}  # type: ignore[dict-item]  # it was JSON when it came
    return config


async def _asked(action: WebhookAction, tasks: Sequence[Task]) -> tuple[str, Sequence[str]]:
    """Ask for the head of each address that tasks of one cause go to."""
    by_url = {str((task.payload or {}).get("url")): task for task in tasks}
    verdicts: list[str] = []
    findings: list[str] = []
    for url, task in sorted(by_url.items()):
        try:
            status = await action.head(_json(task), timeout_s=HEAD_S)
        except GwfError as exc:
            verdicts.append(Verdict.STILL)
            findings.append(one_line(f"HEAD {url}: {exc}")[:500])
        else:
            verdicts.append(judged(task.error_class, status))
            findings.append(one_line(f"HEAD {url}: {status}")[:500])
    return together(verdicts), findings


def judged(error_class: ErrorClass | None, status: int) -> str:
    """Return what an answer to a HEAD says about a cause of a class. Pure."""
    word = "" if error_class is None else error_class.value
    if (status >= 500 and status != 501) or status == 429:
        return Verdict.STILL
    if word in PASSING:
        return Verdict.GONE
    if word == ErrorClass.AUTH.value:
        return Verdict.STILL if status in _REFUSED else Verdict.GONE
    if word == ErrorClass.NOT_FOUND.value:
        return Verdict.STILL if status in _MISSING else Verdict.GONE
    return Verdict.UNKNOWN


def together(verdicts: Sequence[str]) -> str:
    """Return the verdict over several looks: gone only when all say so. Pure."""
    if Verdict.STILL in verdicts:
        return Verdict.STILL
    return Verdict.GONE if verdicts and set(verdicts) == {Verdict.GONE} else Verdict.UNKNOWN
