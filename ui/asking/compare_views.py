"""The page `Compare`, records -> HTML: what changed, in numbers and answer by answer. Pure."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from calm.asking.asked import Asked
from calm.intervals import can_tell
from calm.records import Comparison, Evaluation, Question, Score
from ui.asking.cards import card_head, marked, own_answer, responses_list, translated
from ui.asking.panel import agreement_in_words, headline, progress, share_in_words
from ui.asking.readers import reader_version
from ui.parts.figures import ROLES, isolated, points
from ui.parts.html import (
    chip,
    column_heads,
    concat,
    in_a_row,
    in_language,
    markup,
    note,
    say_markup,
    wide_table,
)
from ui.text.numbers import decimal, percent, signed_points
from ui.text.words import language_name, say

READINGS = ("response", "likelihood")
OUTCOMES = ("fixed", "broken", "still right", "still wrong")
CHANGED = "changed"
"""Of answers: fixed or broken; without a gold answer, those that differ."""
Spans = Mapping[tuple[str, str, str], tuple[int, int] | None]
"""Where a text states its answer, by question, language and model."""


def result_in_words(scores: Sequence[Score]) -> str:
    """Return what the alignment did to the responses, over all languages, in sentences.

    What became of the questions trained on comes first: whether anything was learnt at all.
    """
    overall = [s for s in scores if (s.reading, s.language) == ("response", "all")]
    found = {(s.metric, s.model): s for s in overall}
    sentences = []
    for metric in ("accuracy", "consistency"):
        change = found.get((metric, "change"))
        if change is None or not change.n:
            continue
        stayed = not change.value and course(change) == "few"
        sentences.append(
            say(
                f"compare.told.{metric}.{'same' if stayed else course(change)}",
                before=isolated(percent(found[metric, "base"].value, 1)),
                after=isolated(percent(found[metric, "aligned"].value, 1)),
                points=signed_points(abs(change.value))[1:],
                change=isolated(signed_points(change.value)),
                low=isolated(signed_points(change.low or 0)),
                high=isolated(signed_points(change.high or 0)),
            )
        )
    if ("fixed", "change") in found:
        sentences.append(
            say(
                "compare.result.flips",
                fixed=f"{found['fixed', 'change'].value:.0f}",
                broken=f"{found['broken', 'change'].value:.0f}",
            )
        )
    if not sentences:
        return say("compare.result.none")
    n = found["consistency", "change"].n
    held_out = in_a_row([say("compare.result.on", count=n), *sentences])
    if ("efficacy", "change") not in found:
        return held_out
    learnt = _efficacy_in_words(found["efficacy", "base"], found["efficacy", "aligned"])
    return in_a_row([learnt, held_out])


def _efficacy_in_words(base: Score, aligned: Score) -> str:
    went = "rose" if aligned.value > base.value else "all" if aligned.value == 1 else "fell"
    return say(
        f"compare.told.efficacy.{went}",
        count=aligned.n,
        before=isolated(percent(base.value, 1)),
        after=isolated(percent(aligned.value, 1)),
    )


def result_box(scores: Sequence[Score]) -> Markup:
    """Return the result in words as a paragraph of its own."""
    return markup('<p class="result">{}</p>', result_in_words(scores))


def course(change: Score) -> str:
    """Return how a change went: `same` in every question, as by `chance`, `rose`, or `fell`.

    Of too `few` questions none of this can be told.
    """
    if not can_tell(change.n):
        return "few"
    low, high = change.low or 0.0, change.high or 0.0
    if low == high == 0:
        return "same"
    if low <= 0 <= high:
        return "chance"
    return "rose" if low > 0 else "fell"


def score_table(scores: Sequence[Score], reading: str, languages: Sequence[str]) -> Markup:
    """Return before, after and change by language, in one reading."""
    found: dict[tuple[str, str, str], Score] = {
        (s.language, s.metric, s.model): s for s in scores if s.reading == reading
    }
    body = Markup()
    for code in ("all", *languages):
        name = markup("<b>{}</b>", say("compare.all-languages"))
        body += markup(
            '<tr><th scope="row">{}</th>', name if code == "all" else language_name(code)
        )
        for metric in ("accuracy", "consistency"):
            for model in ROLES:
                score = found.get((code, metric, model))
                body += markup("<td>{}</td>", "" if score is None else percent(score.value, 1))
            change = found.get((code, metric, "change"))
            body += markup("<td>{}</td>", "" if change is None else points(change))
        for flip in ("fixed", "broken"):
            count = found.get((code, flip, "change"))
            body += markup("<td>{}</td>", "" if count is None else f"{count.value:.0f}")
        body += markup("</tr>")
    columns = [say(f"compare.{key}") for key in ("base", "aligned", "change")]
    heads = column_heads((*columns, *columns))
    groups = concat(
        markup('<th colspan="3" scope="colgroup">{}</th>', say(f"compare.{metric}"))
        for metric in ("accuracy", "consistency")
    )
    flips = concat(
        markup('<th rowspan="2" scope="col">{}</th>', say(f"compare.outcome.{flip}"))
        for flip in ("fixed", "broken")
    )
    head = markup(
        '<tr><th rowspan="2" scope="col">{}</th>{}{}</tr><tr>{}</tr>',
        say("compare.language"),
        groups,
        flips,
        heads,
    )
    return wide_table(say("compare.scores"), "scores", head, body)


def tables_of_all(scores: Sequence[Score], languages: Sequence[str]) -> Markup:
    """Return the tables of every reading there is, one below the other."""
    tables = concat(
        markup(
            "<h3>{}</h3>{}{}",
            say(f"compare.reading.{reading}"),
            score_table(scores, reading, languages),
            agreement_table(scores, reading),
        )
        for reading in READINGS
        if any(score.reading == reading for score in scores)
    )
    return markup('<section class="numbers">{}</section>', tables) if tables else Markup()


GAPS = ("language_gap", "english_gap")
SHARES = ("consistency", "known_consistency", *GAPS, "efficacy")
"""Of these, what is a share everywhere else: in percent here too."""
AGREEMENTS = (
    *("consistency", "known_consistency", "rank_consistency", "fleiss_kappa"),
    *(*GAPS, "efficacy"),
)


def agreement_table(scores: Sequence[Score], reading: str) -> Markup:
    """Return how far all languages agree, by every measure there is, before and after."""
    found: dict[tuple[str, str], Score] = {
        (s.metric, s.model): s for s in scores if (s.reading, s.language) == (reading, "all")
    }
    body = concat(
        markup(
            '<tr><th scope="row">{}{}</th>{}{}<td>{}</td></tr>',
            say(f"compare.agreement.{metric}"),
            _rank_marks(found) if metric == "rank_consistency" else "",
            with_interval(found[metric, "base"], metric in SHARES),
            with_interval(found[metric, "aligned"], metric in SHARES),
            points(found[metric, "change"]),
        )
        for metric in AGREEMENTS
        if (metric, "change") in found
    )
    if not body:
        return Markup()
    columns = ("agreement", "base", "aligned", "change-in-hundredths")
    heads = markup("<tr>{}</tr>", column_heads(say(f"compare.{name}") for name in columns))
    return wide_table(say("compare.agreement.title"), "scores agreement", heads, body)


def _rank_marks(found: Mapping[tuple[str, str], Score]) -> Markup:
    """Return what RankC is by chance and at least, of a run that was measured with them."""
    marks = [found.get((f"rank_consistency_{mark}", "base")) for mark in ("chance", "floor")]
    if None in marks:
        return Markup()
    chance, floor = (isolated(decimal(mark.value, 2)) for mark in marks if mark)
    said = say("compare.agreement.rank_consistency.marks", chance=chance, floor=floor)
    return markup("<br><small>{}</small>", said)


def with_interval(score: Score, is_share: bool) -> Markup:
    """Return a number as a cell with its interval, where the questions can tell one."""

    def number(value: float) -> str:
        return percent(value, 1) if is_share else decimal(value, 3)

    between = Markup()
    if can_tell(score.n) and score.low is not None and score.high is not None:
        ends = say("compare.between", low=number(score.low), high=number(score.high))
        between = markup(" <small>({})</small>", ends)
    return markup('<td><bdi dir="ltr">{}{}</bdi></td>', number(score.value), between)


def outcome_counts(comparisons: Sequence[Comparison]) -> Markup:
    """Return how many answers were fixed, broken, and stayed, as small tiles."""
    outcomes = [row.outcome for row in comparisons]
    items = concat(
        markup(
            '<li class="{}"><b>{}</b> {}</li>',
            _dashed(name),
            outcomes.count(name),  # type: ignore[arg-type]
            outcome_name(name),
        )
        for name in OUTCOMES
    )
    return markup('<ul class="outcomes">{}</ul>', items)


def outcome_name(outcome: str | None) -> str:
    """Return what became of an answer, in the reader's language."""
    return say(outcome_key(outcome))


