"""Stop and look: the pairs before training, chosen by language and mark, changed one by one."""

from dataclasses import replace
from pathlib import Path

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.pairs.edits import pair_key, with_edit
from calm.records import PreferencePair, Question
from calm.runs.folder import Run, create_run
from tests.ui.honey import EVIL
from ui.align.look import (
    PAIRS_A_PAGE,
    change_pair,
    changes_of,
    language_choices,
    mark_choices,
    read_pairs,
    rows_of,
    table_of,
)

PAIR = PreferencePair("q", "en", "Question: Which gas?\nAnswer:", " oxygen", " helium", "en")
FRENCH = PreferencePair("q", "fr", "Question : Quel gaz ?\nRéponse :", " oxygène", " hélium", "fr")
SAME = replace(PAIR, rejected=" oxygen")


@pytest.fixture
def run(calm_home: Path) -> Run:
    run = create_run("mine", RunConfig(languages=("en", "fr")))
    run.write(
        "questions",
        [
            Question("q", "en", "Which gas?", ("helium", "oxygen"), 1),
            Question("q", "fr", "Quel gaz ?", ("hélium", "oxygène"), 1),
        ],
    )
    run.write("pairs", [PAIR, FRENCH, SAME])
    return run


def test_a_pair_is_shown_with_its_question_its_sides_and_its_marks(run: Run):
    table = table_of("mine", "all", "all", 1)
    assert table.count("<tr") == 4
    assert '<div lang="fr" dir="ltr">Quel gaz ?</div>' in table
    assert "equal sides</span>" in table
    assert 'aria-label="Exclude pair 1"' in table


def test_pairs_are_chosen_by_language_and_by_mark(run: Run):
    assert [row.number for row in rows_of(run, "fr")] == [2]
    assert [row.number for row in rows_of(run, mark="marked")] == [3]
    assert [row.number for row in rows_of(run, mark="equal-sides")] == [3]
    assert [row.number for row in rows_of(run, "en", "unmarked")] == [1]
    assert "No pair of this kind" in table_of("mine", "fr", "marked", 1)


def test_the_choices_say_how_many_pairs_they_stand_for(run: Run):
    looked = read_pairs(run)
    assert language_choices(looked)[1:] == [("English (2)", "en"), ("French (1)", "fr")]
    assert ("equal sides (1)", "equal-sides") in mark_choices(looked)
    assert ("without a mark (2)", "unmarked") in mark_choices(looked)


def test_a_changed_pair_says_so_and_can_be_undone(run: Run):
    change_pair(run, pair_key(PAIR), "swap")
    change_pair(run, pair_key(FRENCH), "exclude")
    table = table_of("mine", "all", "changed", 1)
    assert "sides swapped</b>" in table and "excluded</b>" in table
    assert table.index("helium") < table.index("oxygen")
    assert table.count('data-action="undo"') == 2
    assert "Trained on: 2 of 3 pairs. Excluded: 1. Sides swapped: 1." in changes_of(run)
    change_pair(run, pair_key(PAIR), "undo")
    assert "Sides swapped: 0." in changes_of(run)


def test_a_change_of_a_pair_that_is_no_longer_made_is_counted(run: Run):
    run.write("pair_edits", with_edit([], replace(PAIR, chosen="gone"), "exclude"))
    assert "no longer makes: 1." in changes_of(run)


def test_another_change_is_refused(run: Run):
    with pytest.raises(CalmError, match="not 'delete'"):
        change_pair(run, pair_key(PAIR), "delete")


def test_pairs_come_in_pages_and_one_beyond_the_last_is_the_last(run: Run):
    run.write("pairs", [replace(PAIR, chosen=f" {n}") for n in range(PAIRS_A_PAGE + 1)])
    assert "26 pairs, page 2 of 2." in table_of("mine", "all", "all", 99)
    assert table_of("mine", "all", "all", 1).count('data-action="exclude"') == PAIRS_A_PAGE


def test_what_a_model_or_a_file_says_is_never_markup(run: Run):
    run.write("pairs", [replace(PAIR, question_id=EVIL, chosen=EVIL, prompt=EVIL)])
    assert "<img" not in table_of("mine", "all", "all", 1)
