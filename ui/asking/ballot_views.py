"""Ballots -> HTML: the buttons to vote with, the tally with its intervals, where people disagree.

Pure; every word of people or models goes through `esc`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from markupsafe import Markup

from calm.ballots.preferences import ALL, Disagreement
from calm.ballots.tally import GOOD_BAD, Share
from calm.records import Ballot, Kind
from ui.asking.cards import card_head, own_answer, responses_list, translated
from ui.asking.compare_views import model_votes
from ui.asking.panel import progress
from ui.asking.records import Duel
from ui.parts.figures import TICKS, axis
from ui.parts.html import esc, in_language, note
from ui.text.numbers import moment, percent
from ui.text.words import language_name, say

CHOICES = ("left", "right", "both", "neither")
OPINIONS = ("right", "wrong", "not sure")
MOST_MODELS = 12
MOST_DISAGREEMENTS = 60


def consensus_ballot(opinions: Mapping[str, int], mine: str | None) -> Markup:
    """Return the buttons that say what one thinks of the vote."""
    buttons = "".join(
        _button(
            "opinion", ALL, said, mine == said, f"{opinion_name(said)} {_count(opinions[said])}"
        )
        for said in OPINIONS
    )
    return (
        f'<div class="ballot" role="group" aria-label="{esc(say("ballots.consensus"))}">'
        f"{esc(say('ballots.is-it-right'))} {buttons}</div>"
    )


def opinion_name(opinion: str) -> Markup:
    """Return an opinion in the reader's language, as markup."""
    return esc(say(f"ballots.opinion.{opinion.replace(' ', '-')}"))


def _count(count: int) -> Markup:
    return f"<span>{count}</span>"


def duel_cards(duel: Duel, loading: str = "") -> Markup:
    """Return one card a language: both answers as they grow, then the ballot between them.

    `loading` says what a model that is waited for is doing.
    """
    first = duel.first
    if first.is_over and not duel.is_ready:
        return note(progress(first), "warning")
    if not first.versions:
        return note(progress(first, loading or say("duel.waits")), "busy")
    cards = "".join(_duel_card(duel, question.language) for question in first.versions)
    if not duel.is_ready:
        head = note(say("duel.answering"), "busy")
    elif duel.all_open:
        head = model_votes([(asked.model, asked) for asked in (first, duel.second)])
    else:
        head = note(say("duel.which"))
    return f'{head}<div class="cards wide" aria-busy="{_yes(not duel.is_ready)}">{cards}</div>'


def _duel_card(duel: Duel, code: str) -> Markup:
    question = next(q for q in duel.first.versions if q.language == code)
    halves = Markup()
    for side, asked in zip(("left", "right"), duel.sides(code), strict=True):
        own = own_answer(asked, code) if asked.vote else Markup()
        if duel.open(code):
            title = say(f"duel.{side}.named", model=asked.model)
        else:
            title = say(f"duel.{side}")
        answers = responses_list(asked, code)
        halves += f'<div class="side"><h4>{esc(title)}</h4>{answers}{own}</div>'
    ballot = _duel_ballot(duel, code) if duel.is_ready else Markup()
    return (
        f'<article class="card pair" id="duel-{code}">{card_head(question)}'
        f"{in_language(code, esc(question.text), 'p', 'question')}{translated(question)}"
        f'<div class="sides">{halves}</div>{ballot}</article>'
    )


def _duel_ballot(duel: Duel, code: str) -> Markup:
    if duel.shown and code not in duel.cast:
        return f'<p class="source">{esc(say("duel.no-ballot"))}</p>'
    counts = duel.opinions.get(code)
    buttons = Markup()
    for value in CHOICES:
        label = esc(say(f"duel.choice.{value}"))
        count = f" {_count(counts[value])}" if counts else ""
        buttons += _button("duel", code, value, duel.cast.get(code) == value, label + count)
    name = esc(say("duel.your-choice", language=language_name(code)))
    return f'<footer class="ballot" role="group" aria-label="{name}">{buttons}</footer>'


def _yes(value: bool) -> str:
    return str(value).lower()


def _button(place: str, code: str, opinion: str, pressed: bool, inner: str) -> Markup:
    return (
        f'<button type="button" id="{place}-{code}-{opinion.replace(" ", "-")}" '
        f'data-language="{code}" data-opinion="{opinion}" '
        f'aria-pressed="{_yes(pressed)}">{inner}</button>'
    )


def tally_figures(shares: Sequence[Share]) -> Markup:
    """Return a figure of dots with their intervals for each kind of ballot."""
    if not shares:
        return note(say("ballots.none"))
    figures = "".join(_figure(kind, list(own)) for kind, own in groupby(shares, lambda s: s.kind))
    return f'<div class="plots">{figures}</div>'


def _figure(kind: Kind, shares: Sequence[Share]) -> Markup:
    weights = {_named(s): s.good + s.bad for s in shares if s.language == ALL}
    named = sorted(weights, key=lambda name: -weights[name])[:MOST_MODELS]
    rows = "".join(_share_row(share) for share in shares if _named(share) in named)
    left_out = len(weights) - len(named)
    more = note(say("ballots.more-in-files", count=left_out)) if left_out else Markup()
    return (
        f'<figure class="dots shares"><figcaption><b>{esc(say(f"ballots.{kind}.title"))}</b> '
        f"<small>{esc(say(f'ballots.{kind}.of'))}</small></figcaption>{rows}{axis()}{more}</figure>"
    )


