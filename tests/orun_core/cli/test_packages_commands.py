"""`orun compositions lock | pull | outdated`, `orun cache` and `orun pack`, with packages on this disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from compiling import STACK, composition
from orun_core.compiler.lockfile import LOCK_FILE

INTENT = """\
metadata: {name: shop}
compositions:
  sources:
    - {name: local, kind: dir, path: stack}
    - {name: packed, kind: archive, path: packed.tgz}
environments: {dev: {}}
components:
  - {name: api, type: svc, subscribe: {environments: [dev]}}
"""


@pytest.fixture
def orun(tmp_path):
    for name, type_ in (("stack", "svc"), ("other", "job")):
        (tmp_path / name / "compositions" / type_).mkdir(parents=True)
        (tmp_path / name / "stack.yaml").write_text(STACK)
        (tmp_path / name / "compositions" / type_ / "composition.yaml").write_text(composition(type_))
    (tmp_path / "intent.yaml").write_text(INTENT)

    def run(*arguments, status=0, **environ):
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        environ = {"PATH": os.environ["PATH"], "ORUN_CACHE_DIR": str(tmp_path / "cache"), **environ}
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if not status else done.stderr

    run("pack", "--root", "other", "-o", "packed.tgz")
    return run


def test_lock_writes_once_and_checks(tmp_path, orun):
    assert "[lock/stale]" in orun("compositions", "lock", "--check", status=3)
    assert not (tmp_path / LOCK_FILE).exists()
    shown = orun("compositions", "lock")
    assert [line for line in shown.splitlines() if not line.startswith(" ")] == [
        "local (dir) stack",
        "packed (archive) packed.tgz",
    ]
    first = (tmp_path / LOCK_FILE).stat().st_mtime_ns
    orun("compositions", "lock", "--check")
    orun("compositions", "pull", CI="true")
    orun("plan", CI="true")
    assert (tmp_path / LOCK_FILE).stat().st_mtime_ns == first


def test_a_plan_keeps_the_lock_of_a_folder_that_changed(tmp_path, orun):
    orun("plan")
    before = (tmp_path / LOCK_FILE).read_text()
    (tmp_path / "stack/notes.md").write_text("changed\n")
    assert "[lock/stale]" in orun("plan", "--frozen", status=3)
    assert "the lock would change: local" in orun("compositions", "lock", "--check", status=3)
    assert (tmp_path / LOCK_FILE).read_text() == before
    assert orun("compositions", "outdated").startswith("local\n  locked  sha256:")
    orun("plan")
    assert orun("compositions", "outdated") == "everything is up to date\n"
    assert (tmp_path / LOCK_FILE).read_text() != before


def test_update_names_a_source(orun):
    orun("compositions", "lock", "--update", "local")
    said = orun("compositions", "lock", "--update", "lokal", status=2)
    assert "[usage/unknown-name]" in said
    assert 'did you mean "local"?' in said


def test_a_package_that_is_not_there_is_told_at_its_line(tmp_path, orun):
    (tmp_path / "packed.tgz").unlink()
    assert "intent.yaml:5:37  [source/not-found]" in orun("compositions", "lock", status=3)


def test_the_cache_from_the_command_line(tmp_path, orun):
    orun("compositions", "pull")
    assert "1 package" in orun("cache", "list").splitlines()[-1]
    assert orun("cache", "verify") == "✓ As added: 1 package\n"
    [file] = (tmp_path / "cache/packages").glob("sha256/*/tree/stack.yaml")
    file.write_text("changed")
    assert "[cache/changed]" in orun("cache", "verify", status=3)
    assert orun("cache", "gc").splitlines()[-1].startswith("removed 1 package,")
    assert orun("cache", "gc", "--days", "0").splitlines()[-1] == "removed 0 packages, 0 bytes"


def test_pack_names_the_archive_after_the_stack_and_refuses_a_broken_one(tmp_path, orun):
    orun("pack", "--root", "stack")
    assert (tmp_path / "st.tgz").is_file()
    (tmp_path / "stack/compositions/svc/composition.yaml").write_text("kind: Composition\nmetadata: {name: other}\n")
    assert "package/" in orun("pack", "--root", "stack", "-o", "no.tgz", status=3)
    assert not (tmp_path / "no.tgz").exists()


def test_a_lock_needs_an_intent(tmp_path, orun):
    (tmp_path / "intent.yaml").unlink()
    assert "[usage/no-intent]" in orun("compositions", "lock", status=2)


def test_outdated_as_json(orun):
    assert json.loads(orun("compositions", "outdated", "-f", "json")) == {"outdated": []}
