"""What the page Votes shows, from records alone."""

from dataclasses import replace

import pytest

from calm.records import LanguageWeight, Question, Response, Vote
from calm.voting.gate import FRACTIONS, SHARES, Gate, gate_at
from calm.voting.vote import vote
from tests.ui.honey import EVIL, HONEY, asked, question
from ui.parts.paging import pages_of
from ui.parts.vote_figures import gate_plot
from ui.votes.gate_views import (
    gate_tiles,
    head,
    pairs_in_words,
    pairs_note,
    rules_section,
    verdict,
    weights_section,
    why_in_words,
)
from ui.votes.grid_views import ROWS_A_PAGE, Shown, chosen, votes_grid


def gate(precision: float | None = 0.8, judged: int = 20) -> Gate:
    return Gate("plurality", None, 0.6, 40, 100, 0.7, 0.9, precision, None, judged)


def test_a_gate_says_what_it_keeps_and_how_much_of_it_is_right():
    tiles = gate_tiles(gate(), (30, 30))
    assert "<b>40</b> of 100 questions kept" in tiles
    assert "<b>80.0%</b> measured right (58% to 92%, of 20 with a gold answer)" in tiles
    assert "<b>70% to 90%</b> expected right" in tiles
    assert "<b>30</b> preference pairs" in tiles


def test_without_gold_answers_a_gate_measures_nothing_and_says_so():
    tiles = gate_tiles(gate(None, 0), None)
    assert "<b>–</b> measured: no kept question has a gold answer" in tiles
    assert "<b>…</b> preference pairs" in tiles


@pytest.mark.parametrize(
    ("pairs", "words", "note"),
    [
        ((3, 3), "3", ""),
        ((3, 5), "3 to 5", "needs a translation service"),
        ((0, 0), "0", "Choose a smaller share."),
        (None, "…", ""),
    ],
)
def test_pairs_are_a_range_where_some_need_translation(
    pairs: tuple[int, int] | None, words: str, note: str
):
    assert pairs_in_words(pairs) == words
    assert note in pairs_note(pairs) and bool(note) == bool(pairs_note(pairs))


def a_vote(identity: str, winner: int | None, share: float, **own: int | None) -> Vote:
    support = (share, 1 - share)
    return Vote(identity, "plurality", (3, 1), support, 0, winner, share, 0.1, 0, own)


VOTES = [
    a_vote("kept", 0, 0.9, en=0, fr=0),
    a_vote("dropped", 0, 0.5, en=0, fr=1),
    a_vote("tied", None, 0.5, en=0, fr=1),
    a_vote("unread", 0, 0.7, en=0, fr=None),
]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("all", ["kept", "dropped", "tied", "unread"]),
        ("kept", ["kept", "unread"]),
        ("dropped", ["dropped"]),
        ("undecided", ["tied"]),
        ("disagreeing", ["dropped"]),
    ],
)
def test_votes_are_chosen_by_kind(kind: str, found: list[str]):
    assert [vote.question_id for vote in chosen(VOTES, kind, 0.6)] == found


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (60, 1), (61, 2), (899, 15)])
def test_votes_come_in_pages_of_sixty(count: int, pages: int):
    assert pages_of(count, ROWS_A_PAGE) == pages


def rule(name: str, precision: float | None, expected: float = 0.6) -> list[Gate]:
    """Return a rule's rows, the same behind every gate."""
    row = Gate(name, None, 0.0, 9, 10, 0.5, expected, precision, None, 10 if precision else 0)
    parts = [replace(row, fraction=fraction) for fraction in FRACTIONS]
    return [*(replace(row, minimum_share=share) for share in SHARES), *parts]


def alone(code: str, precision: float | None) -> Gate:
    return Gate("language alone", code, 0.0, 10, 10, None, None, precision, None, 10)


BEATEN = [*rule("plurality", 0.671), alone("ja", 0.507), alone("en", 0.741)]


