"""The report of a run, facts -> HTML. Pure."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from markupsafe import Markup

from calm import __version__
from calm.model_names import called
from calm.models.catalogue import LISTED
from calm.records import Comparison, Score
from calm.settings import SETTINGS, Setting, value_at
from calm.training.methods import needs_votes, trains_on_pairs
from ui.asking.baseline_views import baseline_table
from ui.asking.cards import marked
from ui.asking.compare_views import (
    READINGS,
    agreement_table,
    course,
    outcome_counts,
    result_box,
    score_table,
)
from ui.asking.damage_views import damage_body
from ui.asking.readers import reader_version
from ui.asking.round_views import rounds_section
from ui.parts.figures import change_plot, interval, split_bars
from ui.parts.html import (
    chip,
    concat,
    in_language,
    joined,
    listed,
    markup,
    say_markup,
    with_code,
)
from ui.parts.settings import WORDS, set_name
from ui.parts.vote_figures import gate_plot
from ui.report.examples import examples
from ui.report.facts import Facts
from ui.text.numbers import day, percent, signed_points
from ui.text.words import is_word, language_name, say
from ui.votes.gate_views import gate_tiles, rule_name, verdict

MOST_CHARACTERS = 200
"""Of a response that is shown; a longer one is cut around its answer."""
BEFORE_THE_ANSWER = 80
DIGITS = 12
"""Of a checksum that tells files apart."""


def report(facts: Facts, links: Markup | None = None) -> Markup:
    """Return the report; `links` are for whoever reads it in the app, and are not printed."""
    facts_in_short = filter(None, [facts.name, _when(facts), _names(facts.languages)])
    head = markup(
        '<header><p class="source">CALM Studio</p><h1>{}</h1><p class="source">{}</p>{}</header>',
        say_markup("report.title", model=facts.found.model),
        concat((markup("<bdi>{}</bdi>", fact) for fact in facts_in_short), " · "),
        links or Markup(),
    )
    sections = concat(
        markup('<section id="{}"><h2>{}</h2>{}</section>', name, say(f"report.{name}"), body)
        for name, section in SECTIONS.items()
        if (body := section(facts))
    )
    return markup('<main class="report">{}{}</main>', head, sections)


def _when(facts: Facts) -> str:
    return day(facts.ended_at) if facts.ended_at else ""


def _names(codes: Sequence[str]) -> str:
    return listed([language_name(code) for code in codes])


# What came of it


def _result(facts: Facts) -> Markup:
    plots = concat(
        change_plot(facts.found.scores, "response", metric, facts.languages)
        for metric in ("accuracy", "consistency")
    )
    found = facts.found
    ways = found.ways("response")
    table = baseline_table(ways.baselines, ways.learnt, facts.languages)
    rounds = rounds_section(found.rounds, found.scores)
    words = result_box(found.scores)
    return markup('{}<div class="plots">{}</div>{}{}', words, plots, table, rounds)


def _worse(facts: Facts) -> Markup:
    """Return what got worse, or that nothing did as far as this run can tell."""
    changes: dict[tuple[str, str], Score] = {
        (s.language, s.metric): s
        for s in facts.found.scores
        if (s.reading, s.model) == ("response", "change")
    }
    said = [
        say(
            f"report.worse.{metric}",
            language=_of_language(code),
            change=interval(changes[code, metric]),
        )
        for metric in ("accuracy", "consistency")
        for code in ("all", *facts.languages)
        if (code, metric) in changes and course(changes[code, metric]) == "fell"
    ]
    if not said:
        said.append(say("report.worse.none"))
    lower = [
        code
        for code in facts.languages
        if (change := changes.get((code, "accuracy"))) is not None
        if change.value < 0 and course(change) == "chance"
    ]
    if lower:
        said.append(say("report.worse.chance", languages=joined([*map(language_name, lower)])))
    said.append(_broken(facts))
    return _items(said)


def _damage(facts: Facts) -> Markup:
    return damage_body(facts.found.damage)


def _of_language(code: str) -> str:
    return say("compare.all-languages") if code == "all" else language_name(code)


def _broken(facts: Facts) -> str:
    if not facts.has_gold:
        return say("report.worse.unknown")
    outcomes = [row.outcome for row in facts.found.comparisons["response"]]
    broken = outcomes.count("broken")
    before = broken + outcomes.count("still right")
    if not before:
        return say("report.worse.none-right")
    return say(
        "report.worse.broken", count=broken, before=before, share=percent(broken / before, 1)
    )


def _items(texts: Sequence[str]) -> Markup:
    return markup("<ul>{}</ul>", concat(markup("<li>{}</li>", text) for text in texts if text))


# How it was done


def _how(facts: Facts) -> Markup:
    """Return what was done, step by step, with its numbers."""
    config, (train, held_out) = facts.config, facts.questions
    votes, pairs = needs_votes(config), trains_on_pairs(config.train)
    steps = [
        say(
            "report.how.asked" if votes else "report.how.asked-once",
            train=train,
            held_out=held_out,
            which=set_name(config.question_set),
            languages=len(facts.languages),
            samples=config.sampling.num_samples,
        )
    ]
    if facts.gate:
        steps.append(
            say(
                "report.how.voted",
                rule=rule_name(facts.gate.rule),
                share=percent(facts.gate.minimum_share),
                kept=facts.gate.kept,
                of=facts.gate.of,
            )
        )
    if facts.pairs:
        source = say(f"setting.pairs_source.{config.pairs.source}")
        steps.append(say("report.how.pairs", count=facts.pairs, source=source))
    if facts.steps:
        key = "report.how.trained" if pairs else "report.how.trained-choices"
        method = say(f"setting.method.{config.train.method}")
        steps.append(say(key, count=facts.steps, rank=config.train.lora_r, method=method))
    steps.append(say("report.how.measured", count=held_out))
    numbered = concat(markup("<li>{}</li>", step) for step in steps)
    about = say("report.how.method" if pairs else "report.how.method-choices")
    return markup("<p>{}</p><ol>{}</ol>", about, numbered)


def _votes(facts: Facts) -> Markup:
    if facts.gate is None or facts.voted is None:
        return Markup()
    words, _ = verdict(facts.voted.rules, facts.voted.rule)
    return markup(
        "{}<p>{}</p>{}",
        gate_tiles(facts.gate, (facts.pairs, facts.pairs)),
        words,
        gate_plot(facts.voted.curve, facts.gate),
    )


# Answers


def _examples(facts: Facts) -> Markup:
    """Return answers that changed, before and after, those that were broken among them."""
    kinds = concat(
        markup(
            '<h3>{}</h3><div class="examples">{}</div>',
            say(f"report.examples.{kind}"),
            concat(_example(facts, row) for row in rows),
        )
        for kind, rows in examples(facts.found.comparisons["response"]).items()
        if rows
    )
    if not kinds:
        return Markup()
    counts = outcome_counts(facts.found.comparisons["response"]) if facts.has_gold else Markup()
    return markup('<p class="source">{}</p>{}{}', say("report.examples.which"), counts, kinds)


def _example(facts: Facts, row: Comparison) -> Markup:
    versions = facts.found.groups[row.question_id]
    question, reader = versions[row.language], reader_version(list(versions.values()))
    also = Markup()
    if reader.language != row.language:
        also = in_language(reader.language, reader.text, "p", "source")
    spans: dict[str, tuple[int, int] | None] = {
        e.model: e.answer_span
        for e in facts.found.evaluations[row.question_id]
        if (e.language, e.reading) == (row.language, "response")
    }
    sides = concat(
        markup(
            '<div class="side"><p class="whose">{}</p>{}<p>{}</p></div>',
            say(f"compare.{role}"),
            in_language(row.language, excerpt(text, spans.get(role)), "p", "written"),
            _choice(row, answer, question.choices),
        )
        for role, answer, text in (
            ("base", row.base_answer, row.base_text),
            ("aligned", row.aligned_answer, row.aligned_text),
        )
    )
    gold = Markup()
    if row.gold is not None:
        right = _choice(row, row.gold, question.choices)
        gold = markup('<p class="gold">{}</p>', say_markup("compare.right-answer", answer=right))
    return markup(
        '<article class="example"><h4>{}</h4>{}{}<div class="sides">{}</div>{}</article>',
        language_name(row.language),
        in_language(row.language, question.text, "p", "question"),
        also,
        sides,
        gold,
    )


def _choice(row: Comparison, answer: int | None, choices: Sequence[str]) -> Markup:
    if answer is None:
        return markup("{} {}", chip(None), say("ask.no-answer"))
    return markup("{} {}", chip(answer), in_language(row.language, choices[answer]))


def excerpt(text: str, span: tuple[int, int] | None) -> Markup:
    """Return a response with its answer marked, cut around it where it is long."""
    start, end = span or (0, 0)
    first = max(0, start - BEFORE_THE_ANSWER) if len(text) > MOST_CHARACTERS else 0
    last = max(end, first + MOST_CHARACTERS)
    shown = marked(text[first:last], (start - first, end - first) if span else None)
    return markup("{}{}{}", "…" if first else "", shown, "…" if last < len(text) else "")


# All of it


def _numbers(facts: Facts) -> Markup:
    scores = facts.found.scores
    tables = concat(
        markup(
            "<h3>{}</h3>{}{}{}",
            say(f"compare.reading.{reading}"),
            score_table(scores, reading, facts.languages),
            split_bars(scores, reading),
            agreement_table(scores, reading),
        )
        for reading in READINGS
        if any(score.reading == reading for score in scores)
    )
    return markup('<div class="numbers">{}</div>', tables) if tables else Markup()


def _limits(facts: Facts) -> Markup:
    """Return what the numbers cannot tell, this run's own limits first."""
    said = []
    change = next(
        (
            s
            for s in facts.found.scores
            if (s.reading, s.language, s.model) == ("response", "all", "change")
            and s.metric in ("accuracy", "consistency")
        ),
        None,
    )
    if change is not None and change.low is not None and change.high is not None:
        half = signed_points((change.high - change.low) / 2)[1:]
        said.append(say("report.limits.interval", count=facts.questions[1], points=half))
    names = ("same", "seed", "votes", "examples")
    return _items([*said, *(say(f"report.limits.{name}") for name in names)])


