"""`docs/plugins.md`, from top to bottom: its plugin is built, installed, tested and used."""

from __future__ import annotations

import site
import sys
import threading
import venv
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pages import ROOT, walk

PAGE = ROOT / "docs" / "plugins.md"
SCRIPT = "#!{python}\nfrom orun_core.cli.main import main\nmain()\n"


class Depot(SimpleHTTPRequestHandler):
    """Files, for who has the token."""

    def do_GET(self) -> None:
        if self.headers["Authorization"] == "Bearer t-1":
            super().do_GET()
        else:
            self.send_error(401)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[str]:
    """Address of a server of what is in `page/depot`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Depot, directory=str(tmp_path / "page" / "depot")))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def newcomer(tmp_path: Path) -> Path:
    """The scripts of a virtual environment of its own, in which everything is installed that is installed here."""
    home = tmp_path / "venv"
    venv.create(home, symlinks=True)
    packages = next(home.glob("lib/python*/site-packages"))
    lines = (f"import site; site.addsitedir({folder!r})\n" for folder in site.getsitepackages())
    (packages / "here.pth").write_text("".join(lines))
    script = home / "bin" / "orun"
    script.write_text(SCRIPT.format(python=home / "bin" / "python"))
    script.chmod(0o755)
    return home / "bin"


def test_every_file_and_command_of_the_page(tmp_path: Path, depot: str, newcomer: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    path = f"{newcomer}:/usr/bin:/bin"
    executed = walk(PAGE, folder, {"https://depot.example": depot}, PATH=path, **offline)
    assert len(executed) == 20
