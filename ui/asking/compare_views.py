"""The page `Compare`, records -> HTML: what changed, in numbers and answer by answer. Pure."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from calm.asking.asked import Asked
from calm.records import Comparison, Evaluation, Question, Score
from ui.asking.cards import card_head, marked, own_answer, responses_list, translated
from ui.asking.panel import agreement_in_words, headline, progress, share_in_words
from ui.asking.readers import reader_version
from ui.parts.figures import ROLES, isolated, points
from ui.parts.html import chip, esc, in_a_row, in_language, note
from ui.text.numbers import decimal, percent, signed_points
from ui.text.words import language_name, say

READINGS = ("response", "likelihood")
OUTCOMES = ("fixed", "broken", "still right", "still wrong")
CHANGED = "changed"
"""Of answers: fixed or broken; without a gold answer, those that differ."""
Spans = Mapping[tuple[str, str, str], tuple[int, int] | None]
"""Where a text states its answer, by question, language and model."""


def result_in_words(scores: Sequence[Score]) -> str:
    """Return what the alignment did to the responses, over all languages, in sentences."""
    overall = [s for s in scores if (s.reading, s.language) == ("response", "all")]
    found = {(s.metric, s.model): s for s in overall}
    sentences = []
    for metric in ("accuracy", "consistency"):
        change = found.get((metric, "change"))
        if change is None or not change.n:
            continue
        sentences.append(
            say(
                f"compare.told.{metric}.{course(change)}",
                before=isolated(percent(found[metric, "base"].value, 1)),
                after=isolated(percent(found[metric, "aligned"].value, 1)),
                points=signed_points(abs(change.value))[1:],
                change=isolated(signed_points(change.value)),
                low=isolated(signed_points(change.low or 0)),
                high=isolated(signed_points(change.high or 0)),
            )
        )
    if ("efficacy", "change") in found:
        sentences.append(
            _efficacy_in_words(found["efficacy", "base"], found["efficacy", "aligned"])
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
    return in_a_row([say("compare.result.on", count=n), *sentences])


def _efficacy_in_words(base: Score, aligned: Score) -> str:
    return say(
        "compare.told.efficacy",
        count=aligned.n,
        before=isolated(percent(base.value, 1)),
        after=isolated(percent(aligned.value, 1)),
    )


def result_box(scores: Sequence[Score]) -> Markup:
    """Return the result in words as a paragraph of its own."""
    return f'<p class="result">{esc(result_in_words(scores))}</p>'


def course(change: Score) -> str:
    """Return how a change went: `same` in every question, as by `chance`, `rose`, or `fell`."""
    low, high = change.low or 0.0, change.high or 0.0
    if low == high == 0:
        return "same"
    if low <= 0 <= high:
        return "chance"
    return "rose" if low > 0 else "fell"


def score_table(scores: Sequence[Score], reading: str, languages: Sequence[str]) -> Markup:
    """Return before, after and change by language, in one reading."""
    found = {(s.language, s.metric, s.model): s for s in scores if s.reading == reading}
    body = Markup()
    for code in ("all", *languages):
        name = f"<b>{esc(say('compare.all-languages'))}</b>"
        body += f'<tr><th scope="row">{name if code == "all" else esc(language_name(code))}</th>'
        for metric in ("accuracy", "consistency"):
            for model in ROLES:
                score = found.get((code, metric, model))
                body += f"<td>{'' if score is None else percent(score.value, 1)}</td>"
            change = found.get((code, metric, "change"))
            body += f"<td>{'' if change is None else points(change)}</td>"
        for flip in ("fixed", "broken"):
            count = found.get((code, flip, "change"))
            body += f"<td>{'' if count is None else f'{count.value:.0f}'}</td>"
        body += "</tr>"
    columns = [esc(say(f"compare.{key}")) for key in ("base", "aligned", "change")]
    heads = "".join(f'<th scope="col">{name}</th>' for name in (*columns, *columns))
    groups = "".join(
        f'<th colspan="3" scope="colgroup">{esc(say(f"compare.{metric}"))}</th>'
        for metric in ("accuracy", "consistency")
    )
    flips = "".join(
        f'<th rowspan="2" scope="col">{esc(say(f"compare.outcome.{flip}"))}</th>'
        for flip in ("fixed", "broken")
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(say("compare.scores"))}">'
        f'<table class="scores"><thead><tr><th rowspan="2" scope="col">'
        f"{esc(say('compare.language'))}</th>{groups}{flips}</tr>"
        f"<tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def tables_of_all(scores: Sequence[Score], languages: Sequence[str]) -> Markup:
    """Return the tables of every reading there is, one below the other."""
    tables = "".join(
        f"<h3>{esc(say(f'compare.reading.{reading}'))}</h3>"
        f"{score_table(scores, reading, languages)}{agreement_table(scores, reading)}"
        for reading in READINGS
        if any(score.reading == reading for score in scores)
    )
    return f'<section class="numbers">{tables}</section>' if tables else ""


AGREEMENTS = ("consistency", "rank_consistency", "fleiss_kappa", "efficacy")


def agreement_table(scores: Sequence[Score], reading: str) -> Markup:
    """Return how far all languages agree, by every measure there is, before and after."""
    found = {(s.metric, s.model): s for s in scores if (s.reading, s.language) == (reading, "all")}
    body = "".join(
        f'<tr><th scope="row">{esc(say(f"compare.agreement.{metric}"))}</th>'
        f"{_with_interval(found[metric, 'base'])}{_with_interval(found[metric, 'aligned'])}"
        f"<td>{points(found[metric, 'change'])}</td></tr>"
        for metric in AGREEMENTS
        if (metric, "change") in found
    )
    if not body:
        return Markup()
    columns = ("agreement", "base", "aligned", "change-in-hundredths")
    heads = "".join(f'<th scope="col">{esc(say(f"compare.{name}"))}</th>' for name in columns)
    title = esc(say("compare.agreement.title"))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="scores agreement"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def _with_interval(score: Score) -> Markup:
    between = Markup()
    if score.low is not None and score.high is not None:
        ends = say("compare.between", low=decimal(score.low, 3), high=decimal(score.high, 3))
        between = f" <small>({esc(ends)})</small>"
    return f'<td><bdi dir="ltr">{decimal(score.value, 3)}{between}</bdi></td>'


def outcome_counts(comparisons: Sequence[Comparison]) -> Markup:
    """Return how many answers were fixed, broken, and stayed, as small tiles."""
    outcomes = [row.outcome for row in comparisons]
    items = "".join(
        f'<li class="{_dashed(name)}"><b>{outcomes.count(name)}</b> {esc(outcome_name(name))}</li>'  # type: ignore[arg-type]
        for name in OUTCOMES
    )
    return f'<ul class="outcomes">{items}</ul>'


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
        if _is(row, outcome)
        and code in ("all", row.language)
        and _holds(groups[row.question_id], row.language, search)
    ]
    if not rows:
        return note(say("compare.list.none"))
    items = "".join(_compared(row, groups[row.question_id], spans) for row in rows[:most])
    found = say("compare.list.found", count=len(rows))
    more = note(say("compare.list.more", count=len(rows) - most)) if len(rows) > most else Markup()
    return (
        f'<p class="source" role="status">{esc(found)}</p>'
        f'<ul class="flips" tabindex="0" aria-label="{esc(say("compare.list"))}">{items}</ul>{more}'
    )


def _is(row: Comparison, outcome: str) -> bool:
    if outcome != CHANGED:
        return outcome in ("all", row.outcome)
    if row.outcome is None:
        return row.base_answer != row.aligned_answer
    return row.outcome in ("fixed", "broken")


def _holds(versions: Mapping[str, Question], code: str, search: str) -> bool:
    texts = {versions[code].text, reader_version(list(versions.values())).text}
    return any(search.strip().casefold() in text.casefold() for text in texts)


def _compared(row: Comparison, versions: Mapping[str, Question], spans: Spans) -> Markup:
    question, place = versions[row.language], (row.question_id, row.language)
    reader = reader_version(list(versions.values()))
    also = Markup()
    if reader.language != row.language:
        also = in_language(reader.language, esc(reader.text), "p", "source")
    gold = Markup()
    if row.gold is not None:
        right = f"{chip(row.gold)} {in_language(row.language, esc(question.choices[row.gold]))}"
        gold = f'<p class="gold">{say("compare.right-answer", answer=right)}</p>'
    halves = "".join(
        _answered(question, role, answer, marked(text, spans.get((*place, role))))
        for role, answer, text in (
            ("base", row.base_answer, row.base_text),
            ("aligned", row.aligned_answer, row.aligned_text),
        )
    )
    kind = _dashed(row.outcome or "none")
    return (
        f'<li class="{kind}"><details><summary><span class="outcome">'
        f"{esc(outcome_name(row.outcome))}</span> "
        f'<span class="turn" dir="ltr">{chip(row.base_answer)} → {chip(row.aligned_answer)}</span> '
        f"<small>{esc(language_name(row.language))}</small> "
        f"{in_language(row.language, esc(question.text), 'span', 'question')}</summary>"
        f'{also}<div class="sides">{halves}</div>{gold}</details></li>'
    )


def _answered(question: Question, role: str, answer: int | None, written: str) -> Markup:
    if answer is None:
        said = f'{chip(None)} <span class="unreadable">{esc(say("ask.no-answer"))}</span>'
    else:
        said = f"{chip(answer)} {in_language(question.language, esc(question.choices[answer]))}"
    return (
        f'<div class="side"><p class="whose">{esc(say(f"compare.{role}"))}</p>'
        f"{in_language(question.language, written, 'p', 'written')}<p>{said}</p></div>"
    )


Sides = Sequence[tuple[str, Asked]]
"""Two models' names and what they answered, the left one first."""