def _named(share: Share) -> tuple[str, str]:
    return (share.model, share.other_model)


def _share_row(share: Share) -> Markup:
    if share.language != ALL:
        name = language_name(share.language)
    elif share.other_model:
        name = say("ballots.against", model=share.model, other=share.other_model)
    else:
        name = share.model
    marks = "".join(f'<line class="grid" x1="{t}%" x2="{t}%" y1="0" y2="24"/>' for t in TICKS)
    if share.value is not None and share.low is not None and share.high is not None:
        low, high = f"{100 * share.low:.1f}%", f"{100 * share.high:.1f}%"
        marks += f'<line class="aligned" x1="{low}" x2="{high}" y1="12" y2="12"/>'
        marks += f'<circle class="aligned" cx="{100 * share.value:.1f}%" cy="12" r="5"/>'
    css = "row all" if share.language == ALL else "row"
    value, counts = share_in_words(share), counts_in_words(share)
    words = esc(say("ballots.comma").join([value, counts] if value else [counts]))
    shown = f"<b>{esc(value)}</b>" if value else ""
    return (
        f'<div class="{css}"><span class="name">{esc(name)}</span>'
        f'<svg height="24" role="img" aria-label="{esc(name)}: {words}">{marks}</svg>'
        f'<span class="change">{shown}<small>{esc(counts)}</small></span></div>'
    )


def share_in_words(share: Share) -> str:
    """Return a share with its interval, `75% (30 to 95)`; nothing where there is none."""
    if share.value is None or share.low is None or share.high is None:
        return ""
    low, high = f"{100 * share.low:.0f}", f"{100 * share.high:.0f}"
    return say("common.interval", value=percent(share.value), low=low, high=high)


def counts_in_words(share: Share) -> str:
    """Return how many ballots said what: `3 up, 1 down`."""
    good, bad = GOOD_BAD[share.kind]
    counts = {good: share.good, bad: share.bad, **share.apart}
    return say("ballots.comma").join(
        say(f"ballots.count.{name.replace(' ', '-')}", count=count)
        for name, count in counts.items()
    )


def disagreement_list(found: Sequence[Disagreement]) -> Markup:
    """Return the questions on which people do not say what the vote says."""
    if not found:
        return note(say("ballots.disagreements.none"))
    items = "".join(_disagreement(row) for row in found[:MOST_DISAGREEMENTS])
    left_out = len(found) - MOST_DISAGREEMENTS
    more = note(say("ballots.disagreements.more", count=left_out)) if left_out > 0 else Markup()
    title = esc(say("ballots.disagreements"))
    return f'<ul class="compared" aria-label="{title}">{items}</ul>{more}'


def _disagreement(row: Disagreement) -> Markup:
    of_all = row.language == ALL
    where = say("ballots.disagreements.all") if of_all else language_name(row.language)
    people = row.people or say("ballots.disagreements.not-that")
    ballots = say("ballots.disagreements.count", agree=row.agree, disagree=row.disagree)
    rows = "".join(
        f"<div><dt>{esc(say(f'ballots.disagreements.{name}'))}</dt>"
        f"<dd><bdi>{esc(text)}</bdi></dd></div>"
        for name, text in (("vote", row.vote), ("people", people), ("ballots", ballots))
    )
    return (
        f'<li><header>{esc(where)}</header><p class="question" dir="auto">{esc(row.question)}</p>'
        f"<dl>{rows}</dl></li>"
    )


def latest_list(ballots: Iterable[Ballot]) -> Markup:
    """Return the newest ballots in words; nothing tells who cast them."""
    items = "".join(
        f"<li><header>{moment(ballot.cast_at)} · {esc(language_name(ballot.language))}</header>"
        f"{in_language(ballot.language, esc(ballot.question), 'p', 'question')}"
        f"<p>{_said(ballot)}</p></li>"
        for ballot in ballots
    )
    if not items:
        return note(say("ballots.none"))
    return f'<ul class="compared" aria-label="{esc(say("ballots.latest"))}">{items}</ul>'


def _said(ballot: Ballot) -> str:
    one, other = (
        in_language(ballot.language, esc(words)) if words else esc(say("ballots.no-answer"))
        for words in (ballot.answer, ballot.other_answer)
    )
    if ballot.kind != "duel":
        about = f"<small>({say(f'ballots.{ballot.kind}.about', model=esc(ballot.model))})</small>"
        verdict = opinion_name(ballot.opinion)
        return say("ballots.said", verdict=f"<b>{verdict}</b>", answer=f"{one} {about}")
    first = f"{one} <small>({esc(ballot.model)})</small>"
    second = f"{other} <small>({esc(ballot.other_model)})</small>"
    if ballot.opinion == "other":
        first, second = second, first
    what = ballot.opinion if ballot.opinion in ("both", "neither") else "better"
    return say(f"ballots.said.{what}", first=first, second=second)
