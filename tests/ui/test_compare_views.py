"""What the page Compare shows, from records alone."""

import dataclasses

import pytest

from calm.records import Comparison, Score
from tests.ui.honey import EVIL, HONEY, question
from tests.ui.visitors import reader
from ui.asking.compare_views import (
    CHANGED,
    agreement_table,
    comparison_list,
    course,
    result_in_words,
    score_table,
    tables_of_all,
)
from ui.parts.figures import agreement_matrices, change_plot, interval, split_bars


def score(model: str, metric: str, value: float, low: float | None, high: float | None) -> Score:
    return Score(model, "response", "all", metric, value, low, high, 8)  # type: ignore[arg-type]


CHANGE = [
    score("base", "accuracy", 0.5, 0.4, 0.6),
    score("aligned", "accuracy", 0.7, 0.6, 0.8),
    score("change", "accuracy", 0.2, 0.1, 0.3),
    score("base", "consistency", 0.5, 0.4, 0.6),
    score("aligned", "consistency", 0.6, 0.5, 0.7),
    score("change", "consistency", 0.1, -0.1, 0.3),
    score("change", "fixed", 3, None, None),
    score("change", "broken", 1, None, None),
]


def test_a_result_says_whether_chance_explains_it():
    assert result_in_words(CHANGE) == (
        "On 8 held-out questions: Accuracy rose by 20.0 points, from 50.0% to 70.0% (95% interval "
        "+10.0 to +30.0). Consistency did not change beyond chance: +10.0 points, from 50.0% to "
        "60.0% (95% interval -10.0 to +30.0). Answers fixed: 3; answers broken: 1."
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.3, "rose"),
        (-0.3, -0.1, "fell"),
        (0.0, 0.2, "chance"),
        (0.0, 0.0, "same"),
    ],
)
def test_a_change_is_as_certain_as_its_interval(low: float, high: float, words: str):
    assert course(score("change", "accuracy", 0.0, low, high)) == words


FEW = [dataclasses.replace(row, n=7) for row in CHANGE]


def test_of_few_questions_nothing_is_told_but_the_numbers():
    assert course(FEW[2]) == "few"
    words = result_in_words(FEW)
    assert "Accuracy went from 50.0% to 70.0%: too few questions to tell" in words
    assert "Consistency went from 50.0% to 60.0%" in words
    assert "interval" not in words
    assert interval(FEW[2]) == "+20.0 (too few to tell)"
    unmoved = [dataclasses.replace(row, value=0.5 * (row.model != "change")) for row in FEW[:3]]
    assert "Accuracy did not change: 50.0% before and after." in result_in_words(
        [*unmoved, *FEW[3:]]
    )


def test_few_questions_are_drawn_without_intervals():
    plot = change_plot(FEW, "response", "accuracy", [])
    assert 'circle class="base" cx="50.0%"' in plot
    assert 'line class="aligned"' not in plot
    assert "fewer than 8 questions are too few to tell" in plot
    table = agreement_table(FEW, "response")
    assert "50.0%" in table and "40.0%" not in table


def test_consistency_is_the_same_number_wherever_it_stands():
    assert "50.0% <small>(40.0% to 60.0%)</small>" in agreement_table(CHANGE, "response")
    assert "<td>50.0%</td>" in score_table(CHANGE, "response", [])


def test_no_scores_is_said():
    assert result_in_words([]) == "There are no scores yet."


def test_the_plot_draws_both_models_and_their_intervals():
    plot = change_plot(CHANGE, "response", "accuracy", [])
    assert 'circle class="base" cx="50.0%"' in plot
    assert 'line class="aligned" x1="60.0%" x2="80.0%"' in plot


def test_readings_are_never_mixed():
    assert change_plot(CHANGE, "likelihood", "accuracy", []) == ""
    assert "70.0%" not in score_table(CHANGE, "likelihood", [])


COMPARED = [
    Comparison("honey", "en", 0, 1, 0, "milk", "honey", "fixed"),
    Comparison("honey", "fr", 0, 0, None, "du miel", EVIL, "broken"),
]
GROUPS = {"honey": {code: question(code) for code in HONEY}}


def listed(outcome: str = "all", code: str = "all", search: str = "", **changes: int) -> str:
    spans = {("honey", "en", "aligned"): (0, 5)}
    return comparison_list(COMPARED, GROUPS, spans, outcome, code, search, **changes)


def test_all_tables_are_of_the_readings_there_are_and_in_the_reader_s_language():
    with reader("de"):
        tables = tables_of_all(CHANGE, [])
    assert tables.count("<h3>") == 1
    assert "70,0" in tables
    assert "accuracy" not in tables.casefold()
    assert tables_of_all([], []) == ""


def test_compared_answers_are_chosen_by_outcome_and_language():
    assert HONEY["fr"][0] not in listed("fixed")
    assert HONEY["fr"][0] in listed("all", "fr")
    assert listed(CHANGED).count("<details>") == 2
    assert "No answer of this kind." in listed("fixed", "fr")


def test_compared_answers_are_found_by_words_of_the_question_or_of_its_english_version():
    assert listed(search=HONEY["fr"][0].upper()).count("<details>") == 1
    assert listed(search=HONEY["en"][0][:6]).count("<details>") == 2
    assert "No answer of this kind." in listed(search="no such words")


