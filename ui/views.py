"""Records -> HTML. Pure, and the only place that puts words of people or models into markup.

`gr.HTML` is not sanitised: every such text goes through `esc`.
"""

import html
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from calm.languages import language
from calm.records import Comparison, Question, Response, Score, Status, Vote
from calm.report import interval
from ui.records import Asked, Tally

LETTERS = "ABCDEFGH"
LONG_TEXT = 160
SOURCES = {
    "google": "translated by Google",
    "mymemory": "translated by MyMemory",
    "model": "translated by the model itself",
}
METRICS = {
    "loss": "loss",
    "rewards/margins": "margin",
    "rewards/chosen": "chosen",
    "rewards/rejected": "rejected",
}
READINGS = {
    "response": "Response: what the model writes, its answer read from the text",
    "likelihood": "Likelihood: the choice that the model finds most probable",
}
OUTCOMES = ("fixed", "broken", "still right", "still wrong")
THUMB = (
    '<svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"{flip}><path '
    'fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" '
    'd="M7 11v9H4v-9zM7 11l4-8c1.7 0 3 1.3 3 3v4h5c1.2 0 2 1.2 1.8 2.4l-1.4 '
    '6.6c-.3 1.2-1.2 2-2.4 2H7"/></svg>'
)


def esc(text: object) -> str:
    """Return a text so that it can only be read, never run."""
    return html.escape(str(text), quote=True)


def language_label(code: str) -> str:
    """Return a language in its own name and in English: `Français · French`."""
    row = language(code)
    same = row.native_name == row.name
    return row.name if same else f"{row.native_name} · {row.name}"


def in_language(code: str, inner: str, tag: str = "span", name: str = "") -> str:
    """Wrap markup in an element that says its language and its direction."""
    row = language(code)
    css = f' class="{name}"' if name else ""
    return f'<{tag}{css} lang="{row.code}" dir="{row.direction}">{inner}</{tag}>'


def note(text: str, kind: str = "info") -> str:
    """Return a sentence in a box; nothing for no text. `kind` is info, busy or warning."""
    return f'<p class="note {esc(kind)}" role="status">{esc(text)}</p>' if text else ""


def joined(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


# Ask


def chip(choice: int | None) -> str:
    """Return the letter of a choice in its colour; a dash where there is none."""
    if choice is None:
        return '<span class="chip none" aria-hidden="true">–</span>'
    return f'<span class="chip c{choice}">{LETTERS[choice]}</span>'


def vote_panel(asked: Asked) -> str:
    """Return what the languages say together: the vote, or how far the asking is."""
    vote = asked.vote
    if vote is None:
        kind = "warning" if asked.phase == "stopped" else "busy"
        return f'<section class="vote">{note(asked.message, kind)}{_left_out(asked)}</section>'
    reader = reader_version(asked.versions)
    parts = [
        f"<h2>{_headline(vote, reader)}</h2>",
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


def _headline(vote: Vote, reader: Question) -> str:
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
    """Return the head of a card: its language, and a mark where it differs."""
    row = language(question.language)
    name = in_language(row.code, esc(row.native_name))
    english = f" <small>{esc(row.name)}</small>" if row.name != row.native_name else ""
    marked_as = f'<span class="differs-mark">{esc(mark)}</span>' if mark else ""
    return f"<header><h3>{name}{english}</h3>{marked_as}</header>"


def translated(question: Question) -> str:
    """Return who translated a question; nothing where a person wrote it."""
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


# Align


def stage_list(stages: Iterable[str], status: Status) -> str:
    """Return the stages in their order: those done, the current one, those to come."""
    order = list(stages)
    current = order.index(status.stage) if status.stage in order else 0
    items = []
    for place, name in enumerate(order):
        css = "done" if place < current or status.state == "done" else "todo"
        if place == current and status.state != "done":
            css = "current"
        step = ' aria-current="step"' if css == "current" else ""
        items.append(f'<li class="{css}"{step}>{esc(name)}</li>')
    return f'<ol class="stages" aria-label="Stages">{"".join(items)}</ol>'


def progress(name: str, stages: Iterable[str], status: Status) -> str:
    """Return how far a run is: its stages, a bar, how fast, how long still."""
    share = status.done / status.total if status.total else 0.0
    bar = (
        f'<div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{100 * share:.0f}" aria-label="{esc(status.stage)}">'
        f'<span style="width:{100 * share:.1f}%"></span></div>'
    )
    state = f'<small class="state {esc(status.state)}">{esc(status.state)}</small>'
    head = f"<h2>{esc(name)} {state}</h2>"
    words = f'<p class="progress-words">{esc(progress_in_words(status))}</p>'
    kind = {"failed": "warning", "stopped": "warning"}.get(status.state)
    detail = note(status.message, kind) if kind else words
    body = "" if status.state == "done" else bar + detail
    return f'<section class="run">{head}{stage_list(stages, status)}{body}</section>'


def progress_in_words(status: Status) -> str:
    """Return the stage's own words, the rate and the time left, as far as they are known."""
    parts = [f"{status.stage}: {status.message}" if status.message else status.stage]
    if status.rate > 0 and status.state == "running":
        parts.append(f"{status.rate:.3g} a second")
        parts.append(f"{duration((status.total - status.done) / status.rate)} left in this stage")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return a length of time to read: `45 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def metric_rows(metrics: Sequence[Mapping[str, float]], names: Sequence[str]) -> pd.DataFrame:
    """Return what TRL logged as (step, value, name), for a plot; empty where nothing is there."""
    rows = [
        (int(row["step"]), float(row[name]), METRICS[name])
        for row in metrics
        for name in names
        if name in row
    ]
    return pd.DataFrame(rows, columns=["step", "value", "name"])


def color_key(colors: Mapping[str, str]) -> str:
    """Return the key to a plot's lines."""
    items = "".join(
        f'<span><i style="background:{esc(color)}"></i>{esc(name)}</span>'
        for name, color in colors.items()
    )
    return f'<p class="key">{items}</p>'


# Compare


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
    return f'<p class="winner">{_headline(vote, reader)}</p><p>{esc(words)}</p>'


def _half(title: str, asked: Asked | None, question: Question) -> str:
    rows = asked.of(question.language) if asked else []
    vote = asked.vote if asked else None
    own = own_answer(question, rows, vote.by_language[question.language]) if vote else ""
    return f'<div class="side"><h4>{title}</h4>{responses_list(rows, question)}{own}</div>'