def test_a_language_that_beats_the_vote_is_named_with_both_numbers():
    words, kind = verdict(BEATEN, "plurality")
    assert kind == "warning"
    assert words.startswith(
        "The vote is beaten: English alone is right on 74.1%, the vote by plurality "
        "on 67.1% of 10 questions."
    )
    assert "Japanese" not in words


def test_the_row_of_a_language_that_beats_the_vote_says_so_and_no_other_does():
    section = rules_section(BEATEN, "plurality")
    assert section.count("beats the vote</span>") == 1
    assert "English alone" in section and "Japanese alone" in section


def test_a_vote_that_no_language_beats_still_names_the_rules_that_one_does():
    words, kind = verdict([*BEATEN, *rule("reliability", 0.75)], "reliability")
    assert kind == "info"
    assert words.startswith("No single language beats the vote: English alone is right on 74.1%")
    assert "English alone does beat plurality (67.1%)." in words


def test_without_gold_answers_nobody_can_say_who_is_right():
    rows = [*rule("plurality", None), alone("en", None)]
    assert "Nobody has said which answers are right" in verdict(rows, "plurality")[0]
    assert "~50% to 60%" in rules_section(rows, "plurality")


def test_of_few_questions_nobody_can_say_who_is_right():
    few = [replace(row, judged=7) for row in BEATEN]
    words, kind = verdict(few, "plurality")
    assert kind == "info"
    assert "Only 7 questions have a gold answer: too few to tell" in words
    assert "beats the vote</span>" not in rules_section(few, "plurality")


def test_what_is_expected_of_few_votes_is_too_little_to_tell():
    tiles = gate_tiles(replace(gate(), kept=7), (30, 30))
    assert "<b>–</b> expected right: too few votes to tell" in tiles


WEIGHTS = [
    LanguageWeight("en", 1.0, 0.9, 0.61, 1.0, 300),
    LanguageWeight("ar", 0.25, 0.7, 0.5, 0.6, 290),
]


def test_weights_say_what_each_language_counts_and_why():
    section = weights_section(WEIGHTS, "reliability")
    assert "English counts most: two of its samples agree 90% of the time" in section
    assert "<span>0.25</span>" in section
    assert "العربية · Arabic" in section


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plurality", "counts all languages alike"),
        ("dawid-skene", "its accuracy is the highest"),
        ("reliability", "agree 90% of the time"),
    ],
)
def test_the_reason_is_that_of_the_rule(name: str, words: str):
    assert words in why_in_words(WEIGHTS, name)


def test_without_weights_there_is_a_reason():
    assert "no response states an answer" in weights_section([], "reliability")


def shown(answers: dict[str, list[int | None]], **changes: str) -> Shown:
    rows = asked(answers).responses
    versions = {code: replace(question(code), **changes) for code in answers}
    (found,), _ = vote(rows, {"honey": 3}, "plurality")
    return Shown(
        found, versions, {code: [r for r in rows if r.language == code] for code in answers}
    )


def grid(row: Shown, share: float = 0.6) -> str:
    return votes_grid([row], list(row.versions), share, 1, 1, 1)


def test_each_language_s_own_answer_is_marked_by_whether_it_agrees():
    table = grid(shown({"en": [0, 0], "fr": [0, 0], "ar": [1, 1]})).split("<tbody>")[1]
    assert table.count("own-mark agrees") == 2
    assert 'title="Arabic: disagrees; samples: B, B"' in table


def test_a_tie_within_a_language_is_not_the_same_as_no_answer():
    table = grid(shown({"en": [0, 0, 0], "fr": [0, 1, None], "ar": [None]})).split("<tbody>")[1]
    assert 'title="French: its own samples tie; samples: A, B, none"' in table
    assert 'title="Arabic: states no answer; samples: none"' in table


def test_a_language_that_was_not_asked_is_told_as_such():
    row = shown({"en": [0, 0]})
    assert "not asked" in votes_grid([row], ["en", "fr"], 0.6, 1, 1, 1)


