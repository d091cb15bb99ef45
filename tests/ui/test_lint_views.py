"""What the lint found, as the page Votes shows it."""

from dataclasses import replace

from calm.pairs.lint.findings import remedy_of
from calm.pairs.lint.report import lint, linted
from tests.pair_makers import clean_set, good, item, side
from tests.ui.honey import EVIL
from ui.votes.lint_views import lint_in_words, lint_section


def junk(text: str = "Frage:"):
    """A pair with a label behind the answer."""
    return replace(good("de"), rejected=side("de", 1, after=f"\n\n{text}"))


def test_findings_are_grouped_by_rule_with_the_remedy_once():
    section = lint_section(lint([item(junk()), item(junk())]))
    assert section.count(str(remedy_of("label-junk"))) == 1
    assert "label junk" in section and "2 times: German 2" in section


def test_a_sentence_says_how_many_findings_there_are():
    report = lint(linted([junk()], {}))
    assert lint_in_words(report).startswith("1 pair checked: ")


def test_clean_pairs_are_said_to_be_clean_and_told_apart_no_better_than_by_chance():
    report = lint(clean_set(("en", "de"), 60))
    section = lint_section(report)
    assert lint_in_words(report) == "120 pairs checked, nothing found."
    assert "German</th><td>60</td>" in section
    assert "gives it away" not in section


def test_a_form_that_leaks_is_marked():
    items = [
        replace(i, pair=replace(i.pair, chosen=i.pair.chosen.replace("Erklärung", "Erläuterung")))
        for i in clean_set(("de",), 60)
    ]
    section = lint_section(lint(items))
    assert '<span class="differs-mark">gives it away</span>' in section
    assert "opening label" in section


def test_words_of_models_are_escaped_in_findings():
    report = lint([item(junk(EVIL)), item(replace(good("en"), chosen=EVIL, rejected=EVIL))])
    assert "<img" not in lint_section(report)


def test_no_pairs_is_said():
    assert "There is no pair to check." in lint_section(lint([]))
