"""Markup is a type: text of people and models reaches a page as text, whoever forgets what."""

import ast
import importlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from markupsafe import Markup

from calm.answers.audit import audit
from calm.asking.asked import Asked, voted
from calm.ballots.preferences import Disagreement
from calm.ballots.tally import tally
from calm.config import RunConfig
from calm.errors import CalmError
from calm.pairs.lint.report import lint
from calm.pipeline.corrections import Translation
from calm.questions.columns import Columns
from calm.questions.files import Sheet
from calm.questions.sets import FileRead
from calm.reading import Passage
from calm.records import Comparison, ModelRecord, PreferencePair, Question, Response, Status
from calm.runs.events import Event
from calm.study.results import Arm, Effect
from calm.voting.groups import Pivoted
from calm.voting.vote import vote
from tests.ballot_makers import consensus, duel, thumb
from tests.free_makers import found
from tests.pair_makers import good, item, side
from ui.align import look_views, own_file_views, translation_views
from ui.align import views as align_views
from ui.asking import ballot_views, cards, compare_views, panel
from ui.asking.finished import Finished
from ui.asking.records import Duel, ThumbCount
from ui.parts import axes, vote_figures
from ui.parts.html import concat, in_language, markup, note, say_markup, warning
from ui.report import views as report_views
from ui.report.facts import Facts
from ui.runs import views as run_views
from ui.stage import views as stage_views
from ui.study.figures import arm_plot
from ui.votes import audit_views, gate_views, grid_views, lint_views

UI = Path(__file__).parents[2] / "ui"
TAG = re.compile(r"<[a-zA-Z/]")
EVIL = "<script>alert(1)</script>\"'><b evil={0}{}{name}%s%(a)d&amp;"
"""Markup, both quotes, places of `format`, places of `%`, and an entity."""

QUESTION = Question("q", "en", EVIL, (EVIL, "b"), 0)
RESPONSE = Response("q", "en", 0, EVIL, EVIL, (0, 1), 0, (0, len(EVIL)))
ASKED = voted(
    Asked("done", EVIL, versions=(QUESTION,), responses=(RESPONSE,), left_out={"fr": EVIL})
)
TRIED = {
    ("fr", "or"): Pivoted(None, None, "no way back", (EVIL, EVIL)),
    ("de", EVIL): Pivoted(EVIL, "model"),
}
FREE = found({"en": [EVIL], "de": [EVIL], "fr": ["or"]}, TRIED, left_out={"sw": EVIL})
(VOTE,), _ = vote([RESPONSE], {"q": 2}, "plurality")
AUDIT = audit([replace(RESPONSE, model=f"{EVIL}{n}") for n in range(2)], {})
BALLOTS = [
    thumb("up", EVIL, question=EVIL, model=EVIL),
    duel("other", EVIL, EVIL, question=EVIL, model=EVIL, other_model=f"{EVIL}2"),
    consensus("wrong", EVIL, question=EVIL, model=EVIL),
]
PAIR = PreferencePair("q", "en", EVIL, EVIL, EVIL, "fr", "ballot")
LINTED = [
    item(replace(good("de"), rejected=side("de", 1, after=f"\n\n{EVIL}"))),
    item(replace(good("en"), chosen=EVIL, rejected=EVIL)),
]
TRANSLATIONS = [
    Translation(Question(EVIL, "en", EVIL, (EVIL, "x")), "fr", EVIL, (EVIL, "x"), "model"),
    Translation(Question(EVIL, "en", EVIL, (EVIL, "x")), "ar", "", (), None, EVIL),
]
COMPARED = Comparison("q", "en", 0, 0, None, EVIL, EVIL, "broken")
RECORD = ModelRecord(*[EVIL] * 2, {EVIL: EVIL}, *[EVIL] * 7, {EVIL: EVIL})  # type: ignore[arg-type]
FOUND = Finished(("en",), [], {"response": [COMPARED]}, {"q": {"en": QUESTION}}, EVIL, {"q": []})
FACTS = Facts(
    EVIL, RunConfig(model=EVIL, question_set=EVIL), FOUND, (1, 1), None, None, 1, 1, RECORD, 1.0
)
TALLY = stage_views.Tally({"en": ThumbCount(1, 0, "up")}, {"right": 1, "wrong": 0, "not sure": 0})
LINKS = dict.fromkeys(("tally", "back", "here"), EVIL)

