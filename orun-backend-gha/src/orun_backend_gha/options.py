"""Options of the backends; each becomes a flag and a field of the intent."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation

from pydantic import BaseModel, ConfigDict, Field

from orun_backend_gha.act_cache import default_cache


class ActOptions(BaseModel):
    """Options of the backend `github-actions`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    cache: Path = Field(default_factory=lambda: default_cache(os.environ))
    """Folder of fetched actions."""
    act_platform: str = ""
    """Image to run jobs in, one container per job; this machine when empty."""
    local_repositories: tuple[str, ...] = ()
    """Folders in place of remote actions: `OWNER/NAME@REF=FOLDER`."""


class RemoteOptions(BaseModel):
    """Options of the backend `github`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    repository: str = ""
    """`owner/name`; the git remote `origin` when empty."""
    workflow: str = "orun.yml"
    """File of the exported workflow."""
    ref: str = ""
    """Branch or tag to run on; the branch that is checked out when empty."""
    interval: float = Field(default=5.0, gt=0)
    """Seconds between looks at the run."""
