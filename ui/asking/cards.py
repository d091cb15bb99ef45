"""Asked question -> HTML: a card for each language, with its responses and the ballots. Pure."""

from collections.abc import Mapping

from markupsafe import Markup

from calm.asking.asked import Asked
from calm.languages.table import language
from calm.reading import Passage
from calm.records import Question, Response
from ui.asking.panel import SOURCES, colour, disagreement, in_words, plain_words, swatch
from ui.asking.readers import in_reader_language, in_reader_words
from ui.asking.records import ThumbCount
from ui.parts.html import (
    LONG_TEXT,
    concat,
    esc,
    in_language,
    joined,
    markup,
    note,
    same_name,
    short,
)
from ui.text.words import language_name, reader_language, say


def answer_cards(
    asked: Asked,
    tallies: Mapping[str, ThumbCount] | None = None,
    marks: Mapping[str, Markup] | None = None,
) -> Markup:
    """Return one card a language: question, responses, its own answer, and the ballots on it.

    What is of class `mine` is in the reader's language, and seen where the reader wants it so.
    `marks` say of a language what else is to be said of its answer.
    """
    mine = in_reader_language(asked.versions) if asked.versions else None
    cards = concat(
        _card(asked, question, tallies or {}, mine, (marks or {}).get(question.language))
        for question in asked.versions
    )
    busy = str(not asked.is_over).lower()
    unseen = no_translation(asked) if asked.options and mine is None else Markup()
    return markup('{}<div class="cards" aria-busy="{}">{}</div>', unseen, busy, cards)


def no_translation(asked: Asked) -> Markup:
    """Return, where the reader wants answers in the own language, that there are none in it."""
    if any(in_reader_words(asked, n) for n in range(len(asked.options))):
        return Markup()
    words = say("ask.mine.none", language=language_name(reader_language()))
    return markup('<div class="mine">{}</div>', note(words))


def _card(
    asked: Asked,
    question: Question,
    tallies: Mapping[str, ThumbCount],
    mine: Question | None,
    turned: Markup | None,
) -> Markup:
    code, mark = question.language, disagreement(asked, question.language)
    in_mine = Markup()
    if mine is not None and mine.language != code:
        in_mine = in_language(mine.language, mine.text, "p", "question mine")
    parts = [
        card_head(question, mark),
        in_language(code, question.text, "p", "question"),
        in_mine,
        translated(question),
        passages_of(asked, code),
        responses_list(asked, code, mine=True),
    ]
    if asked.vote is not None:
        said = markup('<p class="turned">{}</p>', turned) if turned else Markup()
        parts += [own_answer(asked, code, mine=True), said, thumbs(code, tallies)]
    css = "card differs" if mark else "card"
    return markup('<article class="{}" id="card-{}">{}</article>', css, code, concat(parts))


def card_head(question: Question, mark: str = "") -> Markup:
    """Return the badge and the names of a card's language, and how it differs from the vote."""
    row, read_as = language(question.language), language_name(question.language)
    badge = markup('<span class="badge" aria-hidden="true">{}</span>', row.code)
    native = in_language(row.code, row.native_name)
    other = "" if same_name(row.native_name, read_as) else markup(" <small>{}</small>", read_as)
    marked_as = markup('<span class="differs-mark">{}</span>', mark) if mark else Markup()
    return markup("<header><h3>{} {}{}</h3>{}</header>", badge, native, other, marked_as)


def translated(question: Question) -> Markup:
    """Return who translated the question; nothing for one in its own words."""
    key = SOURCES.get(question.source)
    return markup('<p class="source">{}</p>', say(key)) if key else Markup()


def passages_of(asked: Asked, code: str) -> Markup:
    """Return the passages that stood before the question, folded away, and where each is from."""
    rows = [row for row in asked.passages if row.language == code]
    if not rows:
        return Markup()
    shown = concat(
        markup("{}{}", in_language(written_in(row), row.text, "p"), _from(row)) for row in rows
    )
    summary = say("ask.passages", count=len(rows))
    return markup('<details class="passages"><summary>{}</summary>{}</details>', summary, shown)


def written_in(row: Passage) -> str:
    """Return the language that a passage is in as it stood before the question."""
    return row.found_in if row.source == "original" else row.language


def _from(row: Passage) -> Markup:
    """Return the file that a passage is from, and who translated it."""
    by = SOURCES.get(row.source)
    who = markup(" · {}", say(by)) if by else Markup()
    return markup('<p class="source"><bdi>{}</bdi>{}</p>', row.file, who)