def _settings(facts: Facts) -> Markup:
    """Return every setting of the run; those that are not the default stand out."""
    rows = concat(_setting(facts, setting) for setting in SETTINGS.values())
    return markup(
        '<dl class="settings">{}</dl><p class="source">{}</p>', rows, say("report.settings.bold")
    )


def _setting(facts: Facts, setting: Setting) -> Markup:
    value = setting.shown(value_at(facts.config, setting.places[0]))
    words = _value(setting, value)
    shown = markup("<b>{}</b>", words) if value != setting.default else words
    return markup(
        "<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>", say(f"setting.{setting.name}"), shown
    )


NAMED: dict[str, Callable[[Any], str]] = {
    "model": called,
    "question_set": set_name,
    "context": lambda folder: PurePath(folder).name or "–",
    "languages": _names,
}
"""Settings whose values have names."""


def _value(setting: Setting, value: object) -> str:
    if setting.name in NAMED:
        return NAMED[setting.name](value)
    if setting.name in WORDS:
        key = "history.rule" if setting.name == "rule" else WORDS[setting.name]
        if is_word(f"{key}.{value}"):
            return say(f"{key}.{value}")
    if isinstance(value, bool):
        return say("report.settings.on" if value else "report.settings.off")
    if value in ("", 0) and setting.limits.is_optional:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _made_with(facts: Facts) -> Markup:
    again = with_code(say("report.made.by"))
    return markup('{}<p class="source">{}</p>', made_with(facts), again)


