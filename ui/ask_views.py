"""The page `Ask`, records -> HTML: the vote across languages and a card for each of them. Pure."""

from collections.abc import Mapping, Sequence

from calm.languages import language
from calm.records import Question, Response, Vote
from ui.records import Asked, Tally
from ui.views import LETTERS, LONG_TEXT, chip, esc, in_language, joined, note

SOURCES = {
    "google": "translated by Google",
    "mymemory": "translated by MyMemory",
    "model": "translated by the model itself",
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
    parts = [
        f"<h2>{headline(vote, reader)}</h2>",
        f"<p>{esc(share_in_words(vote))} {esc(agreement_in_words(vote))}</p>",
        f'<p class="judged">{_judged(vote, reader)}</p>' if reader.gold is not None else "",
        _count_bars(vote, reader),
        _language_chips(asked, vote),
        _winner_in_every_language(asked, vote),
        _left_out(asked),
    ]
    return f'<section class="vote" aria-live="polite">{"".join(parts)}</section>'


def reader_version(versions: Sequence[Question]) -> Question:
    """Return the version that the page's reader understands: the English one, else the first."""
    return next((q for q in versions if q.language == "en"), versions[0])


def share_in_words(vote: Vote) -> str:
    """Return how many answers the winner has, or what stands against one."""
    valid = sum(vote.counts)
    total = valid + vote.unreadable
    if not valid:
        return f"None of the {total} responses states an answer."
    if vote.winner is None:
        leading = [LETTERS[i] for i, n in enumerate(vote.counts) if n == max(vote.counts)]
        words = f"{joined(leading)} have {max(vote.counts)} votes each of {valid}."
    else:
        words = f"{vote.counts[vote.winner]} of {valid} votes ({vote.share:.0%})."
    if vote.unreadable:
        states = "response states" if vote.unreadable == 1 else "responses state"
        words += f" {vote.unreadable} {states} no answer and count for nothing."
    return words


def agreement_in_words(vote: Vote) -> str:
    """Return how many languages agree with the winner, and name each one that does not."""
    if vote.winner is None:
        return ""
    own = vote.by_language
    against = [code for code, answer in own.items() if answer not in (None, vote.winner)]
    undecided = [code for code, answer in own.items() if answer is None]
    if not against and not undecided:
        return f"All {len(own)} languages agree."
    agreeing = len(own) - len(against) - len(undecided)
    words = f"{agreeing} of {len(own)} languages {'agrees' if agreeing == 1 else 'agree'}."
    if against:
        named = [f"{language(code).name} says {LETTERS[own[code] or 0]}" for code in against]
        words += f" {joined(named)}."
    if undecided:
        verb = "has" if len(undecided) == 1 else "have"
        named = [language(code).name for code in undecided]
        words += f" {joined(named)} {verb} no single answer."
    return words


def headline(vote: Vote, reader: Question) -> str:
    """Return the winner, or that there is none."""
    if vote.winner is None:
        return "No winner: the vote is tied" if any(vote.counts) else "No answer could be read"
    answer = in_language(reader.language, esc(reader.choices[vote.winner]))
    return f"{chip(vote.winner)} {answer}"


def _judged(vote: Vote, reader: Question) -> str:
    gold = reader.gold or 0
    if vote.winner == gold:
        return "The question set says the same."
    right = in_language(reader.language, esc(reader.choices[gold]))
    return f"The question set says {chip(gold)} {right}."


def _count_bars(vote: Vote, reader: Question) -> str:
    most = max(*vote.counts, vote.unreadable, 1)
    rows = [
        (f"{chip(i)} {in_language(reader.language, esc(choice))}", f"c{i}", vote.counts[i])
        for i, choice in enumerate(reader.choices)
    ]
    if vote.unreadable:
        rows.append((f"{chip(None)} no answer stated", "none", vote.unreadable))
    items = "".join(
        f'<li><span class="label">{label}</span><span class="track">'
        f'<span class="fill {css}" style="width:{100 * count / most:.1f}%"></span></span>'
        f'<span class="count">{count}</span></li>'
        for label, css, count in rows
    )
    return f'<ul class="counts" aria-label="Votes for each choice">{items}</ul>'


def _language_chips(asked: Asked, vote: Vote) -> str:
    items = []
    for question in asked.versions:
        own = vote.by_language[question.language]
        css = "differs" if disagreement(vote, own) else ""
        name = in_language(question.language, esc(language(question.language).native_name))
        items.append(f'<li class="{css}">{name} {chip(own)}</li>')
    title = "Each language alone, by most of its own samples"
    return f'<ul class="alone" aria-label="{title}" title="{title}">{"".join(items)}</ul>'


def disagreement(vote: Vote, own: int | None) -> str:
    """Return how a language's own answer differs from the winner; nothing where it does not."""
    if vote.winner is None or own == vote.winner:
        return ""
    return "undecided" if own is None else "disagrees with the vote"


def _winner_in_every_language(asked: Asked, vote: Vote) -> str:
    if vote.winner is None:
        return ""
    winner = vote.winner
    words = " · ".join(in_language(q.language, esc(q.choices[winner])) for q in asked.versions)
    return f'<p class="everywhere">{words}</p>'


def _left_out(asked: Asked) -> str:
    return "".join(
        note(f"{language(code).name} is left out. {reason}", "warning")
        for code, reason in asked.left_out.items()
    )


def answer_cards(asked: Asked, tallies: Mapping[str, Tally] | None = None) -> str:
    """Return one card a language: question, responses, its own answer, and the ballots on it."""
    cards = "".join(_card(asked, question, tallies or {}) for question in asked.versions)
    return f'<div class="cards" aria-busy="{str(asked.phase == "working").lower()}">{cards}</div>'


def _card(asked: Asked, question: Question, tallies: Mapping[str, Tally]) -> str:
    code, vote, rows = question.language, asked.vote, asked.of(question.language)
    mark = disagreement(vote, vote.by_language[code]) if vote else ""
    parts = [
        card_head(question, mark),
        in_language(code, esc(question.text), "p", "question"),
        translated(question),
        responses_list(rows, question),
    ]
    if vote is not None:
        parts += [own_answer(question, rows, vote.by_language[code]), _ballot(code, tallies)]
    css = "card differs" if mark else "card"
    return f'<article class="{css}" id="card-{code}">{"".join(parts)}</article>'


def card_head(question: Question, mark: str = "") -> str:
    """Return the names of a card's language, and how it differs from the vote."""
    row = language(question.language)
    name = in_language(row.code, esc(row.native_name))
    english = f" <small>{esc(row.name)}</small>" if row.name != row.native_name else ""
    marked_as = f'<span class="differs-mark">{esc(mark)}</span>' if mark else ""
    return f"<header><h3>{name}{english}</h3>{marked_as}</header>"


def translated(question: Question) -> str:
    """Return who translated the question; nothing for one in its own words."""
    words = SOURCES.get(question.source)
    return f'<p class="source">{esc(words)}</p>' if words else ""


def responses_list(rows: Sequence[Response], question: Question) -> str:
    """Return the responses of one language, folded away where they are long."""
    items = "".join(f"<li>{marked(r.text, r.answer_span)}</li>" for r in rows)
    listed = in_language(question.language, items, "ol", "responses")
    if all(len(row.text) <= LONG_TEXT for row in rows):
        return listed
    return f"<details><summary>{len(rows)} responses</summary>{listed}</details>"


def marked(text: str, span: tuple[int, int] | None) -> str:
    """Return a response with its answer marked; one that states none is shown as it is."""
    if span is None:
        return esc(text.strip()) or '<span class="empty">…</span>'
    start, end = span
    before, after = text[:start].lstrip(), text[end:].rstrip()
    return f"{esc(before)}<mark>{esc(text[start:end])}</mark>{esc(after)}"


def own_answer(question: Question, rows: Sequence[Response], own: int | None) -> str:
    """Return a language's own answer and a bar of what its samples say."""
    if own is None:
        words = "no single answer"
    else:
        words = f"{chip(own)} {in_language(question.language, esc(question.choices[own]))}"
    return f'<div class="own">{sample_bar(rows, question)}<p>{words}</p></div>'


def sample_bar(rows: Sequence[Response], question: Question) -> str:
    """Return one segment a sample, in the colour of its answer."""
    answers = sorted((row.answer for row in rows), key=lambda a: (a is None, a))
    counted = {a: answers.count(a) for a in answers}
    words = ", ".join(
        f"{count} {'unreadable' if answer is None else LETTERS[answer]}"
        for answer, count in counted.items()
    )
    segments = "".join(f'<i class="{"none" if a is None else f"c{a}"}"></i>' for a in answers)
    return f'<span class="bar" role="img" aria-label="samples: {esc(words)}">{segments}</span>'


def _ballot(code: str, tallies: Mapping[str, Tally]) -> str:
    tally = tallies.get(code)
    if tally is None:
        return ""
    name = language(code).name
    buttons = ""
    for opinion, count, flip in (
        ("up", tally.up, ""),
        ("down", tally.down, ' style="transform:rotate(180deg)"'),
    ):
        pressed = str(tally.mine == opinion).lower()
        says = f"{name}: thumbs {opinion}, {count} so far"
        buttons += (
            f'<button type="button" id="ballot-{code}-{opinion}" data-language="{code}" '
            f'data-opinion="{opinion}" aria-pressed="{pressed}" aria-label="{says}" title="{says}">'
            f"{THUMB.format(flip=flip)}<span>{count}</span></button>"
        )
    return f'<footer class="ballot">Is it right? {buttons}</footer>'
