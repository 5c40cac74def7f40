"""Render the edge routes of one environment.

python3 render.py ROUTES OUTPUT --zone ZONE --environment NAME --cache-seconds N
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def render(routes: list[dict[str, object]], zone: str, environment: str, cache_seconds: int) -> list[dict[str, object]]:
    """Routes with their host and cache time, by path; raises `ValueError` when a path is routed twice."""
    host = zone if environment == "production" else f"{environment}.{zone}"
    rendered = {}
    for route in routes:
        path = str(route["path"])
        if path in rendered:
            raise ValueError(f"{path} is routed twice")
        seconds = cache_seconds if route.get("cached") else 0
        rendered[path] = {"host": host, "path": path, "component": route["component"], "cacheSeconds": seconds}
    return [rendered[path] for path in sorted(rendered)]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="render.py")
    parser.add_argument("routes", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--zone", required=True)
    parser.add_argument("--environment", required=True)
    parser.add_argument("--cache-seconds", type=int, required=True)
    options = parser.parse_args(arguments)
    routes = json.loads(options.routes.read_text())["routes"]
    rendered = render(routes, options.zone, options.environment, options.cache_seconds)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(rendered, indent=2) + "\n")
    print(f"rendered {len(rendered)} route(s)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