def made_with(facts: Facts) -> Markup:
    """Return model, licence and versions, by which the run can be made again."""
    record = facts.record
    rows = [
        (say("report.made.model"), facts.found.model),
        (say("report.made.licence"), _licence(facts)),
        ("CALM Studio", __version__),
    ]
    if record is not None:
        files = [f"{name} {value[:DIGITS]}" for name, value in sorted(record.files.items())]
        computes = f"{record.dtype}, {record.attention}"
        rows += [(say("report.made.files"), ", ".join(files)), (say("report.made.as"), computes)]
        rows += sorted(record.versions.items())
    body = concat(
        markup("<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>", name, value)
        for name, value in rows
        if value
    )
    return markup('<dl class="settings">{}</dl>', body)


def _licence(facts: Facts) -> str:
    names = {facts.config.model, facts.found.model}
    known = next((model.licence for model in LISTED if model.name in names), None)
    return known or say("report.made.licence.unknown")


SECTIONS: dict[str, Callable[[Facts], Markup]] = {
    "result": _result,
    "worse": _worse,
    "damage": _damage,
    "how": _how,
    "votes": _votes,
    "examples": _examples,
    "numbers": _numbers,
    "limits": _limits,
    "settings": _settings,
    "made": _made_with,
}
"""The parts of the report in their order, by what their titles are called."""
