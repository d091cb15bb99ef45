"""Asked question -> HTML: what the languages say together, or how far the asking is. Pure."""

from markupsafe import Markup

from calm.asking.asked import Asked
from calm.languages.table import language
from calm.records import Vote
from calm.voting.groups import NotCompared, Option
from ui.asking.readers import in_reader_words, reader_version
from ui.parts.gauge import consistency_gauge
from ui.parts.html import (
    LETTERS,
    chip,
    concat,
    esc,
    in_a_row,
    in_language,
    joined,
    markup,
    note,
    say_markup,
)
from ui.text.problems import worded
from ui.text.words import language_name, reader_language, say

COLOURS = 8
MOST_OPTIONS = 8
"""Options that are shown at once; the others fold away."""
SOURCES = {
    "google": "ask.source.google",
    "model": "ask.source.model",
}
BY_SOURCE = SOURCES | {"human": "ask.source.human", "model": "ask.source.there-and-back"}
"""Who put an answer into the pivot language."""


def vote_panel(asked: Asked, loading: str = "") -> Markup:
    """Return what the languages say together: the vote, or how far the asking is.

    `loading` says what a model that is waited for is doing.
    """
    vote = asked.vote
    if vote is None:
        said = note(progress(asked, loading), "warning" if asked.is_over else "busy")
        return markup('<section class="vote">{}{}</section>', said, _left_out(asked))
    in_words = in_a_row([share_in_words(asked), agreement_in_words(asked)])
    parts = [
        markup(
            '<div class="banner"><div><h2>{}</h2><p class="share">{}</p>{}</div>{}</div>',
            headline(asked),
            in_words,
            _judged(asked),
            consistency_gauge(vote.by_language),
        ),
        _options(asked, vote),
        _language_chips(asked),
        _winner_in_every_language(asked) if asked.has_choices else _not_compared(asked),
        _left_out(asked),
    ]
    css = "vote" if asked.has_choices else "vote free"
    return markup('<section class="{}" aria-live="polite">{}</section>', css, concat(parts))


def progress(asked: Asked, loading: str = "") -> str:
    """Return what is being done, or why nothing is any more; nothing once all is answered."""
    if asked.step == "waiting" and loading:
        return loading
    if asked.step == "translating":
        names = joined([language_name(code) for code in asked.at.split(",")])
        return say("ask.translating", language=names)
    return "" if asked.step == "done" else say(f"ask.step.{asked.step}")


def share_in_words(asked: Asked) -> str:
    """Return how many answers the winner has, or what stands against one."""
    vote = asked.vote
    if vote is None:
        return ""
    valid, most = sum(vote.counts), max(vote.counts)
    if not valid and asked.has_choices:
        return say("ask.share.none", total=vote.unreadable)
    if not valid:
        return say("ask.share.none-compares", count=vote.unreadable)
    if vote.winner is not None:
        words = say("ask.share", votes=most, total=valid, percent=round(100 * vote.share))
    elif asked.has_choices:
        leading = joined([LETTERS[i] for i, n in enumerate(vote.counts) if n == most])
        words = say("ask.share.tied", count=most, letters=leading, total=valid)
    else:
        words = say("ask.share.tied-groups", count=most, total=valid)
    if not vote.unreadable:
        return words
    apart = "ask.share.unreadable" if asked.has_choices else "ask.share.apart"
    return in_a_row([words, say(apart, count=vote.unreadable)])


def agreement_in_words(asked: Asked) -> str:
    """Return how many languages agree with the winner, and name each one that does not."""
    vote = asked.vote
    if vote is None or vote.winner is None:
        return ""
    own = vote.by_language
    against = [code for code, answer in own.items() if answer not in (None, vote.winner)]
    undecided = [language_name(code) for code, answer in own.items() if answer is None]
    if not against and not undecided:
        return say("ask.agree.only") if len(own) == 1 else say("ask.agree.all", count=len(own))
    agreeing = len(own) - len(against) - len(undecided)
    sentences = [say("ask.agree", count=agreeing, total=len(own))]
    if against and asked.has_choices:
        said = [
            say("ask.agree.says", language=language_name(code), letter=LETTERS[own[code] or 0])
            for code in against
        ]
        sentences.append(say("ask.agree.against", said=joined(said)))
    if undecided:
        sentences.append(say("ask.agree.undecided", count=len(undecided), names=joined(undecided)))
    return in_a_row(sentences)


def headline(asked: Asked) -> Markup:
    """Return the winner, or that there is none."""
    vote = asked.vote
    if vote is not None and vote.winner is not None:
        return markup("{} {}", option_chip(asked, vote.winner), in_words(asked, vote.winner))
    if vote is not None and any(vote.counts):
        return esc(say("ask.tied"))
    return esc(say("ask.unreadable" if asked.has_choices else "ask.none-compares"))


def option_chip(asked: Asked, option: int | None) -> Markup:
    """Return a choice's letter or a group's number, in its colour; a dash where there is none."""
    if asked.has_choices or option is None:
        return chip(option)
    return markup('<span class="chip {}">{}</span>', colour(option), option + 1)


def colour(option: int | None) -> str:
    """Return the class of an option's colour; options behind the eighth share one."""
    return f"c{option}" if option is not None and option < COLOURS else "none"


