"""The kinds of tasks that there are: who does them, and which configurations can work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from gwf.core.errors import InputError
from gwf.core.settings.model import Compress
from gwf.tasks.model import Executor
from gwf.tasks.worker.contract import Config, Fault, Shaped, WorkAction

AbsolutePath = Field(min_length=2, max_length=4096, pattern=r"^/[^\x00]*$")


class FaultyTaskError(InputError):
    """The configuration of a task cannot work; `faults` has every reason."""

    code = "invalid_task"

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        """Carry all at once, so that one answer shows everything to mend."""
        super().__init__(message, problems="; ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = faults


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UploadTask(_Shape):
    """UPLOAD: have an agent send a file now, and see it through until the store has it."""

    path: str = AbsolutePath


class ArchiveTask(_Shape):
    """ARCHIVE: have an agent keep a file elsewhere, or delete it, once its object is verified."""

    path: str = AbsolutePath
    into: str = Field(default="archive", min_length=1, max_length=4096)
    compress: Compress = Compress.NONE
    delete: bool = False


class ScriptTask(_Shape):
    """SCRIPT: have an agent run a program that its own configuration file allows, on a file that it has sent."""

    path: str = AbsolutePath
    script: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")


class ApprovalTask(_Shape):
    """APPROVAL: wait until somebody who may says yes or no; the step of a flow."""

    text: str = Field(default="", max_length=8_000)
    #: whoever began the run may not give it
    four_eyes: bool = False


PERSON_KINDS: Mapping[str, type[BaseModel]] = {"APPROVAL": ApprovalTask}
AGENT_KINDS: Mapping[str, type[BaseModel]] = {"UPLOAD": UploadTask, "ARCHIVE": ArchiveTask, "SCRIPT": ScriptTask}
FLOW_KIND = "FLOW"  #: no kind of task: the action of a rule that begins the run of a flow
KindName = Literal["UPLOAD", "ARCHIVE", "SCRIPT"]


def shape_faults(shape: type[BaseModel], config: Config) -> Sequence[Fault]:
    """Return what is wrong with a configuration, by a pydantic model of it."""
    try:
        shape.model_validate(config)
    except ValidationError as exc:
        return [
            Fault(
                pointer="".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in fault["loc"]),
                message=fault["msg"],
                code=fault["type"],
            )
            for fault in exc.errors(include_url=False, include_input=False)
        ]
    return []


class Catalog:
    """The kinds that this centre knows. Immutable."""

    def __init__(self, actions: Iterable[WorkAction]) -> None:
        """Know these beside what agents do; a later action of one kind takes the place of an earlier one."""
        self._actions = {action.kind: action for action in actions}

    @property
    def for_workers(self) -> Sequence[str]:
        """The kinds that workers do."""
        return sorted(self._actions)

    @property
    def kinds(self) -> Mapping[str, Executor]:
        """Who does each kind."""
        return {
            **dict.fromkeys(self._actions, Executor.WORKER),
            **dict.fromkeys(AGENT_KINDS, Executor.AGENT),
            **dict.fromkeys(PERSON_KINDS, Executor.PERSON),
        }

    def action(self, kind: str) -> WorkAction | None:
        """Return what workers do for a kind; None when they do nothing."""
        return self._actions.get(kind)

    def shape(self, kind: str) -> type[BaseModel] | None:
        """Return the model of a kind's configuration; None when it has none, or there is no such kind."""
        if kind in AGENT_KINDS or kind in PERSON_KINDS:
            return AGENT_KINDS.get(kind) or PERSON_KINDS[kind]
        action = self._actions.get(kind)
        return action.shape if isinstance(action, Shaped) else None

    def check(self, kind: str, config: Mapping[str, JsonValue]) -> Executor:
        """Return who does such a task.

        Raises:
            FaultyTaskError: There is no such kind, or the configuration cannot work.
        """
        executor = self.kinds.get(kind)
        if executor is None:
            known = ", ".join(sorted(self.kinds))
            raise FaultyTaskError("there is no such kind of task", [Fault(pointer="/type", message=f"one of: {known}")])
        shape = AGENT_KINDS.get(kind) or PERSON_KINDS.get(kind)
        found = self._actions[kind].validate(config) if shape is None else shape_faults(shape, config)
        if found:
            faults = [Fault(pointer=f"/config{one.pointer}", message=one.message, code=one.code) for one in found]
            raise FaultyTaskError("the configuration of the task cannot work", faults)
        return executor

    def is_usable(self, kind: str, config: Mapping[str, JsonValue]) -> bool:
        """Tell whether `check` would take it."""
        try:
            self.check(kind, config)
        except FaultyTaskError:
            return False
        return True

    def describe(self, kind: str, config: Mapping[str, JsonValue]) -> str:
        """Return in one line what a task would do; it was checked before."""
        action = self._actions.get(kind)
        if action is not None:
            return action.describe(config)
        path = str(config.get("path", ""))
        match kind:
            case "SCRIPT":
                return f"run {config.get('script')} on {path}"
            case "ARCHIVE":
                return f"delete {path} once its object is verified" if config.get("delete") else f"archive {path}"
            case "APPROVAL":
                return "ask somebody"
            case _:
                return f"send {path} now"
