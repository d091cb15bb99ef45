"""The stage and the page for phones, asked question -> HTML. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from calm.asking.asked import Asked
from calm.languages.table import language
from calm.records import Question
from ui.asking.ballot_views import OPINIONS, opinion_name
from ui.asking.cards import thumb_sign
from ui.asking.panel import (
    agreement_in_words,
    colour,
    disagreement,
    headline,
    in_words,
    share_in_words,
    swatch,
)
from ui.asking.readers import in_reader_words, reader_version
from ui.asking.records import ThumbCount
from ui.parts.html import concat, in_a_row, in_language, markup, note, same_name, with_code
from ui.text.words import language_name, reader_language, say

THUMBS = ("up", "down")
LONG_QUESTION = 90
"""Characters beyond which a question is set smaller, so that its answers stay on the wall."""
QUIET_ZONE = 4
"""Light squares around a code, as its standard has it, so that a camera finds it."""


@dataclass(frozen=True)
class Tally:
    """The ballots on one question: on each language's answer, and on the vote."""

    thumbs: Mapping[str, ThumbCount]
    opinions: Mapping[str, int]
    """Of the vote; empty where it has no winner to judge."""
    mine: str | None = None
    """What this browser said of the vote."""
    people: int = 0


# The stage


def stage_page(asked: Asked, tally: Tally, code: Markup, links: Mapping[str, str]) -> Markup:
    """Return what a wall shows: question, answers, vote and ballots, and the code for phones.

    `links` leads to the page's own `tally`, which is looked at again and again, and `back`.
    """
    return markup(
        '<main class="stage" data-tally="{}"><header class="stage-bar"><b>CALM Studio</b>'
        '<span class="lost" role="status" hidden>{}</span>'
        '<button type="button" id="full" hidden>{}</button><a id="leave" href="{}">{}</a></header>'
        '<div class="stage-body"><section id="tally">{}</section>{}</div></main>',
        links["tally"],
        say("stage.lost"),
        say("stage.full"),
        links["back"],
        say("stage.leave"),
        stage_tally(asked, tally),
        code,
    )


def stage_tally(asked: Asked, tally: Tally) -> Markup:
    """Return the part of the stage that changes while people vote."""
    question = reader_version(asked.versions)
    tiles = concat(_tile(asked, version, tally) for version in asked.versions)
    css = "long" if len(question.text) > LONG_QUESTION else ""
    return markup(
        '{}<div class="verdict"><p class="winner">{}</p><p>{}</p>{}</div><ul class="tiles">{}</ul>'
        '<p class="people" aria-live="polite">{}</p>',
        in_language(question.language, question.text, "h1", css),
        headline(asked),
        in_a_row([share_in_words(asked), agreement_in_words(asked)]),
        _opinions(tally),
        tiles,
        say("stage.people", count=tally.people),
    )


def _opinions(tally: Tally) -> Markup:
    if not tally.opinions:
        return Markup()
    most = max(*tally.opinions.values(), 1)
    rows = concat(
        markup(
            '<li><span>{}</span><span class="track"><span class="fill even" style="width:{:.1f}%">'
            "</span></span><b>{}</b></li>",
            opinion_name(said),
            100 * tally.opinions[said] / most,
            tally.opinions[said],
        )
        for said in OPINIONS
    )
    return markup(
        '<div class="opinions"><span>{}</span><ul>{}</ul></div>', say("ballots.is-it-right"), rows
    )


def _tile(asked: Asked, question: Question, tally: Tally) -> Markup:
    code, mark = question.language, disagreement(asked, question.language)
    own = asked.own(code)
    return markup(
        '<li class="{} {}">{}<p class="said">{}</p>{}{}</li>',
        "differs" if mark else "agrees",
        f"edge-{colour(own)}",
        _language_head(code),
        _said(asked, code),
        _counts(tally.thumbs.get(code)),
        markup('<p class="mark">{}</p>', mark) if mark else Markup(),
    )


def _language_head(code: str) -> Markup:
    native, name = language(code).native_name, language_name(code)
    other = Markup() if same_name(native, name) else markup(" <small>{}</small>", name)
    return markup("<h2>{}{}</h2>", in_language(code, native), other)


def _said(asked: Asked, code: str) -> Markup:
    """Return a language's own answer, behind it the reader's words for it where these differ."""
    own = asked.own(code)
    if own is None:
        return markup("{} {}", swatch(None), say("ask.no-single-answer"))
    words = in_words(asked, own, code)
    mine = in_reader_words(asked, own) if code != reader_language() else ""
    if not mine or mine.casefold() == str(words.striptags()).casefold():
        return markup("{} {}", swatch(own), words)
    also = in_language(reader_language(), mine, "small")
    return markup("{} {} {}", swatch(own), words, also)


