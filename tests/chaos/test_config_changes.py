"""The configuration changes again and again while files settle, wait and are sent: none is lost, none is sent twice."""

from __future__ import annotations

import copy
import itertools
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from gwf.testing.faults import Faults
from tests.agent.waiting import until
from tests.chaos import ledger
from tests.chaos.lab import GRACE_S, HOST, Lab
from tests.chaos.ledger import Stored, Verdict
from tests.chaos.load import Background
from tests.chaos.scale import sized

Document = dict[str, Any]

#: prefixes of the bucket, one for each s3 store; what lies under each is the account of its trees
PREFIXES = {"s3": "one", "second": "two", "third": "three"}
SLOW_S = 0.1  #: of each answer, so that transfers are under way when a change comes


class Changer:
    """Makes one configuration after another out of a whole one, and puts each into force."""

    def __init__(self, lab: Lab, whole: Document) -> None:
        self.lab = lab
        self.whole = whole
        self.random = random.Random(lab.random.random())
        self.counts = dict.fromkeys(("api", "sighup", "rollback", "refused"), 0)
        self.number = itertools.count(1)

    def step(self) -> None:
        """Change something, in one of the ways there are."""
        program, way = self.lab.program, self.random.random()
        if way < 0.05:
            status, problem = program.post("/api/v1/config", self._broken())
            assert (status, problem["code"]) == (400, "invalid_config"), problem
            self.counts["refused"] += 1
        elif way < 0.15:
            self._reload(self._other())
        elif way < 0.2:
            kept = [version["number"] for version in program.get("/api/v1/config/versions")]
            self._accepted(program.post("/api/v1/config/rollback", {"number": self.random.choice(kept[:20])}))
            self.counts["rollback"] += 1
        else:
            self._accepted(program.post("/api/v1/config", self._other()))
            self.counts["api"] += 1

    def finish(self) -> None:
        """Put the whole configuration into force: every tree is watched again."""
        self.lab.program.configure(self.whole)
        self._accepted(self.lab.program.post("/api/v1/config", self.whole))

    def _accepted(self, answer: tuple[int, Any]) -> None:
        assert answer[0] == 200, answer
        assert answer[1]["ignored"] == []

    def _reload(self, document: Document) -> None:
        """Let the program read its file. Without an overlay the file alone counts."""
        program = self.lab.program
        self._accepted(program.post("/api/v1/config", self.lab.program.settings))
        before = len(program.events("reload_finished"))
        program.configure(document)
        program.send(signal.SIGHUP)
        until(
            lambda: len(program.events("reload_finished")) > before or program.events("reload_refused"),
            within_s=60,
            every_s=0.02,
        )
        assert not program.events("reload_refused"), program.story()
        program.settings = document
        self.counts["sighup"] += 1

    def _broken(self) -> Document:
        document = self._other()
        document["agent"]["transfer"] = {"workers": 0}
        document["agent"]["watch"][0]["store"] = "nowhere"
        return document

    def _other(self) -> Document:
        """Return the whole configuration with one to four changes."""
        document = copy.deepcopy(self.whole)
        changes: tuple[Callable[[Document], None], ...] = (
            self._store, self._workers, self._windows, self._filter, self._without_a_tree, self._other_store,
            self._without_a_store, self._limits, self._retry, self._labels, self._log, self._key_and_order,
        )  # fmt: skip
        for change in self.random.sample(changes, self.random.randint(1, 4)):
            change(document)
        return document

    def _tree(self, document: Document, name: str) -> Document | None:
        trees: list[Document] = document["agent"]["watch"]
        return next((tree for tree in trees if tree["path"].endswith(f"/{name}")), None)

    def _store(self, document: Document) -> None:
        name = self.random.choice(list(document["stores"]))
        document["stores"][name]["read_timeout"] = f"{self.random.randint(5, 50)}s"
        document["stores"][name]["part_concurrency"] = self.random.randint(1, 3)

    def _workers(self, document: Document) -> None:
        document["agent"]["transfer"] = {"workers": self.random.randint(1, 24)}

    def _windows(self, document: Document) -> None:
        for tree in document["agent"]["watch"]:
            tree["settle"], tree["silence"] = self.random.choice((("50ms", "300ms"), ("200ms", "1s"), ("1s", "2s")))

    def _filter(self, document: Document) -> None:
        if (tree := self._tree(document, "steady")) is not None:
            tree["suffixes"] = [".log"]
        if (tree := self._tree(document, "local")) is not None:
            tree["exclude"] = ["large-*"]

    def _without_a_tree(self, document: Document) -> None:
        name = self.random.choice(("steady", "local", "comes-and-goes"))
        document["agent"]["watch"] = [tree for tree in document["agent"]["watch"] if not tree["path"].endswith(name)]

    def _other_store(self, document: Document) -> None:
        if (tree := self._tree(document, "mover")) is not None and "second" in document["stores"]:
            tree["store"] = "second"

    def _without_a_store(self, document: Document) -> None:
        del document["stores"]["third"]
        document["agent"]["watch"] = [tree for tree in document["agent"]["watch"] if tree["store"] != "third"]

    def _limits(self, document: Document) -> None:
        document["agent"].setdefault("transfer", {})["max_files_per_s"] = self.random.randint(300, 2000)

    def _retry(self, document: Document) -> None:
        document["agent"]["retry"] = {"base": "50ms", "cap": f"{self.random.randint(1, 9)}s"}
        document["agent"]["breaker"] = {"open_for": "100ms", "open_cap": "2s"}

    def _labels(self, document: Document) -> None:
        document["agent"]["labels"] = {"round": str(next(self.number))}

    def _log(self, document: Document) -> None:
        document["log"]["level"] = self.random.choice(("info", "debug"))

    def _key_and_order(self, document: Document) -> None:
        self.random.shuffle(document["agent"]["watch"])
        for tree in document["agent"]["watch"]:
            tree["priority"] = self.random.randint(0, 9)


