"""An exported workflow, executed whole by the real act: its trace is what the shell's would be."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import missing
from gha_plans import job, plan, step
from orun_backend_gha.act import find_act
from orun_backend_gha.export import export
from orun_core.spec.errors import RunError
from orun_core.spec.plan import Concurrency

UPLOAD = """\
name: upload
inputs: {name: {required: true}, path: {required: true}, retention-days: {}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FILE: "${{ inputs.path }}"}
      run: mkdir -p "$KEPT/$NAME" && cp "$FILE" "$KEPT/$NAME/"
"""
DOWNLOAD = UPLOAD.replace("upload", "download").replace(
    'mkdir -p "$KEPT/$NAME" && cp "$FILE" "$KEPT/$NAME/"', 'mkdir -p "$FILE" && cp "$KEPT/$NAME"/* "$FILE/"'
)

pytestmark = pytest.mark.act


def pipeline():
    """Three jobs that hand on files, outputs and expressions, with a step that fails and may."""
    build = job(
        "api.dev.build",
        step(
            "make",
            'mkdir -p dist && echo "made by $ORUN_COMPONENT" > dist/file\necho "version=1.4" >> "$ORUN_OUTPUT"\n',
        ),
        step("say", "echo 'built ${{ steps.make.outputs.version }}' \"${{ steps.make.outputs.version }}\""),
        step("flaky", "test -e twice || { touch twice; exit 3; }", retry=1),
        step("maybe", "exit 9", on_failure="continue"),
        step("tidy", "echo tidied", phase="post"),
        path="apps/api",
        outputs=("dist",),
    )
    use = job(
        "api.dev.use",
        step("read", 'cat apps/api/dist/file; echo "$ORUN_OUTPUT_API_DEV_BUILD_VERSION"'),
        step("inside", "echo version ${{ needs.api.dev.build.outputs.version }}"),
        step("again", 'echo "$GOT"', env={"GOT": "got ${{ needs.api.dev.build.outputs.version }}"}),
        depends_on=("api.dev.build",),
        concurrency=Concurrency("one"),
    )
    script = "print('${{ github.actor }}')"
    trick = job("web.dev.show", step("trick", script, shell="python3 {0}"), concurrency=Concurrency("one"))
    return plan(build, use, trick)


@pytest.fixture
def program():
    try:
        return find_act(os.environ)
    except RunError as error:
        return missing("act", str(error))


def executed(program: str, folder: Path, one) -> list[dict]:
    """Run the exported workflow in a repository, with stand-ins for the actions of artifacts."""
    repository, kept = folder / "repository", folder / "kept"
    (repository / "apps/api").mkdir(parents=True)
    (repository / "apps/api/.keep").touch()
    for path, content in export(one, {}).items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_bytes(content)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(repository)]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *arguments], check=True)
    stand_ins = []
    text = (repository / ".github/workflows/orun.yml").read_text()
    for name, content in {"upload": UPLOAD, "download": DOWNLOAD}.items():
        (folder / name).mkdir()
        (folder / name / "action.yml").write_text(content)
        reference = next(line for line in text.splitlines() if f"actions/{name}-artifact@" in line).split()[1]
        stand_ins += ["--local-repository", f"{reference}={folder / name}"]
    command = [program, "workflow_dispatch", "--json", "--platform", "ubuntu-latest=-self-hosted", "--no-cache-server"]
    command += ["--action-cache-path", str(folder / "act"), "--action-offline-mode", *stand_ins]
    environ = {**os.environ, "KEPT": str(kept), "XDG_CACHE_HOME": str(folder / "xdg")}
    done = subprocess.run(command, cwd=repository, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_trace_of_an_exported_workflow(program, tmp_path):
    lines = executed(program, tmp_path, pipeline())
    said: dict[str, list[str]] = {}
    for line in lines:
        if line.get("raw_output"):
            said.setdefault(f"{line['jobID']}/{line['stepID'][0]}", []).append(line["msg"].rstrip("\n"))
    assert said["api_dev_build/say"] == ["built ${ORUN_EXPRESSION_1} 1.4"]
    assert said["api_dev_build/flaky"] == ["attempt 1 of 2 ended with exit status 3; next one in 1s"]
    assert said["api_dev_build/tidy"] == ["tidied"]
    assert said["api_dev_use/read"] == ["made by api", "1.4"]
    assert said["api_dev_use/inside"] == ["version 1.4"]
    assert said["api_dev_use/again"] == ["got 1.4"]
    assert said["web_dev_show/trick"] == ["${{ github.actor }}"]
    results = {line["jobID"]: line["jobResult"] for line in lines if "jobResult" in line}
    assert results == dict.fromkeys(("api_dev_build", "api_dev_use", "web_dev_show", "orun"), "success")
    maybe = [line["stepResult"] for line in lines if line.get("stepID") == ["maybe"] and "stepResult" in line]
    assert maybe == ["failure"]
