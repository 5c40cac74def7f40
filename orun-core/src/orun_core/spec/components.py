"""All components of a project, and what a survey of thousands of them asks: answered without reading each of them whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple, overload

if TYPE_CHECKING:
    from orun_core.spec.documents import Component
    from orun_core.spec.stages import Authored


class ComponentSummary(NamedTuple):
    """What selection, change detection and dependencies need to know of a component."""

    file: str
    """Where it stands: its own file, or the intent."""
    name: str
    type: str
    domain: str
    enabled: bool
    paths: Sequence[str]
    """Folders that it names, as written: `path`, then the parameter `path`."""
    environments: Sequence[str]
    """Patterns of its subscriptions, in their order."""
    depends_on: Sequence[str]
    """Components that come first, in their order."""
    inputs: Sequence[str]
    """Those whose change counts as its own."""
    includes: Sequence[str]
    """Those that are always planned with it."""
    watches: Sequence[str]
    """Sections of the intent whose change counts as its own."""
    references: bool
    """Whether it names a composition other than the one that its type means."""

    @classmethod
    def of(cls, component: Component, file: str) -> ComponentSummary:
        """The summary of a component that stands in `file`."""
        paths = (component.path, component.parameters.get("path"))
        edges = component.depends_on
        return cls(
            file=file,
            name=component.name,
            type=component.type,
            domain=component.domain,
            enabled=component.enabled,
            paths=[path for path in paths if isinstance(path, str) and path.strip()],
            environments=[subscription.name for subscription in component.subscribe.environments],
            depends_on=[edge.component for edge in edges],
            inputs=[edge.component for edge in edges if edge.input],
            includes=[edge.component for edge in edges if edge.include == "always"],
            watches=list(component.change.watches),
            references=component.composition_ref is not None,
        )


class Components(Sequence["Authored[Component]"]):
    """Components in their order. `summaries` are at hand; an item is read when it is first asked for, and then kept."""

    def __init__(self, summaries: Sequence[ComponentSummary], read: Callable[[int], Authored[Component]]) -> None:
        """`read` gives the component at a position of `summaries`."""
        self.summaries = summaries
        self._read = cache(read)

    @classmethod
    def of(cls, components: Iterable[Authored[Component]]) -> Components:
        """Components that are read already."""
        known = tuple(components)
        return cls([ComponentSummary.of(item.value, item.origin.file) for item in known], known.__getitem__)

    def part(self, positions: Sequence[int]) -> Components:
        """The components at these positions."""
        summaries = self.summaries
        return Components([summaries[i] for i in positions], lambda position: self._read(positions[position]))

    def named(self, name: str) -> Authored[Component]:
        """The component of a name, the last one when several have it; raises `KeyError`."""
        return self._read(self._positions[name])

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {summary.name: position for position, summary in enumerate(self.summaries)}

    def __len__(self) -> int:
        return len(self.summaries)

    @overload
    def __getitem__(self, index: int) -> Authored[Component]: ...
    @overload
    def __getitem__(self, index: slice) -> Components: ...
    def __getitem__(self, index: int | slice) -> Authored[Component] | Components:
        positions = range(len(self.summaries))
        return self.part(positions[index]) if isinstance(index, slice) else self._read(positions[index])
