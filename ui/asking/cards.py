"""The page `Ask`, records -> HTML: the vote across languages and a card for each of them. Pure."""

from collections.abc import Mapping, Sequence

from calm.languages.table import language
from calm.records import Question, Response, Vote
from ui.asking.readers import in_reader_language, reader_version
from ui.asking.records import Asked, Tally
from ui.parts.gauge import consistency_gauge
from ui.parts.html import (
    LETTERS,
    LONG_TEXT,
    chip,
    esc,
    in_a_row,
    in_language,
    joined,
    note,
    same_name,
)
from ui.text.problems import told
from ui.text.words import counted, language_name, reader_language, say

SOURCES = {
    "google": "ask.source.google",
    "mymemory": "ask.source.mymemory",
    "model": "ask.source.model",
}
THUMB = (
    '<svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"{flip}><path '
    'fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" '
    'd="M7 11v9H4v-9zM7 11l4-8c1.7 0 3 1.3 3 3v4h5c1.2 0 2 1.2 1.8 2.4l-1.4 '
    '6.6c-.3 1.2-1.2 2-2.4 2H7"/></svg>'
)


def vote_panel(asked: Asked) -> str:
    """Return what the languages say together: the vote, or how far the asking is."""
    vote = asked.vote
    if vote is None:
        kind = "warning" if asked.phase == "stopped" else "busy"
        return f'<section class="vote">{note(asked.message, kind)}{_left_out(asked)}</section>'
    reader = reader_version(asked.versions)
    judged = f'<p class="judged">{_judged(vote, reader)}</p>' if reader.gold is not None else ""
    parts = [
        f'<div class="banner"><div><h2>{headline(vote, reader)}</h2>'
        f'<p class="share">{esc(share_in_words(vote))} {esc(agreement_in_words(vote))}</p>'
        f"{judged}</div>{consistency_gauge(vote.by_language)}</div>",
        _count_bars(vote, reader),
        _language_chips(asked, vote),
        _winner_in_every_language(asked, vote),
        _left_out(asked),
    ]
    return f'<section class="vote" aria-live="polite">{"".join(parts)}</section>'


def share_in_words(vote: Vote) -> str:
    """Return how many answers the winner has, or what stands against one."""
    valid = sum(vote.counts)
    if not valid:
        return say("ask.share.none", total=vote.unreadable)
    most = max(vote.counts)
    if vote.winner is None:
        leading = joined([LETTERS[i] for i, n in enumerate(vote.counts) if n == most])
        words = counted("ask.share.tied", most, letters=leading, total=valid)
    else:
        votes, percent = vote.counts[vote.winner], round(100 * vote.share)
        words = say("ask.share", votes=votes, total=valid, percent=percent)
    if vote.unreadable:
        words += " " + counted("ask.share.unreadable", vote.unreadable)
    return words


def agreement_in_words(vote: Vote) -> str:
    """Return how many languages agree with the winner, and name each one that does not."""
    if vote.winner is None:
        return ""
    own = vote.by_language
    against = [code for code, answer in own.items() if answer not in (None, vote.winner)]
    undecided = [language_name(code) for code, answer in own.items() if answer is None]
    if not against and not undecided:
        return counted("ask.agree.all", len(own))
    sentences = [counted("ask.agree", len(own) - len(against) - len(undecided), total=len(own))]
    if against:
        said = [
            say("ask.agree.says", language=language_name(code), letter=LETTERS[own[code] or 0])
            for code in against
        ]
        sentences.append(say("ask.agree.against", said=joined(said)))
    if undecided:
        sentences.append(counted("ask.agree.undecided", len(undecided), names=joined(undecided)))
    return in_a_row(sentences)


def headline(vote: Vote, reader: Question) -> str:
    """Return the winner, or that there is none."""
    if vote.winner is None:
        return esc(say("ask.tied" if any(vote.counts) else "ask.unreadable"))
    return f"{chip(vote.winner)} {_choice(reader, vote.winner)}"


def _choice(question: Question, choice: int) -> str:
    return in_language(question.language, esc(question.choices[choice]))


