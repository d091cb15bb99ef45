"""Ballots -> HTML: the buttons to vote with, the tally with its intervals, where people disagree.

Pure; every word of people or models goes through `esc`.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from calm.ballots import Ballot, Kind
from calm.preferences import ALL, Disagreement
from calm.tally import Share, in_words
from ui.ask_views import card_head, own_answer, responses_list, translated
from ui.compare_views import model_votes
from ui.figures import TICKS
from ui.records import Asked, Duel
from ui.views import esc, in_language, language_label, note

TITLES: dict[Kind, tuple[str, str]] = {
    "thumb": ("Thumbs up", "of all thumbs on a model's answers"),
    "duel": ("Duels won", "of those that one of both models won"),
    "consensus": ("Votes held right", "of those held right or wrong"),
}
CHOICES = (
    ("left", "Left is better"),
    ("right", "Right is better"),
    ("both", "Both are good"),
    ("neither", "Neither is good"),
)
OPINIONS = (("right", "Right"), ("wrong", "Wrong"), ("not sure", "Not sure"))
MOST_MODELS = 12
MOST_DISAGREEMENTS = 60
NO_BALLOTS = note(
    "Nobody has voted yet. Ask a question on the page Ask and press a thumb, or ask both models on "
    "the page Compare and choose between them."
)


def consensus_ballot(opinions: Mapping[str, int], mine: str | None) -> str:
    """Return the buttons that say what one thinks of the vote."""
    buttons = "".join(
        _button(
            "opinion", ALL, value, mine == value, f"{esc(label)} <span>{opinions[value]}</span>"
        )
        for value, label in OPINIONS
    )
    return (
        '<div class="ballot" role="group" aria-label="Your opinion of the vote">'
        f"Is the vote right? {buttons}</div>"
    )


def duel_waits(base: Asked, aligned: Asked | None) -> str:
    """Return how far two models have answered, and not a word of what they say."""
    for asked in (base, aligned):
        if asked is not None and asked.phase == "stopped":
            return note(asked.message, "warning")
    if base.phase == "working" and not base.responses:
        return note(base.message or "The first model is being asked.", "busy")
    order = "first" if base.phase == "working" else "second"
    return note(
        f"The {order} of two models is answering. Both appear together, in random order, so that "
        "you can judge them without knowing which is which.",
        "busy",
    )


def duel_cards(duel: Duel) -> str:
    """Return one card a language: both answers, and the ballot between them."""
    cards = "".join(_duel_card(duel, question.language) for question in duel.base.versions)
    codes = [question.language for question in duel.base.versions]
    if not codes:
        return note("No language is left that both models were asked in.", "warning")
    if duel.all_open:
        head = model_votes(duel.base, duel.aligned)
    else:
        head = note("Which answer is better? You will see which model it is from when you vote.")
    return f'{head}<div class="cards wide">{cards}</div>'


def _duel_card(duel: Duel, code: str) -> str:
    question = next(q for q in duel.base.versions if q.language == code)
    halves = ""
    for side, (name, asked) in zip(("Left", "Right"), duel.sides(code), strict=True):
        rows, vote = asked.of(code), asked.vote
        own = own_answer(question, rows, vote.by_language[code]) if vote else ""
        title = f"{side}: {esc(name)}" if duel.open(code) else side
        halves += f'<div class="side"><h4>{title}</h4>{responses_list(rows, question)}{own}</div>'
    return (
        f'<article class="card pair" id="duel-{code}">{card_head(question)}'
        f"{in_language(code, esc(question.text), 'p', 'question')}{translated(question)}"
        f'<div class="sides">{halves}</div>{_duel_ballot(duel, code)}</article>'
    )


def _duel_ballot(duel: Duel, code: str) -> str:
    if duel.shown and code not in duel.cast:
        return '<p class="source">Seen before it was voted on: no ballot.</p>'
    counts = duel.opinions.get(code)
    buttons = ""
    for value, label in CHOICES:
        count = f" <span>{counts[value]}</span>" if counts else ""
        buttons += _button("duel", code, value, duel.cast.get(code) == value, esc(label) + count)
    name = esc(language_label(code))
    return (
        f'<footer class="ballot" role="group" aria-label="Your choice: {name}">{buttons}</footer>'
    )


def _button(place: str, code: str, opinion: str, pressed: bool, inner: str) -> str:
    return (
        f'<button type="button" id="{place}-{code}-{opinion.replace(" ", "-")}" '
        f'data-language="{code}" data-opinion="{opinion}" '
        f'aria-pressed="{str(pressed).lower()}">{inner}</button>'
    )


def tally_figures(shares: Sequence[Share]) -> str:
    """Return a figure of dots with their intervals for each kind of ballot."""
    if not shares:
        return NO_BALLOTS
    figures = "".join(_figure(kind, list(own)) for kind, own in groupby(shares, lambda s: s.kind))
    return f'<div class="plots">{figures}</div>'


def _figure(kind: Kind, shares: Sequence[Share]) -> str:
    weights = {_named(s): s.good + s.bad for s in shares if s.language == ALL}
    named = sorted(weights, key=lambda name: -weights[name])[:MOST_MODELS]
    rows = "".join(_share_row(share) for share in shares if _named(share) in named)
    title, of = TITLES[kind]
    ticks = "".join(f'<span style="left:{tick}%">{tick}%</span>' for tick in TICKS)
    left_out = len(weights) - len(named)
    more = note(f"{left_out} more are in the files below.") if left_out else ""
    return (
        f'<figure class="dots shares"><figcaption><b>{title}</b> <small>{of}; lines are 95% '
        f"intervals</small></figcaption>{rows}"
        f'<div class="row axis" aria-hidden="true"><span></span><span class="ticks">{ticks}</span>'
        f"<span></span></div>{more}</figure>"
    )


def _named(share: Share) -> tuple[str, str]:
    return (share.model, share.other_model)


def _share_row(share: Share) -> str:
    if share.language == ALL:
        name = share.model + (f" against {share.other_model}" if share.other_model else "")
    else:
        name = language_label(share.language)
    marks = "".join(f'<line class="grid" x1="{t}%" x2="{t}%" y1="0" y2="24"/>' for t in TICKS)
    if share.value is not None and share.low is not None and share.high is not None:
        low, high = f"{100 * share.low:.1f}%", f"{100 * share.high:.1f}%"
        marks += f'<line class="aligned" x1="{low}" x2="{high}" y1="12" y2="12"/>'
        marks += f'<circle class="aligned" cx="{100 * share.value:.1f}%" cy="12" r="5"/>'
    css = "row all" if share.language == ALL else "row"
    words = esc(in_words(share))
    return (
        f'<div class="{css}"><span class="name">{esc(name)}</span>'
        f'<svg height="24" role="img" aria-label="{esc(name)}: {words}">{marks}</svg>'
        f'<span class="change">{words}</span></div>'
    )


def disagreement_list(found: Sequence[Disagreement]) -> str:
    """Return the questions on which people do not say what the vote says."""
    if not found:
        return note("Nowhere do people say something else than these votes.")
    items = "".join(_disagreement(row) for row in found[:MOST_DISAGREEMENTS])
    left_out = len(found) - MOST_DISAGREEMENTS
    more = note(f"{left_out} more are not shown.") if left_out > 0 else ""
    return f'<ul class="compared" aria-label="Disagreements">{items}</ul>{more}'


def _disagreement(row: Disagreement) -> str:
    where = "The vote of all languages" if row.language == ALL else language_label(row.language)
    people = esc(row.people) if row.people else "not that"
    return (
        f'<li><header>{esc(where)}</header><p class="question" dir="auto">{esc(row.question)}</p>'
        f'<dl><div><dt>vote</dt><dd dir="auto">{esc(row.vote)}</dd></div>'
        f'<div><dt>people</dt><dd dir="auto">{people}</dd></div>'
        f"<div><dt>ballots</dt><dd>{row.agree} for the vote's answer, {row.disagree} against it"
        "</dd></div></dl></li>"
    )


def latest_list(ballots: Iterable[Ballot]) -> str:
    """Return the newest ballots in words; nothing tells who cast them."""
    items = "".join(
        f"<li><header>{_day(ballot.cast_at)} · {esc(language_label(ballot.language))}</header>"
        f"{in_language(ballot.language, esc(ballot.question), 'p', 'question')}"
        f"<p>{_said(ballot)}</p></li>"
        for ballot in ballots
    )
    return f'<ul class="compared" aria-label="Latest ballots">{items}</ul>' if items else NO_BALLOTS


def _said(ballot: Ballot) -> str:
    one, other = (
        in_language(ballot.language, esc(words)) if words else "no answer"
        for words in (ballot.answer, ballot.other_answer)
    )
    if ballot.kind != "duel":
        about = "vote of" if ballot.kind == "consensus" else "answer of"
        verdict = {"up": "Thumb up", "down": "Thumb down"}.get(
            ballot.opinion, ballot.opinion.capitalize()
        )
        return f"<b>{verdict}</b>: {one} <small>({about} {esc(ballot.model)})</small>"
    first = f"{one} <small>({esc(ballot.model)})</small>"
    second = f"{other} <small>({esc(ballot.other_model)})</small>"
    if ballot.opinion == "other":
        first, second = second, first
    if ballot.opinion in ("both", "neither"):
        verb = "are" if ballot.opinion == "both" else "is"
        return f"<b>{ballot.opinion.capitalize()} {verb} good</b>: {first}, {second}"
    return f"<b>Better</b>: {first} than {second}"


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
