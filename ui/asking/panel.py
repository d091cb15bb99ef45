"""Asked question -> HTML: what the languages say together, or how far the asking is. Pure."""

from markupsafe import Markup

from calm.asking.asked import Asked
from calm.asking.verdict import (
    FEWEST,
    LEAST_LANGUAGES,
    LEAST_SHARE,
    verdict,
    votes_in_all,
    winner_of,
)
from calm.languages.table import language
from calm.records import Vote
from calm.voting.groups import NotCompared, Option
from ui.asking.readers import in_reader_words, reader_version
from ui.parts.gauge import consistency_gauge
from ui.parts.html import (
    concat,
    esc,
    in_a_row,
    in_language,
    joined,
    markup,
    note,
    say_markup,
    short,
    shortened,
)
from ui.text.numbers import percent, percents
from ui.text.problems import worded
from ui.text.words import language_name, reader_language, say

COLOURS = 8
MOST_OPTIONS = 8
"""Options that are shown at once; the others fold away."""
MOST_IN_A_ROW = 24
"""Characters of an answer where several stand in one line."""
MOST_APART = 120
"""Characters of a response that could not be compared."""
SOURCES = {
    "google": "ask.source.google",
    "model": "ask.source.model",
}
BY_SOURCE = SOURCES | {"human": "ask.source.human", "model": "ask.source.there-and-back"}
"""Who put an answer into the pivot language."""


def vote_panel(asked: Asked, loading: str = "", clock: str = "") -> Markup:
    """Return what the languages say together: the vote, or how far the asking is.

    `loading` says what a model that is waited for is doing, `clock` how long it has taken and will.
    """
    vote = asked.vote
    if vote is None:
        words = progress(asked, loading)
        said = in_a_row([words, clock]) if clock and not asked.is_over else words
        shown = note(said, "warning" if asked.is_over else "busy")
        return markup('<section class="vote">{}{}</section>', shown, _left_out(asked))
    in_words = in_a_row([share_in_words(asked), agreement_in_words(asked)])
    parts = [
        markup(
            '<div class="banner"><div><h2>{}</h2><p class="share">{}</p>{}</div>{}</div>',
            headline(asked),
            in_words,
            _judged(asked),
            consistency_gauge(vote.by_language) if len(vote.by_language) > 2 else Markup(),
        ),
        _options(asked, vote),
        _language_chips(asked),
        _winner_in_every_language(asked) if asked.has_choices else _not_compared(asked),
        _rule(asked),
        _left_out(asked),
    ]
    css = "vote" if asked.has_choices else "vote free"
    return markup('<section class="{}" aria-live="polite">{}</section>', css, concat(parts))


def progress(asked: Asked, loading: str = "") -> str:
    """Return what is being done, or why nothing is any more; nothing once all is answered."""
    if asked.step == "waiting" and loading:
        return loading
    if asked.step == "translating":
        return say("ask.translating", language=language_name(asked.at))
    if asked.step == "answering":
        answered = sum(all(row.text for row in asked.of(q.language)) for q in asked.versions)
        far = say("ask.answered", done=answered, count=len(asked.versions))
        return in_a_row([say("ask.step.answering"), far])
    return "" if asked.step == "done" else say(f"ask.step.{asked.step}")


def share_in_words(asked: Asked) -> str:
    """Return how many of all votes the leading answer has, or what stands against one."""
    vote, total = asked.vote, votes_in_all(asked)
    if vote is None:
        return ""
    if not any(vote.counts) and asked.has_choices:
        return say("ask.share.none", total=vote.unreadable)
    if not any(vote.counts):
        return say("ask.share.none-compares", count=vote.unreadable)
    words = [_leading(asked, vote, total)]
    if vote.rule != "plurality":
        words.append(say("ask.share.weighted", percent=round(100 * vote.share)))
    if vote.unreadable:
        apart = "ask.share.unreadable" if asked.has_choices else "ask.share.apart"
        words.append(say(apart, count=vote.unreadable))
    if total < FEWEST:
        words.append(say("ask.share.few"))
    return in_a_row(words)


def _leading(asked: Asked, vote: Vote, total: int) -> str:
    most = max(vote.counts)
    found = verdict(asked)
    if found == "tied":
        leading = [plain_words(asked, n) for n, count in enumerate(vote.counts) if count == most]
        if len(leading) > MOST_OPTIONS:
            return say("ask.share.tied-groups", count=most, total=total)
        return say("ask.share.tied", count=most, answers=joined(leading), total=total)
    winner = vote.winner or 0
    counted = {"votes": vote.counts[winner], "total": total}
    counted["percent"] = round(100 * vote.counts[winner] / total)
    if found == "no agreement":
        return say("ask.share.leading", answer=plain_words(asked, winner), **counted)
    return say("ask.share", **counted)


def agreement_in_words(asked: Asked) -> str:
    """Return how many languages agree with the leading answer, and name each that does not."""
    vote = asked.vote
    if vote is None or vote.winner is None:
        return ""
    own = vote.by_language
    against = {code: n for code, n in own.items() if n is not None and n != vote.winner}
    undecided = [language_name(code) for code, answer in own.items() if answer is None]
    if not against and not undecided:
        return say("ask.agree.only") if len(own) == 1 else say("ask.agree.all", count=len(own))
    agreeing = len(own) - len(against) - len(undecided)
    sentences = [say("ask.agree", count=agreeing, total=len(own))]
    if against and asked.has_choices:
        said = [
            say("ask.agree.says", language=language_name(code), answer=plain_words(asked, n))
            for code, n in against.items()
        ]
        sentences.append(say("ask.agree.against", said=joined(said)))
    if undecided:
        sentences.append(say("ask.agree.undecided", count=len(undecided), names=joined(undecided)))
    return in_a_row(sentences)