def _judged(vote: Vote, reader: Question) -> str:
    gold = reader.gold or 0
    if vote.winner == gold:
        return esc(say("ask.gold.same"))
    answer = in_language(reader_language(), f"{chip(gold)} {_choice(reader, gold)}")
    return say("ask.gold.other", answer=answer)


def _count_bars(vote: Vote, reader: Question) -> str:
    most = max(*vote.counts, vote.unreadable, 1)
    rows = [
        (f"{chip(i)} {_choice(reader, i)}", f"c{i}", vote.counts[i])
        for i in range(len(reader.choices))
    ]
    if vote.unreadable:
        rows.append((f"{chip(None)} {esc(say('ask.no-answer'))}", "none", vote.unreadable))
    items = "".join(
        f'<li><span class="label">{label}</span><span class="track">'
        f'<span class="fill {css}" style="width:{100 * count / most:.1f}%"></span></span>'
        f'<span class="count">{count}</span></li>'
        for label, css, count in rows
    )
    return f'<ul class="counts" aria-label="{esc(say("ask.counts"))}">{items}</ul>'


def _language_chips(asked: Asked, vote: Vote) -> str:
    items = []
    for question in asked.versions:
        own = vote.by_language[question.language]
        css = "differs" if disagreement(vote, own) else ""
        name = in_language(question.language, esc(language(question.language).native_name))
        items.append(f'<li class="{css}">{name} {chip(own)}</li>')
    title = esc(say("ask.alone"))
    return f'<ul class="alone" aria-label="{title}" title="{title}">{"".join(items)}</ul>'


def disagreement(vote: Vote, own: int | None) -> str:
    """Return how a language's own answer differs from the winner; nothing where it does not."""
    if vote.winner is None or own == vote.winner:
        return ""
    return say("ask.undecided" if own is None else "ask.disagrees")


def _winner_in_every_language(asked: Asked, vote: Vote) -> str:
    if vote.winner is None:
        return ""
    words = " · ".join(_choice(question, vote.winner) for question in asked.versions)
    return f'<p class="everywhere">{words}</p>'


def _left_out(asked: Asked) -> str:
    return "".join(
        note(say("ask.left-out", language=language_name(code), reason=told(reason)), "warning")
        for code, reason in asked.left_out.items()
    )


def answer_cards(asked: Asked, tallies: Mapping[str, Tally] | None = None) -> str:
    """Return one card a language: question, responses, its own answer, and the ballots on it.

    What is of class `mine` is in the reader's language, and seen where the reader wants it so.
    """
    mine = in_reader_language(asked.versions) if asked.versions else None
    cards = "".join(_card(asked, question, tallies or {}, mine) for question in asked.versions)
    busy = str(asked.phase == "working").lower()
    unseen = no_translation() if asked.versions and mine is None else ""
    return f'{unseen}<div class="cards" aria-busy="{busy}">{cards}</div>'


def no_translation() -> str:
    """Return, where the reader wants answers in the own language, that there are none in it."""
    words = say("ask.mine.none", language=language_name(reader_language()))
    return f'<div class="mine">{note(words)}</div>'


def _card(
    asked: Asked, question: Question, tallies: Mapping[str, Tally], mine: Question | None
) -> str:
    code, vote, rows = question.language, asked.vote, asked.of(question.language)
    mark = disagreement(vote, vote.by_language[code]) if vote else ""
    if mine is not None and mine.language == code:
        mine = None
    in_mine = in_language(mine.language, esc(mine.text), "p", "question mine") if mine else ""
    parts = [
        card_head(question, mark),
        in_language(code, esc(question.text), "p", "question"),
        in_mine,
        translated(question),
        responses_list(rows, question, mine),
    ]
    if vote is not None:
        parts += [own_answer(question, rows, vote.by_language[code], mine), thumbs(code, tallies)]
    css = "card differs" if mark else "card"
    return f'<article class="{css}" id="card-{code}">{"".join(parts)}</article>'


