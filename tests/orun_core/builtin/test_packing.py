"""`orun pack`: the same bytes wherever it is packed, and nothing packed that is not valid."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from hashlib import sha256

import pytest
from orun_core.builtin.package_cache import PackageStore
from orun_core.builtin.packing import pack_stack
from orun_core.builtin.sources import ArchiveSource
from orun_core.builtin.tree_digest import tree_digest
from orun_core.spec.errors import CompileError
from orun_core.spec.source import SourceContext, SourceRequest

COMPOSITION = """\
kind: Composition
metadata: {name: svc}
spec:
  type: svc
  defaultJob: deploy
  parameterSchema: {type: object}
  jobs: [{name: deploy, steps: [{name: say, run: echo hello}]}]
"""


@pytest.fixture
def stack(tmp_path):
    folder = tmp_path / "stack"
    for name, text in {
        "stack.yaml": "kind: Stack\nmetadata: {name: st, version: 1.0.0}\nregistry: {host: h.example, namespace: n, repository: r}\n",
        "compositions/svc/composition.yaml": COMPOSITION,
        "examples/intent.yaml": "kind: Intent\n",
        ".git/config": "secret\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_members_carry_nothing_of_this_machine(stack, tmp_path):
    packed = pack_stack(stack)
    assert packed.files == ("compositions/svc/composition.yaml", "examples/intent.yaml", "stack.yaml")
    assert (packed.name, packed.version, packed.registry) == ("st", "1.0.0", "h.example/n/r")
    (tmp_path / "a.tgz").write_bytes(packed.archive)
    with tarfile.open(tmp_path / "a.tgz") as archive:
        members = archive.getmembers()
    assert [member.name for member in members] == list(packed.files)
    facts = {(m.uid, m.gid, m.uname, m.gname, m.mode, m.mtime) for m in members}
    assert facts == {(0, 0, "", "", 0o644, 0)}
    assert sha256(packed.archive).hexdigest() == "17b45d791d943ac7cdfe74ca701433d4546c1cfcb72ee5ef9ebcd3beefd09a9a"


def test_the_bytes_are_the_same_under_another_umask_clock_locale_and_folder(stack, tmp_path):
    expected = pack_stack(stack).archive
    other = tmp_path / "elsewhere"
    touched = other / "stack.yaml"
    script = "import os, shutil, sys; os.umask(0o077); shutil.copytree(sys.argv[1], sys.argv[2])"
    subprocess.run([sys.executable, "-c", script, stack, other], check=True)
    os.utime(touched, (9, 9))
    touched.chmod(0o777)
    environment = {
        "PATH": os.environ["PATH"],
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "HOME": str(tmp_path),
    }
    command = [sys.executable, "-m", "orun_core.cli.main", "pack", "--root", str(other), "-o", str(tmp_path / "p.tgz")]
    done = subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (tmp_path / "p.tgz").read_bytes() == expected
    assert done.stdout.splitlines()[1] == f"sha256:{sha256(expected).hexdigest()}"


def test_what_is_packed_is_what_the_archive_source_reads(stack, tmp_path):
    (tmp_path / "a.tgz").write_bytes(pack_stack(stack).archive)
    context = SourceContext(tmp_path, PackageStore(tmp_path / "cache"))
    fetched = ArchiveSource().fetch(SourceRequest("a", "archive", "a.tgz"), context)
    (stack / ".git/config").unlink()
    assert tree_digest(fetched.root) == tree_digest(stack)


def test_the_layers_split_the_examples_off(stack, tmp_path):
    packed = pack_stack(stack)
    for name, content in (("compositions", packed.compositions), ("examples", packed.examples)):
        (tmp_path / name).write_bytes(content)
    with tarfile.open(tmp_path / "compositions") as archive:
        assert archive.getnames() == ["compositions/svc/composition.yaml", "stack.yaml"]
    with tarfile.open(tmp_path / "examples") as archive:
        assert archive.getnames() == ["examples/intent.yaml"]


def test_every_problem_of_a_broken_stack_is_reported(stack):
    (stack / "compositions/svc/composition.yaml").write_text(COMPOSITION.replace("deploy, steps", "x, steps"))
    (stack / "stack.yaml").write_text(
        "kind: Stack\nmetadata: {name: st}\nspec: {intentPresets: [{name: p, path: no.yaml}]}\n"
    )
    with pytest.raises(CompileError) as caught:
        pack_stack(stack)
    assert {problem.code for problem in caught.value.diagnostics} == {"package/unknown-job", "load/unreadable"}
    assert all(problem.where for problem in caught.value.diagnostics)
    (stack / "stack.yaml").unlink()
    with pytest.raises(CompileError) as caught:
        pack_stack(stack)
    assert [problem.code for problem in caught.value.diagnostics] == ["package/no-manifest"]
