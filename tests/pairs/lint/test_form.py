"""Form alone tells the sides apart where a form leaks, and only there."""

import re
from dataclasses import replace

import pytest

from calm.pairs.lint.findings import Linted
from calm.pairs.lint.form import FOLDS, MIN_PAIRS, Surface, drawn, surfaces
from tests.pair_makers import clean_set


def leaking(items: list[Linted], old: str, new: str) -> list[Linted]:
    changed = []
    for item in items:
        text = re.sub(old, new, item.pair.rejected)
        changed.append(replace(item, pair=replace(item.pair, rejected=text)))
    return changed


def only(items: list[Linted]) -> Surface:
    (surface,) = surfaces(items)
    return surface


@pytest.mark.parametrize("code", ["en", "de", "ja", "ar"])
def test_sixty_clean_pairs_are_told_apart_no_better_than_by_chance(code: str) -> None:
    surface = only(clean_set((code,), 60))
    assert surface.low < 0.5 < surface.high + 0.1
    assert not surface.leaks


def test_clean_sets_hardly_ever_raise_an_alarm() -> None:
    alarms = [only(clean_set(("en",), 60, seed)).leaks for seed in range(20)]
    assert not any(alarms)


@pytest.mark.parametrize(
    ("code", "old", "new", "feature", "seen"),
    [
        ("de", "Erklärung", "Erläuterung", "opening label", "“Erläuterung” on 100% of the rej"),
        ("en", "Answer", "Final answer", "answer label", "“Answer” on 100% of the chosen"),
        ("en", "\nAnswer", "\n\nAnswer", "before the answer line", "“⏎⏎” on 100% of the rejected"),
        ("ja", "答え：", "答え: ", "colons", "“：” on 100% of the chosen"),
        ("fr", r"(\w)\. \w+$", r"\1", "form of the answer", "“letter” on 100% of the rejected"),
        ("en", "Explanation: ", "Explanation: " + "Well, " * 40, "length", "median"),
        ("de", "Erklärung", "**Erklärung**", "markdown", "“yes” on 100% of the rejected"),
    ],
)
def test_the_feature_that_leaks_is_named(
    code: str, old: str, new: str, feature: str, seen: str
) -> None:
    surface = only(leaking(clean_set((code,), 60), old, new))
    assert surface.leaks
    leaks = {leak.feature: leak for leak in surface.features if leak.low > 0.55}
    assert feature in leaks
    assert seen in str(leaks[feature].seen)


def test_a_label_that_leaks_in_one_language_is_seen_there_and_diluted_over_all() -> None:
    german = leaking(clean_set(("de",), 60), "Erklärung", "Erläuterung")
    by_language = {s.language: s for s in surfaces([*german, *clean_set(("en", "fr"), 60)])}
    assert list(by_language) == ["all", "de", "en", "fr"]
    assert by_language["de"].accuracy == 1.0
    assert by_language["de"].low < 1.0
    assert not by_language["en"].leaks
    assert 0.55 < by_language["all"].accuracy < 0.8


def test_a_language_with_few_pairs_is_not_judged() -> None:
    assert surfaces(clean_set(("en",), MIN_PAIRS - 1)) == []


@pytest.mark.parametrize(("questions", "seen"), [(1, False), (2, True), (FOLDS - 1, True)])
def test_many_pairs_of_few_questions_are_judged_by_the_other_questions(
    questions: int, seen: bool
) -> None:
    """A leak shows where there is another question; nothing is made up in pairs without one."""
    items = [
        replace(item, pair=replace(item.pair, question_id=str(number % questions)))
        for number, item in enumerate(clean_set(("en",), 60))
    ]
    leaks = only(leaking(items, "Explanation", "Because"))
    assert not only(items).leaks
    assert (leaks.leaks, leaks.accuracy) == (seen, 1.0 if seen else 0.5)


def test_the_same_pairs_give_the_same_numbers() -> None:
    assert surfaces(clean_set(("en", "ja"), 60)) == surfaces(clean_set(("en", "ja"), 60))


def test_of_many_pairs_whole_questions_are_drawn() -> None:
    twice = [item for item in clean_set(("en",), 60) for _ in "12"]
    ids = [item.pair.question_id for item in drawn(twice, 40)]
    assert len(ids) == 40
    assert len(set(ids)) == 20
