"""A question without choices, records -> HTML: the groups of answers, and each language's card."""

from collections.abc import Mapping

from calm.asking.free_questions import FreeAsked
from calm.languages.table import language
from calm.records import Question, Response
from calm.voting.groups import AnswerGroup, Compared, NotCompared
from ui.asking.cards import card_head, marked, no_translation, thumbs
from ui.asking.readers import in_reader_language
from ui.asking.records import Tally
from ui.parts.gauge import consistency_gauge
from ui.parts.html import esc, in_a_row, in_language, listed, note
from ui.text.numbers import percent
from ui.text.problems import told
from ui.text.words import counted, language_name, reader_language, say

COLOURS = 8
MOST_GROUPS = 8
"""Groups that are shown at once; the others fold away."""
SERVICES = ("google", "mymemory", "model")


def free_panel(asked: FreeAsked, loading: str = "") -> str:
    """Return what the languages say together, or how far the asking is."""
    found = asked.compared
    if found is None:
        kind = "warning" if asked.step in ("stopped", "nowhere") else "busy"
        left_out = _left_out(asked)
        return f'<section class="vote">{note(_progress(asked, loading), kind)}{left_out}</section>'
    in_words = in_a_row([share_in_words(found), agreement_in_words(found)])
    parts = [
        f'<div class="banner"><div><h2>{_headline(asked)}</h2>'
        f'<p class="share">{esc(in_words)}</p></div>'
        f"{consistency_gauge(found.vote.by_language)}</div>",
        _groups(found),
        _language_chips(asked, found),
        _not_compared(found),
        _left_out(asked),
    ]
    return f'<section class="vote free" aria-live="polite">{"".join(parts)}</section>'


def _progress(asked: FreeAsked, loading: str) -> str:
    if asked.step == "waiting" and loading:
        return loading
    if asked.step == "translating":
        return say("free.step.translating", language=language_name(asked.at))
    return say(f"free.step.{asked.step}")


def _headline(asked: FreeAsked) -> str:
    found = asked.compared
    if asked.winner is not None:
        return f"{group_chip(0)} {_label(asked.winner)}"
    return esc(say("free.tied" if found and found.groups else "free.nothing_read"))


def share_in_words(found: Compared) -> str:
    """Return how many answers the largest group has of those that compare, and of all."""
    comparable, total = sum(found.vote.counts), len(found.responses)
    if not comparable:
        return counted("free.none_compares", total)
    if found.vote.winner is None:
        words = say("free.tied_share", count=max(found.vote.counts), total=comparable)
    else:
        words = say(
            "free.share",
            count=found.vote.counts[found.vote.winner],
            total=comparable,
            share=percent(found.vote.share),
        )
    if comparable < total:
        words += " " + counted("free.apart", total - comparable)
    return words


def agreement_in_words(found: Compared) -> str:
    """Return how many languages mostly answer as the largest group does."""
    if found.vote.winner is None:
        return ""
    own = found.vote.by_language
    agreeing = sum(answer == found.vote.winner for answer in own.values())
    if len(own) == 1:
        return say("ask.agree.all.one")
    if agreeing == len(own):
        return say("free.all_agree", total=len(own))
    return say("free.agree", count=agreeing, total=len(own))


def group_chip(group: int | None) -> str:
    """Return the number of a group in its colour; a dash where there is none."""
    if group is None:
        return '<span class="chip none" aria-hidden="true">–</span>'
    return f'<span class="chip {colour(group)}">{group + 1}</span>'


def colour(group: int | None) -> str:
    """Return the class of a group's colour; groups behind the eighth share one."""
    return f"c{group}" if group is not None and group < COLOURS else "none"


def _label(group: AnswerGroup, code: str = "") -> str:
    """Return what a group says in a language, the reader's if none is named; else as it is told."""
    code = code or reader_language()
    words = words_in(code, group)
    return in_language(code if words else group.language, esc(words or group.label))


def _groups(found: Compared) -> str:
    if not found.groups:
        return ""
    rows = [_group(n, group, found) for n, group in enumerate(found.groups)]
    name = esc(say("free.groups"))
    shown = f'<ol class="counts groups" aria-label="{name}">{"".join(rows[:MOST_GROUPS])}</ol>'
    if len(rows) <= MOST_GROUPS:
        return shown
    more = esc(counted("free.more_groups", len(rows) - MOST_GROUPS))
    others = "".join(rows[MOST_GROUPS:])
    listed = f'<ol class="counts groups">{others}</ol>'
    return f"{shown}<details><summary>{more}</summary>{listed}</details>"


def _group(number: int, group: AnswerGroup, found: Compared) -> str:
    most = found.groups[0].count
    by_language: dict[str, list[str]] = {}
    for wording in group.wordings:
        times = f" ×{wording.count}" if wording.count > 1 else ""
        read_as = say(f"free.source.{wording.source}") if wording.source else ""
        title = f' title="{esc(f"{wording.pivot}: {read_as}")}"' if wording.pivot else ""
        text = in_language(wording.language, esc(wording.text))
        by_language.setdefault(wording.language, []).append(f"<span{title}>{text}{times}</span>")
    members = "".join(
        f"<li><small>{esc(language_name(code))}</small> {', '.join(texts)}</li>"
        for code, texts in by_language.items()
    )
    return (
        f'<li><span class="label">{group_chip(number)} {_label(group)}</span>'
        f'<span class="track"><span class="fill {colour(number)}" '
        f'style="width:{100 * group.count / most:.1f}%"></span></span>'
        f'<span class="count">{group.count}</span><ul class="members">{members}</ul></li>'
    )


