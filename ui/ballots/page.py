"""The page `Ballots`: what people voted, where they disagree with the vote, all of it as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from markupsafe import Markup

from calm.ballots.box import BallotBox
from calm.ballots.export import FORMATS, NAMES, export_ballots
from calm.ballots.preferences import Disagreement, ballots_on, disagreements, held_wrong
from calm.ballots.tally import tally
from calm.errors import CalmError
from calm.pipeline.run_questions import groups_of
from calm.records import Ballot
from ui.asking.ballot_views import disagreement_list, latest_list, tally_figures
from ui.parts.addresses import chosen_in
from ui.parts.events import QUIET, problems_shown
from ui.parts.html import html_place, markup, word_markup
from ui.parts.runs import run_named, voted_names
from ui.text.words import say, word

ASKED = ":asked"
"""Stands for the votes on the page Ask; no run can have this name."""
LATEST = 12


@dataclass(frozen=True)
class BallotsPage:
    """How the rest of the page shows it anew."""

    box: BallotBox
    votes_of: gr.Dropdown
    outputs: list[Any]

    def show(self, votes_of: str | None) -> tuple[Any, ...]:
        """Return everything there is to show, in the order of `outputs`."""
        with problems_shown():
            ballots = self.box.anonymous()
            buttons = []
            for form in FORMATS:
                path = _written(ballots, form)
                buttons.append(gr.DownloadButton(value=path, interactive=bool(ballots)))
            offered = offered_votes(votes_of)
            return (
                tally_figures(tally(ballots)),
                offered,
                disagreement_list(found_on(self.box, chosen_in(offered))),
                latest_list(self.box.latest(LATEST)),
                *buttons,
            )

    def show_disagreements(self, votes_of: str | None) -> Markup:
        """Return where people disagree with other votes."""
        with problems_shown():
            return disagreement_list(found_on(self.box, votes_of or ASKED))


def ballots_page(box: BallotBox) -> BallotsPage:
    """Lay the page out and connect it; nothing is read before `show`."""
    figures = html_place(elem_id="ballots-tally")
    with gr.Row():
        buttons = [
            gr.DownloadButton(word(f"ballots.{form}"), elem_id=f"ballots-{form}", interactive=False)
            for form in FORMATS
        ]
        again = gr.Button(word("ballots.again"), elem_id="ballots-again")
    html_place(markup("<p class='source'>{}</p>", word_markup("ballots.who-sees")))
    _heading("ballots.disagreements")
    votes_of = gr.Dropdown(
        [(word("ballots.asked"), ASKED)],
        value=ASKED,
        label=word("ballots.votes"),
        elem_id="ballots-votes",
    )
    disagreed = html_place(elem_id="ballots-disagreements")
    _heading("ballots.latest")
    latest = html_place(elem_id="ballots-latest")
    page = BallotsPage(box, votes_of, [figures, votes_of, disagreed, latest, *buttons])
    again.click(page.show, votes_of, page.outputs, **QUIET)
    votes_of.input(page.show_disagreements, votes_of, disagreed, **QUIET)
    return page


def offered_votes(chosen: str | None = None) -> gr.Dropdown:
    """Return the choice of votes, those of the page Ask and of every run; `chosen` stays."""
    names = voted_names()
    choices = [(say("ballots.asked"), ASKED), *((name, name) for name in names)]
    return gr.Dropdown(choices, value=chosen if chosen in names else ASKED)


def _heading(key: str) -> None:
    html_place(markup("<h2 class='section'>{}</h2>", word_markup(key)))


def ballots_file(form: str) -> str:
    """Write all ballots to where downloads lie and return the file's path.

    Raises CalmError for another format than those of `FORMATS`.
    """
    if form not in NAMES:
        raise CalmError("ballots.unknown-format", format=form, formats=", ".join(FORMATS))
    return _written(BallotBox().anonymous(), form)


def _written(ballots: Sequence[Ballot], form: str) -> str:
    path = Path(get_upload_folder()) / "ballots" / NAMES[form]
    export_ballots(ballots, form, path)
    return str(path)


def found_on(box: BallotBox, votes_of: str) -> list[Disagreement]:
    """Return where people disagree with the votes of a run, or of the page Ask (`ASKED`).

    Raises CalmError for a run that has none.
    """
    if votes_of == ASKED:
        return held_wrong(box.all())
    run = run_named(votes_of)
    if not run.has("votes"):
        raise CalmError("run.not-voted", name=run.name)
    groups = groups_of(run)
    return disagreements(ballots_on(box.all(), groups), run.rows("votes"), groups)
