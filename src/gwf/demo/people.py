"""The people of a demo: each logs in and acts over HTTP, so that the audit names them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

from gwf.core.errors import UnavailableError
from gwf.identity.permissions import Role

ANSWER_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works with the platform."""

    name: str
    display_name: str
    role: Role


PEOPLE = (
    Person(name="wang.lei", display_name="王磊 Wang Lei", role=Role.ADMIN),
    Person(name="li.na", display_name="李娜 Li Na", role=Role.OPERATOR),
    Person(name="zhao.min", display_name="赵敏 Zhao Min", role=Role.OPERATOR),
    Person(name="chen.jie", display_name="陈洁 Chen Jie", role=Role.APPROVER),
    Person(name="sun.hao", display_name="孙浩 Sun Hao", role=Role.VIEWER),
)
ADMIN, LI, ZHAO, APPROVER, VIEWER = (person.name for person in PEOPLE)


class Caller:
    """Somebody who calls the API."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """`headers` say who."""
        self._url = url
        self._headers = dict(headers)

    def get(self, path: str) -> Any:
        """Return the JSON of a GET.

        Raises:
            UnavailableError: It was refused, or not answered.
        """
        return self._ask("GET", path, None)

    def send(self, method: str, path: str, body: object) -> Any:
        """Return the JSON answer to a body, None without one. Raises as `get`."""
        return self._ask(method, path, body)

    def _ask(self, method: str, path: str, body: object) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": "application/json"} if content else {})
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self._url}/api/v1{quote(path, safe='/:?&=%,')}", content, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310 - loopback
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refusal:
            with refusal:
                what = refusal.read(500).decode("utf-8", "replace")
            raise UnavailableError(
                "the demo was refused something", path=path, status=refusal.code, answer=what
            ) from refusal
        except (OSError, ValueError) as exc:
            raise UnavailableError("the demo's platform does not answer", path=path, reason=str(exc)) from exc


def operator(url: str, token: str) -> Caller:
    """Return the process's own user."""
    return Caller(url, {"Authorization": f"Bearer {token}"})


def log_in(url: str, name: str, password: str) -> Caller:
    """Return a person who logged in by name and password.

    Raises:
        UnavailableError: They are not let in.
    """
    body = json.dumps({"name": name, "password": password}).encode()
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{url}/api/v1/login", body, {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310 - loopback
            who = json.load(answer)
            jar = SimpleCookie()
            for line in answer.headers.get_all("Set-Cookie", []):
                jar.load(line)
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise UnavailableError("this login is wrong", name=name, status=refusal.code) from refusal
    cookie = "; ".join(f"{key}={morsel.value}" for key, morsel in jar.items())
    return Caller(url, {"Cookie": cookie, "X-Gwf-Csrf": str(who["csrf"])})
