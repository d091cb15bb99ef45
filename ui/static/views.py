"""The page of a run around what is chosen on it, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from calm.model_names import called
from calm.runs.folder import Run
from calm.voting.gate import gate_at
from ui.asking.compare_views import CHANGED, OUTCOMES, READINGS, outcome_key
from ui.asking.finished import Finished
from ui.parts.curves import training_plots
from ui.parts.html import concat, markup, say_markup
from ui.parts.vote_figures import gate_plot
from ui.report.facts import facts_of
from ui.report.views import SECTIONS, made_with
from ui.text.numbers import day
from ui.text.words import INTERFACE_LANGUAGES, language_name, say, spoken_in
from ui.votes.audit_views import audit_section
from ui.votes.gate_views import head, rules_section, weights_section
from ui.votes.grid_views import KINDS, Shown, are_judged, grid_key, grid_table
from ui.votes.page import Voted

QUESTIONS = ("asked", "held-out", "train")
ANY = "all"


@dataclass(frozen=True)
class Parts:
    """What there is of a run."""

    run: Run
    found: Finished | None
    """`None` for a run that has not finished."""
    voted: Voted | None
    kinds: frozenset[str]
    """Of `QUESTIONS`: those that there are some of."""


def readings_of(found: Finished | None) -> list[str]:
    """Return the ways in which answers of a run were read."""
    return [how for how in READINGS if found and found.comparisons[how]]


def frame(parts: Parts) -> Markup:
    """Return the whole page, without what is put in where something is chosen."""
    sections = {name: made(parts) for name, made in SHOWN.items()}
    there = {name: body for name, body in sections.items() if body}
    links = concat(markup('<a href="#{}">{}</a>', name, say(f"tab.{name}")) for name in there)
    bodies = concat(
        markup('<section id="{}" hidden>{}</section>', name, body) for name, body in there.items()
    )
    return markup(
        '<header><p class="source">CALM Studio</p><h1>{}</h1><p class="source">{}</p>'
        '<p class="source">{}</p><label class="control">{} '
        '<select id="language">{}</select></label><nav aria-label="{}">{}</nav></header>{}',
        _title(parts),
        concat((markup("<bdi>{}</bdi>", fact) for fact in _in_short(parts) if fact), " · "),
        say("static.about"),
        say("static.language"),
        _interface_languages(),
        say("static.parts"),
        links,
        bodies,
    )


def _title(parts: Parts) -> Markup | str:
    if parts.found:
        return say_markup("report.title", model=parts.found.model)
    return called(parts.run.config.model)


def _in_short(parts: Parts) -> list[str]:
    ended_at = parts.run.status().updated_at
    return [parts.run.name, day(ended_at) if ended_at else ""]


def _interface_languages() -> Markup:
    """Return the languages of the page, each in its own name."""
    options = []
    for code in INTERFACE_LANGUAGES:
        with spoken_in(code):
            name = language_name(code)
        options.append(markup('<option value="{}" lang="{}">{}</option>', code, code, name))
    return concat(options)


def _choice(name: str, label: str, options: Mapping[str, str]) -> Markup:
    """Return a choice with its label; `options` are their words by their values."""
    listed = concat(
        markup('<option value="{}">{}</option>', value, words) for value, words in options.items()
    )
    return markup(
        '<label class="control">{} <select id="{}">{}</select></label>', label, name, listed
    )


def _search(name: str) -> Markup:
    words = say("compare.search")
    return markup(
        '<label class="control">{} <input type="search" id="{}" maxlength="200"></label>',
        words,
        name,
    )


def _slider(name: str, label: str, about: str) -> Markup:
    return markup(
        '<label class="control">{} <output for="{}"></output>'
        '<input type="range" id="{}" min="0" max="100" aria-describedby="{}-about">'
        '<small id="{}-about">{}</small></label>',
        label,
        *[name] * 4,
        about,
    )


def _more(name: str) -> Markup:
    return markup('<button type="button" id="{}" hidden>{}</button>', name, say("static.more"))


def _ask(parts: Parts) -> Markup:
    groups = concat(
        markup('<optgroup label="{}" data-kind="{}"></optgroup>', say(f"static.kind.{kind}"), kind)
        for kind in QUESTIONS
        if kind in parts.kinds
    )
    turn = concat(
        markup(
            '<label><input type="radio" name="turn" value="{}"> {}</label>', n, say(f"turn.{side}")
        )
        for n, side in enumerate(("before", "after"))
    )
    return markup(
        '<div class="controls">{}<label class="control wide">{} <select id="question">{}</select>'
        '</label></div><p id="no-question" class="note" role="status" hidden>{}</p>'
        '<div class="controls"><fieldset id="turn"><legend>{}</legend>{}</fieldset>'
        '<label id="ask-mine" title="{}"><input type="checkbox"> {}</label></div>'
        '<div id="cards"></div>',
        _search("ask-search"),
        say("ask.recorded"),
        groups,
        say("static.no-question"),
        say("turn.label"),
        turn,
        say("ask.mine.info"),
        say("ask.mine"),
    )


def _votes(parts: Parts) -> Markup:
    voted = parts.voted
    if voted is None or not voted.votes:
        return Markup()
    share = voted.run.config.pairs.min_vote_share
    gate = gate_at(voted.rule, voted.votes, voted.golds, share)  # type: ignore[arg-type]
    sliders = concat(
        _slider(name, say(key), say(about))
        for name, key, about in (
            ("share", "votes.share", "static.share.about"),
            ("margin", "static.margin", "static.margin.about"),
        )
    )
    bodies = {
        "gate": markup(
            '<div class="controls">{}</div><ul class="tiles" id="gate" aria-live="polite"></ul>{}',
            sliders,
            gate_plot(voted.curve, gate),
        ),
        "rules": rules_section(voted.rules, voted.rule),
        "weights": weights_section(voted.weights, voted.rule),
        "grid": _grid(voted),
        "reading": audit_section(voted.audits, voted.shows_choices),
    }
    shown = concat(
        markup('<h2>{}</h2><div id="votes-{}">{}</div>', say(f"votes.title.{name}"), name, body)
        for name, body in bodies.items()
    )
    about = head(voted.languages, voted.rule, voted.votes)
    return markup('{}<div id="votes-body">{}</div>', about, shown)


def _grid(voted: Voted) -> Markup:
    rows = [Shown(vote, voted.groups[vote.question_id], {}) for vote in voted.votes]
    weights = {row.language: row.weight for row in voted.weights}
    kinds = {kind: say(f"votes.kind.{kind}") for kind in KINDS}
    return markup(
        '<div class="controls">{}</div>{}<p class="below"><span id="votes-count" role="status">'
        "</span> {}</p>{}{}",
        _choice("kind", say("votes.kind"), kinds),
        grid_key(),
        say("votes.grid.letters"),
        grid_table(voted.languages, weights, are_judged(rows), Markup()),
        _more("more-votes"),
    )


def _compare(parts: Parts) -> Markup:
    readings = readings_of(parts.found)
    if parts.found is None or not readings:
        return Markup()
    names = {how: say(f"compare.reading.{how}") for how in readings}
    outcomes = {name: say(outcome_key(name)) for name in (CHANGED, ANY, *OUTCOMES)}
    codes = {ANY: say("compare.any-language")}
    codes |= {code: language_name(code) for code in parts.found.languages}
    return markup(
        '<div class="controls">{}</div><h2>{}</h2><div id="numbers"></div><h2>{}</h2>'
        '<div class="controls">{}{}{}</div><p class="source" id="found" role="status"></p>'
        '<ul class="flips" id="answers" tabindex="0" aria-label="{}"></ul>{}',
        _choice("reading", say("compare.reading"), names),
        say("report.numbers"),
        say("compare.list"),
        _choice("outcome", say("compare.outcome"), outcomes),
        _choice("code", say("compare.language"), codes),
        _search("compare-search"),
        say("compare.list"),
        _more("more-answers"),
    )


def _align(parts: Parts) -> Markup:
    """Return how the run was made: what it trained on, its curves, limits, settings, versions."""
    plots = training_plots(parts.run.metrics())
    if parts.found is None:
        return plots
    facts = facts_of(parts.run)
    bodies = {
        "how": SECTIONS["how"](facts) + plots,
        "limits": SECTIONS["limits"](facts),
        "settings": SECTIONS["settings"](facts),
        "made": made_with(facts),
    }
    return concat(
        markup("<h2>{}</h2>{}", say(f"report.{name}"), body) for name, body in bodies.items()
    )


SHOWN = {"ask": _ask, "votes": _votes, "compare": _compare, "align": _align}
"""The parts of the page in their order, under the names that the app's pages have."""
