"""What a run can show: assumed at first, then from what was measured."""

import dataclasses

import pytest

from calm.evaluation.power import smallest
from calm.pipeline.power import keep_base_spread, smallest_of
from calm.runs.folder import Run

pytestmark = pytest.mark.usefixtures("small_steps")


def test_what_was_measured_is_taken_for_the_same_questions_and_languages(whole: Run) -> None:
    config = whole.config
    assert smallest_of(config, 100) == smallest(100, 3)  # four questions told nothing
    assert smallest_of(config, 7) is None
    held_out = [q for q in whole.rows("questions") if q.split == "held-out"]
    rows = whole.rows("evaluations")
    for copy in (1, 2):
        rows += [dataclasses.replace(r, question_id=f"{r.question_id}-{copy}") for r in rows[:48]]
        held_out += [dataclasses.replace(q, id=f"{q.id}-{copy}") for q in held_out[:12]]
    whole.write("questions", held_out)
    right = [dataclasses.replace(r, answer=0 if len(r.question_id) % 2 else 1) for r in rows]
    whole.write("evaluations", right)
    keep_base_spread(whole)
    found = smallest_of(config, 100)
    assert found is not None and found.measured
    other = smallest_of(dataclasses.replace(config, languages=("en", "fr")), 100)
    assert other is not None and not other.measured
