"""The page `Compare`, records -> HTML: what changed, in numbers and answer by answer. Pure."""

from collections.abc import Mapping, Sequence

from calm.records import Comparison, Question, Score
from calm.report import interval
from ui.ask_views import (
    agreement_in_words,
    card_head,
    headline,
    own_answer,
    reader_version,
    responses_list,
    share_in_words,
    translated,
)
from ui.records import Asked
from ui.views import LONG_TEXT, chip, esc, in_language, language_label, note

READINGS = {
    "response": "Response: what the model writes, its answer read from the text",
    "likelihood": "Likelihood: the choice that the model finds most probable",
}
OUTCOMES = ("fixed", "broken", "still right", "still wrong")


def result_in_words(scores: Sequence[Score]) -> str:
    """Return what the alignment did to the responses, over all languages, in sentences."""
    overall = [s for s in scores if (s.reading, s.language) == ("response", "all")]
    found = {(s.metric, s.model): s for s in overall}
    sentences = []
    for metric in ("accuracy", "consistency"):
        change = found.get((metric, "change"))
        if change is None:
            continue
        base, aligned = found[metric, "base"], found[metric, "aligned"]
        sentences.append(
            f"{metric.capitalize()} went from {base.value:.1%} to {aligned.value:.1%}: "
            f"{interval(change)} points, {certainty(change)}."
        )
    if ("fixed", "change") in found:
        fixed, broken = found["fixed", "change"].value, found["broken", "change"].value
        sentences.append(f"{fixed:.0f} answers were fixed and {broken:.0f} broken.")
    if not sentences:
        return "There are no scores yet."
    n = found["consistency", "change"].n
    return f"On {n} held-out questions: " + " ".join(sentences)


def result_box(scores: Sequence[Score]) -> str:
    """Return the result in words as a paragraph of its own."""
    return f'<p class="result">{esc(result_in_words(scores))}</p>'


def certainty(change: Score) -> str:
    """Return whether a change's interval leaves out zero."""
    if change.low is None or change.high is None:
        return "without an interval"
    if change.low == change.high == 0:
        return "no change in any question"
    if change.low > 0 or change.high < 0:
        return "more than chance explains"
    return "which chance alone could explain"


def score_table(scores: Sequence[Score], reading: str, languages: Sequence[str]) -> str:
    """Return before, after and change by language, in one reading."""
    found = {(s.language, s.metric, s.model): s for s in scores if s.reading == reading}
    body = ""
    for code in ("all", *languages):
        name = "<b>All languages</b>" if code == "all" else esc(language_label(code))
        body += f'<tr><th scope="row">{name}</th>'
        for metric in ("accuracy", "consistency"):
            for model in ("base", "aligned"):
                score = found.get((code, metric, model))
                body += f"<td>{'' if score is None else f'{score.value:.1%}'}</td>"
            change = found.get((code, metric, "change"))
            body += f"<td>{'' if change is None else esc(interval(change))}</td>"
        for flip in ("fixed", "broken"):
            count = found.get((code, flip, "change"))
            body += f"<td>{'' if count is None else f'{count.value:.0f}'}</td>"
        body += "</tr>"
    columns = ("before", "after", "change in points (95% interval)")
    heads = "".join(f'<th scope="col">{name}</th>' for name in (*columns, *columns))
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Scores by language">'
        '<table class="scores"><thead><tr><th rowspan="2" scope="col">language</th>'
        '<th colspan="3" scope="colgroup">accuracy</th><th colspan="3" scope="colgroup">consistency'
        '</th><th rowspan="2" scope="col">fixed</th><th rowspan="2" scope="col">broken</th></tr>'
        f"<tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


AGREEMENTS = {
    "consistency": "pairs of languages that give the same answer",
    "rank_consistency": "RankC: pairs of languages that rank the choices alike",
    "fleiss_kappa": "Fleiss' kappa: agreement beyond chance, 1 at most",
}


def agreement_table(scores: Sequence[Score], reading: str) -> str:
    """Return how far all languages agree, by every measure there is, before and after."""
    found = {(s.metric, s.model): s for s in scores if (s.reading, s.language) == (reading, "all")}
    body = "".join(
        f'<tr><th scope="row">{esc(words)}</th>{_with_interval(found[metric, "base"])}'
        f"{_with_interval(found[metric, 'aligned'])}"
        f"<td>{esc(interval(found[metric, 'change']))}</td></tr>"
        for metric, words in AGREEMENTS.items()
        if (metric, "change") in found
    )
    if not body:
        return ""
    columns = ("agreement", "before", "after", "change, in hundredths (95% interval)")
    heads = "".join(f'<th scope="col">{name}</th>' for name in columns)
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Agreement of all languages">'
        f'<table class="scores agreement"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def _with_interval(score: Score) -> str:
    between = ""
    if score.low is not None and score.high is not None:
        between = f" <small>({score.low:.3f} to {score.high:.3f})</small>"
    return f"<td>{score.value:.3f}{between}</td>"


