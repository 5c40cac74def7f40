"""Steps, the jobs that they make, and what a job needs beside it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from orun_core.spec.documents.document import Document, Metadata


class Approval(Document):
    """A gate of a workflow step, which this orun refuses; the policy `requireApproval` asks for approvals."""

    prompt: str = ""
    """No effect."""
    timeout: str = ""
    """No effect."""
    on_timeout: str = ""
    """No effect."""


class Step(Document):
    """One command of a job: `run` or `use`. Where it says template, `{{ … }}` is rendered: docs/templates.md."""

    id: str = ""
    """Name that profiles select and change it by; `name` when empty."""
    name: str = ""
    """Name in the plan and in logs; `step-N` when empty. A component's override of the same name replaces the step."""
    capability: str = ""
    """What the step does, in a word that profiles select by. Steps without one are part of every such selection."""
    phase: str = ""
    """`pre`, `main` (the default) or `post`: `post` runs whatever happened."""
    order: int = 0
    """Rank inside the phase; steps of one rank keep the order of the file."""
    run: str = ""
    """Script, for a shell. Template."""
    use: str = ""
    """Action, for runners that run actions: `actions/checkout@v4`, `./path`, `docker://image`. Template."""
    workflow: str = ""
    """Refused: no runner of this orun runs workflow files."""
    connections: dict[str, dict[str, str]] = Field(default_factory=dict)
    """No effect: connections of workflow steps."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Inputs of the action. Texts at the top level are templates."""
    env: dict[str, Any] = Field(default_factory=dict)
    """Environment variables of this step. Texts at the top level are templates."""
    shell: str = ""
    """`bash`, `sh`, `python`, `pwsh`, or a command with `{0}` for the script's path; bash where there is one, else sh. Template."""
    working_directory: str = Field(default="", alias="working-directory")
    """Folder, relative to the job's. Template."""
    timeout: str = ""
    """Most that one attempt may take: `90s`, `15m`, `1h30m`."""
    retry: int = 0
    """Further attempts after a failure."""
    resume: bool = False
    """`true`: a resumed run does not repeat the step when it succeeded, although its job failed."""
    approval: Approval | None = None
    """Refused: the policy `requireApproval` asks for approvals."""
    on_failure: str = ""
    """`continue`: a failure is noted, and the job goes on and may succeed."""


class ConcurrencyDocument(Document):
    """A pool of slots that jobs of the whole plan share."""

    scalar_field = "group"

    group: str = ""
    """Name of the pool."""
    limit: int = 1
    """Most jobs of the pool at once."""


class ServiceDocument(Document):
    """A container beside a job, for runners that start services."""

    image: str = ""
    """Image of the container."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables of the container."""
    ports: tuple[str, ...] = ()
    """Ports to publish: `HOST:CONTAINER`, or `CONTAINER` on a free port."""
    health: str = ""
    """Command that exits with 0 when the service is ready; it runs in the container."""
    command: str = ""
    """Command to start instead of the image's own."""


class JobTemplate(Document):
    """A job: `spec` of a JobTemplate document, or an entry of a composition's `jobs`."""

    lenient_keys = frozenset(("concurrency", "services", "outputs"))

    ignored_keys = frozenset({"inputs"})

    description: str = ""
    """What it does, for `orun compositions TYPE`."""
    runs_on: str = ""
    """Where it runs: a label of a runner or a container image, in the words of the runner."""
    timeout: str = ""
    """Most that one attempt may take: `90s`, `15m`, `1h30m`."""
    retries: int = 0
    """Further attempts of the whole job after a failure."""
    steps: tuple[Step, ...] = ()
    """Its steps."""
    labels: dict[str, str] = Field(default_factory=dict)
    """`scope` is shown by `orun compositions TYPE`; the rest has no effect."""
    capabilities: tuple[Any, ...] = ()
    """No effect: for people."""
    concurrency: ConcurrencyDocument | None = None
    """A pool whose slots it needs; a text is the name of one with a single slot."""
    services: dict[str, ServiceDocument] = Field(default_factory=dict)
    """Name → container that runs beside it."""
    outputs: tuple[str, ...] = ()
    """Files and folders that it leaves, relative to its folder: copied back from a copy of the workspace when it succeeded."""


class JobTemplateFile(Document):
    """A job of a composition in a file of its own: `jobs/NAME.yaml` or `NAME.yaml` in the composition's folder."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`JobTemplate`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is the name in `templateRef`."""
    spec: JobTemplate = JobTemplate.model_construct()
    """The job."""