def _language_chips(asked: FreeAsked, found: Compared) -> str:
    items = []
    for question in asked.versions:
        own = found.vote.by_language.get(question.language)
        differs = found.vote.winner is not None and own != found.vote.winner
        css = ' class="differs"' if differs else ""
        name = in_language(question.language, esc(language(question.language).native_name))
        items.append(f"<li{css}>{name} {group_chip(own)}</li>")
    title = esc(say("free.alone"))
    return f'<ul class="alone" aria-label="{title}" title="{title}">{"".join(items)}</ul>'


def _not_compared(found: Compared) -> str:
    """Return every response that no group took in, with the reason."""
    if not found.not_compared:
        return ""
    items = "".join(_apart(row) for row in found.not_compared)
    total = sum(row.count for row in found.not_compared)
    title = esc(counted("free.not_compared", total))
    return f'<details class="apart"><summary>{title}</summary><ul>{items}</ul></details>'


def _apart(row: NotCompared) -> str:
    times = f" ×{row.count}" if row.count > 1 else ""
    said = in_language(row.language, esc(row.text)) + times if row.text else ""
    there, back = row.tried
    key = row.reason.replace(" ", "_")
    reason = say(f"free.reason.{key}", there=there, back=back)
    name = esc(language_name(row.language))
    return f"<li><small>{name}</small> {said} <span>{esc(reason)}</span></li>"


def _left_out(asked: FreeAsked) -> str:
    return "".join(
        note(say("free.left_out", language=language_name(code), reason=told(reason)), "warning")
        for code, reason in asked.left_out.items()
    )


def free_cards(asked: FreeAsked, tallies: Mapping[str, Tally] | None = None) -> str:
    """Return one card a language: question, responses, what most of them say, the ballots on it.

    What is of class `mine` is in the reader's language, and seen where the reader wants it so.
    """
    busy = str(asked.step not in ("done", "stopped", "nowhere")).lower()
    mine = in_reader_language(asked.versions) if asked.versions else None
    groups = asked.compared.groups if asked.compared else ()
    unseen = bool(groups) and mine is None and not any(in_my_words(group) for group in groups)
    cards = "".join(_card(asked, question, tallies or {}, mine) for question in asked.versions)
    return (
        f'{no_translation() if unseen else ""}<div class="cards" aria-busy="{busy}">{cards}</div>'
    )


def in_my_words(group: AnswerGroup) -> str:
    """Return what a group says, in the words that it has in the reader's language; else nothing."""
    return words_in(reader_language(), group)


def words_in(code: str, group: AnswerGroup) -> str:
    """Return what a group says in a language, as most samples put it; nothing where none did."""
    if group.language == code:
        return group.label
    return next((wording.text for wording in group.wordings if wording.language == code), "")


def _card(
    asked: FreeAsked, question: Question, tallies: Mapping[str, Tally], mine: Question | None
) -> str:
    code, found = question.language, asked.compared
    vote = found.vote if found else None
    own = vote.by_language.get(code) if vote else None
    mark = ""
    if vote is not None and vote.winner is not None and own != vote.winner:
        mark = say("free.undecided" if own is None else "free.differs")
    by = say(f"free.translated.{question.source}") if question.source in SERVICES else ""
    items = "".join(f"<li>{_response(row, found)}</li>" for row in asked.of(code))
    parts = [
        card_head(question, mark),
        in_language(code, esc(question.text), "p", "question"),
        in_language(mine.language, esc(mine.text), "p", "question mine")
        if mine is not None and mine.language != code
        else "",
        f'<p class="source">{esc(by)}</p>' if by else "",
        in_language(code, items, "ol", "responses"),
    ]
    if found is not None:
        parts += [_own(found, asked.of(code), own), thumbs(code, tallies)]
    css = "card differs" if mark else "card"
    return f'<article class="{css}" id="card-{code}">{"".join(parts)}</article>'


def _response(row: Response, found: Compared | None) -> str:
    """Return a response with its short answer marked, its group's number, and its translation."""
    text = marked(row.text, row.answer_span)
    if found is None:
        return text
    return f"{group_chip(row.answer)} {text}{_in_mine(row, found)}"


def _in_mine(row: Response, found: Compared) -> str:
    if row.answer is None or row.language == reader_language():
        return ""
    words, (start, end) = in_my_words(found.groups[row.answer]), row.answer_span or (0, 0)
    if not words or words.casefold() == row.text[start:end].strip().casefold():
        return ""
    return " " + in_language(reader_language(), esc(words), name="mine")


def _own(found: Compared, rows: list[Response], own: int | None) -> str:
    answers = sorted((row.answer for row in rows), key=lambda a: (a is None, a))
    segments = "".join(f'<i class="{colour(answer)}"></i>' for answer in answers)
    told = listed(
        [
            say("free.bar_part", count=answers.count(a), answer=_told(found, a))
            for a in dict.fromkeys(answers)
        ]
    )
    bar = f'<span class="bar" role="img" aria-label="{esc(told)}">{segments}</span>'
    if own is None:
        words = esc(say("free.no_single"))
    else:
        said = next(row for row in rows if row.answer == own)
        words = f"{_label(found.groups[own], said.language)}{_in_mine(said, found)}"
    return f'<div class="own">{bar}<p>{group_chip(own)} {words}</p></div>'


def _told(found: Compared, answer: int | None) -> str:
    return say("free.bar_apart") if answer is None else found.groups[answer].label