READ = FileRead(
    Sheet([(1, {EVIL: EVIL})], [], {EVIL: EVIL}),
    Columns(text=EVIL),
    (replace(QUESTION, id=EVIL, text=EVIL, choices=(EVIL, "x"), topic=EVIL),),
    (1,),
    (),
    False,
    False,
)


def named_arm(name: str) -> Arm:
    effect = Effect(0.5, 0.6, 0.1, 0.05, 0.15, None, 100)
    return Arm(name, (0,), ("run",), ("en", "fr"), {"accuracy": effect})


VIEWS: dict[str, Callable[[], Markup]] = {
    "own_file_views.problems_box": lambda: own_file_views.problems_box(
        EVIL, [(1, CalmError("adapter.none", folder=EVIL))]
    ),
    "own_file_views.understood_box": lambda: own_file_views.understood_box(READ),
    "own_file_views.findings_box": lambda: own_file_views.findings_box(
        EVIL, [(1, CalmError("adapter.none", folder=EVIL))]
    ),
    "look_views.pair_table": lambda: look_views.pair_table(
        [look_views.PairRow(1, EVIL, PAIR, ("label-junk",), "swap")], {}, 1, 1, 1
    ),
    "translation_views.translation_table": lambda: concat(
        translation_views.translation_table([(1, row)], is_editable, 1, 1, 1)
        for is_editable in (True, False)
        for row in TRANSLATIONS
    ),
    "views.progress": lambda: align_views.progress(
        EVIL, ["sample"], Status("sample", "failed", 1, 2, EVIL, 0.0, 0.0)
    ),
    "views.event_list": lambda: align_views.event_list([Event(0.0, "sample", EVIL)]),
    "ballot_views.duel_cards": lambda: concat(
        ballot_views.duel_cards(Duel(one, one, frozenset(), shown=True), EVIL)
        for one in (ASKED, FREE, Asked("waiting", EVIL))
    ),
    "ballot_views.tally_figures": lambda: ballot_views.tally_figures(tally(BALLOTS)),
    "ballot_views.disagreement_list": lambda: ballot_views.disagreement_list(
        [Disagreement("q", "all", EVIL, EVIL, 0, 1, EVIL)]
    ),
    "ballot_views.latest_list": lambda: ballot_views.latest_list(BALLOTS),
    "cards.answer_cards": lambda: cards.answer_cards(ASKED) + cards.answer_cards(FREE),
    "cards.passages_of": lambda: cards.passages_of(
        replace(ASKED, passages=(Passage("q", "en", 1, EVIL, "en", EVIL, 1.0),)), "en"
    ),
    "cards.card_head": lambda: cards.card_head(QUESTION, EVIL),
    "cards.responses_list": lambda: cards.responses_list(ASKED, "en", mine=True),
    "cards.marked": lambda: cards.marked(EVIL, None),
    "cards.own_answer": lambda: cards.own_answer(ASKED, "en", mine=True),
    "compare_views.comparison_list": lambda: compare_views.comparison_list(
        [COMPARED], {"q": {"en": QUESTION}}, {}, "all", "all"
    ),
    "compare_views.compared": lambda: compare_views.compared(COMPARED, {"en": QUESTION}, {}),
    "compare_views.both_models": lambda: compare_views.both_models([(EVIL, ASKED), (EVIL, FREE)]),
    "compare_views.model_votes": lambda: compare_views.model_votes([(EVIL, ASKED)]),
    "panel.vote_panel": lambda: concat(
        panel.vote_panel(asked, EVIL) for asked in (ASKED, FREE, Asked("waiting", EVIL))
    ),
    "panel.headline": lambda: panel.headline(ASKED),
    "panel.in_words": lambda: panel.in_words(ASKED, 0),
    "axes.labels": lambda: axes.labels([(0, EVIL)], "left"),
    "axes.plot_frame": lambda: axes.plot_frame(
        markup("<b>{}</b>", EVIL), EVIL, Markup(), Markup(), Markup(), EVIL
    ),
    "vote_figures.position_meter": lambda: vote_figures.position_meter(AUDIT[0], EVIL),
    "views.report": lambda: report_views.report(FACTS),
    "views.made_with": lambda: report_views.made_with(FACTS),
    "views.excerpt": lambda: report_views.excerpt(EVIL * 9, (0, 3)),
    "views.stage_page": lambda: stage_views.stage_page(ASKED, TALLY, Markup(), LINKS),
    "views.stage_tally": lambda: concat(
        stage_views.stage_tally(asked, TALLY) for asked in (ASKED, FREE)
    ),
    "views.code_panel": lambda: stage_views.code_panel(EVIL, [[1]]),
    "views.no_code": lambda: stage_views.no_code(EVIL),
    "views.phone_page": lambda: concat(
        stage_views.phone_page(asked, TALLY, LINKS) for asked in (ASKED, FREE)
    ),
    "views.history_table": lambda: run_views.history_table(
        [run_views.Listed(EVIL, "failed", EVIL, 0.0, RunConfig(model=EVIL), True, EVIL)]
    ),
    "audit_views.audit_section": lambda: audit_views.audit_section(AUDIT, True),
    "grid_views.votes_grid": lambda: grid_views.votes_grid(
        [grid_views.Shown(VOTE, {"en": QUESTION}, {"en": [RESPONSE]})], ["en"], 0.6, 1, 1, 1
    ),
    "grid_views.grid_row": lambda: grid_views.grid_row(
        grid_views.Shown(VOTE, {"en": QUESTION}, {"en": [RESPONSE]}), ["en"], 0.6, True
    ),
    "lint_views.lint_section": lambda: lint_views.lint_section(lint(LINTED)),
    "gate_views.head": lambda: gate_views.head(["en"], EVIL, [VOTE]),
    "html.note": lambda: note(EVIL),
    "html.warning": lambda: warning(CalmError("run.bad-name", name=EVIL)),
    "html.in_language": lambda: in_language("ar", EVIL),
    "html.say_markup": lambda: say_markup("ballots.said.better", first=EVIL, second=EVIL),
    "figures.arm_plot": lambda: arm_plot([named_arm(EVIL)], "accuracy"),
    "html.markup": lambda: markup('<p title="{}">{}</p>', EVIL, EVIL),
    "html.concat": lambda: concat([note(EVIL)], EVIL),
}
"""Every view that is given words of people or models, given these."""
WORDLESS = {
    "own_file_views.template_links",
    *("picture.method_picture", "picture.small_picture", "look_views.changes_in_words"),
    *("views.stage_list", "views.warning_of_few", "views.smallest_in_words"),
    *("views.cost_box", "ballot_views.consensus_ballot", "cards.no_translation"),
    *(
        "cards.translated",
        "cards.thumbs",
        "cards.thumb_sign",
        "compare_views.result_box",
        "compare_views.score_table",
    ),
    *("compare_views.tables_of_all", "compare_views.agreement_table"),
    *("compare_views.with_interval", "baseline_views.baseline_table"),
    *("damage_views.damage_section", "damage_views.damage_body", "round_views.rounds_section"),
    *("compare_views.outcome_counts", "panel.swatch", "curves.training_plots"),
    *("figures.change_plot", "figures.points", "figures.agreement_matrices"),
    *("axes.axis", "axes.upright", "axes.across", "picture.small_picture"),
    *("figures.split_bars", "gauge.consistency_gauge", "vote_figures.gate_plot"),
    *(
        "grid_views.grid_key",
        "grid_views.grid_table",
        "gate_views.gate_tiles",
        "gate_views.pairs_note",
        "gate_views.ground_note",
    ),
    *("gate_views.rules_section", "gate_views.weights_section"),
}
"""Views of numbers, and of names that stand in a table of the house."""


