"""The console's sources: types, units, generated parts, texts, size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.api.v1.config_documents import settings_tree
from gwf.wire.configforms import SettingView
from tests.console.tools import ROOT, SOURCE, page_weights, run_tool

pytestmark = pytest.mark.usefixtures("packages")

#: spec: what the first page may cost on the wire, all its scripts and styles together, and what each other page adds
FIRST_BYTES, FURTHER_BYTES = 450 * 1024, 60 * 1024


def sources() -> list[Path]:
    return [path for path in (SOURCE / "src").rglob("*.ts*") if path.name != "schema.d.ts"]


def test_types_are_right() -> None:
    done = run_tool("typescript/bin/tsc", "--noEmit")
    assert done.returncode == 0, done.stdout


def test_unit_tests_pass() -> None:
    done = run_tool("vitest/vitest.mjs", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Tests +\d\d+ passed", done.stdout)


def test_api_types_are_those_of_the_committed_description(tmp_path: Path) -> None:
    fresh = tmp_path / "schema.d.ts"
    done = run_tool("openapi-typescript/bin/cli.js", str(ROOT / "docs/reference/openapi.json"), "-o", str(fresh))
    assert done.returncode == 0, done.stderr
    assert (SOURCE / "src/api/schema.d.ts").read_text() == fresh.read_text(), "run: npm run schema"


def test_every_page_is_within_its_budget(dist: Path) -> None:
    first, pages = page_weights(dist)
    assert first <= FIRST_BYTES
    assert len(pages) > 3
    assert {name: size for name, size in pages.items() if size > FURTHER_BYTES} == {}


def test_the_lock_file_names_no_registry() -> None:
    lock = (SOURCE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 50


def test_texts_stand_in_the_dictionary_only() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    words = re.compile(r">\s*[A-Za-z]{3,}[^<>{}=;()]*</")
    for path in sources():
        # languages name themselves; stories and tests are examples
        if {"i18n", "stories"} & set(path.parts) or ".test." in path.name or path.name == "UserMenu.tsx":
            continue
        text = path.read_text(encoding="utf-8")
        assert not han.search(text), path
        assert path.suffix != ".tsx" or not words.search(text), path


def test_files_stay_small() -> None:
    limits = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: lines for name, lines in limits.items() if lines > 300 and "i18n" not in name} == {}


def test_every_reason_the_edge_gives_has_words() -> None:
    known = set(re.findall(r"^    (\w+): ", (SOURCE / "src/i18n/reasons.ts").read_text(encoding="utf-8"), re.MULTILINE))
    agent = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/gwf/agent").rglob("*.py"))
    given = set(re.findall(r"(?:_reason\(|Reason\(code=|FileStatus\.SKIPPED, |, reason=)[\"'](\w+)[\"']", agent))
    assert given - known == set()
    assert {"breaker_open", "watch_limit", "larger_than_max_size"} <= given


def words_in(path: str) -> set[str]:
    return set(re.findall(r'"([^" ]+)": "', (SOURCE / "src/i18n" / path).read_text(encoding="utf-8")))


def settings_below(setting: SettingView, path: str) -> Iterator[str]:
    for key in setting.keys:
        here = f"{path}.{key.name}".lstrip(".")
        if key.kind != "section":
            yield here
        yield from settings_below(key, here)
        if key.item is not None:
            yield from settings_below(key.item, here + ("[]" if key.kind == "list" else ".<name>"))


def test_every_setting_of_a_layer_has_chinese_words() -> None:
    assert words_in("settingHelp.ts") == set(settings_below(settings_tree(), ""))


def test_every_action_of_the_audit_has_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/gwf").rglob("*.py"))
    done = set(re.findall(r'(?:action=|entry\(by, |_entry\(tenant, caller, )"([a-z_]+\.[a-z_]+)"', source))
    assert {"rollout.move", "user.create", "config.offer_again"} <= done
    assert done - words_in("actions.ts") == set()
