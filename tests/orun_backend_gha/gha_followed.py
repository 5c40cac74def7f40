"""A plan of two jobs that the backend `github` runs on a GitHub of our own."""

from __future__ import annotations

from pathlib import Path

from gha_fake_github import FakeGitHub
from gha_plans import job, plan, step
from orun_backend_gha.export import export
from orun_backend_gha.options import RemoteOptions
from orun_backend_gha.remote import GitHubBackend
from orun_core.spec.backend import PlanContext

BUILD = "api · dev · Build"
DEPLOY = "api · dev · Deploy"
DONE = ("completed", "success")


def example():
    build = job("api.dev.build", step("compile", "make"), step("test", "make test"), step("tidy", "rm", phase="post"))
    return plan(build, job("api.dev.deploy", depends_on=("api.dev.build",)))


def opened(fake: FakeGitHub, one=None, earlier=(), jobs=None, exec_id="run-1", **options):
    one = one or example()
    fake.workflow = fake.workflow or export(one, {})[".github/workflows/orun.yml"]
    backend = GitHubBackend(RemoteOptions(interval=0.001, ref="main", **options), fake.environ)
    jobs = tuple(job.id for job in one.jobs) if jobs is None else jobs
    return backend.open(one, PlanContext(exec_id, Path("/"), jobs, earlier))


def steps(*states):
    names = ("Set up job", "Check out", "compile", "test", "tidy", "Complete job")
    return [(name, *state) for name, state in zip(names, states, strict=False)]