class Seen(HTMLParser):
    """What a browser makes of markup: its tags, its attributes, and all that can be read."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.words = ""
        self.feed(str(shown))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.texts += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("name", VIEWS)
def test_words_of_people_and_models_reach_the_reader_as_they_are_and_no_tag_of_theirs(name: str):
    shown = VIEWS[name]()
    assert isinstance(shown, Markup)
    seen = Seen(shown)
    assert "script" not in seen.tags
    assert "evil" not in seen.attributes
    assert EVIL in seen.words or any(EVIL in text for text in seen.texts)


def pure_modules() -> Iterator[ModuleType]:
    for file in sorted(UI.rglob("*.py")):
        if "Pure." in (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""):
            path = file.relative_to(UI.parent).with_suffix("")
            yield importlib.import_module(".".join(path.parts))


def test_every_view_is_among_those_that_were_tried():
    views = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in pure_modules()
        for name, view in vars(module).items()
        if getattr(view, "__module__", "") == module.__name__ and not name.startswith("_")
        if getattr(view, "__annotations__", {}).get("return") is Markup
    }
    assert len(views) > 40
    assert views == {name for name in VIEWS if not name.startswith("html.")} | WORDLESS


def breaches(source: str) -> list[str]:
    """Return where markup is made of anything but a literal that `markup` fills."""
    tree = ast.parse(source)
    fine = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    found = []
    for node in ast.walk(tree):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called == "markup":
            template = node.args[0]
            fine.add(id(template))
            if not (isinstance(template, ast.Constant) and isinstance(template.value, str)):
                found.append(f"{node.lineno}: markup() of what is no literal")
        if called.rpartition(".")[2] == "Markup" and (node.args or node.keywords):
            found.append(f"{node.lineno}: Markup() of a text")
        if called == "gr.HTML" and not {"visible"} & {keyword.arg for keyword in node.keywords}:
            found.append(f"{node.lineno}: gr.HTML() where html_place() takes markup alone")
    found += [
        f"{node.lineno}: a tag outside markup()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in fine and TAG.search(node.value)
    ]
    return found


@pytest.mark.parametrize(
    "source",
    [
        "shown = f'<b>{text}</b>'",
        "shown = '<b>' + text",
        "shown = '<b>{}</b>'.format(text)",
        "shown = '</b>%s' % text",
        "shown = Markup(text)",
        "shown = markupsafe.Markup('<b>')",
        "shown = markup(template, text)",
        "shown = markup(f'<b>{text}</b>')",
        "place = gr.HTML(text)",
    ],
)
def test_the_rule_sees_markup_that_is_made_another_way(source: str):
    assert breaches(source)


def test_the_rule_lets_literals_be_filled():
    assert not breaches("'''A <b>.'''\nshown = markup('<b>{}</b>', text) + Markup() + f'{a} < 3'")


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(UI.rglob("*.py")) if file != UI / "parts" / "html.py"],
    ids=lambda file: str(file.relative_to(UI)),
)
def test_markup_is_made_of_literals_that_are_filled_in(file: Path):
    assert breaches(file.read_text(encoding="utf-8")) == []


def test_markup_is_a_plain_text_to_scripts_and_to_the_browser():
    shown = markup("<p>{}</p>", "5 < 6")
    assert json.loads(json.dumps({"value": shown})) == {"value": "<p>5 &lt; 6</p>"}


def test_a_text_behind_markup_is_escaped_as_well():
    assert note("a") + EVIL[:8] == note("a") + markup("{}", EVIL[:8])
    assert EVIL[:8] + note("a") == markup("{}{}", EVIL[:8], note("a"))


@pytest.mark.parametrize(
    ("template", "value", "shown"),
    [("{}", 5, "5"), ("{:.1f}%", 12.34, "12.3%"), ("{}", True, "True"), ("{{{}}}", "{}", "{{}}")],
)
def test_numbers_keep_their_form_and_braces_of_a_text_are_no_places(
    template: str, value: object, shown: str
):
    assert markup(template, value) == shown