def in_words(asked: Asked, option: int, code: str = "") -> Markup:
    """Return what an option says in a language, as markup; in its own where it has no words.

    Where none is named, that is the reader's.
    """
    found = asked.options[option]
    words = found.words_in(code) if code else in_reader_words(asked, option)
    return in_language(
        (code or reader_language()) if words else found.language, words or found.label
    )


def _judged(asked: Asked) -> Markup:
    """Return what the question set says of the vote; nothing where it says nothing."""
    gold = reader_version(asked.versions).gold
    if gold is None or asked.vote is None:
        return Markup()
    if asked.vote.winner == gold:
        words = say("ask.gold.same")
    else:
        right = markup("{} {}", option_chip(asked, gold), in_words(asked, gold))
        words = say_markup("ask.gold.other", answer=in_language(reader_language(), right))
    return markup('<p class="judged">{}</p>', words)


def _options(asked: Asked, vote: Vote) -> Markup:
    """Return a bar for every option, and one for what states no choice."""
    most = max(*vote.counts, vote.unreadable if asked.has_choices else 0, 1)
    rows = [
        _bar(
            markup("{} {}", option_chip(asked, n), in_words(asked, n)),
            colour(n),
            vote.counts[n],
            most,
            "" if asked.has_choices else _members(option),
        )
        for n, option in enumerate(asked.options)
    ]
    if asked.has_choices and vote.unreadable:
        label = markup("{} {}", chip(None), say("ask.no-answer"))
        rows.append(_bar(label, "none", vote.unreadable, most))
    if not rows:
        return Markup()
    css = "counts" if asked.has_choices else "counts groups"
    title = say("ask.counts" if asked.has_choices else "ask.groups")
    at_once = len(rows) if asked.has_choices else MOST_OPTIONS
    shown = markup('<ul class="{}" aria-label="{}">{}</ul>', css, title, concat(rows[:at_once]))
    if len(rows) <= at_once:
        return shown
    more = say("ask.groups.more", count=len(rows) - at_once)
    others = markup('<ul class="{}">{}</ul>', css, concat(rows[at_once:]))
    return markup("{}<details><summary>{}</summary>{}</details>", shown, more, others)


def _bar(label: Markup, css: str, count: int, most: int, below: Markup | str = "") -> Markup:
    return markup(
        '<li><span class="label">{}</span><span class="track">'
        '<span class="fill {}" style="width:{:.1f}%"></span></span>'
        '<span class="count">{}</span>{}</li>',
        label,
        css,
        100 * count / most,
        count,
        below,
    )


def _members(group: Option) -> Markup:
    """Return the words that make a group, language by language, and who translated them."""
    by_language: dict[str, list[Markup]] = {}
    for wording in group.wordings:
        title = Markup()
        if wording.pivot and wording.source in BY_SOURCE:
            title = markup(' title="{}"', f"{wording.pivot}: {say(BY_SOURCE[wording.source])}")
        text = in_language(wording.language, wording.text)
        words = markup("<span{}>{}{}</span>", title, text, _times(wording.count))
        by_language.setdefault(wording.language, []).append(words)
    members = concat(
        markup("<li><small>{}</small> {}</li>", language_name(code), concat(texts, ", "))
        for code, texts in by_language.items()
    )
    return markup('<ul class="members">{}</ul>', members)


def _times(count: int) -> str:
    return f" ×{count}" if count > 1 else ""


def _language_chips(asked: Asked) -> Markup:
    items = []
    for question in asked.versions:
        css = "differs" if disagreement(asked, question.language) else ""
        name = in_language(question.language, language(question.language).native_name)
        own = option_chip(asked, asked.own(question.language))
        items.append(markup('<li class="{}">{} {}</li>', css, name, own))
    title = say("ask.alone")
    return markup(
        '<ul class="alone" aria-label="{}" title="{}">{}</ul>', title, title, concat(items)
    )


def disagreement(asked: Asked, code: str) -> str:
    """Return how a language's own answer differs from the winner; nothing where it does not."""
    own = asked.own(code)
    if asked.vote is None or asked.vote.winner is None or own == asked.vote.winner:
        return ""
    return say("ask.undecided" if own is None else "ask.disagrees")


def _winner_in_every_language(asked: Asked) -> Markup:
    winner = asked.vote.winner if asked.vote else None
    if winner is None:
        return Markup()
    words = concat(
        (in_words(asked, winner, question.language) for question in asked.versions), " · "
    )
    return markup('<p class="everywhere">{}</p>', words)


def _not_compared(asked: Asked) -> Markup:
    """Return every response that no group took in, with the reason."""
    if not asked.not_compared:
        return Markup()
    items = concat(_apart(row) for row in asked.not_compared)
    title = say("ask.apart", count=sum(row.count for row in asked.not_compared))
    return markup('<details class="apart"><summary>{}</summary><ul>{}</ul></details>', title, items)


def _apart(row: NotCompared) -> Markup:
    said = in_language(row.language, row.text) + _times(row.count) if row.text else ""
    there, back = row.tried
    reason = say(f"ask.apart.reason.{row.reason.replace(' ', '-')}", there=there, back=back)
    name = language_name(row.language)
    return markup("<li><small>{}</small> {} <span>{}</span></li>", name, said, reason)


def _left_out(asked: Asked) -> Markup:
    return concat(
        note(say("ask.left-out", language=language_name(code), reason=worded(reason)), "warning")
        for code, reason in asked.left_out.items()
    )
