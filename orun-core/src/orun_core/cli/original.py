"""Commands and options of the original orun that have another name here, or that are missing: what to use instead."""

from __future__ import annotations

from typing import Final

ALIASES: Final = {"components": "component", "composition": "compositions"}
"""Other words for commands, which the original understands too."""
INSTEAD: Final = {
    "approve": "a run asks on the terminal; or give `orun run --approve JOB --reason WHY`",
    "auth": "`orun login HOST` signs in to a registry",
    "backend": "runs are recorded here, below .orun",
    "catalog": "there is no catalog; `orun component` shows components, `orun affected` what a change touches",
    "cloud": "runs are recorded here, below .orun; there is no service to link to",
    "objects": "runs are plain files below .orun; `orun fsck` checks them",
    "secrets": "a secret is the value of ORUN_SECRET_KEY in the environment of orun",
}
"""Commands of the original that are not here, and what to do instead."""
WITHOUT: Final = {
    "--remote-state": "runs are recorded here; `orun github export` writes a workflow that runs jobs in their order",
    "--backend-url": "runs are recorded here, below .orun",
    "--artifact": "hand the plan on with actions/upload-artifact, or let `orun github export` write the workflow",
    "--push-catalog": "there is no catalog; leave the option out",
    "--catalog-strict": "there is no catalog; leave the option out",
    "--json": "where there is a --report, it takes json",
}
"""Options of the original whose work nobody does here, and what to do instead."""
