"""What every composition source promises: a test file subclasses `SourceContract` and says how a package gets where it is fetched.

    class TestMySource(SourceContract):
        @pytest.fixture
        def source(self) -> CompositionSource:
            return MySource()

        @pytest.fixture
        def publish(self, my_server: MyServer) -> Publish:
            def publish(packed: PackedStack) -> SourceRequest:
                my_server.put("house-1.0", packed.archive)
                return SourceRequest("house", "mine", ref=f"{my_server.url}/house-1.0")

            return publish

Packages are fetched into a real cache. That archives are unpacked safely, and that a lock is kept, is core's own affair.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from orun_core.builtin.package_cache import PackageStore
from orun_core.builtin.packing import pack_stack
from orun_core.spec.errors import CompileError
from orun_core.spec.source import FetchedSource, PackedStack, SourceContext, SourceRequest

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.source import CompositionSource

Publish: TypeAlias = Callable[[PackedStack], SourceRequest]
"""Puts a package in place of the one before it, always under the same reference; returns the intent's entry for that reference."""

COMPOSITION = """\
kind: Composition
metadata: {{name: service}}
spec:
  type: service
  defaultJob: deploy
  parameterSchema: {{type: object}}
  jobs: [{{name: deploy, steps: [{{name: deploy, run: echo {word}}}]}}]
"""
PATH = "compositions/service/composition.yaml"


class SourceContract:
    """Cases for every kind of source that fetches packages from somewhere else."""

    @pytest.fixture
    def source(self) -> CompositionSource:
        """The source under test."""
        raise NotImplementedError

    @pytest.fixture
    def publish(self) -> Publish:
        """How a package gets where the source looks for it."""
        raise NotImplementedError

    @pytest.fixture
    def context(self, tmp_path: Path) -> SourceContext:
        """A workspace, and a cache with nothing in it."""
        root = tmp_path / "workspace"
        root.mkdir()
        return SourceContext(root, PackageStore(tmp_path / "cache"))

    @pytest.fixture
    def packed(self, tmp_path: Path) -> Callable[[str], PackedStack]:
        """A stack whose only step says a word."""

        def packed(word: str) -> PackedStack:
            folder = tmp_path / f"stack-{word}"
            (folder / PATH).parent.mkdir(parents=True)
            (folder / "stack.yaml").write_text("kind: Stack\nmetadata: {name: house, version: 1.0.0}\n")
            (folder / PATH).write_text(COMPOSITION.format(word=word))
            return pack_stack(folder)

        return packed

    @pytest.fixture
    def request_of_one(self, publish: Publish, packed: Callable[[str], PackedStack]) -> SourceRequest:
        """The entry of an intent for a package that is there."""
        return publish(packed("one"))

    def test_a_package_is_a_folder_with_the_published_files(
        self, source: CompositionSource, context: SourceContext, request_of_one: SourceRequest
    ) -> None:
        root = source.fetch(request_of_one, context).root
        assert (root / "stack.yaml").read_text() == "kind: Stack\nmetadata: {name: house, version: 1.0.0}\n"
        assert word_of(root) == "one"

    def test_a_digest_is_sha256_and_the_same_wherever_it_is_fetched(
        self, source: CompositionSource, context: SourceContext, request_of_one: SourceRequest, tmp_path: Path
    ) -> None:
        first = source.fetch(request_of_one, context)
        other = source.fetch(request_of_one, replace(context, cache=PackageStore(tmp_path / "other")))
        kind, _, digits = first.digest.partition(":")
        assert (kind, len(digits), digits.strip("0123456789abcdef")) == ("sha256", 64, "")
        assert (other.digest, other.version) == (first.digest, first.version)

    def test_latest_is_what_a_fetch_would_take(
        self, source: CompositionSource, context: SourceContext, request_of_one: SourceRequest
    ) -> None:
        assert source.latest(request_of_one, context) == source.fetch(request_of_one, context).digest

    def test_what_is_published_anew_has_another_digest(
        self,
        source: CompositionSource,
        context: SourceContext,
        publish: Publish,
        packed: Callable[[str], PackedStack],
    ) -> None:
        before = source.fetch(publish(packed("one")), context)
        request = publish(packed("another"))
        after = source.fetch(request, context)
        assert word_of(after.root) == "another"
        assert source.latest(locked(request, before), context) == after.digest != before.digest

    def test_a_locked_package_stays_what_it_is(
        self,
        source: CompositionSource,
        context: SourceContext,
        publish: Publish,
        packed: Callable[[str], PackedStack],
    ) -> None:
        before = source.fetch(publish(packed("one")), context)
        request = publish(packed("another"))
        again = source.fetch(locked(request, before), replace(context, frozen=True))
        assert (again.digest, word_of(again.root)) == (before.digest, "one")

    def test_a_cached_package_needs_no_network(
        self, source: CompositionSource, context: SourceContext, request_of_one: SourceRequest
    ) -> None:
        fetched = source.fetch(request_of_one, context)
        offline = replace(context, offline=True, frozen=True)
        assert source.fetch(locked(request_of_one, fetched), offline) == fetched

    def test_offline_nothing_is_fetched(
        self, source: CompositionSource, context: SourceContext, request_of_one: SourceRequest
    ) -> None:
        refused(source, request_of_one, replace(context, offline=True))

    def test_a_locked_digest_never_stands_for_other_bytes(
        self, source: CompositionSource, context: SourceContext, request_of_one: SourceRequest
    ) -> None:
        fetched = source.fetch(request_of_one, context)
        wrong = "sha256:" + "0" * 64
        with suppress(CompileError):  # a source that answers with the true digest leaves the refusal to core
            assert source.fetch(replace(locked(request_of_one, fetched), locked=wrong), context).digest != wrong
        assert context.cache.tree(wrong) is None

    def test_a_reference_that_means_nothing_is_refused(
        self, source: CompositionSource, context: SourceContext, request_of_one: SourceRequest
    ) -> None:
        refused(source, replace(request_of_one, ref=f"{request_of_one.ref}-unknown"), context)


def locked(request: SourceRequest, fetched: FetchedSource) -> SourceRequest:
    """The request once the lock knows the package."""
    return replace(request, locked=fetched.digest, locked_version=fetched.version)


def refused(source: CompositionSource, request: SourceRequest, context: SourceContext) -> None:
    """A fetch that ends with a message to the user: a code of some area, and a text."""
    with pytest.raises(CompileError) as caught:
        source.fetch(request, context)
    assert all("/" in problem.code and problem.message for problem in caught.value.diagnostics)


def word_of(root: Path) -> str:
    """What the step of a fetched stack says."""
    return (root / PATH).read_text().partition("run: echo ")[2].partition("}")[0]
