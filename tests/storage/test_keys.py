"""Key templates: what they render, and what every rendered key obeys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.errors import ConfigError, InputError
from gwf.storage.keys import (
    MAX_RENDERED_BYTES,
    MAX_SEGMENT_BYTES,
    KeyParts,
    check_key,
    compile_template,
    key_pattern,
)

DEFAULT = compile_template("{hostname}/{path}")
NAMES = (
    st.binary(min_size=1, max_size=255)
    .filter(lambda name: b"/" not in name and b"\0" not in name)
    .filter(lambda name: name not in {b".", b".."})
)
PATHS = st.lists(NAMES, min_size=1, max_size=12).map(lambda names: b"/" + b"/".join(names))
TEMPLATES = st.sampled_from(
    ["{hostname}/{path}", "{relpath}", "{dir}/{name}", "x/{stem}{suffix}", "{label.site}/{date}/{name}", "{sha256}"]
)


def _parts(path: bytes, **more: object) -> KeyParts:
    values: dict[str, object] = {"hostname": "web-01", "root": b"/data/in", "sha256": "ab" * 32} | more
    return KeyParts(path=path, **values)  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("{hostname}/{path}", "web-01/data/in/2026/app.tar.gz"),
        ("{relpath}", "2026/app.tar.gz"),
        ("{dir}/{stem}-copy{suffix}", "2026/app.tar-copy.gz"),
        ("logs/{label.site}/{date}/{name}", "logs/eu-1/2023-11-14/app.tar.gz"),
        ("{sha256}{suffix}", "ab" * 32 + ".gz"),
        ("{label.none}/{name}", "unknown/app.tar.gz"),
    ],
)
def test_variables_are_filled_in(template: str, key: str) -> None:
    parts = _parts(b"/data/in/2026/app.tar.gz", labels={"site": "eu-1"}, modified_at_ms=1_700_000_000_000)
    assert compile_template(template).render(parts) == key


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (b"/data/in/..data/x", "web-01/data/in/..data/x"),
        (b"/data/in/.bashrc", "web-01/data/in/.bashrc"),
        ("/data/in/日志\n.log".encode(), "web-01/data/in/日志\n.log"),
    ],
)
def test_unusual_but_valid_names_stay_as_they_are(path: bytes, key: str) -> None:
    assert DEFAULT.render(_parts(path)) == key


def test_bytes_that_are_no_text_are_escaped_and_marked() -> None:
    key = DEFAULT.render(_parts(b"/data/a\xff.log"))
    assert key.startswith("web-01/data/a%FF.log~")
    assert key != DEFAULT.render(_parts(b"/data/a%FF.log"))


def test_a_long_key_is_cut_but_keeps_its_suffix_and_stays_unique() -> None:
    base = b"/data" + b"/directory-name" * 80
    first, second = (DEFAULT.render(_parts(base + end)) for end in (b"/one.tar.gz", b"/two.tar.gz"))
    assert first != second
    assert first.endswith(".gz")
    assert len(first.encode()) <= MAX_RENDERED_BYTES


@pytest.mark.parametrize(
    ("hostname", "segment"), [("a/b\\c", "a-b-c"), ("", "unknown-host"), ("  ", "unknown-host"), ("..", "--")]
)
def test_host_names_are_one_segment(hostname: str, segment: str) -> None:
    assert DEFAULT.render(_parts(b"/x", hostname=hostname)) == f"{segment}/x"


def test_a_file_directly_in_the_root_has_no_empty_segment() -> None:
    assert compile_template("{dir}/{name}").render(_parts(b"/data/in/x")) == "x"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{nope}/{path}", "unknown variable {nope}"),
        ("{path", "stray '{'"),
        ("path}/{name}", "stray '}'"),
        ("/{path}", "starts or ends with a slash"),
        ("a//{name}", "a segment is empty"),
        ("../{name}", "a segment is empty, '.' or '..'"),
        ("{hostname}/{date}", "all files would get one key"),
        ("", "all files would get one key"),
        ("{label.}/{name}", "unknown variable {label.}"),
        ("\ud800/{name}", "no valid text"),
    ],
)
def test_unusable_templates_are_refused_with_their_reason(template: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compile_template(template)
    assert any(problem in text for text in caught.value.problems)


def test_only_templates_with_the_content_hash_need_it() -> None:
    assert compile_template("{sha256}").needs_sha256
    assert not DEFAULT.needs_sha256
    assert compile_template("{label.a}/{label.b}/{name}").labels == {"a", "b"}


@given(template=TEMPLATES, path=PATHS, hostname=st.text(max_size=20), label=st.text(max_size=20))
def test_every_rendered_key_obeys_the_rules(template: str, path: bytes, hostname: str, label: str) -> None:
    parts = _parts(path, hostname=hostname, root=b"/", labels={"site": label})
    key = compile_template(template).render(parts)
    assert check_key(key) == key.encode()
    assert len(key.encode()) <= MAX_RENDERED_BYTES
    assert all(len(segment.encode()) <= MAX_SEGMENT_BYTES for segment in key.split("/"))
    assert not key.startswith("\\")


@given(first=PATHS, second=PATHS)
def test_different_paths_get_different_keys(first: bytes, second: bytes) -> None:
    same = first == second
    assert (DEFAULT.render(_parts(first)) == DEFAULT.render(_parts(second))) is same


@given(path=PATHS)
def test_rendering_is_repeatable(path: bytes) -> None:
    assert DEFAULT.render(_parts(path)) == DEFAULT.render(_parts(path))


@given(template=TEMPLATES, path=st.lists(st.text("abc.-_ 中", min_size=1, max_size=9), min_size=1, max_size=4))
def test_the_pattern_of_a_template_matches_every_key_of_a_plain_file(template: str, path: list[str]) -> None:
    parts = _parts(f"/data/in/x{'/x'.join(path)}".encode(), hostname="h.1", root=b"/data/in", labels={"site": "s+"})
    key = compile_template(template).render(parts)
    if not parts.path.removeprefix(b"/data/in/").count(b"/") and "{dir}" in template:
        return  # the empty directory's slash is taken away
    assert key_pattern(template, parts).fullmatch(key)


@pytest.mark.parametrize("key", ["h2/data/in/a", "h1/data/in", "h1/data/inside/a", "x/h1/data/in/a", "h1/data/in/"])
def test_the_pattern_of_a_template_matches_no_key_of_another_host_or_tree(key: str) -> None:
    assert not key_pattern("{hostname}/{path}", _parts(b"", hostname="h1", root=b"/data/in")).fullmatch(key)


@pytest.mark.parametrize("key", ["", "/a", "a//b", "a/./b", "..", "a\0", "k" * 1025])
def test_keys_against_the_rules_are_named(key: str) -> None:
    with pytest.raises(InputError):
        check_key(key)
