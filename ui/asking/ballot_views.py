"""Ballots -> HTML: the buttons to vote with, the tally with its intervals, where people disagree.

Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from markupsafe import Markup

from calm.ballots.preferences import ALL, Disagreement
from calm.ballots.tally import GOOD_BAD, Share
from calm.records import Ballot, Kind
from ui.asking.cards import card_head, own_answer, responses_list, translated
from ui.asking.compare_views import model_votes
from ui.asking.duel import is_all_open, is_same
from ui.asking.panel import progress
from ui.asking.records import Duel
from ui.parts.axes import axis, upright
from ui.parts.html import concat, in_language, markup, note, say_markup
from ui.text.numbers import moment, percent
from ui.text.words import language_name, say

CHOICES = ("left", "right", "both", "neither")
OPINIONS = ("right", "wrong", "not sure")
MOST_MODELS = 12
MOST_DISAGREEMENTS = 60


def consensus_ballot(opinions: Mapping[str, int], mine: str | None) -> Markup:
    """Return the buttons that say what one thinks of the vote."""
    buttons = concat(
        _button(
            "opinion",
            ALL,
            said,
            mine == said,
            markup("{} {}", opinion_name(said), _count(opinions[said])),
        )
        for said in OPINIONS
    )
    return markup(
        '<div class="ballot" role="group" aria-label="{}">{} {}</div>',
        say("ballots.consensus"),
        say("ballots.is-it-right"),
        buttons,
    )


def opinion_name(opinion: str) -> str:
    """Return an opinion in the reader's language."""
    return say(f"ballots.opinion.{opinion.replace(' ', '-')}")


def _count(count: int) -> Markup:
    return markup("<span>{}</span>", count)


def duel_cards(duel: Duel, loading: str = "") -> Markup:
    """Return one card a language: both answers as they grow, then the ballot between them.

    `loading` says what a model that is waited for is doing.
    """
    first = duel.first
    if first.is_over and not duel.is_ready:
        return note(progress(first), "warning")
    if not first.versions:
        return note(progress(first, loading or say("duel.waits")), "busy")
    codes = [question.language for question in first.versions]
    same = [code for code in codes if duel.is_ready and is_same(duel, code)]
    is_open = duel.is_ready and is_all_open(duel)
    cards = concat(_duel_card(duel, code, code in same, is_open) for code in codes)
    if not duel.is_ready:
        head = note(say("duel.answering"), "busy")
    elif is_open:
        alike = note(say("duel.all-same")) if same == codes else Markup()
        head = alike + model_votes([(asked.model, asked) for asked in (first, duel.second)])
    else:
        head = note(say("duel.which"))
    return markup(
        '{}<div class="cards wide" aria-busy="{}">{}</div>', head, _yes(not duel.is_ready), cards
    )


def _duel_card(duel: Duel, code: str, is_same: bool, is_open: bool) -> Markup:
    question = next(q for q in duel.first.versions if q.language == code)
    halves = Markup()
    for side, asked in zip(("left", "right"), duel.sides(code), strict=True):
        own = own_answer(asked, code) if asked.vote else Markup()
        if is_open or duel.open(code):
            title = say(f"duel.{side}.named", model=asked.model)
        else:
            title = say(f"duel.{side}")
        answers = responses_list(asked, code)
        halves += markup('<div class="side"><h4>{}</h4>{}{}</div>', title, answers, own)
    ballot = Markup()
    if is_same:
        ballot = markup('<p class="source">{}</p>', say("duel.same"))
    elif duel.is_ready:
        ballot = _duel_ballot(duel, code)
    return markup(
        '<article class="card pair" id="duel-{}">{}{}{}<div class="sides">{}</div>{}</article>',
        code,
        card_head(question),
        in_language(code, question.text, "p", "question"),
        translated(question),
        halves,
        ballot,
    )


def _duel_ballot(duel: Duel, code: str) -> Markup:
    if duel.shown and code not in duel.cast:
        return markup('<p class="source">{}</p>', say("duel.no-ballot"))
    counts = duel.opinions.get(code)
    buttons = Markup()
    for value in CHOICES:
        label = say(f"duel.choice.{value}")
        count = markup(" {}", _count(counts[value])) if counts else Markup()
        buttons += _button("duel", code, value, duel.cast.get(code) == value, label + count)
    name = say("duel.your-choice", language=language_name(code))
    return markup('<footer class="ballot" role="group" aria-label="{}">{}</footer>', name, buttons)


def _yes(value: bool) -> str:
    return str(value).lower()


def _button(place: str, code: str, opinion: str, pressed: bool, inner: str) -> Markup:
    return markup(
        '<button type="button" id="{}-{}-{}" data-language="{}" data-opinion="{}" '
        'aria-pressed="{}">{}</button>',
        place,
        code,
        opinion.replace(" ", "-"),
        code,
        opinion,
        _yes(pressed),
        inner,
    )


