"""A podman of these tests: a socket, storage and settings of its own; rootless where the tests do not run as root."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import time
from contextlib import contextmanager
from pathlib import Path

from docker_engine import IMAGE
from parts import missing

SETTINGS = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
"""
"""By default podman raises limits, which not every machine that runs tests allows."""


@contextmanager
def podman_engine(folder):
    """The environment of commands that talk to it; it has the test image. Skips, or fails where podman is required."""
    for program in ("podman", "catatonit", "busybox"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/libexec/podman") is None:
            missing("podman", f"{program} is not on PATH")
    (folder / "containers.conf").write_text(SETTINGS)
    environ = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf")}
    where = ("--root", str(folder / "storage"), "--runroot", str(folder / "run"), "--storage-driver", "vfs")
    podman = ("podman", *where, "--cgroup-manager", "cgroupfs")
    socket = folder / "podman.sock"

    def call(*arguments, **how):
        done = subprocess.run((*podman, *arguments), env=environ, capture_output=True, check=False, **how)
        if done.returncode:
            missing("podman", done.stderr.decode(errors="replace").strip())

    call("import", "--change", "ENV PATH=/bin", "--change", "CMD /bin/sh", "-", IMAGE, input=image())
    call("run", "--rm", IMAGE, "true")
    with (folder / "said").open("wb") as said:
        service = subprocess.Popen(
            (*podman, "system", "service", "--time", "0", f"unix://{socket}"), env=environ, stdout=said, stderr=said
        )
    try:
        while not socket.exists():
            if service.poll() is not None:
                missing("podman", (folder / "said").read_text())
            time.sleep(0.05)
        yield {**environ, "DOCKER_HOST": f"unix://{socket}"}
    finally:
        service.terminate()
        service.wait()
        subprocess.run((*podman, "system", "reset", "--force"), env=environ, capture_output=True, check=False)


def image():
    """The files of the test image as an archive: this machine's busybox under all its names."""
    busybox = Path(shutil.which("busybox"))
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    spool = io.BytesIO()
    with tarfile.open(fileobj=spool, mode="w") as archive:
        archive.add(busybox.resolve(), "bin/busybox")
        links = {f"bin/{applet}": "busybox" for applet in applets if applet != "busybox"}
        for name, target in {**links, "usr/bin/env": "/bin/env"}.items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
        temporary = tarfile.TarInfo("tmp")
        temporary.type, temporary.mode = tarfile.DIRTYPE, 0o1777
        archive.addfile(temporary)
        users = b"root:x:0:0:root:/root:/bin/sh\n"
        passwd = tarfile.TarInfo("etc/passwd")
        passwd.size = len(users)
        archive.addfile(passwd, io.BytesIO(users))
    return spool.getvalue()
