from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FOR_THE_CENTRE = {"sqlalchemy", "alembic", "aiosqlite", "psycopg", "gwf.db"}
TOKEN = "a" * 32
PROGRAM = """
import json, sys
from pathlib import Path
from gwf.cli import agent, main, sources, start
from gwf.app import EdgeProcess

loaded = sources.load(Path(sys.argv[1]), required=True)
start.prepare(loaded)
process = EdgeProcess(loaded)
process.start()
process.stop()
print(json.dumps(sorted(sys.modules)))
"""


def test_an_edge_alone_loads_no_database(tmp_path: Path) -> None:
    watched = tmp_path / "in"
    watched.mkdir()
    config = tmp_path / "gwf.yaml"
    settings = {
        "data_dir": str(tmp_path / "data"),
        "listen": "127.0.0.1:0",
        "log": {"file": str(tmp_path / "log")},
        "agent": {"watch": [{"path": str(watched)}], "centre": {"url": "http://127.0.0.1:1", "enrolment_token": TOKEN}},
    }
    config.write_text(json.dumps(settings))
    ran = subprocess.run([sys.executable, "-c", PROGRAM, str(config)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not FOR_THE_CENTRE & set(json.loads(ran.stdout.splitlines()[-1]))