@sized("changes", short=30, long=1000)
def test_configuration_changes_under_load(lab: Lab, changes: int) -> None:
    roots = _trees(lab)
    lab.program.start()
    changer = Changer(lab, copy.deepcopy(lab.program.settings))
    changer.lab.program.settings = changer.whole
    lab.sink.set_faults(Faults(slow_s=SLOW_S))
    writers = [lab.load(root) for root in roots.values()]

    def write() -> None:
        for writer in writers:
            writer.mix(large_share=0.05)
            appender(writer.root)

    def appender(root: bytes) -> None:
        path = os.path.join(root, b"growing.tmp")  # never to be sent, under any of the configurations
        with open(path, "ab") as file:
            file.write(b"x")

    met = {"settling": 0, "waiting": 0, "sending": 0}
    with Background(write, steps=1_000_000, pause_s=0.02):
        until(lambda: lab.program.queue()["done_total"] > 0)
        for _ in range(changes):
            _note_state(lab, met)
            changer.step()
    changer.finish()
    lab.sink.set_faults()
    verdict = _settled(lab, roots)
    lab.record(verdict)
    lab.tally.notes.append(f"({changes} changes: {changer.counts}; work met: {met})")
    assert verdict.is_clean(), f"{verdict}\n{lab.program.story()}"
    assert verdict.repeats == 0, str(verdict)
    assert lab.program.queue()["dead"] == 0
    assert min(met.values()) > 0, met
    assert _threads(lab) < 120


def _trees(lab: Lab) -> dict[str, bytes]:
    """Configure five trees and four stores; return the roots by the name of their directory."""
    stores = lab.program.settings["stores"]
    for name, prefix in PREFIXES.items():
        stores[name] = {**stores["s3"], "url": f"s3://bkt/{prefix}"}
    names = {"steady": "s3", "comes-and-goes": "s3", "local": "file", "mover": "s3", "with-its-store": "third"}
    for store in ("second", "third"):
        lab.roots[store] = []
    return {name: lab.watch(name, store=store) for name, store in names.items()}


def _note_state(lab: Lab, met: dict[str, int]) -> None:
    overview = lab.program.get("/api/v1/overview")
    queue, under_way = overview["queue"], sum(store["sending"] for store in overview["stores"])
    met["settling"] += queue["settling"] > 0
    met["sending"] += under_way > 0
    met["waiting"] += queue["ready"] + queue["sending"] > under_way


def _threads(lab: Lab) -> int:
    return len(os.listdir(f"/proc/{lab.program.pid}/task"))


def _settled(lab: Lab, roots: Mapping[str, bytes]) -> Verdict:
    """Return the account once the program is idle: as soon as it is clean, or after a while as it is."""
    until(lab.program.idle, within_s=300, every_s=0.2)
    found = [_verdict(lab, roots)]
    end_s = time.monotonic() + GRACE_S

    def look() -> bool:
        found[0] = _verdict(lab, roots)
        return found[0].is_clean() or time.monotonic() > end_s

    until(look, within_s=300, every_s=0.5)
    return found[0]


def _verdict(lab: Lab, roots: Mapping[str, bytes]) -> Verdict:
    held = {name: _below(lab, prefix) for name, prefix in PREFIXES.items()}
    accounts = (
        (("steady", "comes-and-goes"), _of(held["s3"], roots, "steady", "comes-and-goes")),
        (("with-its-store",), held["third"]),
        (("local",), ledger.in_directory(lab.objects)),
        (("mover",), _either(_of(held["s3"], roots, "mover"), held["second"], roots["mover"])),
    )
    verdict = Verdict()
    for names, stored in accounts:
        verdict += ledger.compare([roots[name] for name in names], stored, lab.written, HOST)
    verdict.unfinished = lab.sink.unfinished_uploads() + ledger.unfinished_in_directory(lab.objects)
    return verdict


def _below(lab: Lab, prefix: str) -> dict[str, Stored]:
    found = ledger.in_sink(lab.sink)
    return {key.removeprefix(f"{prefix}/"): item for key, item in found.items() if key.startswith(f"{prefix}/")}


def _of(held: Mapping[str, Stored], roots: Mapping[str, bytes], *names: str) -> dict[str, Stored]:
    starts = tuple(f"{HOST}{os.fsdecode(roots[name])}/" for name in names)
    return {key: item for key, item in held.items() if key.startswith(starts)}


def _either(one: Mapping[str, Stored], other: Mapping[str, Stored], root: bytes) -> dict[str, Stored]:
    """Return what two stores hold of one tree, as if they were one: the content on disk counts, writes add up."""
    contents = {ledger.key_of(path, HOST): content for path, content in ledger.on_disk(root).items()}
    result: dict[str, Stored] = {}
    for key in one.keys() | other.keys():
        items = [store[key] for store in (one, other) if key in store]
        wanted = contents.get(key)
        fitting = [item for item in items if wanted is not None and item.md5 in {wanted.md5, wanted.etag}]
        result[key] = Stored((fitting or items)[0].md5, sum(item.writes for item in items))
    return result
