"""SCRIPT: run a program that the configuration file of this host allows, with facts of the file as arguments."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gwf.core.errors import InputError
from gwf.core.settings.model import ScriptSettings
from gwf.tasks.actions.arguments import fill
from gwf.tasks.actions.leftovers import end_marked
from gwf.tasks.actions.model import ActionResult, Context, cancelled, done, failed, refused
from gwf.tasks.actions.program import Account, Ended, Program, run
from gwf.tasks.actions.subject import Subject

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
KEY_VARIABLE = "GWF_ACTION_KEY"  #: the same at every repeat for one file version; tells a program of a repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptConfig:
    """An allowed program and the name it is allowed under."""

    name: str
    settings: ScriptSettings


class ScriptAction:
    """See contract.Action."""

    def validate(self, config: ScriptConfig) -> list[str]:
        """See contract.Action."""
        settings = config.settings
        problems = _program_problems(settings.command[0])
        if settings.undo:
            problems += _program_problems(settings.undo[0])
        if settings.cwd is not None and not settings.cwd.is_dir():
            problems.append(f"cwd: {settings.cwd} is no directory")
        try:
            _account(settings.user)
        except InputError as exc:
            problems.append(str(exc))
        return [f"script {config.name}: {problem}" for problem in problems]

    def describe(self, config: ScriptConfig, subject: Subject) -> str:
        """See contract.Action."""
        try:
            arguments = fill(config.settings.command, subject)
        except InputError as exc:
            return f"nothing: {exc}"
        who = f" as {config.settings.user}" if config.settings.user else ""
        return f"run{who}: " + " ".join(repr(os.fsdecode(argument)) for argument in arguments)

    def execute(self, config: ScriptConfig, context: Context) -> ActionResult:
        """See contract.Action."""
        if not context.proof.is_verified(context.subject):
            return refused("the journal does not say that the store confirmed this version")
        end_marked(KEY_VARIABLE, context.idempotency_key)  # of an earlier attempt, when this process was killed in it
        return _result(config.settings.command, config, context)

    def compensate(self, config: ScriptConfig, context: Context, result: ActionResult) -> ActionResult:  # noqa: ARG002 — a program keeps its own account by GWF_ACTION_KEY
        """See contract.Action."""
        if not config.settings.undo:
            return refused(f"script {config.name} has no undo command")
        return _result(config.settings.undo, config, context)


def _result(command: Sequence[str], config: ScriptConfig, context: Context) -> ActionResult:
    try:
        program = _program(command, config.settings, context)
        ended = run(program, context.output, context.cancel)
    except InputError as exc:
        return refused(str(exc))
    except OSError as exc:
        return failed(f"{command[0]} cannot be run: {exc.strerror}")
    if ended.ended_by:
        end_marked(KEY_VARIABLE, context.idempotency_key)  # what left the group must not go on beside the next attempt
    return _judged(ended, program.timeout_s)


def _judged(ended: Ended, timeout_s: float) -> ActionResult:
    if ended.ended_by == "cancel":
        return cancelled()
    if ended.ended_by == "timeout":
        return failed(f"ended after {timeout_s:g} s, with everything that it began")
    if ended.code == 0:
        return done("exit code 0")
    code = ended.code or 0
    return failed(f"exit code {code}" if code > 0 else f"ended by signal {-code}")


def _program(command: Sequence[str], settings: ScriptSettings, context: Context) -> Program:
    account = _account(settings.user)
    home = pwd.getpwuid(account.uid if account else os.geteuid()).pw_dir if _has_home(account) else "/"
    fixed = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": home, KEY_VARIABLE: context.idempotency_key}
    return Program(
        arguments=fill(command, context.subject),
        environ={**fixed, **settings.env},
        cwd=str(settings.cwd or "/"),
        account=account,
        timeout_s=min(settings.timeout, context.timeout_s),
    )


def _has_home(account: Account | None) -> bool:
    try:
        pwd.getpwuid(account.uid if account else os.geteuid())
    except KeyError:  # a number without a name, as containers have it
        return False
    return True


def _account(user: str | None) -> Account | None:
    """Return the rights of a user; None = our own.

    Raises:
        InputError: There is no such user, or we may not become them.
    """
    if user is None:
        return None
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise InputError("no user has this name", user=user) from None
    if entry.pw_uid == os.geteuid():
        return None
    if os.geteuid() != 0:
        raise InputError("only root runs programs as another user", user=user)
    groups = tuple(item.gr_gid for item in grp.getgrall() if user in item.gr_mem)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, groups=groups)


def _program_problems(path: str) -> list[str]:
    try:
        mode = os.stat(path).st_mode
    except OSError as exc:
        return [f"{path}: {exc.strerror}"]
    if not stat.S_ISREG(mode) or not os.access(path, os.X_OK):
        return [f"{path} is no program that may be run"]
    loose = [name for name in (Path(path), *Path(path).resolve().parents) if _is_loose(name)]
    return [f"{name} may be changed by every user" for name in loose]


def _is_loose(path: Path) -> bool:
    mode = path.stat().st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX
