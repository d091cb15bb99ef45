"""The address of what is seen, such as `/?tab=votes&run=NAME`.

The browser writes it where a page or a run is chosen, so that back, forward, reload and a copied
address lead to the same place. What an address names comes from anybody: it is looked for among
what a page offers, and nothing else is done with it. A question has the address of its answers
(`ui.asking.links`), which is that of the page Ask.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from markupsafe import Markup

from ui.parts.events import QUIET
from ui.parts.html import html_place, note
from ui.parts.runs import runs_mark
from ui.text.words import say

FIRST = "ask"
"""The page that is seen where an address names none."""
TABS = "tabs"
"""The element id of the row of tabs."""
LOOK_EVERY_SECONDS = 3.0
LONGEST = 64
WRITE = """(run, answered) => {
  const url = new URL(window.location.href), named = url.searchParams, tab = %(tab)s;
  if (((named.get('tab') || %(first)s) === tab) !== %(is_here)s) return [];
  const gone = window.calmGoneTo;
  if (%(by_itself)s && gone && Date.now() - gone.at < %(patience)s) {
    if (gone.run === run) delete window.calmGoneTo;
    return [];
  }
  delete window.calmGoneTo;
  const question = /[?&]asked=([0-9a-f-]{16,33})$/.exec(answered || '');
  if (tab === %(first)s) named.delete('tab'); else named.set('tab', tab);
  if (/^[a-z0-9]/i.test(run || '')) named.set('run', run); else named.delete('run');
  if (tab !== %(first)s) named.delete('asked');
  else if (question && !%(is_here)s) { named.delete('run'); named.set('asked', question[1]); }
  if (url.href !== window.location.href) window.history.%(write)sState(null, '', url);
  return [];
}"""
"""Writes the address of a page, of one just come to or of the one that is seen already.

While the browser's back or forward is being followed, a run that comes into sight by itself is an
answer of the server, maybe to the place before: it writes nothing over the place gone to.
"""
FOLLOW = """window.addEventListener('popstate', () => {
  const run = new URLSearchParams(window.location.search).get('run') || '';
  window.calmGoneTo = {run, at: Date.now()};
  trigger('click');
});"""
"""Makes an event of the browser's back and forward, and remembers where it went and when."""
PATIENCE_MS = 30_000
"""How long a place is taken to be still on its way."""
GONE_TO = "() => [window.location.search]"
"""Says what the address names when the server is asked, which may be later than the event."""
SELECT = """() => ({
  __type__: 'update', selected: new URLSearchParams(window.location.search).get('tab') || %s,
})"""
"""Goes to the page that the address names without waiting for the server."""


@dataclass(frozen=True)
class Page:
    """A page with an address of its own."""

    name: str
    tab: gr.Tab
    run: gr.Dropdown | None = None
    """Says which run it shows."""
    offer: Callable[[str | None], gr.Dropdown] = gr.Dropdown
    """Returns the choice of runs: the one that is given stays while it is there."""


def address_note() -> gr.HTML:
    """Return the place where an address is followed, and what it names in vain is said."""
    return html_place(elem_id="address-note", js_on_load=FOLLOW)


