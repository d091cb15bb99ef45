"""A question that was asked, kept and opened again by its link is voted on, and gives pairs."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from calm.asking.ask import Order, ask
from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.ballots.preferences import as_judged, pairs_of
from calm.config import PairsConfig, SamplingConfig
from calm.models.interface import Draw, OnText, Prompt
from calm.questions.prompts import prompt_for
from calm.records import Question
from tests.fakes import FakeModel
from tests.free_makers import Unable
from ui.ask.page import cast_on
from ui.asking.replay import find_asked, kept

ROOT = Path(__file__).parents[2]
ANN = "a" * 32
BEES = Question("bees", "en", "What do bees make?", ("honey", "milk", "bread"), 0)
LEGS = Question("legs", "en", "How many legs has a spider?", ())
KINDS = [(BEES, "honey", "milk"), (LEGS, "eight", "six")]
with_and_without = pytest.mark.parametrize(
    ("question", "right", "wrong"), KINDS, ids=["with", "none"]
)
ANOTHER_VISIT = """
import sys
from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from ui.ask.page import cast_on
from ui.asking.replay import find_asked
for identity, opinion in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
    cast_on(BallotBox(), find_asked(AskedStore(), identity), "b" * 32, "en", opinion)
"""


class Says(FakeModel):
    """Says one thing, whatever it is asked."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def generate(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        adapters: Any = None,
    ) -> list[str]:
        return [f" {self._text}" for _ in prompts]


def link_to(question: Question, said: str) -> str:
    """Ask a model that says this, keep what it answered, and return the id of its link."""
    order = Order(question, {}, ("en",), SamplingConfig(num_samples=2))
    return kept(AskedStore(), ask(Says(said), order, [Unable()]))  # type: ignore[list-item]


@with_and_without
def test_ballots_on_reopened_links_make_a_preference_pair(
    calm_home: Path, question: Question, right: str, wrong: str
) -> None:
    for said, opinion in ((right, "up"), (wrong, "down")):
        identity = link_to(question, said)
        seen = find_asked(AskedStore(), identity)
        assert 'aria-pressed="true"' in cast_on(BallotBox(), seen, ANN, "en", opinion)
    (pair,) = as_judged(BallotBox().all())
    assert (pair.chosen, pair.rejected, pair.source) == (f" {right}", f" {wrong}", "ballot")
    order = range(len(question.choices))
    assert pair.prompt == prompt_for(FakeModel(), question, order, "auto").text


def test_they_are_voted_on_from_another_process_too(calm_home: Path) -> None:
    pressed = []
    for question, right, wrong in KINDS:
        pressed += [link_to(question, right), "up", link_to(question, wrong), "down"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-c", ANOTHER_VISIT, *pressed], cwd=ROOT, env=environment, check=True
    )
    ballots = BallotBox().all()
    assert [b.answer for b in ballots] == ["honey", "milk", "eight", "six"]
    assert all(b.prompt for b in ballots)
    assert [(p.chosen, p.rejected) for p in as_judged(ballots)] == [
        *((" honey", " milk"), (" eight", " six"))
    ]


def test_ballots_on_reopened_links_make_pairs_for_a_run_with_the_question(calm_home: Path) -> None:
    for said, opinion in (("honey", "up"), ("milk", "down")):
        cast_on(BallotBox(), find_asked(AskedStore(), link_to(BEES, said)), ANN, "en", opinion)
    (pair,) = pairs_of(
        BallotBox().all(),
        {"bees": {"en": BEES}},
        PairsConfig(),
        lambda question, order: question.text,
        explains=False,
    )
    assert (pair.prompt, pair.chosen, pair.rejected) == (BEES.text, " honey", " milk")