def outcome_counts(comparisons: Sequence[Comparison]) -> str:
    """Return how many answers were fixed, broken, and stayed, as small tiles."""
    outcomes = [row.outcome for row in comparisons]
    items = "".join(
        f'<li class="{name.replace(" ", "-")}"><b>{outcomes.count(name)}</b> {name}</li>'  # type: ignore[arg-type]
        for name in OUTCOMES
    )
    return f'<ul class="outcomes">{items}</ul>'


def comparison_list(
    comparisons: Sequence[Comparison],
    groups: Mapping[str, Mapping[str, Question]],
    outcome: str,
    code: str,
    most: int = 60,
) -> str:
    """Return the held-out answers of one outcome and language (`all` for any), before and after."""
    rows = [
        row
        for row in comparisons
        if outcome in ("all", row.outcome) and code in ("all", row.language)
    ]
    items = "".join(_compared(row, groups[row.question_id][row.language]) for row in rows[:most])
    more = note(f"{len(rows) - most} more are not shown.") if len(rows) > most else ""
    if not rows:
        return note("No answer of this kind.")
    return f'<ul class="compared" aria-label="Answers before and after">{items}</ul>{more}'


def _compared(row: Comparison, question: Question) -> str:
    kind = (row.outcome or "").replace(" ", "-")
    sides = "".join(
        f"<div><dt>{side}</dt>"
        f"{in_language(row.language, _stated(question, answer, text), 'dd')}</div>"
        for side, answer, text in (
            ("before", row.base_answer, row.base_text),
            ("after", row.aligned_answer, row.aligned_text),
        )
    )
    gold = ""
    if row.gold is not None:
        right = _stated(question, row.gold, "")
        gold = f"<div><dt>right</dt>{in_language(row.language, right, 'dd')}</div>"
    return (
        f'<li class="{kind}"><header><span class="outcome">{esc(row.outcome or "no gold answer")}'
        f"</span> {esc(language_label(row.language))}</header>"
        f"{in_language(row.language, esc(question.text), 'p', 'question')}"
        f"<dl>{sides}{gold}</dl></li>"
    )


def _stated(question: Question, answer: int | None, text: str) -> str:
    if answer is None:
        said = esc(text.strip()[:LONG_TEXT])
        return f'{chip(None)} <span class="unreadable">no answer stated: {said}</span>'
    return f"{chip(answer)} {esc(question.choices[answer])}"


def both_models(base: Asked, aligned: Asked | None) -> str:
    """Return one question's answers of both models, language by language."""
    sides = (("Base model", base), ("Aligned", aligned))
    rows = ""
    for question in base.versions:
        code = question.language
        halves = "".join(_half(title, asked, question) for title, asked in sides)
        rows += (
            f'<article class="card pair">{card_head(question)}'
            f"{in_language(code, esc(question.text), 'p', 'question')}{translated(question)}"
            f'<div class="sides">{halves}</div></article>'
        )
    return f'{model_votes(base, aligned)}<div class="cards wide">{rows}</div>'


def model_votes(base: Asked, aligned: Asked | None) -> str:
    """Return what all languages say together, by either model."""
    heads = "".join(
        f'<div class="side"><h2>{title}</h2>{_side_vote(asked)}</div>'
        for title, asked in (("Base model", base), ("Aligned", aligned))
    )
    return f'<div class="sides votes">{heads}</div>'


def _side_vote(asked: Asked | None) -> str:
    if asked is None:
        return note("Its turn comes when the base model has answered.")
    vote = asked.vote
    if vote is None:
        return note(asked.message, "warning" if asked.phase == "stopped" else "busy")
    reader = reader_version(asked.versions)
    words = f"{share_in_words(vote)} {agreement_in_words(vote)}"
    return f'<p class="winner">{headline(vote, reader)}</p><p>{esc(words)}</p>'


def _half(title: str, asked: Asked | None, question: Question) -> str:
    rows = asked.of(question.language) if asked else []
    vote = asked.vote if asked else None
    own = own_answer(question, rows, vote.by_language[question.language]) if vote else ""
    return f'<div class="side"><h4>{title}</h4>{responses_list(rows, question)}{own}</div>'
