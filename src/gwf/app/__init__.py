"""The composition root: settings become adapters, adapters become services; one module per kind of process.

The edge is here; a process with a centre is in `centre` and `standalone`, which an edge alone never loads.
"""

from gwf.app.edge import EdgeProcess, build_id, run_edge

__all__ = ["EdgeProcess", "build_id", "run_edge"]