def card_head(question: Question, mark: str = "") -> str:
    """Return the badge and the names of a card's language, and how it differs from the vote."""
    row, read_as = language(question.language), language_name(question.language)
    badge = f'<span class="badge" aria-hidden="true">{esc(row.code)}</span>'
    native = in_language(row.code, esc(row.native_name))
    other = "" if same_name(row.native_name, read_as) else f" <small>{esc(read_as)}</small>"
    marked_as = f'<span class="differs-mark">{esc(mark)}</span>' if mark else ""
    return f"<header><h3>{badge} {native}{other}</h3>{marked_as}</header>"


def translated(question: Question) -> str:
    """Return who translated the question; nothing for one in its own words."""
    key = SOURCES.get(question.source)
    return f'<p class="source">{esc(say(key))}</p>' if key else ""


def responses_list(
    rows: Sequence[Response], question: Question, mine: Question | None = None
) -> str:
    """Return the responses of one language, folded away where they are long.

    Beside each stands its answer in the words of `mine`, the question in another language.
    """
    items = "".join(
        f"<li>{marked(r.text, r.answer_span)}{_in_mine(mine, r.answer)}</li>" for r in rows
    )
    listed = in_language(question.language, items, "ol", "responses")
    if all(len(row.text) <= LONG_TEXT for row in rows):
        return listed
    summary = esc(counted("ask.responses", len(rows)))
    return f"<details><summary>{summary}</summary>{listed}</details>"


def marked(text: str, span: tuple[int, int] | None) -> str:
    """Return a response with its answer marked; one that states none is shown as it is."""
    if span is None:
        return esc(text.strip()) or '<span class="empty">…</span>'
    start, end = span
    before, after = text[:start].lstrip(), text[end:].rstrip()
    return f"{esc(before)}<mark>{esc(text[start:end])}</mark>{esc(after)}"


def _in_mine(mine: Question | None, answer: int | None) -> str:
    if mine is None or answer is None:
        return ""
    return " " + in_language(mine.language, esc(mine.choices[answer]), name="mine")


def own_answer(
    question: Question, rows: Sequence[Response], own: int | None, mine: Question | None = None
) -> str:
    """Return a language's own answer and a bar of what its samples say."""
    if own is None:
        words = esc(say("ask.no-single-answer"))
    else:
        words = f"{chip(own)} {_choice(question, own)}{_in_mine(mine, own)}"
    return f'<div class="own">{sample_bar(rows, question)}<p>{words}</p></div>'


def sample_bar(rows: Sequence[Response], question: Question) -> str:
    """Return one segment a sample, in the colour of its answer."""
    answers = sorted((row.answer for row in rows), key=lambda a: (a is None, a))
    words = joined(
        [
            say("ask.bar.unreadable", count=count)
            if answer is None
            else say("ask.bar.answer", count=count, letter=LETTERS[answer])
            for answer, count in {a: answers.count(a) for a in answers}.items()
        ]
    )
    label = esc(say("ask.bar", answers=words))
    segments = "".join(f'<i class="{"none" if a is None else f"c{a}"}"></i>' for a in answers)
    return f'<span class="bar" role="img" aria-label="{label}">{segments}</span>'


def thumbs(code: str, tallies: Mapping[str, Tally]) -> str:
    """Return the thumbs on a language's own answer; nothing where there is none to vote on."""
    tally = tallies.get(code)
    if tally is None:
        return ""
    name = language_name(code)
    buttons = ""
    for opinion, count, flip in (
        ("up", tally.up, ""),
        ("down", tally.down, ' style="transform:rotate(180deg)"'),
    ):
        pressed = str(tally.mine == opinion).lower()
        says = esc(say(f"vote.thumb.{opinion}", language=name, count=count))
        buttons += (
            f'<button type="button" id="ballot-{code}-{opinion}" data-language="{code}" '
            f'data-opinion="{opinion}" aria-pressed="{pressed}" aria-label="{says}" title="{says}">'
            f"{THUMB.format(flip=flip)}<span>{count}</span></button>"
        )
    asks = esc(say("vote.thumb.asks"))
    label = esc(say("vote.thumb.group", language=name))
    return f'<footer class="ballot" role="group" aria-label="{label}">{asks} {buttons}</footer>'
