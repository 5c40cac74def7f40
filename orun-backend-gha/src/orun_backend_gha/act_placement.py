"""Where act runs a job: on this machine, or in a container that sees the workspace and nothing of this machine's environment."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from orun_backend_gha.act_workflow import LABEL
from orun_backend_gha.workflow import is_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from orun_core.spec.plan import Job

OWNER = "io.orun.owner"
"""The label by which `orun gc` finds containers of runs that died."""


def image_for(job: Job, platform: str) -> str:
    """The image of a job where containers are asked for: its own one or `platform`; nothing for this machine."""
    if not platform:
        return ""
    return job.runs_on if is_image(job.runs_on) else platform


def on_machine(scratch: Path, owner: str) -> list[str]:
    """act's arguments for this machine: an empty checkout, whose place the workspace takes; for actions in images, where files lie."""
    empty = scratch / "checkout"
    empty.mkdir()
    options = shlex.join(_options(scratch, owner))
    return ["--directory", str(empty), "--platform", f"{LABEL}=-self-hosted", "--container-options", options]


def _options(scratch: Path, owner: str) -> list[str]:
    """Of every container: it sees the files of commands at their paths, and belongs to `owner`."""
    return ["--volume", f"{scratch}:{scratch}", "--label", f"{OWNER}={owner}"]


def in_container(image: str, workspace: Path, scratch: Path, variables: Iterable[str], owner: str) -> list[str]:
    """act's arguments for a container: the workspace and `scratch` at their paths, variables by name, images pulled when missing.

    It is removed however the job ends, and belongs to `owner`.
    """
    options = _options(scratch, owner)
    for name in sorted(variables):
        options += ["--env", name]
    arguments = ["--directory", str(workspace), "--bind", "--platform", f"{LABEL}={image}", "--pull=false", "--rm"]
    return [*arguments, "--container-daemon-socket", "-", "--container-options", shlex.join(options)]


def given(job: Job, names: Iterable[str], secrets: Iterable[str]) -> Iterator[str]:
    """Those variables that orun and the plan give a job, not this machine."""
    own = {*job.env, *secrets}
    return (name for name in names if name in own or name.startswith("ORUN_"))
