"""What the pages show, from records alone."""

import pytest

from calm.records import Comparison, Question, Response, Score, Status
from ui.figures import change_plot, method_picture
from ui.records import Asked, Tally
from ui.views import (
    agreement_in_words,
    answer_cards,
    both_models,
    certainty,
    comparison_list,
    duration,
    marked,
    metric_rows,
    note,
    progress,
    progress_in_words,
    result_in_words,
    score_table,
    share_in_words,
    stage_list,
    vote_panel,
)

HONEY = {
    "en": ("What do bees make?", ("honey", "milk", "bread")),
    "fr": ("Que produisent les abeilles ?", ("du miel", "du lait", "du pain")),
    "ar": ("ماذا تصنع النحل؟", ("العسل", "الحليب", "الخبز")),
}
EVIL = "<img src=x onerror=alert(1)>"


def question(code: str, source: str = "original", gold: int | None = 0) -> Question:
    text, choices = HONEY[code]
    return Question("honey", code, text, choices, gold, source=source)  # type: ignore[arg-type]


def asked(answers: dict[str, list[int | None]], **changes: object) -> Asked:
    """Return what is shown when each language has given these answers."""
    rows = [
        Response("honey", code, n, "m", "?" if a is None else HONEY[code][1][a], (0, 1, 2), a)
        for code, given in answers.items()
        for n, a in enumerate(given)
    ]
    fields: dict[str, object] = {
        "phase": "done",
        "message": "",
        "model": "m",
        "versions": tuple(question(code) for code in answers),
        "responses": tuple(rows),
    }
    return Asked(**(fields | changes))  # type: ignore[arg-type]


def counted(answers: dict[str, list[int | None]]):
    found = asked(answers).vote
    assert found is not None
    return found


def test_a_response_has_its_answer_marked():
    assert marked("I think: honey.", (9, 14)) == "I think: <mark>honey</mark>."


def test_a_response_without_an_answer_is_shown_unmarked():
    assert marked("no idea", None) == "no idea"


def test_a_marked_response_cannot_smuggle_markup():
    shown = marked(f"{EVIL} honey {EVIL}", (29, 34))
    assert "<img" not in shown
    assert "<mark>honey</mark>" in shown


@pytest.mark.parametrize("field", ["text", "choices", "response", "reason", "message"])
def test_words_of_people_and_models_are_escaped_wherever_they_stand(field: str):
    text = EVIL if field == "text" else "What?"
    choices = (EVIL, "b") if field == "choices" else ("a", "b")
    version = Question("q", "en", text, choices, 0)
    said = EVIL if field == "response" else choices[0]
    row = Response("q", "en", 0, "m", said, (0, 1), 0, (0, len(said)))
    left_out = {"fr": EVIL} if field == "reason" else {}
    seen = Asked("done", EVIL, "m", (version,), (row,), left_out)
    waiting = Asked("working", EVIL, "m", (version,))
    shown = vote_panel(seen) + answer_cards(seen) + both_models(seen, None) + vote_panel(waiting)
    assert "<img" not in shown


def test_a_status_message_is_escaped():
    status = Status("sample", "failed", 1, 2, EVIL, 0.0, 0.0)
    assert "<img" not in progress(EVIL, ["sample"], status) + note(EVIL)


def test_arabic_is_written_from_right_to_left_and_says_its_language():
    cards = answer_cards(asked({"ar": [0]}))
    assert '<p class="question" lang="ar" dir="rtl">ماذا تصنع النحل؟</p>' in cards
    assert '<ol class="responses" lang="ar" dir="rtl">' in cards


def test_a_language_that_disagrees_is_named():
    vote = counted({"en": [0, 0], "fr": [1, 1], "ar": [0, 0]})
    assert agreement_in_words(vote) == "2 of 3 languages agree. French says B."


def test_a_language_without_a_single_answer_is_named_as_such():
    vote = counted({"en": [0, 0], "fr": [0, 1], "ar": [0, 0]})
    assert agreement_in_words(vote) == "2 of 3 languages agree. French has no single answer."


def test_full_agreement_is_said():
    assert agreement_in_words(counted({"en": [0], "fr": [0]})) == "All 2 languages agree."


def test_the_card_of_a_language_that_disagrees_says_so_and_no_other_does():
    cards = answer_cards(asked({"en": [0, 0], "fr": [1, 1], "ar": [0, 0]}))
    assert cards.count("disagrees with the vote") == 1
    assert '<article class="card differs" id="card-fr">' in cards


def test_a_tie_is_a_result():
    seen = asked({"en": [0], "fr": [1]})
    assert "No winner: the vote is tied" in vote_panel(seen)
    assert share_in_words(counted({"en": [0], "fr": [1]})) == "A and B have 1 votes each of 2."


