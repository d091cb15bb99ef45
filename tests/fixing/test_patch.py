"""A patch is a run: edits are trained together, dropped, put into order, undone, archived."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.exchange.archive import pack, unpack
from calm.fixing.fix import fix
from calm.fixing.patch import MOST_EDITS, add_edits, drop_edit, is_fixed, open_patch, reorder, undo
from calm.fixing.report import as_text
from calm.pipeline.align import align, redo
from calm.pipeline.context import Context, Stopped
from calm.runs.folder import Run, create_run, list_runs
from tests.fixing.conftest import taught


def fixed(run: Run, *edits: Any) -> Run:
    add_edits(run, edits)
    fix(Context(run))
    return run


def test_a_patch_is_trained_on_all_its_edits_together(made: Run, trainings: list[Any]) -> None:
    fixed(made, taught("a", 1))
    assert is_fixed(made)
    fixed(made, taught("b", 0, "person"))
    assert trainings == [[("en a?", 1)], [("en a?", 1), ("en b?", 0)]]
    assert made.status().state == "done"
    fix(Context(made))
    assert len(trainings) == 2, "what is done is not done again"
    assert [row["step"] for row in made.metrics()] == [1, 2]


def test_a_question_that_is_taught_anew_takes_the_place_of_its_edit(
    made: Run, trainings: list[Any]
) -> None:
    fixed(made, taught("a", 1), taught("b", 0))
    fixed(made, taught("a", 0))
    assert trainings[-1] == [("en b?", 0), ("en a?", 0)]


def test_edits_are_dropped_put_into_order_and_undone(made: Run, trainings: list[Any]) -> None:
    fixed(made, *(taught(name, 1) for name in "abc"))
    drop_edit(made, 2)
    assert not made.adapter.exists() and not is_fixed(made)
    fix(Context(made))
    reorder(made, [2, 1])
    fix(Context(made))
    undo(made)
    fix(Context(made))
    assert trainings[1:] == [
        [("en a?", 1), ("en c?", 1)],
        [("en c?", 1), ("en a?", 1)],
        [("en c?", 1)],
    ]
    undo(made)
    assert list_runs() == [], "nothing is left of a patch without edits"


def test_what_the_base_model_answered_is_not_asked_again(made: Run, trainings: list[Any]) -> None:
    fixed(made, taught("a", 1))
    before = [row for row in made.rows("evaluations") if row.model == "base"]
    add_edits(made, [taught("b", 1)])
    assert made.rows("evaluations") == before
    assert {row.question_id for row in made.rows("efficacy")} == {"a"}
    add_edits(made, [replace(taught("a", 1), versions=taught("a", 1).versions[:2])])
    assert made.rows("efficacy") == [], "it is another question now"


def test_what_cannot_be_is_refused(made: Run) -> None:
    two = taught("a", 1)
    for wrong, said in (
        (taught("a", 2), "no choice 3"),
        (taught("a", -1), "no choice 0"),
        (replace(two, versions=two.versions[:1]), "fewer than two languages"),
    ):
        with pytest.raises(CalmError, match=said):
            add_edits(made, [wrong])
    with pytest.raises(CalmError, match=f"at most {MOST_EDITS}"):
        add_edits(made, [taught(f"q{n}", 1) for n in range(MOST_EDITS + 1)])
    add_edits(made, [two])
    for places in ([], [2], [1, 1]):
        with pytest.raises(CalmError, match="each of the 1 edits once"):
            reorder(made, places)
    for place in (0, 2):
        with pytest.raises(CalmError, match=f"no edit {place}"):
            drop_edit(made, place)


def test_a_run_that_is_no_patch_is_not_made_one(calm_home: Path) -> None:
    create_run("other", RunConfig(model="fake"))
    for name in ("other", "none"):
        with pytest.raises(CalmError, match=f"{name} is no patch"):
            open_patch(name)


def test_a_patch_is_not_aligned_as_a_run_is(made: Run) -> None:
    add_edits(made, [taught("a", 1)])
    with pytest.raises(CalmError, match="calm fix"):
        align(Context(made))
    with pytest.raises(CalmError, match="calm fix"):
        redo("train", made)


def test_a_patch_that_was_stopped_goes_on(made: Run, trainings: list[Any]) -> None:
    add_edits(made, [taught("a", 1)])
    asked = iter([False] * 4 + [True] * 100)
    with pytest.raises(Stopped):
        fix(Context(made, should_stop=lambda: next(asked)))
    assert not made.adapter.exists() and not list(made.folder.glob(".training-*"))
    fix(Context(made))
    assert is_fixed(made)


def test_a_patch_is_archived_and_read_again(
    made: Run, trainings: list[Any], tmp_path: Path
) -> None:
    fixed(made, taught("a", 1))
    file = tmp_path / "mine.zip"
    pack(made, file, with_adapter=False)
    opened = unpack(file, "again")
    for name in ("edits", "reworded", "generality", "gauges", "efficacy", "scores"):
        assert opened.rows(name) == made.rows(name), name
    with pytest.raises(CalmError, match="again"):
        open_patch("again")


def test_the_gauges_tell_what_a_patch_did(made: Run, trainings: list[Any]) -> None:
    fixed(made, taught("a", 1))
    found = {(g.of, g.reading, g.language): g for g in made.rows("gauges")}
    assert found["question", "response", "all"].n == 2
    assert found["reworded", "likelihood", "all"].n == 2
    assert found["languages", "response", "fr"].n == 1
    assert found["unchanged", "response", "all"].n == 18
    assert found["unchanged", "response", "all"].before == 1
    assert found["right", "likelihood", "en"].n == 6
    assert found["continuations", "response", "all"].n == 6
    rows = {
        (r.question_id, r.language, r.model): r
        for r in made.rows("efficacy")
        if r.reading == "response"
    }
    said = [rows["a", code, "aligned"].answer == 1 for code in ("en", "de")]
    assert found["question", "response", "all"].after == sum(said) / 2
    text = as_text(made)
    assert text.startswith("1. en a? -> bee (vote)")
    assert "efficacy: the question itself" in text and "right in English" in text
