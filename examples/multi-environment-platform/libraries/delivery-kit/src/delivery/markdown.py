"""Markdown to HTML: headings, paragraphs, lists, code, emphasis and links. Everything else is text."""

from __future__ import annotations

import html
import re

HEADING = re.compile(r"(#{1,6}) +(.*)")
ITEM = re.compile(r"[-*] +(.*)")
FENCE = "```"
SPANS = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)"), r'<a href="\2">\1</a>'),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
)


def to_html(text: str) -> str:
    """The document as HTML, one block per line."""
    blocks: list[str] = []
    lines = iter(text.splitlines())
    paragraph: list[str] = []
    items: list[str] = []

    def close() -> None:
        if paragraph:
            blocks.append(f"<p>{inline(' '.join(paragraph))}</p>")
        if items:
            blocks.append(f"<ul>{''.join(f'<li>{inline(item)}</li>' for item in items)}</ul>")
        paragraph.clear()
        items.clear()

    for line in lines:
        heading, item = HEADING.fullmatch(line), ITEM.fullmatch(line)
        if line.startswith(FENCE):
            close()
            code = "\n".join(iter(lambda: next(lines, FENCE), FENCE))
            blocks.append(f"<pre>{html.escape(code)}</pre>")
        elif heading:
            close()
            level = len(heading[1])
            blocks.append(f"<h{level}>{inline(heading[2])}</h{level}>")
        elif item:
            if paragraph:
                close()
            items.append(item[1])
        elif line.strip():
            if items:
                close()
            paragraph.append(line.strip())
        else:
            close()
    close()
    return "\n".join(blocks)


def title_of(text: str) -> str:
    """The first heading, empty when there is none."""
    for line in text.splitlines():
        if heading := HEADING.fullmatch(line):
            return heading[2]
    return ""


def inline(text: str) -> str:
    """Spans inside a block, escaped."""
    result = html.escape(text, quote=False)
    for pattern, replacement in SPANS:
        result = pattern.sub(replacement, result)
    return result
