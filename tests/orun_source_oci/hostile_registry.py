"""A registry that lies: its routes are functions of the test."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import threading
import zlib
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from orun_source_oci import manifest as layout
from orun_source_oci.transport import Patience

NAME = "acme/platform"


SECRET = "Basic " + base64.b64encode(b"ada:secret").decode()
QUICK = Patience(answer=20, read=5)


def package(*members):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in members or (("stack.yaml", b"kind: Stack\n"),):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return zlib.compress(plain.getvalue(), wbits=31)


def digest_of(content):
    return f"sha256:{sha256(content).hexdigest()}"


class Reply:
    """What a route answers. `cut` ends the connection after so many bytes of the content; `endless` never ends it."""

    def __init__(self, status=200, content=b"", headers=None, cut=None, endless=False):
        self.status, self.content, self.headers, self.cut, self.endless = status, content, headers or {}, cut, endless


class Hostile:
    """Serves an honest package until `routes` says otherwise: path → Reply, list of replies in turn, or function of the request."""

    def __init__(self, package, port=0):
        self.package = package
        layer = layout.describe(layout.COMPOSITIONS, package)
        self.manifest = layout.manifest(layout.STACK, [layer], {})
        self.layer, self.digest = layer.digest, digest_of(self.manifest)
        self.requests = []
        self.routes = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def seen(self, part):
        """Requests whose path has this part, as (method, path, authorization)."""
        return [request for request in self.requests if part in request[1]]

    def serve(self, tree):
        """Serve another manifest under the tag, honestly."""
        content = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
        self.routes["manifests/1"] = Reply(200, content, {"Content-Type": layout.MANIFEST})
        return digest_of(content)

    def reply(self, path, handler):
        short = path.removeprefix(f"/v2/{NAME}/")
        route = self.routes.get(short) or self.routes.get(path.partition("?")[0]) or self.routes.get("*")
        if isinstance(route, list):
            route = route.pop(0) if len(route) > 1 else route[0]
        if callable(route):
            route = route(handler)
        return route or self._honest(short)

    def _honest(self, path):
        typed = {"Content-Type": layout.MANIFEST, "Docker-Content-Digest": self.digest}
        if path in ("manifests/1", f"manifests/{self.digest}"):
            return Reply(200, self.manifest, typed)
        if path == f"blobs/{self.layer}":
            return Reply(200, self.package)
        return Reply(404, b"{}")

    def _handler(hostile):  # noqa: N805 - `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                hostile.requests.append((self.command, self.path, self.headers.get("Authorization", "")))
                reply = hostile.reply(self.path, self)
                self.close_connection = True
                if reply.status == 0:
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if not reply.endless and "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.content)))
                self.send_header("Connection", "close")
                self.end_headers()
                try:
                    self.wfile.write(reply.content[: reply.cut])
                    while reply.endless:
                        self.wfile.write(bytes(65536))
                except OSError:
                    pass

            def log_message(self, *arguments):
                pass

        return Handler
