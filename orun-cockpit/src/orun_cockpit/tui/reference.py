"""Help and palette, made from the table of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from orun_cockpit.cells import Span, Tone, pad
from orun_cockpit.tui.actions import Place, actions
from orun_cockpit.tui.textual_theme import page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.text import Text

    from orun_cockpit.style import Theme
    from orun_cockpit.tui.actions import Action


def help_texts(here: Place, keys: Mapping[str, str], look: Theme) -> list[Text]:
    """All actions with their keys, `keys` among them, those that work here first, each with the command behind it."""
    others = [place for place in Place if place not in (here, Place.EVERYWHERE)]
    return [_entry(each, keys, look) for place in (here, Place.EVERYWHERE, *others) for each in actions(place)]


def _entry(each: Action, keys: Mapping[str, str], look: Theme) -> Text:
    place = Span(pad(each.place.value, 12), Tone.DIM)
    row = (
        Span(pad(each.label(keys), 6), Tone.BRAND, bold=True),
        place,
        Span(each.name, bold=True),
        Span(f"  {each.help}"),
    )
    command = (Span(" " * 18 + f"{look.glyphs.arrow} {each.command}", Tone.DIM),)
    return page([row, command] if each.command else [row], look)


class ActionProvider(Provider):
    """The palette: actions of the surface that is shown, then those that work everywhere."""

    def _usable(self) -> Iterator[Action]:
        yield from actions(getattr(self.app, "here", Place.COMPONENTS))
        yield from actions(Place.EVERYWHERE)

    async def discover(self) -> Hits:
        """All of them."""
        for each in self._usable():
            yield DiscoveryHit(self._title(each), self._doer(each), help=each.help)

    async def search(self, query: str) -> Hits:
        """Those whose name or help fits."""
        matcher = self.matcher(query)
        for each in self._usable():
            score = max(matcher.match(self._title(each)), matcher.match(each.help) * 0.5)
            if score > 0:
                yield Hit(score, matcher.highlight(self._title(each)), self._doer(each), help=each.help)

    def _title(self, each: Action) -> str:
        return f"{each.place.value}: {each.name} ({each.label(getattr(self.app, 'keys', {}))})"

    def _doer(self, each: Action) -> ActionCall:
        return ActionCall(self, each)


class ActionCall:
    """Does an action when it is called."""

    def __init__(self, provider: Provider, each: Action) -> None:
        self._app = provider.app
        self._action = each

    async def __call__(self) -> None:
        """Do it."""
        await self._app.run_action(self._action.call)