def headline(asked: Asked) -> Markup:
    """Return the winner, or that there is none."""
    winner, found = winner_of(asked), verdict(asked)
    if winner is not None:
        place = asked.options.index(winner)
        return markup("{} {}", swatch(place), in_words(asked, place))
    if found in ("tied", "no agreement"):
        return esc(say(f"ask.{found.replace(' ', '-')}"))
    return esc(say("ask.unreadable" if asked.has_choices else "ask.none-compares"))


def swatch(option: int | None) -> Markup:
    """Return a patch in an option's colour; hatched where there is none. Words stand beside it."""
    return markup('<i class="swatch {}" aria-hidden="true"></i>', colour(option))


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
        (code or reader_language()) if words else found.language, short(words or found.label)
    )


def plain_words(asked: Asked, option: int) -> str:
    """Return what an option says in a sentence: in quotes, and short."""
    words = in_reader_words(asked, option) or asked.options[option].label
    return say("ask.quoted", text=shortened(words, MOST_IN_A_ROW))


def _judged(asked: Asked) -> Markup:
    """Return what the question set says of the vote; nothing where it says nothing."""
    gold = reader_version(asked.versions).gold
    if gold is None or asked.vote is None:
        return Markup()
    if winner_of(asked) and asked.vote.winner == gold:
        words = say("ask.gold.same")
    else:
        right = markup("{} {}", swatch(gold), in_words(asked, gold))
        words = say_markup("ask.gold.other", answer=in_language(reader_language(), right))
    return markup('<p class="judged">{}</p>', words)


def _rule(asked: Asked) -> Markup:
    """Return when an answer wins; nothing where one language alone was asked."""
    if verdict(asked) == "alone":
        return Markup()
    words = say("ask.rule", percent=percent(LEAST_SHARE), languages=LEAST_LANGUAGES)
    return markup('<p class="source">{}</p>', words)


def _options(asked: Asked, vote: Vote) -> Markup:
    """Return a bar for every option, and one for what states none: all votes together."""
    if not asked.options and asked.has_choices:
        return Markup()
    shares = percents([*vote.counts[: len(asked.options)], vote.unreadable])
    rows = [
        _bar(
            markup("{} {}", swatch(n), in_words(asked, n)),
            colour(n),
            vote.counts[n],
            shares[n],
            "" if asked.has_choices else _members(option),
        )
        for n, option in enumerate(asked.options)
    ]
    at_once = len(rows) if asked.has_choices else MOST_OPTIONS
    shown, folded = rows[:at_once], rows[at_once:]
    if vote.unreadable:
        words = say("ask.no-answer" if asked.has_choices else "ask.not-compared")
        label = markup("{} {}", swatch(None), words)
        shown.append(_bar(label, "none", vote.unreadable, shares[-1]))
    css = "counts" if asked.has_choices else "counts groups"
    title = say("ask.counts" if asked.has_choices else "ask.groups")
    listed = markup('<ul class="{}" aria-label="{}">{}</ul>', css, title, concat(shown))
    if not folded:
        return listed
    more = say("ask.groups.more", count=len(folded))
    others = markup('<ul class="{}">{}</ul>', css, concat(folded))
    return markup("{}<details><summary>{}</summary>{}</details>", listed, more, others)


def _bar(label: Markup, css: str, count: int, share: int, below: Markup | str = "") -> Markup:
    return markup(
        '<li><span class="label">{}</span><span class="track">'
        '<span class="fill {}" style="width:{}%"></span></span>'
        '<span class="count">{} <small>{}</small></span>{}</li>',
        label,
        css,
        share,
        count,
        percent(share / 100),
        below,
    )


def _members(group: Option) -> Markup:
    """Return the words that make a group, language by language, and who translated them."""
    by_language: dict[str, list[Markup]] = {}
    for wording in group.wordings:
        title = Markup()
        if wording.pivot and wording.source in BY_SOURCE:
            title = markup(' title="{}"', f"{wording.pivot}: {say(BY_SOURCE[wording.source])}")
        text = in_language(wording.language, short(wording.text))
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
        own = asked.own(question.language)
        said: Markup | str = say("ask.no-single-answer")
        if own is not None:
            words = in_reader_words(asked, own) or asked.options[own].label
            said = markup("<bdi>{}</bdi>", short(words, MOST_IN_A_ROW))
        items.append(markup('<li class="{}">{} {} {}</li>', css, name, swatch(own), said))
    title = say("ask.alone")
    return markup(
        '<ul class="alone" aria-label="{}" title="{}">{}</ul>', title, title, concat(items)
    )


def disagreement(asked: Asked, code: str) -> str:
    """Return how a language's own answer differs from the winner; nothing where it does not."""
    own = asked.own(code)
    if asked.vote is None or winner_of(asked) is None or own == asked.vote.winner:
        return ""
    return say("ask.undecided" if own is None else "ask.disagrees")


def _winner_in_every_language(asked: Asked) -> Markup:
    if asked.vote is None or asked.vote.winner is None or winner_of(asked) is None:
        return Markup()
    winner = asked.vote.winner
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
    text = short(row.text, MOST_APART)
    said = in_language(row.language, text) + _times(row.count) if row.text else ""
    there, back = (shortened(tried, MOST_APART) for tried in row.tried)
    reason = say(f"ask.apart.reason.{row.reason.replace(' ', '-')}", there=there, back=back)
    name = language_name(row.language)
    return markup("<li><small>{}</small> {} <span>{}</span></li>", name, said, reason)


def _left_out(asked: Asked) -> Markup:
    return concat(
        note(say("ask.left-out", language=language_name(code), reason=worded(reason)), "warning")
        for code, reason in asked.left_out.items()
    )