def both_models(sides: Sides) -> Markup:
    """Return one question's answers of two models, language by language."""
    cards = Markup()
    for question in sides[0][1].versions:
        halves = "".join(_half(title, asked, question) for title, asked in sides)
        cards += (
            f'<article class="card pair">{card_head(question)}'
            f"{in_language(question.language, esc(question.text), 'p', 'question')}"
            f'{translated(question)}<div class="sides">{halves}</div></article>'
        )
    return f'{model_votes(sides)}<div class="cards wide">{cards}</div>'


def model_votes(sides: Sides) -> Markup:
    """Return what all languages say together, by either model."""
    heads = "".join(
        f'<div class="side"><h2>{esc(title)}</h2>{_side_vote(asked)}</div>'
        for title, asked in sides
    )
    return f'<div class="sides votes">{heads}</div>'


def _side_vote(asked: Asked) -> Markup:
    if asked.vote is None:
        return note(progress(asked), "warning" if asked.is_over else "busy")
    words = in_a_row([share_in_words(asked), agreement_in_words(asked)])
    return f'<p class="winner">{headline(asked)}</p><p>{esc(words)}</p>'


def _half(title: str, asked: Asked, question: Question) -> Markup:
    own = own_answer(asked, question.language) if asked.vote else Markup()
    responses = responses_list(asked, question.language)
    return f'<div class="side"><h4>{esc(title)}</h4>{responses}{own}</div>'
