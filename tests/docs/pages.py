"""What the documentation pages hold: fenced blocks, and the files and commands among them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("orun-*/README.md"), *ROOT.glob("examples/*/README.md")]
)
FENCE = re.compile(r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block. `file`: the path that the line before it names, or empty."""

    page: Path
    line: int
    language: str
    text: str
    file: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    content = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(content):
        line = content.count("\n", 0, found.start("text"))
        yield Block(page, line, found["language"], found["text"], found["file"] or "")


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each `$ command` of a console block with the output shown below it."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def walk(page: Path, folder: Path, words: Mapping[str, str] | None = None, **environ: str) -> list[str]:
    """Write the files of a page and run its console blocks, comparing what they show; returns the commands.

    `words`: texts of the page that stand for others here. `environ`: further variables.
    """
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {"PATH": scripts, "HOME": str(folder.parent), "ORUN_CACHE_DIR": str(folder.parent / "cache"), **environ}
    executed = []
    for block in blocks(page):
        if block.file:
            file = folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_here(block.text, words), encoding="utf-8")
        for command, shown in commands(block) if block.language == "console" else ():
            done = subprocess.run(
                _here(command, words), shell=True, cwd=folder, env=environ, text=True, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            assert done.returncode in ((3, 4) if "✕" in shown else (0,)), f"{block} $ {command}\n{done.stdout}"
            if shown:
                assert done.stdout == _here(shown, words), f"{block} $ {command}"
            executed.append(command)
    return executed


def _here(text: str, words: Mapping[str, str] | None) -> str:
    for word, other in (words or {}).items():
        text = text.replace(word, other)
    return text