def outcome_key(outcome: str | None) -> str:
    """Return the key of what became of an answer; `None` has no gold answer to judge by."""
    return f"compare.outcome.{_dashed(outcome or 'none')}"


def _dashed(name: str) -> str:
    return name.replace(" ", "-")


def spans_of(evaluations: Sequence[Evaluation], reading: str) -> Spans:
    """Return where each text of one reading states its answer."""
    return {
        (row.question_id, row.language, row.model): row.answer_span
        for row in evaluations
        if row.reading == reading
    }


def comparison_list(
    comparisons: Sequence[Comparison],
    groups: Mapping[str, Mapping[str, Question]],
    spans: Spans,
    outcome: str,
    code: str,
    search: str = "",
    most: int = 100,
) -> Markup:
    """Return held-out answers as entries that open both texts side by side.

    Those of one outcome (`CHANGED`, or one of `OUTCOMES`) and language, `all` for any, whose
    question, or its version in the reader's language, holds the words of the search.
    """
    rows = [
        row
        for row in comparisons
        if is_outcome(row, outcome)
        and code in ("all", row.language)
        and _holds(groups[row.question_id], row.language, search)
    ]
    if not rows:
        return note(say("compare.list.none"))
    items = concat(compared(row, groups[row.question_id], spans) for row in rows[:most])
    found = say("compare.list.found", count=len(rows))
    more = note(say("compare.list.more", count=len(rows) - most)) if len(rows) > most else Markup()
    return markup(
        '<p class="source" role="status">{}</p>'
        '<ul class="flips" tabindex="0" aria-label="{}">{}</ul>{}',
        found,
        say("compare.list"),
        items,
        more,
    )