def _counts(count: ThumbCount | None) -> Markup:
    if count is None:
        return Markup()
    counted = concat(
        markup(
            '<span title="{}">{}<span class="unseen">{}</span> <b>{}</b></span>',
            opinion_name(said),
            thumb_sign(said),
            opinion_name(said),
            number,
        )
        for said, number in zip(THUMBS, (count.up, count.down), strict=True)
    )
    return markup('<p class="thumbs">{}</p>', counted)


# The code


def code_panel(address: str, squares: Sequence[Sequence[int]]) -> Markup:
    """Return a code for phones with the address that it holds, to be typed where none is at hand.

    `squares` are the code's rows, 1 being dark. It is dark on white whatever the page's colours:
    many cameras read no other.
    """
    size = len(squares) + 2 * QUIET_ZONE
    dark = "".join(
        f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h1v1h-1z"
        for y, row in enumerate(squares)
        for x, square in enumerate(row)
        if square
    )
    return markup(
        '<aside class="code"><h2>{}</h2><svg viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/>'
        '<path fill="#000" d="{}"/></svg><p class="address" dir="ltr">{}</p></aside>',
        say("stage.scan"),
        size,
        size,
        say("stage.code", address=address),
        dark,
        address,
    )


def no_code(words: str) -> Markup:
    """Return why there is no code for phones, where it would stand."""
    return markup('<aside class="code">{}</aside>', note(with_code(words)))


# The phone


def phone_page(asked: Asked, tally: Tally, links: Mapping[str, str]) -> Markup:
    """Return what a phone shows: the vote and every language's answer, with buttons to judge them.

    The reader's own language comes first. `links` leads to the page itself as `here`, and to the
    whole app as `back`, for those who are let in there. A button sends a form, so that no script is
    needed.
    """
    question = reader_version(asked.versions)
    own_first = sorted(asked.versions, key=lambda row: row.language != reader_language())
    cards = concat(_phone_card(asked, row, tally, links["here"]) for row in own_first)
    more = say("stage.phone.more")
    return markup(
        '<main class="phone">{}<section class="card" id="card-all"><p class="share">{}</p>'
        '<p class="winner">{}</p><p>{}</p>{}</section>{}{}</main>',
        in_language(question.language, question.text, "h1"),
        say("stage.phone.vote", count=len(asked.versions)),
        headline(asked),
        share_in_words(asked),
        _judge(tally, links["here"]),
        cards,
        markup('<p><a href="{}">{}</a></p>', links["back"], more) if "back" in links else "",
    )


def _judge(tally: Tally, here: str) -> Markup:
    if not tally.opinions:
        return Markup()
    buttons = concat(
        _press(said, tally.mine == said, opinion_name(said), "", tally.opinions[said])
        for said in OPINIONS
    )
    return _form("all", here, say("ballots.is-it-right"), say("ballots.consensus"), buttons)


def _phone_card(asked: Asked, question: Question, tally: Tally, here: str) -> Markup:
    code, count, form = question.language, tally.thumbs.get(question.language), Markup()
    if count is not None:
        counts, name = {"up": count.up, "down": count.down}, language_name(code)
        buttons = concat(
            _press(
                said,
                count.mine == said,
                thumb_sign(said),
                say(f"vote.thumb.{said}", language=name, count=counts[said]),
                counts[said],
            )
            for said in THUMBS
        )
        form = _form(
            code, here, say("vote.thumb.asks"), say("vote.thumb.group", language=name), buttons
        )
    return markup(
        '<section class="card" id="card-{}">{}{}<p class="said">{}</p>{}</section>',
        code,
        _language_head(code),
        in_language(code, question.text, "p", "question"),
        _said(asked, code),
        form,
    )


def _form(code: str, here: str, asks: str, label: str, buttons: Markup) -> Markup:
    return markup(
        '<form method="post" action="{}" class="ballot" role="group" aria-label="{}">'
        '<input type="hidden" name="language" value="{}"><span>{}</span>{}</form>',
        here,
        label,
        code,
        asks,
        buttons,
    )


def _press(opinion: str, is_pressed: bool, shown: Markup | str, says: str, count: int) -> Markup:
    label = markup(' aria-label="{}" title="{}"', says, says) if says else Markup()
    return markup(
        '<button name="opinion" value="{}" aria-pressed="{}"{}>{} <b>{}</b></button>',
        opinion,
        str(is_pressed).lower(),
        label,
        shown,
        count,
    )
