"""A GitHub of our own: answers what the real one would, and fails when told to."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from gha_openapi import description

BASES = Path(__file__).parent / "github"
RUN = json.loads((BASES / "run.json").read_bytes())
JOB = {"created_at": "2026-05-29T09:59:58Z", **json.loads((BASES / "job.json").read_bytes())}
ARTIFACT = json.loads((BASES / "artifact.json").read_bytes())
COMMIT = json.loads((BASES / "commit.json").read_bytes())
COMMENT = json.loads((BASES / "comment.json").read_bytes())
REPOSITORY = "acme/platform"
NUMBER = 26606158847
NOW = 1_780_000_000


@dataclass
class Reply:
    """An answer: JSON, or bytes as they are. `cut` drops the end of the body, as a broken line would."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: object


def run(status: str = "completed", conclusion: str | None = "success", **more) -> dict:
    return {**RUN, "id": NUMBER, "status": status, "conclusion": conclusion, "run_attempt": 1, **more}


def job(name: str, status: str = "completed", conclusion: str | None = "success", steps=(), **more) -> dict:
    number = more.pop("id", 1000 + sum(map(ord, name)))
    states = [
        {
            "name": step,
            "status": state,
            "conclusion": outcome,
            "number": place,
            "started_at": None if state == "queued" else "2026-05-29T10:00:00Z",
            "completed_at": "2026-05-29T10:00:01Z" if state == "completed" else None,
        }
        for place, (step, state, outcome) in enumerate(steps, start=1)
    ]
    return {
        **JOB,
        "id": number,
        "run_id": NUMBER,
        "name": name,
        "status": status,
        "conclusion": conclusion,
        "steps": states,
        **more,
    }