def test_an_entry_opens_what_both_models_wrote_side_by_side():
    entry = listed("fixed")
    before, after = entry.split('<div class="side">')[1:]
    assert "before" in before and "milk" in before
    assert "after" in after and "<mark>honey</mark>" in after
    assert "The right answer is" in entry


def test_without_gold_answers_those_that_differ_count_as_changed():
    rows = [dataclasses.replace(row, gold=None, outcome=None) for row in COMPARED]
    same = dataclasses.replace(rows[0], aligned_answer=rows[0].base_answer)
    shown = comparison_list([*rows, same], GROUPS, {}, CHANGED, "all")
    assert shown.count("<details>") == 2
    assert "no gold answer" in shown


def test_what_a_long_list_leaves_out_is_said():
    assert "1 more is not shown" in listed(most=1)


def test_an_unreadable_answer_is_shown_escaped_as_it_was_written():
    shown = listed("broken")
    assert "no answer stated" in shown
    assert "&lt;img" in shown
    assert "<img" not in shown


def of_two(languages: str, model: str, value: float) -> Score:
    return Score(model, "response", languages, "consistency", value, None, None, 8)  # type: ignore[arg-type]


def test_the_matrices_show_how_often_two_languages_agree_before_and_after():
    rows = [of_two("en-fr", "base", 0.31), of_two("en-fr", "aligned", 0.64)]
    before, after = agreement_matrices(rows, "response", ["en", "fr"]).split("</figure>")[:2]
    assert before.count(">31</td>") == 2 and "before" in before
    assert after.count(">64</td>") == 2 and "after" in after


def test_without_agreement_between_two_languages_there_is_no_matrix():
    assert agreement_matrices(CHANGE, "response", ["en", "fr"]) == ""


SPLITS = [
    row
    for metric, before, after in (
        ("consistently_right", 0.25, 0.5),
        ("split", 0.625, 0.25),
        ("consistently_wrong", 0.125, 0.25),
    )
    for row in (
        score("base", metric, before, None, None),
        score("aligned", metric, after, None, None),
        score("change", metric, after - before, -0.1, 0.3),
    )
]


def test_agreeing_on_wrong_answers_is_shown_for_what_it_is():
    bars = split_bars(SPLITS, "response")
    assert 'aria-label="before: all right 25%, languages disagree 62%, all wrong alike 12%"' in bars
    assert 'aria-label="after: all right 50%, languages disagree 25%, all wrong alike 25%"' in bars
    assert 'all wrong alike <bdi dir="ltr">12% → 25%</bdi>' in bars
    assert "+12.5 (-10.0 to +30.0)" in bars


def test_without_gold_answers_there_are_no_bars_of_right_and_wrong():
    assert split_bars(CHANGE, "response") == ""


def test_measures_of_agreement_stand_with_their_intervals():
    kappa = [
        score("base", "fleiss_kappa", 0.4, 0.3, 0.5),
        score("aligned", "fleiss_kappa", 0.6, 0.5, 0.7),
        score("change", "fleiss_kappa", 0.2, 0.1, 0.3),
    ]
    table = agreement_table(kappa, "response")
    assert "Fleiss&#x27; kappa" in table
    assert "0.400 <small>(0.300 to 0.500)</small>" in table
    assert "+20.0 (+10.0 to +30.0)" in table
    assert "RankC" not in table


def of_all(metric: str, *values: float) -> list[Score]:
    roles = ("base", "aligned", "change")
    return [score(r, metric, v, v, v) for r, v in zip(roles, values, strict=True)]


def test_rankc_stands_beside_what_chance_gives_it():
    ranks = of_all("rank_consistency", 0.58, 0.62, 0.04)
    assert "chance" not in agreement_table(ranks, "response")  # a run that was measured before
    marks = [
        score("base", f"rank_consistency_{mark}", value, None, None)
        for mark, value in (("chance", 0.4747), ("floor", 0.2535))
    ]
    table = agreement_table([*ranks, *marks], "response")
    assert "<small>chance gives 0.47, the least is 0.25</small>" in table
    assert table.count("<tr>") == 2


def test_gaps_of_languages_and_agreement_on_what_is_known_are_shares():
    rows = [
        *of_all("known_consistency", 0.5, 0.6, 0.1),
        *of_all("language_gap", 0.42, 0.3, -0.12),
        *of_all("english_gap", 0.4, 0.25, -0.15),
    ]
    table = agreement_table(rows, "response")
    for shown in ("at least one of them gets right", "best and the worst", "English and the worst"):
        assert shown in table
    assert "50.0%" in table and "42.0%" in table and "-15.0" in table


def test_a_number_keeps_its_sign_on_its_left_among_right_to_left_words(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("ui.parts.figures.reader_language", lambda: "ar")
    assert interval(score("change", "accuracy", 0.2, None, None)) == "\u2066+20.0\u2069"


def test_a_change_that_rounds_to_nothing_has_no_minus():
    assert interval(score("change", "accuracy", -0.0001, -0.1, 0.0)) == "+0.0 (-10.0 to +0.0)"