def responses_list(asked: Asked, code: str, mine: bool = False) -> Markup:
    """Return the responses of one language, folded away where they are long.

    Before each stands the colour of its group, if it is in one; behind it, for `mine`, its answer
    in the reader's words.
    """
    rows = asked.of(code)
    in_groups = asked.vote is not None and not asked.has_choices
    items = concat(
        markup(
            "<li>{}{}{}</li>",
            markup("{} ", swatch(row.answer)) if in_groups else "",
            marked(row.text, row.answer_span),
            _in_mine(asked, row) if mine else "",
        )
        for row in rows
    )
    listed = in_language(code, items, "ol", "responses")
    if all(len(row.text) <= LONG_TEXT for row in rows):
        return listed
    summary = say("ask.responses", count=len(rows))
    return markup("<details><summary>{}</summary>{}</details>", summary, listed)


def marked(text: str, span: tuple[int, int] | None) -> Markup:
    """Return a response with its answer marked; one that states none is shown as it is."""
    if span is None:
        return esc(text.strip()) or markup('<span class="empty">…</span>')
    start, end = span
    before, after = text[:start].lstrip(), text[end:].rstrip()
    return markup("{}<mark>{}</mark>{}", before, text[start:end], after)


def _in_mine(asked: Asked, row: Response) -> Markup:
    """Return a response's answer in the reader's words, where it is not in them already."""
    if row.answer is None or not asked.options or row.language == reader_language():
        return Markup()
    words, (start, end) = in_reader_words(asked, row.answer), row.answer_span or (0, 0)
    if not words or words.casefold() == row.text[start:end].strip().casefold():
        return Markup()
    return markup(" {}", in_language(reader_language(), short(words), name="mine"))


def own_answer(asked: Asked, code: str, mine: bool = False) -> Markup:
    """Return a language's own answer and a bar of what its samples say."""
    own = asked.own(code)
    words = say("ask.no-single-answer")
    if own is not None:
        said = next((row for row in asked.of(code) if row.answer == own), None)
        in_mine = _in_mine(asked, said) if said and mine else Markup()
        words = markup("{}{}", in_words(asked, own, code), in_mine)
    words = markup("{} {}", swatch(own), words)
    return markup('<div class="own">{}<p>{}</p></div>', _sample_bar(asked, code), words)


def _sample_bar(asked: Asked, code: str) -> Markup:
    """Return one segment a sample, in the colour of its answer."""
    answers = sorted((row.answer for row in asked.of(code)), key=lambda a: (a is None, a))
    counts = {answer: answers.count(answer) for answer in answers}
    words = joined([_counted_answer(asked, answer, count) for answer, count in counts.items()])
    segments = concat(markup('<i class="{}"></i>', colour(answer)) for answer in answers)
    label = say("ask.bar", answers=words)
    return markup('<span class="bar" role="img" aria-label="{}">{}</span>', label, segments)


def _counted_answer(asked: Asked, answer: int | None, count: int) -> str:
    if answer is None:
        return say(f"ask.bar.{'unreadable' if asked.has_choices else 'apart'}", count=count)
    return say("ask.bar.answer", count=count, answer=plain_words(asked, answer))


def thumbs(code: str, tallies: Mapping[str, ThumbCount]) -> Markup:
    """Return the thumbs on a language's own answer; nothing where there is none to vote on."""
    tally = tallies.get(code)
    if tally is None:
        return Markup()
    name = language_name(code)
    buttons = Markup()
    for opinion, count in (("up", tally.up), ("down", tally.down)):
        pressed = str(tally.mine == opinion).lower()
        says = say(f"vote.thumb.{opinion}", language=name, count=count)
        buttons += markup(
            '<button type="button" id="ballot-{}-{}" data-language="{}" data-opinion="{}" '
            'aria-pressed="{}" aria-label="{}" title="{}">{}<span>{}</span></button>',
            code,
            opinion,
            code,
            opinion,
            pressed,
            says,
            says,
            thumb_sign(opinion),
            count,
        )
    asks = say("vote.thumb.asks")
    label = say("vote.thumb.group", language=name)
    return markup(
        '<footer class="ballot" role="group" aria-label="{}">{} {}</footer>', label, asks, buttons
    )


def thumb_sign(opinion: str) -> Markup:
    """Return a thumb that points `up` or `down`, drawn: not every device has one in its fonts."""
    flip = markup(' style="transform:rotate(180deg)"') if opinion == "down" else Markup()
    return markup(
        '<svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"{}><path '
        'fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" '
        'd="M7 11v9H4v-9zM7 11l4-8c1.7 0 3 1.3 3 3v4h5c1.2 0 2 1.2 1.8 2.4l-1.4 '
        '6.6c-.3 1.2-1.2 2-2.4 2H7"/></svg>',
        flip,
    )
