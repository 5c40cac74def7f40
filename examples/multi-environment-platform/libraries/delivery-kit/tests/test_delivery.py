"""Tests of the delivery kit."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from delivery import artifact, markdown, site


class Artifact(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.source = self.root / "source"
        (self.source / "deep").mkdir(parents=True)
        (self.source / "deep" / "a.txt").write_text("a\n")
        (self.source / "b.txt").write_text("b\n")

    def test_same_files_same_bytes(self) -> None:
        first = artifact.pack(self.source, self.root / "one.tar.gz")
        (self.source / "b.txt").touch()
        self.assertEqual(first, artifact.pack(self.source, self.root / "two.tar.gz"))

    def test_round_trip(self) -> None:
        archive = self.root / "release.tar.gz"
        artifact.pack(self.source, archive)
        self.assertEqual(2, artifact.unpack(archive, self.root / "out"))
        self.assertEqual("a\n", (self.root / "out" / "deep" / "a.txt").read_text())

    def test_changed_archive_is_refused(self) -> None:
        archive = self.root / "release.tar.gz"
        artifact.pack(self.source, archive)
        archive.write_bytes(archive.read_bytes() + b"!")
        with self.assertRaisesRegex(artifact.BadArchive, "release.tar.gz: expected"):
            artifact.verify(archive)


class Markdown(unittest.TestCase):
    def test_blocks(self) -> None:
        text = "# Tides\n\nHigh *and* low\nwater.\n\n- one\n- `two`\n\n```\n<raw>\n```\n"
        expected = (
            "<h1>Tides</h1>\n<p>High <em>and</em> low water.</p>\n"
            "<ul><li>one</li><li><code>two</code></li></ul>\n<pre>&lt;raw&gt;</pre>"
        )
        self.assertEqual(expected, markdown.to_html(text))

    def test_links_and_escapes(self) -> None:
        self.assertEqual('a &lt; b <a href="c.html">see</a>', markdown.inline("a < b [see](c.html)"))


class Site(unittest.TestCase):
    def test_dead_links_are_found(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            pages, output = Path(folder, "pages"), Path(folder, "html")
            pages.mkdir()
            (pages / "index.md").write_text("# Home\n\n[next](next.html) [gone](gone.html)\n")
            (pages / "next.md").write_text("# Next\n\n[out](https://example.org/)\n")
            self.assertEqual(2, site.build(pages, output, "Title", "Brand"))
            self.assertEqual(["index.html: gone.html"], site.dead_links(output))


if __name__ == "__main__":
    unittest.main()
