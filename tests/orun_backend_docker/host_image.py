"""An image with this machine's bash, python3 and git, so that the example runs without pulling anything."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from docker_engine import IMAGE
from parts import missing

HOST_IMAGE = "orun-test/host:1"
PYTHON = Path("/usr/bin/python3")
LEFT_OUT = ("__pycache__", "test", "idlelib", "tkinter", "ensurepip", "dist-packages", "site-packages")


def host_image(engine):
    """The name of the image; it is made when the engine does not have it."""
    if engine.image(HOST_IMAGE) is None:
        _make(engine)
    return HOST_IMAGE


def _make(engine):
    programs = [PYTHON.resolve(), *(Path(shutil.which(name) or name) for name in ("bash", "git"))]
    for program in programs:
        if not program.exists():
            missing("docker", f"no {program} to put into an image")
    library = Path("/usr/lib") / PYTHON.resolve().name
    modules = library.glob("lib-dynload/*.so")
    spool = io.BytesIO()
    with tarfile.open(fileobj=spool, mode="w") as archive:
        for file in sorted(_libraries([*programs, *modules])):
            archive.add(Path(file).resolve(), file)
        for program in programs:
            archive.add(program.resolve(), f"usr/bin/{program.name}")
        archive.add(library, str(library), filter=lambda entry: None if Path(entry.name).name in LEFT_OUT else entry)
        link = tarfile.TarInfo("usr/bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, PYTHON.resolve().name
        archive.addfile(link)
    made = engine.api.create_container(IMAGE, ["true"])["Id"]
    spool.seek(0)
    engine.api.put_archive(made, "/", spool)
    repository, _, tag = HOST_IMAGE.rpartition(":")
    engine.api.commit(made, repository, tag, changes="ENV PATH=/usr/bin:/bin")
    engine.api.remove_container(made)


def _libraries(files):
    """What the loader needs for these files."""
    told = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(/\S+\.so\S*)(?= \()", told))