def is_outcome(row: Comparison, outcome: str) -> bool:
    """Tell whether an answer is among those of an outcome: `CHANGED`, `all`, or its own."""
    if outcome != CHANGED:
        return outcome in ("all", row.outcome)
    if row.outcome is None:
        return row.base_answer != row.aligned_answer
    return row.outcome in ("fixed", "broken")


def _holds(versions: Mapping[str, Question], code: str, search: str) -> bool:
    texts = {versions[code].text, reader_version(list(versions.values())).text}
    return any(search.strip().casefold() in text.casefold() for text in texts)


def compared(row: Comparison, versions: Mapping[str, Question], spans: Spans) -> Markup:
    """Return an entry that opens both texts of an answer side by side."""
    question, place = versions[row.language], (row.question_id, row.language)
    reader = reader_version(list(versions.values()))
    also = Markup()
    if reader.language != row.language:
        also = in_language(reader.language, reader.text, "p", "source")
    gold = Markup()
    if row.gold is not None:
        right = markup(
            "{} {}", chip(row.gold), in_language(row.language, question.choices[row.gold])
        )
        gold = markup('<p class="gold">{}</p>', say_markup("compare.right-answer", answer=right))
    halves = concat(
        _answered(question, role, answer, marked(text, spans.get((*place, role))))
        for role, answer, text in (
            ("base", row.base_answer, row.base_text),
            ("aligned", row.aligned_answer, row.aligned_text),
        )
    )
    kind = _dashed(row.outcome or "none")
    return markup(
        '<li class="{}"><details><summary><span class="outcome">{}</span> '
        '<span class="turn" dir="ltr">{} → {}</span> <small>{}</small> {}</summary>{}'
        '<div class="sides">{}</div>{}</details></li>',
        kind,
        outcome_name(row.outcome),
        chip(row.base_answer),
        chip(row.aligned_answer),
        language_name(row.language),
        in_language(row.language, question.text, "span", "question"),
        also,
        halves,
        gold,
    )


def _answered(question: Question, role: str, answer: int | None, written: Markup) -> Markup:
    if answer is None:
        said = markup('{} <span class="unreadable">{}</span>', chip(None), say("ask.no-answer"))
    else:
        said = markup(
            "{} {}", chip(answer), in_language(question.language, question.choices[answer])
        )
    return markup(
        '<div class="side"><p class="whose">{}</p>{}<p>{}</p></div>',
        say(f"compare.{role}"),
        in_language(question.language, written, "p", "written"),
        said,
    )


Sides = Sequence[tuple[str, Asked]]
"""Two models' names and what they answered, the left one first."""


def both_models(sides: Sides) -> Markup:
    """Return one question's answers of two models, language by language."""
    cards = Markup()
    for question in sides[0][1].versions:
        halves = concat(_half(title, asked, question) for title, asked in sides)
        cards += markup(
            '<article class="card pair">{}{}{}<div class="sides">{}</div></article>',
            card_head(question),
            in_language(question.language, question.text, "p", "question"),
            translated(question),
            halves,
        )
    return markup('{}<div class="cards wide">{}</div>', model_votes(sides), cards)


def model_votes(sides: Sides) -> Markup:
    """Return what all languages say together, by either model."""
    heads = concat(
        markup('<div class="side"><h2>{}</h2>{}</div>', title, _side_vote(asked))
        for title, asked in sides
    )
    return markup('<div class="sides votes">{}</div>', heads)


def _side_vote(asked: Asked) -> Markup:
    if asked.vote is None:
        return note(progress(asked), "warning" if asked.is_over else "busy")
    words = in_a_row([share_in_words(asked), agreement_in_words(asked)])
    return markup('<p class="winner">{}</p><p>{}</p>', headline(asked), words)


def _half(title: str, asked: Asked, question: Question) -> Markup:
    own = own_answer(asked, question.language) if asked.vote else Markup()
    responses = responses_list(asked, question.language)
    return markup('<div class="side"><h4>{}</h4>{}{}</div>', title, responses, own)