class FakeGitHub:
    """State, requests so far, and faults to come. `frames` are looks at the run: each reading of it moves to the next."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[tuple[str, Reply]] = []
        self.frames: list[tuple[dict, list[dict]]] = []
        self.workflow = b""
        self.logs: dict[int, Reply] = {}
        self.comments: list[dict] = []
        self.artifacts: dict[str, bytes] = {}
        self.commits: dict[str, str] = {}
        """Commit by `OWNER/NAME@REF`, for any repository."""
        self.tells_number = True
        self.page_size = 100
        self.wrong: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.environ = {
            "GITHUB_API_URL": self.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": "token-canary",
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, path: str, *replies: Reply) -> None:
        """Answer the next requests whose `METHOD path` has `path` in it with these, then as usual."""
        self.faults += [(path, reply) for reply in replies]

    def paths(self, method: str = "") -> list[str]:
        return [asked.path for asked in self.asked if method in ("", asked.method)]

    def answer(self, asked: Asked) -> Reply:
        what = f"{asked.method} {asked.path}"
        for place, (path, reply) in enumerate(self.faults):
            if path in what:
                del self.faults[place]
                return reply
        if found := re.fullmatch(r"GET /repos/([^/]+/[^/]+)/commits/([^/]+)", what):
            return self.commit(*map(unquote, found.groups()))
        rest = asked.path.removeprefix(f"/repos/{REPOSITORY}")
        for pattern, method in ROUTES.items():
            found = re.fullmatch(pattern, f"{asked.method} {rest}")
            if found:
                return method(self, asked, *found.groups())
        return Reply(404, {"message": "Not Found"})

    def commit(self, repository: str, ref: str) -> Reply:
        known = {use.partition("@")[0] for use in self.commits}
        commit = self.commits.get(f"{repository}@{ref}")
        if commit:
            return Reply(200, {**COMMIT, "sha": commit})
        if repository in known:
            return Reply(422, {"message": f"No commit found for SHA: {ref}"})
        return Reply(404, {"message": "Not Found"})

    def dispatch(self, asked: Asked, workflow: str) -> Reply:
        if not self.tells_number:
            return Reply(204)
        here = f"{self.url}/repos/{REPOSITORY}/actions/runs/{NUMBER}"
        return Reply(200, {"workflow_run_id": NUMBER, "run_url": here, "html_url": here})

    def contents(self, asked: Asked, path: str) -> Reply:
        return Reply(200, self.workflow)

    def runs(self, asked: Asked, workflow: str = "") -> Reply:
        found = [self.frames[0][0]]
        return Reply(200, {"total_count": len(found), "workflow_runs": found})

    def one_run(self, asked: Asked, number: str) -> Reply:
        frame = self.frames.pop(0) if len(self.frames) > 1 else self.frames[0]
        self.current = frame
        return self.tagged(asked, frame[0])

    def jobs(self, asked: Asked, number: str, attempt: str = "") -> Reply:
        jobs = getattr(self, "current", self.frames[0])[1]
        page = int(asked.query.get("page", 1))
        first = (page - 1) * self.page_size
        headers = {}
        if first + self.page_size < len(jobs):
            headers["Link"] = f'<{self.url}{asked.path}?per_page=100&page={page + 1}>; rel="next"'
        body = {"total_count": len(jobs), "jobs": jobs[first : first + self.page_size]}
        reply = self.tagged(asked, body)
        reply.headers.update(headers)
        return reply

    def tagged(self, asked: Asked, body: object) -> Reply:
        """Answers carry an ETag, and are not repeated to who has them."""
        tag = f'W/"{hash(json.dumps(body, sort_keys=True))}"'
        if asked.headers.get("If-None-Match") == tag:
            return Reply(304, None, {"ETag": tag})
        return Reply(200, body, {"ETag": tag})

    def log(self, asked: Asked, number: str) -> Reply:
        if int(number) not in self.logs:
            return Reply(410, {"message": "Gone"})
        return Reply(302, None, {"Location": f"{self.url}/blob/{number}"})

    def list_artifacts(self, asked: Asked, number: str) -> Reply:
        found = [{**ARTIFACT, "id": at, "name": name, "expired": False} for at, name in enumerate(self.artifacts, 1)]
        return Reply(200, {"total_count": len(found), "artifacts": found})

    def artifact(self, asked: Asked, number: str) -> Reply:
        self.logs[-int(number)] = Reply(200, list(self.artifacts.values())[int(number) - 1])
        return Reply(302, None, {"Location": f"{self.url}/blob/-{number}"})

    def changed(self, asked: Asked, *_: str) -> Reply:
        return Reply(202 if asked.path.endswith("cancel") else 201, {})

    def list_comments(self, asked: Asked, number: str) -> Reply:
        return Reply(200, self.comments)

    def add_comment(self, asked: Asked, number: str) -> Reply:
        self.comments.append({**COMMENT, "id": len(self.comments) + 1, "body": asked.body["body"]})
        return Reply(201, self.comments[-1])

    def edit_comment(self, asked: Asked, number: str) -> Reply:
        (found,) = [comment for comment in self.comments if comment["id"] == int(number)]
        found["body"] = asked.body["body"]
        return Reply(200, found)

    def _handler(fake):  # noqa: N805 - the handler's own self is another one
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_any(self):
                parts = urlsplit(self.path)
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else None
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                asked = Asked(self.command, parts.path, query, dict(self.headers), body)
                fake.asked.append(asked)
                if parts.path.startswith("/blob/"):
                    reply = fake.logs[int(parts.path.rpartition("/")[2])]
                else:
                    reply = fake.answer(asked)
                    fake.judge(asked, reply)
                self.reply(reply)

            def reply(self, reply):
                raw = isinstance(reply.body, bytes)
                content = reply.body if raw else b"" if reply.body is None else json.dumps(reply.body).encode()
                self.send_response_only(reply.status)
                headers = {"Date": formatdate(NOW, usegmt=True), "Content-Length": str(len(content)), **reply.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content[: len(content) - reply.cut])
                if reply.cut:
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = handle_any  # noqa: N815 - the names that http.server calls

        return Handler

    def judge(self, asked: Asked, reply: Reply) -> None:
        judge = description()
        if judge is not None:
            answered = None if isinstance(reply.body, bytes) else reply.body
            self.wrong += judge.judge(asked.method, asked.path, asked.body, reply.status, answered)


ROUTES = {
    r"POST /actions/workflows/([^/]+)/dispatches": FakeGitHub.dispatch,
    r"GET /contents/(.+)": FakeGitHub.contents,
    r"GET /actions/workflows/([^/]+)/runs": FakeGitHub.runs,
    r"GET /actions/runs": FakeGitHub.runs,
    r"GET /actions/runs/(\d+)(?:/attempts/\d+)?": FakeGitHub.one_run,
    r"GET /actions/runs/(\d+)/attempts/(\d+)/jobs": FakeGitHub.jobs,
    r"GET /actions/runs/(\d+)/jobs": FakeGitHub.jobs,
    r"GET /actions/jobs/(\d+)/logs": FakeGitHub.log,
    r"POST /actions/runs/(\d+)/(?:cancel|rerun-failed-jobs)": FakeGitHub.changed,
    r"GET /actions/runs/(\d+)/artifacts": FakeGitHub.list_artifacts,
    r"GET /actions/artifacts/(\d+)/zip": FakeGitHub.artifact,
    r"GET /issues/(\d+)/comments": FakeGitHub.list_comments,
    r"POST /issues/(\d+)/comments": FakeGitHub.add_comment,
    r"PATCH /issues/comments/(\d+)": FakeGitHub.edit_comment,
}