class Addresses:
    """The addresses of all pages, and the choices of runs that they lead to."""

    def __init__(
        self, tabs: gr.Tabs, place: gr.HTML, pages: Sequence[Page], answered: gr.Textbox
    ) -> None:
        """Connect the pages; `answered` has the link of the question that is answered, if any.

        What an address names in vain is said in the `place` (`address_note`).
        """
        self._pages, self._note = pages, place
        self._seen = gr.State("")
        self._runs = [page.run for page in pages if page.run is not None]
        self.outputs: list[Any] = [self._seen, self._note, *self._runs]
        for page in pages:
            shown = [page.run, answered] if page.run is not None else None
            page.tab.select(None, shown, None, js=_write(page, "push", False), **QUIET)
            if page.run is not None:
                page.run.input(None, page.run, None, js=_write(page, "push", True), **QUIET)
                page.run.input(None, None, self._note, js="() => ''", **QUIET)
            if page.run is not None and page.name != FIRST:
                page.run.change(
                    None, page.run, None, js=_write(page, "replace", True, True), **QUIET
                )
        self._note.click(None, None, tabs, js=SELECT % json.dumps(FIRST), **QUIET)
        # Back twice in a row: the place that was gone to last is shown, not the one on its way.
        # Gradio forgets the data of an event that had to wait, so the address is read instead.
        self._note.click(
            self._follow,
            self._note,
            [self._note, *self._runs],
            js=GONE_TO,
            trigger_mode="always_last",
            **QUIET,
        )

    def opened(self, asked: Mapping[str, str]) -> dict[Any, Any]:
        """Return every choice of runs, with the run of an address in sight on its page."""
        tab, run = asked.get("tab") or FIRST, asked.get("run") or ""
        offered = {
            page.run: page.offer(run if page.name == tab and run else None)
            for page in self._pages
            if page.run is not None
        }
        return {self._seen: runs_mark(), **offered, self._note: self._missing(tab, run)}

    def keep_fresh(
        self, events: Sequence[Any], others: Sequence[Any], show: Callable[[], Sequence[Any]]
    ) -> None:
        """Look every few seconds, and on these events, whether runs have come, gone or got further.

        Then every page offers those there are, and `others` have what `show` returns.
        """

        def look(seen: str, *chosen: str | None) -> dict[Any, Any]:
            now = runs_mark()
            if now == seen:
                return {self._seen: gr.skip()}
            values = iter(chosen)
            offered = {
                page.run: kept_choice(page.offer, next(values))
                for page in self._pages
                if page.run is not None
            }
            more = dict(zip(others, show(), strict=True)) if seen else {}
            return {self._seen: now, **(offered if seen else {}), **more}

        come_to = [page.tab.select for page in self._pages if page.run is not None]
        gr.on(
            [gr.Timer(LOOK_EVERY_SECONDS).tick, *come_to, *events],
            look,
            [self._seen, *self._runs],
            [self._seen, *self._runs, *others],
            **QUIET,
        )

    def _follow(self, gone_to: str | None) -> dict[Any, Any]:
        """Show the run of the address that the browser has gone back or forward to.

        `gone_to` is the part of it from the question mark on.
        """
        named = parse_qs((gone_to or "").removeprefix("?"))
        tab, run = named.get("tab", [FIRST])[0], named.get("run", [""])[0]
        page = self._named(tab)
        found = {} if page is None or not run else {page.run: page.offer(run)}
        missing = self._missing(tab, run)
        return {self._note: missing, **({} if missing else found)}

    def _named(self, tab: str) -> Page | None:
        return next((p for p in self._pages if p.name == tab and p.run is not None), None)

    def _missing(self, tab: str, run: str) -> Markup:
        """Return that a page has no such run; nothing where it has, or none is named."""
        page = self._named(tab)
        if not run or page is None or run in values_of(page.offer(run)):
            return Markup()
        return note(say("address.no-run", run=run[:LONGEST]), "warning")


def chosen_in(offered: gr.Dropdown) -> Any:
    """Return what is chosen; Gradio gives a component that is made in an event no `value`."""
    return offered.constructor_args.get("value")


def values_of(offered: gr.Dropdown) -> list[Any]:
    """Return what can be chosen."""
    return [
        choice[1] if isinstance(choice, tuple) else choice
        for choice in offered.constructor_args["choices"]
    ]


def kept_choice(offer: Callable[[str | None], gr.Dropdown], chosen: str | None) -> gr.Dropdown:
    """Return the choices there are now; the one in sight is left alone where it is one of them.

    It may be changed while this is on its way.
    """
    offered = offer(chosen)
    if chosen_in(offered) != chosen:
        return offered
    return gr.Dropdown(list[Any](offered.constructor_args["choices"]))


def _write(page: Page, write: str, is_here: bool, by_itself: bool = False) -> str:
    names = {"tab": json.dumps(page.name), "first": json.dumps(FIRST), "patience": PATIENCE_MS}
    flags = {"is_here": json.dumps(is_here), "by_itself": json.dumps(by_itself)}
    return WRITE % {**names, **flags, "write": write}
