"""The compatibility check: `python -m tests.compat [folder]` plays recorded exchanges and reports each."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.compat.recording import read_recording
from tests.compat.replay import replay

MOST_SHOWN = 8  #: mismatches of one exchange
GOLDEN = Path(__file__).parents[1] / "data" / "golden"


def main() -> int:
    """Play a folder; return 1 if anything differs that is not documented."""
    parser = argparse.ArgumentParser(prog="python -m tests.compat", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=GOLDEN, help="folder with _INDEX.json")
    parser.add_argument("--quiet", action="store_true", help="tell only what differs, and the sum")
    options = parser.parse_args()
    if not (options.folder / "_INDEX.json").is_file():
        parser.error(f"{options.folder} has no _INDEX.json: name a folder of recorded exchanges")
    recording = read_recording(options.folder)
    words: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="gwf-compat-") as base:
        for verdict in replay(recording, Path(base)):
            exchange = verdict.exchange
            words[verdict.word] += 1
            explained.update(verdict.explained)
            if not options.quiet or verdict.mismatches:
                names = ", ".join(verdict.explained)
                print(
                    f"{verdict.word:<10} {exchange.phase} {exchange.seq:>4} {exchange.method:<7} {exchange.target}"
                    f"  ({exchange.name}){f'  [{names}]' if names else ''}"
                )
            for mismatch in verdict.mismatches[:MOST_SHOWN]:
                print(f"           {mismatch}")
            if len(verdict.mismatches) > MOST_SHOWN:
                print(f"           … {len(verdict.mismatches) - MOST_SHOWN} more")
    print()
    print(f"{sum(words.values())} exchanges: " + ", ".join(f"{count} {word}" for word, count in sorted(words.items())))
    print("later: not in this version (AI, knowledge base)")
    print(
        "explained by docs/reference/legacy-differences.md: "
        + ", ".join(f"{name} {count}×" for name, count in sorted(explained.items()))
    )
    return 1 if words["DIFFERS"] else 0


if __name__ == "__main__":
    sys.exit(main())
