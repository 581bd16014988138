"""What reaches a terminal: text from outside, of which a person sees every character, and no markup is read in it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from symtests.shown_text import shown

__all__ = ["line_of", "lines_of", "terminal"]


def line_of(text: object, style: str = "") -> Text:
    """Return a text as one line for a terminal, whatever is in it."""
    return Text(shown(text), style=style)


def lines_of(text: object, style: str = "") -> Text:
    """Return a text for a terminal with its lines kept, whatever else is in it."""
    return Text(shown(text, lines=True), style=style)


def terminal(*, stderr: bool = False) -> Console:
    """Return what writes to standard output, or to standard error: strings are printed as they are, without markup."""
    return _Console(stderr=stderr, markup=False, emoji=False, highlight=False)


class _Console(Console):
    """A console by which no character reaches a terminal that was not meant to: the last place to see to it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as any console does; what is text is shown, what moves the cursor is rich's own."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(shown(text, lines=True), style)
