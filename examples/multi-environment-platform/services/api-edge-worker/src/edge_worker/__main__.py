"""Start, probe and stop the worker.

python3 -m edge_worker start --database FILE --state FILE    prints the URL once it answers
python3 -m edge_worker probe URL
python3 -m edge_worker stop --state FILE
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from edge_worker.server import Worker

LIFETIME_SECONDS = 120
"""A worker that nobody stops ends by itself."""


def serve(database: Path) -> int:
    """Answer requests until SIGTERM; the first line of output is the URL."""
    worker = Worker(database)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=worker.shutdown).start())
    limit = threading.Timer(LIFETIME_SECONDS, worker.shutdown)
    limit.daemon = True
    limit.start()
    print(worker.url, flush=True)
    worker.serve_forever(poll_interval=0.05)
    worker.server_close()
    return 0


def start(database: Path, state: Path) -> int:
    """Serve from a process of its own and record it in `state`."""
    stop(state)
    state.parent.mkdir(parents=True, exist_ok=True)
    with state.with_suffix(".log").open("wb") as log:
        command = [sys.executable, "-m", "edge_worker", "serve", "--database", str(database)]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
    if not url:
        print(f"the worker did not start: {state.with_suffix('.log').read_text()}", file=sys.stderr)
        return 1
    state.write_text(json.dumps({"pid": process.pid, "url": url}))
    print(url)
    return 0


def probe(url: str) -> int:
    """Fetch `url`; 0 when it answers 200 with JSON."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            body = json.load(response)
    except urllib.error.URLError as error:
        print(f"{url}: {error}", file=sys.stderr)
        return 1
    print(f"{url}: {response.status}, {', '.join(body)}")
    return 0


def stop(state: Path) -> int:
    """Ask the recorded worker to end; fine when there is none."""
    if state.exists():
        recorded = json.loads(state.read_text())
        try:
            os.kill(recorded["pid"], signal.SIGTERM)
        except ProcessLookupError:
            print("the worker has ended already")
        else:
            print(f"stopped {recorded['url']}", file=sys.stderr)
        state.unlink()
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="edge_worker")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, flags in {"serve": ["database"], "start": ["database", "state"], "stop": ["state"]}.items():
        command = commands.add_parser(name)
        for flag in flags:
            command.add_argument(f"--{flag}", type=Path, required=True)
    commands.add_parser("probe").add_argument("url")
    options = vars(parser.parse_args(arguments))
    return {"serve": serve, "start": start, "probe": probe, "stop": stop}[options.pop("command")](**options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
