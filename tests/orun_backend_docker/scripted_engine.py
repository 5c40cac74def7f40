"""An engine that knows its version, and answers everything else as it was told."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing, contextmanager

from orun_backend_docker.engine import Engine

HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def scripted_engine(folder, answer, status=b"200 OK"):
    """A connection to it; `answer` is a JSON document."""
    path = str(folder / "scripted.sock")
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(path)
        server.listen()
        thread = threading.Thread(target=_serve, args=(server, json.dumps(answer).encode(), status))
        thread.start()
        try:
            with closing(Engine.connect({"DOCKER_HOST": f"unix://{path}"})) as engine:
                yield engine
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(server, answer, status):
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with closing(connection):
            asked = connection.recv(1 << 16)
            if b"/version" in asked:
                connection.sendall(HEAD % (b"200 OK", 22) + b'{"ApiVersion": "1.41"}')
            elif asked:
                connection.sendall(HEAD % (status, len(answer)) + answer)
