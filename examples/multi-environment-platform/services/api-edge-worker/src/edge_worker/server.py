"""HTTP in front of the tides: `/healthz` and `/tides/<port>`."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from edge_worker.tides import read_port


class Worker(ThreadingHTTPServer):
    """Listens on a free port of this machine only."""

    daemon_threads = True

    def __init__(self, database: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.database = database

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers in JSON."""

    server: Worker

    def do_GET(self) -> None:
        status, body = answer(self.server.database, self.path)
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def answer(database: Path, path: str) -> tuple[int, dict[str, Any]]:
    """Status and body for a path."""
    if path == "/healthz":
        return 200, {"status": "ok"}
    folder, _, name = path.strip("/").partition("/")
    port = read_port(database, name) if folder == "tides" else None
    if port is None:
        return 404, {"error": f"nothing at {path}"}
    return 200, {"port": port.name, "tides": port.table()}