def tally_figures(shares: Sequence[Share]) -> Markup:
    """Return a figure of dots with their intervals for each kind of ballot."""
    if not shares:
        return note(say("ballots.none"))
    figures = concat(_figure(kind, list(own)) for kind, own in groupby(shares, lambda s: s.kind))
    return markup('<div class="plots">{}</div>', figures)


def _figure(kind: Kind, shares: Sequence[Share]) -> Markup:
    weights = {_named(s): s.good + s.bad for s in shares if s.language == ALL}
    named = sorted(weights, key=lambda name: -weights[name])[:MOST_MODELS]
    rows = concat(_share_row(share) for share in shares if _named(share) in named)
    left_out = len(weights) - len(named)
    more = note(say("ballots.more-in-files", count=left_out)) if left_out else Markup()
    return markup(
        '<figure class="dots shares"><figcaption><b>{}</b> '
        "<small>{}</small></figcaption>{}{}{}</figure>",
        say(f"ballots.{kind}.title"),
        say(f"ballots.{kind}.of"),
        rows,
        axis(),
        more,
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
    marks = upright(24)
    if share.value is not None and share.low is not None and share.high is not None:
        low, high = f"{100 * share.low:.1f}%", f"{100 * share.high:.1f}%"
        marks += markup('<line class="aligned" x1="{}" x2="{}" y1="12" y2="12"/>', low, high)
        marks += markup('<circle class="aligned" cx="{:.1f}%" cy="12" r="5"/>', 100 * share.value)
    css = "row all" if share.language == ALL else "row"
    value, counts = share_in_words(share), counts_in_words(share)
    words = say("ballots.comma").join([value, counts] if value else [counts])
    shown = markup("<b>{}</b>", value) if value else Markup()
    return markup(
        '<div class="{}"><span class="name">{}</span>'
        '<svg height="24" role="img" aria-label="{}: {}">{}</svg><span class="change">{}'
        "<small>{}</small></span></div>",
        css,
        name,
        name,
        words,
        marks,
        shown,
        counts,
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
    items = concat(_disagreement(row) for row in found[:MOST_DISAGREEMENTS])
    left_out = len(found) - MOST_DISAGREEMENTS
    more = note(say("ballots.disagreements.more", count=left_out)) if left_out > 0 else Markup()
    title = say("ballots.disagreements")
    return markup('<ul class="compared" aria-label="{}">{}</ul>{}', title, items, more)


def _disagreement(row: Disagreement) -> Markup:
    of_all = row.language == ALL
    where = say("ballots.disagreements.all") if of_all else language_name(row.language)
    people = row.people or say("ballots.disagreements.not-that")
    ballots = say("ballots.disagreements.count", agree=row.agree, disagree=row.disagree)
    rows = concat(
        markup(
            "<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>",
            say(f"ballots.disagreements.{name}"),
            text,
        )
        for name, text in (("vote", row.vote), ("people", people), ("ballots", ballots))
    )
    return markup(
        '<li><header>{}</header><p class="question" dir="auto">{}</p><dl>{}</dl></li>',
        where,
        row.question,
        rows,
    )


def latest_list(ballots: Iterable[Ballot]) -> Markup:
    """Return the newest ballots in words; nothing tells who cast them."""
    items = concat(
        markup(
            "<li><header>{} · {}</header>{}<p>{}</p></li>",
            moment(ballot.cast_at),
            language_name(ballot.language),
            in_language(ballot.language, ballot.question, "p", "question"),
            _said(ballot),
        )
        for ballot in ballots
    )
    if not items:
        return note(say("ballots.none"))
    return markup('<ul class="compared" aria-label="{}">{}</ul>', say("ballots.latest"), items)


def _said(ballot: Ballot) -> Markup:
    one, other = (
        in_language(ballot.language, words) if words else say("ballots.no-answer")
        for words in (ballot.answer, ballot.other_answer)
    )
    if ballot.kind != "duel":
        about = say(f"ballots.{ballot.kind}.about", model=ballot.model)
        return say_markup(
            "ballots.said",
            verdict=markup("<b>{}</b>", opinion_name(ballot.opinion)),
            answer=markup("{} <small>({})</small>", one, about),
        )
    first = markup("{} <small>({})</small>", one, ballot.model)
    second = markup("{} <small>({})</small>", other, ballot.other_model)
    if ballot.opinion == "other":
        first, second = second, first
    what = ballot.opinion if ballot.opinion in ("both", "neither") else "better"
    return say_markup(f"ballots.said.{what}", first=first, second=second)
