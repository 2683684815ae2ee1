"""Hashes and checks passwords with argon2id, a few at a time, in threads."""

from __future__ import annotations

import asyncio
import base64
import os
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gwf.core.errors import CorruptDataError, InputError, OverloadedError
from gwf.identity.model import User

MIN_CHARS = 12
MAX_CHARS = 256
AT_ONCE = 2  #: each takes MEMORY_KIB and a core for some 60 ms
MAX_WAITING = 40  #: more would wait longer than a person does
MEMORY_KIB = 32 * 1024
ROUNDS = 3


class PasswordError(InputError):
    """The password cannot be one: too short, too long, or the name itself."""

    code = "password_unfit"


def check_password(password: str, *, name: str) -> None:
    """Refuse what is guessed first.

    Raises:
        PasswordError: It is too short, too long or the name.
    """
    if len(password) < MIN_CHARS:
        raise PasswordError("the password is too short", min_chars=MIN_CHARS)
    if len(password) > MAX_CHARS:
        raise PasswordError("the password is too long", max_chars=MAX_CHARS)
    if name.lower() in password.lower() and len(password) < len(name) + 8:
        raise PasswordError("the password is made of the name")


class Passwords:
    """Keeps the cost of checking bounded: two at a time, the rest waits in line or is sent away."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, rounds: int = ROUNDS) -> None:
        """Prepare a hash that no known password has, for names that nobody has: checking it costs as much."""
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gwf-password")
        salt, digest = (base64.b64encode(os.urandom(size)).rstrip(b"=").decode() for size in (16, 32))
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={rounds},p=1${salt}${digest}"
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return what is kept of a password.

        Raises:
            OverloadedError: Too many wait already.
        """
        return await self._run(password)

    async def fits(self, user: User | None, password: str) -> bool:
        """Return whether this is the user's password. For nobody, and without a password, it takes as long.

        Raises:
            OverloadedError: Too many wait already.
            CorruptDataError: What is kept is no hash.
        """
        kept = user.password_hash if user is not None else None
        fits = await self._run(password[: MAX_CHARS + 1], kept or self._nobody) == "fits"
        return fits and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Return whether a hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads; what is under way ends first."""
        self._threads.shutdown()

    async def _run(self, password: str, kept: str | None = None) -> str:
        if self._waiting >= MAX_WAITING:
            raise OverloadedError("too many logins at a time", retry_after_s=5.0)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._work, password, kept)
        finally:
            self._waiting -= 1

    def _work(self, password: str, kept: str | None) -> str:
        if kept is None:
            return self._hasher.hash(password)
        try:
            return "fits" if self._hasher.verify(kept, password) else ""
        except InvalidHashError as exc:
            raise CorruptDataError("what is kept of a password is no hash") from exc
        except VerificationError:
            return ""
