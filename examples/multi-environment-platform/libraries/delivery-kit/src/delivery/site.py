"""Static sites: one HTML page per Markdown file, with a menu, and a check that no link is dead.

python3 -m delivery.site build PAGES FOLDER --title TITLE --brand BRAND
python3 -m delivery.site check FOLDER
"""

from __future__ import annotations

import argparse
import html
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path

from delivery.markdown import title_of, to_html

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{page} - {title}</title>
<nav>{menu}</nav>
<main>
{body}
</main>
<footer>{brand}</footer>
</html>
"""


def build(pages: Path, folder: Path, title: str, brand: str) -> int:
    """Replace `folder` by the rendered `pages`; returns how many there are."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(pages.glob("*.md"))}
    menu = " ".join(f'<a href="{name}.html">{html.escape(title_of(text))}</a>' for name, text in texts.items())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in texts.items():
        page = PAGE.format(
            page=html.escape(title_of(text)),
            title=html.escape(title),
            menu=menu,
            body=to_html(text),
            brand=html.escape(brand),
        )
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return len(texts)


def dead_links(folder: Path) -> list[str]:
    """`page: link` for every link to a page that is not there."""
    dead = []
    for page in sorted(folder.glob("*.html")):
        parser = _Links()
        parser.feed(page.read_text(encoding="utf-8"))
        local = (link.partition("#")[0] for link in parser.links if "://" not in link)
        dead += [f"{page.name}: {link}" for link in local if link and not (folder / link).is_file()]
    return dead


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="delivery.site")
    commands = parser.add_subparsers(dest="command", required=True)
    build_command = commands.add_parser("build")
    build_command.add_argument("pages", type=Path)
    build_command.add_argument("folder", type=Path)
    build_command.add_argument("--title", required=True)
    build_command.add_argument("--brand", default="")
    commands.add_parser("check").add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "build":
        print(f"rendered {build(options.pages, options.folder, options.title, options.brand)} page(s)")
        return 0
    dead = dead_links(options.folder)
    for link in dead:
        print(f"dead link in {link}", file=sys.stderr)
    print(f"{len(dead)} dead link(s)")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
