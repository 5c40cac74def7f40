"""Small plans for the tests of orun-backend-gha."""

from __future__ import annotations

from orun_core.spec.plan import (
    Compiler,
    Concurrency,
    Execution,
    Job,
    Metadata,
    Obligation,
    Plan,
    SecretRef,
    Selection,
    Service,
    Spec,
    Step,
    Trigger,
)

CHECKSUM = "sha256-" + "896da6b09c29" + "0" * 52


def step(name: str, run: str = "", **more) -> Step:
    return Step(**{"id": name, "name": name, "phase": "main", "run": run, **more})


def job(job_id: str, *steps: Step, **more) -> Job:
    component, environment, short = job_id.split(".")
    fields = {
        "id": job_id,
        "uid": "job_896da6b_" + f"{sum(map(ord, job_id)):012x}",
        "display_name": short.capitalize(),
        "check_name": f"{component} · {environment} · {short.capitalize()}",
        "name": short,
        "component": component,
        "environment": environment,
        "composition": "service",
        "digest": f"sha256-{job_id}",
        "profile_source": "legacy-none",
        "dependency_mode": "enforced",
        "dependency_source": "default",
        "steps": steps or (step("hello", "echo hello"),),
        "profile": "service.default",
    }
    return Job(**{**fields, **more})


def plan(*jobs: Job) -> Plan:
    metadata = Metadata(
        name="tides",
        checksum=CHECKSUM,
        seal="sha256-" + "1" * 64,
        trigger=Trigger("system", "system.manual", "manual", ("system.manual",), (), "full"),
        selection=Selection(
            envs=tuple(sorted({job.environment for job in jobs})),
            components=tuple(sorted({job.component for job in jobs})),
            mode="full",
            all_envs=False,
        ),
        compiler=Compiler("0", ()),
    )
    return Plan("orun.io/v1", "Plan", metadata, Execution(4, True), Spec(), jobs)


def everything() -> Plan:
    """One plan that uses every feature of the rendering."""
    build = job(
        "api.dev.build",
        step("prepare", "echo prepare", phase="pre"),
        step("node", use="actions/setup-node@v4", with_={"node-version": "20", "check-latest": True}),
        step("flaky", "make build\n", retry=2, env={"MODE": "fast"}),
        step("lint", "print('hi')\n", shell="python", on_failure="continue"),
        step("slow", "sleep 1", timeout="90s", working_directory="sub"),
        step("fetch", use="acme/fetch@v2", retry=1),
        step("tidy", "echo tidy", phase="post"),
        runs_on="ubuntu-22.04",
        path="apps/api",
        timeout="35m",
        env={"REGION": "eu-west-1", "TRICK": "${{ github.token }}"},
        outputs=("dist",),
        secret_refs=(SecretRef("API_TOKEN", "secret://tides/dev/API_TOKEN"),),
    )
    deploy = job(
        "api.production.deploy",
        step("deploy", 'echo "${{ github.event.head_commit.message }}"'),
        depends_on=("api.dev.build",),
        obligations=(Obligation("approval", "requireApproval", "environment:production", True),),
        concurrency=Concurrency("production"),
        services=(
            Service("db", "postgres:16", env={"POSTGRES_PASSWORD": "x"}, ports=("5432:5432",), health="pg_isready"),
        ),
    )
    site = job("site.production.deploy", step("deploy", "echo site"), concurrency=Concurrency("production"))
    image = job("worker.dev.build", step("build", "echo in a container"), runs_on="python:3.12-slim")
    return plan(build, deploy, site, image)
