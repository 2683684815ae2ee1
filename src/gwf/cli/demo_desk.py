"""The work of `gwf demo`: runs it, and prints where it is and who may log in once there is something to see."""

from __future__ import annotations

import sys

from gwf.api.v1.local import LOGIN_PATH
from gwf.app.edge import EdgeProcess
from gwf.cli import show
from gwf.demo.place import DemoPlan
from gwf.demo.run import run_demo
from gwf.demo.story import Scene


def run(plan: DemoPlan, *, as_json: bool) -> int:
    """Run a demo and return its exit code.

    Raises:
        GwfError: It could not start.
    """

    def ready(process: EdgeProcess, scene: Scene) -> None:
        link = f"{process.server.url}{LOGIN_PATH}{process.local.new_link()}"
        if as_json:
            show.as_json({**scene.as_json(), "login": link, "data_dir": str(plan.directory), "seed": plan.seed})
        else:
            _print(plan, scene, link)
        sys.stdout.flush()

    if not as_json:
        show.line("GWF demo: all agents, files and people in it are made up. It takes some moments to be filled.")
    return run_demo(plan, on_ready=ready)


def _print(plan: DemoPlan, scene: Scene, link: str) -> None:
    show.line(f"  page      {scene.url}/")
    show.line(f"  login     {link}")
    for person in scene.people:
        show.line(f"  person    {person['name']} ({person['role']}), password {person['password']}")
    show.line(f"  agents    {', '.join(f'{count} {state}' for state, count in sorted(scene.agents.items()))}")
    show.line(f"  rollouts  {', '.join(f'{what} {rollout}' for what, rollout in scene.rollouts.items())}")
    show.line(f"  data      {plan.directory} (made anew at each start)")
    show.line(f"  commands  take it as --data {plan.directory}, such as: gwf letters ls --data {plan.directory}")
    show.line("  next      open the page; Ctrl-C stops")