def test_the_grid_says_whether_a_vote_is_kept_and_right():
    table = grid(shown({"en": [0, 0], "fr": [0, 1]}), share=0.8)
    assert (
        '<tr class="dropped">' in table and "3 of 4 answers (75%) <small>dropped</small>" in table
    )
    assert '<span class="yes">✓' in table


def test_an_unfolded_question_shows_its_choices_and_what_supports_them():
    table = grid(shown({"en": [0, 0], "fr": [0, 1]}))
    assert "honey <small" in table
    assert "3 of 4 answers (75%), the right answer" in table


def test_where_a_rule_weighs_answers_their_count_is_said_beside_it():
    row = shown({"en": [0, 0], "fr": [1, 1]})
    weighed = replace(row.vote, rule="reliability", support=(0.88, 0.12, 0.0), winner=0, share=0.88)
    table = votes_grid(
        [replace(row, vote=weighed)], ["en", "fr"], 0.6, 1, 1, 1, {"en": 1, "fr": 0.14}
    )
    assert "2 of 4 answers, weighted 88% <small>kept</small>" in table
    assert "2 of 4 answers, weighted 12%" in table
    assert 'title="one answer counts">×0.14</small>' in table
    alike = votes_grid([row], ["en", "fr"], 0.6, 1, 1, 1, {"en": 1, "fr": 1})
    assert "one answer counts" not in alike


def test_where_nothing_could_be_read_no_share_is_said():
    table = grid(shown({"en": [None, None]}))
    assert "<td>– <small>no winner</small></td>" in table


def test_without_gold_answers_the_grid_has_no_column_for_them():
    row = shown({"en": [0, 0]}, gold=None)  # type: ignore[arg-type]
    assert "right?" not in grid(row)


def test_a_question_in_arabic_alone_stands_from_right_to_left():
    table = grid(shown({"ar": [0, 0]}))
    assert f'<span lang="ar" dir="rtl">{HONEY["ar"][0]}</span>' in table
    assert '<ul class="choices" lang="ar" dir="rtl">' in table


def test_words_of_people_and_models_are_escaped_wherever_they_stand():
    version = Question("q", "en", EVIL, (EVIL, "b"), 0)
    response = Response("q", "en", 0, EVIL, EVIL, (0, 1), 0)
    (found,), _ = vote([response], {"q": 2}, "plurality")
    table = grid(Shown(found, {"en": version}, {"en": [response]}))
    assert "<img" not in table + head(["en"], EVIL, [found])
    assert "&lt;img" in table


def test_a_long_question_is_cut():
    table = grid(shown({"en": [0]}, text="why " * 1000))
    assert len(table) < 5000


def test_no_vote_of_a_kind_says_what_to_do():
    assert "Choose another kind" in votes_grid([], ["en"], 0.6, 1, 1, 0)


def test_the_plot_says_the_gate_in_words_and_marks_it():
    curve = [replace(gate(), minimum_share=share / 10) for share in range(11)]
    plot = gate_plot(curve, gate())
    assert (
        'aria-label="A smallest vote share of 60% keeps 40 of 100 questions. Right as measured: '
        '80.0% of them. Expected without labels: 70% to 90%."'
    ) in plot
    assert 'class="marker" x1="60.0"' in plot
    assert '<polyline class="measured" points="0.0,20.00 10.0,20.00' in plot
    assert '<polyline class="expected" points="0.0,10.00' in plot


def test_without_gold_answers_only_the_estimate_is_drawn():
    plot = gate_plot([gate(None, 0)], gate(None, 0))
    assert "measured" not in plot
    assert "expected" in plot


def test_a_line_through_a_handful_of_votes_is_not_drawn():
    few = replace(gate(), kept=7)
    drawn = gate_plot([few], few)
    assert '<polyline class="measured"' not in drawn
    assert "Fewer than 8 votes are too few to tell" in drawn
    assert "Expected without labels" not in drawn


def test_the_gate_is_worked_out_from_votes():
    row = gate_at("plurality", VOTES, {}, 0.6)
    assert (row.kept, row.of) == (2, 4)
