"""Identical inputs give identical bytes: everything that `orun plan` prints and writes, in processes that differ in all else.

Other Python versions are compared when ORUN_OTHER_PYTHONS lists interpreters that have orun (`nox -s determinism` does).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from parts import missing

EXAMPLE = Path(__file__).parents[2] / "examples" / "multi-environment-platform"
DISORDER = Path(__file__).with_name("disorder.py")
ORUN = ("-m", "orun_core.cli.main")
OTHER_PYTHONS = [python for python in os.environ.get("ORUN_OTHER_PYTHONS", "").split(os.pathsep) if python]

SURROUNDINGS: dict[str, dict[str, str]] = {
    "hash-seed-0": {"PYTHONHASHSEED": "0"},
    "hash-seed-1": {"PYTHONHASHSEED": "1"},
    "hash-seed-random": {"PYTHONHASHSEED": "random"},
    "time-zone": {"TZ": "Pacific/Kiritimati"},
    "locale-c": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "locale-turkish": {"LC_ALL": "tr_TR.UTF-8"},
    "user": {"USER": "somebody", "LOGNAME": "somebody", "HOSTNAME": "elsewhere"},
    "one-cpu": {"PYTHON_CPU_COUNT": "1"},
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copied(tmp_path / "checkout")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the first checkout gives."""
    return planned(copied(tmp_path_factory.mktemp("reference") / "multi-environment-platform"))


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("dist", ".orun", "__pycache__")))


def planned(
    checkout: Path,
    environ: dict[str, str] | None = None,
    python: str = sys.executable,
    command: tuple[str, ...] = ORUN,
    umask: int = 0o022,
    cwd: str = ".",
) -> dict[str, bytes]:
    """What `orun plan` prints, and path → bytes of what it writes."""
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(checkout.parent),
        "ORUN_CACHE_DIR": str(checkout.parent / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
        **(environ or {}),
    }
    arguments = [python, *command, "plan", "--view", "dag"]
    done = subprocess.run(
        arguments, cwd=checkout / cwd, env=surroundings, umask=umask, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    state = checkout / ".orun"
    written = {path.relative_to(state).as_posix(): path.read_bytes() for path in state.rglob("*") if path.is_file()}
    assert any(name.endswith(".json") for name in written)
    return {"stdout": done.stdout, **written}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_surroundings(name: str, checkout: Path, expected: dict[str, bytes]) -> None:
    assert planned(checkout, SURROUNDINGS[name]) == expected


@pytest.mark.parametrize("depth", ["x", "a folder/with spaces/and-depth/ünïcode"])
def test_folder_of_the_checkout(depth: str, tmp_path: Path, expected: dict[str, bytes]) -> None:
    assert planned(copied(tmp_path / depth / "checkout")) == expected


def test_working_folder(checkout: Path, expected: dict[str, bytes]) -> None:
    found = planned(checkout, cwd="services/api-edge-worker")
    assert {**found, "stdout": b""} == {**expected, "stdout": b""}


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_umask(umask: int, checkout: Path, expected: dict[str, bytes]) -> None:
    assert planned(checkout, umask=umask) == expected


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_order_of_folders_and_plugins(seed: str, checkout: Path, expected: dict[str, bytes]) -> None:
    assert planned(checkout, {"DISORDER": seed}, command=(str(DISORDER),)) == expected


def test_warm_caches(checkout: Path, expected: dict[str, bytes]) -> None:
    planned(checkout)
    assert planned(checkout) == expected


def test_file_times(checkout: Path, expected: dict[str, bytes]) -> None:
    for path in checkout.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    assert planned(checkout) == expected


def test_other_pythons(tmp_path: Path, expected: dict[str, bytes]) -> None:
    if not OTHER_PYTHONS:
        missing("pythons", "ORUN_OTHER_PYTHONS names no interpreter")
    for number, python in enumerate(OTHER_PYTHONS):
        assert planned(copied(tmp_path / str(number) / "checkout"), python=python) == expected, python


def test_nothing_of_the_machine_is_in_a_plan(checkout: Path) -> None:
    found = planned(checkout)
    del found["stdout"]
    for trace in (checkout, Path(sys.prefix), Path.home()):
        assert [name for name, content in found.items() if str(trace).encode() in content] == []
