"""Development sessions: `nox -l` lists them, `nox -s tests` runs one."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import nox

if TYPE_CHECKING:
    from collections.abc import Iterator

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["tests", "types", "lint", "imports"]

ROOT = Path(__file__).parent
PYTHONS = ["3.11", "3.12", "3.13"]
PLUGINS = ["orun-backend-shell", "orun-backend-docker", "orun-backend-gha", "orun-source-oci", "orun-cockpit"]
DISTRIBUTIONS = ["orun-core", *PLUGINS, "."]
OFFERED_BY_MORE = {"orun-backend-docker": ["orun-backend-shell"], "orun-backend-gha": ["orun-backend-shell"]}


def develop(session: nox.Session) -> None:
    session.install("--requirement", "requirements-dev.txt")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite, on every Python that is present."""
    develop(session)
    session.run("pytest", *session.posargs)


@nox.session
@nox.parametrize("distribution", PLUGINS)
def isolated(session: nox.Session, distribution: str) -> None:
    """One distribution alone with core passes its own tests."""
    companions = OFFERED_BY_MORE.get(distribution, [])
    session.install("./orun-core", *(f"./{name}" for name in [*companions, distribution]))
    session.install("pytest>=8.4,<9", "pytest-asyncio", "pytest-textual-snapshot", "hypothesis", "jsonschema")
    folder = ROOT / "tests" / distribution.replace("-", "_")
    session.run("pytest", str(folder.relative_to(ROOT)), *session.posargs)


@nox.session
def determinism(session: nox.Session) -> None:
    """Same inputs, same bytes: across folders, hash seeds, locales, clocks, plugin orders and Pythons."""
    develop(session)
    others = os.pathsep.join(str(python) for python in other_pythons(session))
    session.run("pytest", "tests/determinism", *session.posargs, env={"ORUN_OTHER_PYTHONS": others})


def other_pythons(session: nox.Session) -> Iterator[Path]:
    """An interpreter that has orun, for every Python that is present."""
    for version in PYTHONS:
        if python := shutil.which(f"python{version}"):
            folder = Path(session.create_tmp(), version).resolve()
            session.run(python, "-m", "venv", str(folder), external=True)
            install = (
                str(folder / "bin" / "pip"),
                "install",
                "--quiet",
                "-e",
                "./orun-core",
                "-e",
                "./orun-backend-shell",
            )
            session.run(*install, external=True)
            yield folder / "bin" / "python"


@nox.session
def types(session: nox.Session) -> None:
    """mypy --strict over every distribution, for the oldest and the newest Python."""
    develop(session)
    for version in (PYTHONS[0], PYTHONS[-1]):
        session.run("mypy", "--python-version", version)


@nox.session
def lint(session: nox.Session) -> None:
    """ruff, and the format."""
    develop(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def imports(session: nox.Session) -> None:
    """The import directions of the architecture."""
    develop(session)
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Everything the documentation claims: its commands run, its documents validate, its tables equal the code."""
    develop(session)
    session.run("pytest", "tests/docs", "tests/contract", *session.posargs)


@nox.session
def lowest(session: nox.Session) -> None:
    """The suite with the lowest versions that the distributions allow."""
    develop(session)
    session.install(*lowest_requirements())
    session.run("pytest", *session.posargs)


def lowest_requirements() -> list[str]:
    """`name==version` for every `name>=version` that a distribution asks of somebody else's library."""
    found = set()
    for distribution in DISTRIBUTIONS:
        project = nox.project.load_toml(ROOT / distribution / "pyproject.toml")["project"]
        for requirement in project["dependencies"]:
            name, _, version = requirement.partition(">=")
            if version and not name.startswith("orun"):
                found.add(f"{name}=={version.partition(',')[0]}")
    return sorted(found)


@nox.session
def build(session: nox.Session) -> None:
    """sdist and wheel of every distribution; each wheel carries its package and `py.typed`."""
    session.install("build")
    output = ROOT / "dist"
    shutil.rmtree(output, ignore_errors=True)
    for distribution in DISTRIBUTIONS:
        session.run("python", "-m", "build", "--outdir", str(output), distribution)
    for wheel in sorted(output.glob("orun_*.whl")):
        package = wheel.name.split("-")[0]
        if f"{package}/py.typed" not in zipfile.ZipFile(wheel).namelist():
            session.error(f"{wheel.name} lacks {package}/py.typed")


@nox.session
def bench(session: nox.Session) -> None:
    """The targets of the architecture, measured on this machine."""
    develop(session)
    session.run("python", "tests/bench/measure.py")
