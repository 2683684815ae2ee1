from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.host.masking import MAX_COMMAND_CHARS, MAX_VARIABLES, masked_command, masked_environment
from gwf.core.secrets import MASK

SECRET = "s3cr3t!Value"


@pytest.mark.parametrize(
    "command",
    [
        ["app", f"--password={SECRET}"],
        ["app", "--password", SECRET],
        ["app", f"-Dspring.datasource.password={SECRET}"],
        ["app", f"DB_PASSWD={SECRET} with blanks"],
        ["app", "--api-key", SECRET],
        ["app", f"--oss.access_key:{SECRET}"],
        ["app", "--sk", SECRET],
        ["app", f"ak={SECRET}"],
        ["/usr/bin/mysql", "-u", "root", f"-p{SECRET}"],
        ["sshpass", "-p", SECRET, "ssh", "host"],
        ["curl", "-u", f"user:{SECRET}", "http://host"],
        ["curl", "-H", f"Authorization: Bearer {SECRET}"],
        ["curl", f"https://user:{SECRET}@host/path"],
        ["curl", f"https://host/path?access_token={SECRET}&a=b"],
        ["sh", "-c", f"mysql --password={SECRET} -e 'select 1' --token {SECRET}"],
        ["sh", "-c", f'curl -d \'{{"password": "{SECRET}"}}\' host'],
        [f"postgres: worker password={SECRET}"],
    ],
)
def test_secrets_in_command_lines_are_masked(command: list[str]) -> None:
    shown = masked_command(command)
    assert SECRET not in shown
    assert MASK in shown
    assert shown.split(maxsplit=1)[0].startswith(command[0].split(maxsplit=1)[0])


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "LTAI5tExampleExample99", "ghp_" + "a1" * 18])
def test_keys_are_known_by_their_form(key: str) -> None:
    assert masked_command(["app", key]) == f"app {MASK}"


@pytest.mark.parametrize(
    "command",
    [
        ["sleep", "300"],
        ["java", "-Xmx4g", "-jar", "app.jar", "--server.port=8080"],
        ["nginx: worker process"],
        ["mysqld", "-pid-file=/run/x"],
        ["tail", "-f", "/var/log/app/pay.log"],
        ["/usr/bin/python3", "-m", "gwf", "up", "--data", "/srv/gwf"],
        [],
    ],
)
def test_ordinary_command_lines_stay_as_they_are(command: list[str]) -> None:
    assert masked_command(command) == " ".join(command)


@given(st.lists(st.text()))
def test_any_command_line_can_be_shown(command: list[str]) -> None:
    assert len(masked_command(command)) <= MAX_COMMAND_CHARS


def test_what_is_known_by_value_is_masked_wherever_it_stands() -> None:
    assert masked_command(["app", "x-hunter2-y"], clean=lambda text: text.replace("hunter2", MASK)) == f"app x-{MASK}-y"


def test_values_of_environments_are_masked_unless_allowed() -> None:
    variables = {"PATH": "/bin", "DB_PASSWORD": SECRET, "URL": f"http://u:{SECRET}@h", "TOKEN_FILE": SECRET}
    assert masked_environment(variables, values=False) == [f"{name}={MASK}" for name in variables]
    assert masked_environment(variables, values=True) == [
        "PATH=/bin", f"DB_PASSWORD={MASK}", f"URL=http://u:{MASK}@h", f"TOKEN_FILE={MASK}",
    ]  # fmt: skip


@pytest.mark.parametrize("piece", ["a", "-", "x-", "pass", "eyJaaaaaaaa-", "ab://x", "sk-"])
def test_a_word_without_end_does_not_hold_up_the_process(piece: str) -> None:
    word = piece * 30_000
    began_s = time.process_time()
    masked_command(["app", word, word])
    masked_environment({word: "", "A": word}, values=True)
    assert time.process_time() - began_s < 5.0


def test_only_the_first_variables_are_shown() -> None:
    assert len(masked_environment({f"V{n}": "" for n in range(50)}, values=True)) == MAX_VARIABLES