def test_unreadable_responses_are_counted_and_shown():
    words = share_in_words(counted({"en": [0, 0, None], "fr": [0, None, None]}))
    assert words == "3 of 3 votes (100%). 3 responses state no answer and count for nothing."


def test_nothing_readable_is_said():
    seen = asked({"en": [None], "fr": [None]})
    assert "No answer could be read" in vote_panel(seen)


def test_the_winner_is_shown_in_every_language():
    panel = vote_panel(asked({"en": [0], "fr": [0], "ar": [0]}))
    for code in HONEY:
        assert HONEY[code][1][0] in panel


def test_the_set_s_own_answer_is_shown_when_the_vote_differs():
    assert "The question set says" in vote_panel(asked({"en": [1], "fr": [1]}))
    assert "says the same" in vote_panel(asked({"en": [0], "fr": [0]}))


@pytest.mark.parametrize(
    ("source", "words"),
    [("google", "translated by Google"), ("model", "translated by the model itself")],
)
def test_a_translated_question_says_by_whom(source: str, words: str):
    seen = asked({"fr": [0]}, versions=(question("fr", source),))
    assert words in answer_cards(seen)


def test_an_original_question_says_nothing_about_translation():
    assert "translated" not in answer_cards(asked({"fr": [0]}))


def test_thumbs_show_the_tally_and_this_browser_s_own_ballot():
    cards = answer_cards(asked({"en": [0]}), {"en": Tally(3, 1, "down")})
    assert 'data-language="en" data-opinion="up" aria-pressed="false"' in cards
    assert 'data-opinion="down" aria-pressed="true" aria-label="English: thumbs down, 1' in cards


def test_no_vote_is_shown_before_all_have_answered():
    panel = vote_panel(asked({"en": [0]}, phase="working", message="The model is answering."))
    assert "The model is answering." in panel
    assert "votes" not in panel


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (59, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_a_duration_reads_well(seconds: float, words: str):
    assert duration(seconds) == words


def test_progress_says_rate_and_time_left():
    status = Status("sample", "running", 100, 400, "100 of 400 responses", 10.0, 0.0)
    words = "sample: 100 of 400 responses, 10 a second, 30 s left in this stage"
    assert progress_in_words(status) == words


def test_the_current_stage_is_marked_and_those_before_it_are_done():
    status = Status("vote", "running", 0, 0, "", 0.0, 0.0)
    shown = stage_list(["sample", "vote", "pairs"], status)
    assert shown.count('class="done"') == 1
    assert '<li class="current" aria-current="step">vote</li>' in shown


def test_metrics_become_rows_of_a_plot_and_missing_ones_none():
    rows = metric_rows([{"step": 1, "loss": 0.7}, {"step": 2, "epoch": 1.0}], ["loss"])
    assert rows.to_dict("records") == [{"step": 1, "value": 0.7, "name": "loss"}]


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
        "On 8 held-out questions: Accuracy went from 50.0% to 70.0%: +20.0 (+10.0 to +30.0) "
        "points, more than chance explains. Consistency went from 50.0% to 60.0%: +10.0 (-10.0 to "
        "+30.0) points, which chance alone could explain. 3 answers were fixed and 1 broken."
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.3, "more than chance explains"),
        (-0.3, -0.1, "more than chance explains"),
        (0.0, 0.2, "which chance alone could explain"),
        (0.0, 0.0, "no change in any question"),
        (None, None, "without an interval"),
    ],
)
def test_a_change_is_as_certain_as_its_interval(low: float | None, high: float | None, words: str):
    assert certainty(score("change", "accuracy", 0.0, low, high)) == words


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


def test_compared_answers_are_chosen_by_outcome_and_language():
    assert HONEY["fr"][0] not in comparison_list(COMPARED, GROUPS, "fixed", "all")
    assert HONEY["fr"][0] in comparison_list(COMPARED, GROUPS, "all", "fr")
    assert "No answer of this kind." in comparison_list(COMPARED, GROUPS, "fixed", "fr")


def test_an_unreadable_answer_is_shown_escaped_as_it_was_written():
    shown = comparison_list(COMPARED, GROUPS, "broken", "all")
    assert "no answer stated" in shown
    assert "<img" not in shown


@pytest.mark.parametrize("upright", [True, False])
def test_the_picture_of_the_method_has_every_step(upright: bool):
    picture = method_picture(upright)
    for step in ("question", "languages", "samples", "vote", "pairs", "DPO", "adapter"):
        assert f">{step}</text>" in picture
